//! From spots to columns: the shape that fits what was built, and its fixed values.

use crate::builder::{Builder, GlueRow, Part, SpotStep};
use crate::error::CompileError;
use crate::place::{BorderRun, Digest, Spot};
use provenn_gadgets::linear::{Laid, Run, Weights};
use provenn_gadgets::{Assignment, Cell, Column, GadgetSet, Layout, LinearIdentity, Shape, Step};

impl Builder<'_> {
    /// The shape that holds everything placed so far.
    pub(crate) fn shape(&self, k: u32) -> Shape {
        let pairs = usize::from(self.product_digests);
        let plain_banks = self.plain.used.len();
        let tables = if self.activation.used.is_empty() {
            0
        } else {
            self.known.tables.rows().div_ceil(self.capacity)
        };
        Shape {
            k,
            lanes: self.lanes,
            shift: self.graph.shift,
            low_bits: self.graph.low_bits,
            activation_banks: self.activation.used.len(),
            plain_banks: plain_banks + plain_banks % 2 * pairs,
            rho_digests: self.rho_digests,
            scaled_digests: self.scaled_digests,
            product_digests: self.product_digests,
            sigma_engines: self.engines[0].used.len(),
            rho_engines: self.engines[1].used.len(),
            engine_lanes: self.engine_lanes,
            glue_banks: self.glue_rows.div_ceil(self.capacity),
            table_banks: tables,
            border_banks: self.border.used.len().max(usize::from(self.turned)),
        }
    }

    /// Columns of the key and the program, for a shape made by [`Builder::shape`].
    pub(crate) fn assemble<G: GadgetSet>(&self, shape: &Shape) -> Result<Assignment, CompileError> {
        let layout = Layout::<G>::number(shape);
        let mut fixed = vec![vec![]; layout.fixed];
        for (bank, values) in layout.activation.iter().zip(&self.activation_fixed) {
            for &(lane, row, tag, offset) in &values.lanes {
                set(&mut fixed[bank.tag[lane]], row, tag);
                set(&mut fixed[bank.offset[lane]], row, offset);
            }
            flag(&mut fixed[bank.step], &values.step);
            bank.turn.iter().for_each(|turn| flag(&mut fixed[*turn], &values.turn));
        }
        for (bank, values) in layout.plain.iter().zip(&self.plain_fixed) {
            flag(&mut fixed[bank.step], &values.step);
            bank.turn.iter().for_each(|turn| flag(&mut fixed[*turn], &values.turn));
            for &(lane, row, c) in &values.coefficients {
                set(&mut fixed[bank.coefficient[lane]], row, c);
            }
        }
        for step in &self.steps {
            if let SpotStep::Glue(GlueRow { bank, row, coefficients, .. }) = step {
                let glue = &layout.glue[*bank];
                for (&column, &c) in glue.coefficient.iter().chain(&glue.tau).zip(coefficients) {
                    set(&mut fixed[column], *row, c);
                }
            }
        }
        for &BorderRun { bank, row, length, .. } in &self.border_runs {
            let rows: Vec<usize> = (row..row + length - 1).collect();
            flag(&mut fixed[layout.border[bank].step], &rows);
        }
        if shape.table_banks > 0 {
            for (index, tuple) in self.known.tables.tuples().enumerate() {
                let bank = &layout.table[index / self.capacity];
                for (&column, &v) in bank.tuple.iter().zip(&tuple) {
                    set(&mut fixed[column], index % self.capacity, v);
                }
            }
        }
        let mut steps = vec![];
        let cell = |spot: Spot| resolve(&layout, shape, spot);
        let operand = |spot: Option<Spot>| spot.map(cell).transpose();
        for step in &self.steps {
            match *step {
                SpotStep::Glue(GlueRow { bank, row, operands, .. }) => {
                    let [a, b, c] = operands.map(operand);
                    steps.push(Step::Glue { bank, row, a: a?, b: b?, c: c? });
                }
                SpotStep::Linear(part) => {
                    steps.extend(lay(&layout, shape, &self.parts[part], &mut fixed)?);
                }
            }
        }
        let pair = |&(left, right): &(Spot, Spot)| Ok((cell(left)?, cell(right)?));
        let copies = self.copies.iter().map(pair).collect::<Result<_, CompileError>>()?;
        Ok(Assignment { fixed, copies, steps })
    }
}

fn set(column: &mut Vec<i64>, row: usize, value: i64) {
    if value != 0 {
        if column.len() <= row {
            column.resize(row + 1, 0);
        }
        column[row] = value;
    }
}

fn flag(column: &mut Vec<i64>, rows: &[usize]) {
    for &row in rows {
        set(column, row, 1);
    }
}

fn resolve<G: GadgetSet>(
    layout: &Layout<G>,
    shape: &Shape,
    spot: Spot,
) -> Result<Cell, CompileError> {
    let (column, row) = match spot {
        Spot::Instance { row } => (Column::Instance, row),
        Spot::Plain { bank, lane, row } => (Column::First(layout.plain[bank].cell[lane]), row),
        Spot::DigestY { bank, row } => (Column::Second(layout.activation[bank].digest_y), row),
        Spot::DigestA { bank, row } => (Column::Second(layout.activation[bank].digest_a), row),
        Spot::PlainDigest { bank, row, of } => {
            let plain = &layout.plain[bank];
            let column = match of {
                Digest::Sigma => Some(plain.digest),
                Digest::Accumulator => None,
                Digest::Rho => plain.digest_rho,
                Digest::Scaled => plain.digest_scaled,
                Digest::Product => plain.digest_product,
            };
            let what = "a digest is read that plain banks do not have";
            let internal = || CompileError::Internal { node: format!("plain bank {bank}"), what };
            (Column::Second(column.ok_or_else(internal)?), row)
        }
        Spot::EngineResult { rho, engine, row } => {
            let columns = &layout.engine[engine_index(shape, rho, engine)];
            (Column::Second(G::Linear::result(columns)), row)
        }
        Spot::BorderDigest { bank, row } => (Column::Second(layout.border[bank].digest), row),
        Spot::GlueZ { bank, row } => (Column::Second(layout.glue[bank].value[3]), row),
    };
    Ok(Cell { column, row })
}

/// Lays a part's fixed values and returns its share of the program.
fn lay<G: GadgetSet>(
    layout: &Layout<G>,
    shape: &Shape,
    part: &Part<'_>,
    fixed: &mut [Vec<i64>],
) -> Result<Vec<Step>, CompileError> {
    let &Part { rho, engine, start, end, ref units, extents, ref weights, ref inputs } = part;
    let engine = engine_index(shape, rho, engine);
    let run = Run {
        start,
        units: units.clone(),
        extents,
        lanes: shape.engine_lanes,
        weights: Weights(weights.as_ref()),
    };
    let mut laid = Laid::new(fixed);
    G::Linear::lay(&layout.engine[engine], &run, &mut laid);
    let copy = |(column, row, k): (usize, usize, usize)| {
        Ok(Step::Copy { column, row, from: resolve(layout, shape, inputs[k])? })
    };
    let copies = laid.into_inputs().into_iter().map(copy);
    let mut steps = copies.collect::<Result<Vec<Step>, CompileError>>()?;
    steps.push(Step::Linear { engine, start, end });
    Ok(steps)
}

/// The σ engines stand before the ρ engines.
fn engine_index(shape: &Shape, rho: bool, engine: usize) -> usize {
    if rho { shape.sigma_engines + engine } else { engine }
}
