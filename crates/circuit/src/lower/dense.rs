//! Dense: Σ_n σ^n·y_n = Σ_k x_k·u_k, u_k = Σ_n σ^n·W_nk.

use crate::builder::{Builder, ElementSpot, SpotStep, grow};
use crate::error::CompileError;
use crate::place::{PlaneLayout, Spot};
use provenn_fixed_point::TensorId;

impl Builder<'_> {
    pub(crate) fn dense(
        &mut self,
        id: TensorId,
        input: TensorId,
        weights: &[i64],
    ) -> Result<usize, CompileError> {
        let n = self.graph.tensors[id.0].len();
        let k = self.graph.tensors[input.0].len();
        let block = self.activation_block(id, PlaneLayout::flat(n))?;
        let spots = self.element_spots(input)?;
        let columns = (0..k).map(|k_index| {
            let column = move || {
                (0..n).map(|row| weights.get(row * k + k_index).copied().unwrap_or(0)).collect()
            };
            (k_index, column)
        });
        let mut inputs = vec![];
        for spot in spots {
            inputs.push(match spot {
                ElementSpot::Spot(spot) => spot,
                ElementSpot::Constant(c) => self.constant(c),
            });
        }
        let form = self.engine(id, false, n, k, columns, |_, k_index| inputs[k_index])?;
        self.identify(block, form, 0);
        Ok(block)
    }

    /// Lays `count` weight columns of height `n` in engines at σ or ρ and returns Σ x·u.
    /// `columns` yields (index, weights); `input` gives the spot multiplied with it.
    pub(crate) fn engine<C: Fn() -> Vec<i64>>(
        &mut self,
        id: TensorId,
        rho: bool,
        n: usize,
        count: usize,
        columns: impl Iterator<Item = (usize, C)>,
        input: impl Fn(&mut Self, usize) -> Spot,
    ) -> Result<Spot, CompileError> {
        let rows = n.div_ceil(self.engine_lanes);
        let mut columns = columns;
        let mut done = 0;
        let mut total: Option<Spot> = None;
        while done < count {
            let Some((engine, start, units)) =
                self.engines[usize::from(rho)].take(rows, count - done)
            else {
                return Err(self.no_room(id));
            };
            done += units;
            if !self.dry {
                self.fill_engine(rho, engine, start, rows, columns.by_ref().take(units), &input);
            }
            let spot = Spot::EngineZ { rho, engine, row: start };
            total = Some(match total {
                None => spot,
                Some(total) => {
                    let one = self.constant(1);
                    self.multiply_add(1, total, one, Some((1, spot)))
                }
            });
        }
        Ok(total.unwrap_or_else(|| self.constant(0)))
    }

    fn fill_engine<C: Fn() -> Vec<i64>>(
        &mut self,
        rho: bool,
        engine: usize,
        start: usize,
        rows: usize,
        columns: impl Iterator<Item = (usize, C)>,
        input: &impl Fn(&mut Self, usize) -> Spot,
    ) {
        let lanes = self.engine_lanes;
        let mut row = start;
        for (index, weights) in columns {
            let from = input(self, index);
            grow(&mut self.engine_fixed[usize::from(rho)], engine);
            self.steps.push(SpotStep::EngineInput { rho, engine, row, from });
            let fixed = &mut self.engine_fixed[usize::from(rho)][engine];
            fixed.first.push(row);
            for (i, chunk) in weights().chunks(lanes).enumerate() {
                fixed.weights.push((row + i, chunk.to_vec()));
                if i + 1 < rows {
                    fixed.step.push(row + i);
                }
            }
            fixed.sum.extend(row..row + rows);
            row += rows;
        }
        // The sum ends with this run.
        self.engine_fixed[usize::from(rho)][engine].sum.pop();
        self.steps.push(SpotStep::EngineSum { rho, engine, start, end: row });
    }
}
