//! Fixed weights times inputs, by whichever linear identity the gadget set has.

use crate::builder::{Builder, Part, SpotStep};
use crate::error::CompileError;
use crate::place::{Point, Spot};
use provenn_fixed_point::TensorId;
use provenn_gadgets::linear::{Extents, Join};
use std::rc::Rc;

impl<'g> Builder<'g> {
    /// A spot that equals `Σ_n ω^n·Σ_k W_nk·x_k`, ω being ρ or σ; `inputs` are the spots of x.
    /// A dry builder counts rows and reads neither weights nor inputs.
    pub(crate) fn engine(
        &mut self,
        id: TensorId,
        rho: bool,
        extents: Extents,
        weights: impl Fn(usize, usize) -> i64 + 'g,
        inputs: Vec<Spot>,
    ) -> Result<Spot, CompileError> {
        if !self.dry && inputs.len() != extents.inputs {
            return Err(self.internal(id, "a linear form with other inputs than weights"));
        }
        let division = (self.divide)(extents);
        let rows = division.length.div_ceil(self.engine_lanes);
        let weights: Rc<dyn Fn(usize, usize) -> i64 + 'g> = Rc::new(weights);
        let inputs: Rc<[Spot]> = inputs.into();
        let mut done = 0;
        let mut runs: Vec<(usize, Spot)> = vec![];
        while done < division.units {
            let Some((engine, start, units)) =
                self.engines[usize::from(rho)].take(rows, division.units - done)
            else {
                return Err(self.no_room(id));
            };
            let part = Part {
                rho,
                engine,
                start,
                end: start + units * rows,
                units: done..done + units,
                extents,
                weights: Rc::clone(&weights),
                inputs: Rc::clone(&inputs),
            };
            done += units;
            if !self.dry {
                self.steps.push(SpotStep::Linear(self.parts.len()));
                self.parts.push(part);
            }
            runs.push((units, Spot::EngineResult { rho, engine, row: start }));
        }
        let mut total: Option<Spot> = None;
        for (units, value) in runs.into_iter().rev() {
            total = Some(match total {
                None => value,
                Some(rest) => {
                    let power = match division.join {
                        Join::Sum => self.constant(1)?,
                        Join::Powers => {
                            self.power(if rho { Point::Rho } else { Point::Sigma }, units)?
                        }
                    };
                    self.multiply_add(1, rest, power, Some((1, value)))?
                }
            });
        }
        // A convolution whose weights are all zero has no units.
        total.map_or_else(|| self.constant(0), Ok)
    }
}
