//! Committed weights: a bias is further weights, of inputs that are constants.
//!
//! A bias cannot stand in the key where weights do not. With its digits `b_n = Σ_i digit_ni·2^(radix·i)` it is
//! `Σ_n ω^n·b_n = Σ_i 2^(radix·i)·Σ_n ω^n·digit_ni`: a column of weights for each digit, whose input is the constant
//! 2^(radix·i); of a convolution that constant times the polynomial of the positions that it keeps. What is dropped has no
//! bias.

use super::Lowering;
use super::waiting::Convolved;
use crate::boundary::BoundaryTerms;
use crate::error::CompileError;
use crate::ids::ValueId;
use crate::planes::PlaneLayout;
use crate::program::{Digits, Point};
use provenn_fixed_point::{QuantOp, TensorId};

impl<'g> Lowering<'g> {
    /// The digits of a tensor's bias, of so many outputs each for `repeats` times, behind so many inputs; `None` where its
    /// weights are not committed.
    pub(super) fn digits(
        &self,
        id: TensorId,
        inputs: usize,
        [outputs, repeats]: [usize; 2],
    ) -> Result<Option<Digits<'g>>, CompileError> {
        let Some(&of) = self.graph.committed.get(&id) else { return Ok(None) };
        let QuantOp::Rescale { bias, .. } = &self.graph.tensors[id.0].op else {
            return Err(self.internal(id, "committed weights of what is not rescaled"));
        };
        let fits = bias.is_empty() || Some(bias.len()) == outputs.checked_mul(repeats);
        let repeated = bias.chunks(outputs.max(1)).all(|image| image == &bias[..image.len()]);
        if !fits || !repeated {
            let reason = "its biases differ within an output; fixed weights can have such, committed ones cannot";
            return Err(self.unsupported(id, reason));
        }
        // None at all is one of zeros.
        let bias = if bias.is_empty() { &[] } else { &bias[..outputs] };
        Ok(Some(Digits { bias, of, first: inputs }))
    }

    /// What the digits of one group are multiplied with, the least first: their units, times `place`.
    pub(super) fn digit_inputs(
        &mut self,
        id: TensorId,
        digits: Digits<'g>,
        place: ValueId,
    ) -> Result<Vec<ValueId>, CompileError> {
        let one = self.program.constant(1);
        let mut inputs = vec![];
        for digit in 0..digits.of.digits {
            let unit = digits.of.unit(digit);
            let unit = unit.ok_or_else(|| self.internal(id, "a digit beyond 64 bits"))?;
            inputs.push(if place == one {
                self.program.constant(unit)
            } else {
                self.program.multiply_add(unit, place, one, None)
            });
        }
        Ok(inputs)
    }

    /// The polynomial that is 1 at every place that a convolution keeps, of every image's first output, as its whole
    /// product weighs it.
    pub(super) fn kept_places(&mut self, one: &Convolved, outputs: usize) -> ValueId {
        let layout = PlaneLayout { planes: 1, ..self.product_layout(one) };
        let mut places = match self.boundary {
            BoundaryTerms::InLanes => {
                let ones = self.ones(layout);
                self.moved(ones, self.program.layout(one.x).offset)
            }
            BoundaryTerms::Combined => {
                let columns = self.geometric((Point::Sigma, 1), layout.width);
                let rows = self.geometric_rows(layout, layout.height);
                let ones = self.program.multiply(rows, columns);
                let power = self.place_power(layout, one.kept[0].start, one.kept[1].start);
                self.program.multiply(ones, power)
            }
        };
        if one.from.count > 1 {
            let images = self.geometric((Point::Rho, outputs), one.from.count);
            places = self.program.multiply(places, images);
        }
        places
    }
}
