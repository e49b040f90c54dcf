//! Trunc: `floor(max(x, 0)) − floor(max(−x, 0))`, exact on the quantised operand.

use super::deviation::Deviation;
use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::family::Family;
use super::ideal::Ideal;
use super::lowering::Lowering;
use super::value::{Form, Pending, Term, Value};
use crate::convert::{ceil_log2, exponent, power_of_two};
use crate::quant_graph::QuantOp;
use crate::round::scale_of;

impl Lowering<'_> {
    pub(super) fn trunc(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let operand = self.operand(node, 0)?;
        let mut x = self.elements(operand)?;
        // A power of two by wish, which products and means of many may miss.
        if scale_of(x.step).is_none() {
            let step = power_of_two(ceil_log2(x.step));
            x = self.restep(x, step, operand)?;
        }
        let (s, t) = (exponent(self.format.shift), exponent(self.format.low_bits));
        // It must be exact in units of 2^-(S+t).
        if scale_of(x.step).is_none_or(|scale| scale > s + t) {
            return Err(self.unsupported(
                node,
                "its operand's step is no power of two; rescale the operand first",
            ));
        }
        let len = x.len();
        let mut parts = vec![];
        for sign in [1.0, -1.0] {
            let terms = vec![Term { input: x.clone(), coefficients: vec![sign; len] }];
            let form = Form::Combine { terms, bias: vec![0.0; len] };
            // Half a unit less makes the rounding of the rescale a floor.
            let plan = Plan {
                q_step: power_of_two(-t),
                step: 1.0,
                family: Family::Floor,
                shift: 1 << (self.format.shift - 1),
                ideal: Ideal::Floor,
                watch: Ends::NONE,
            };
            let floor = self.emit(&Pending::of(form, node), &plan, node)?;
            parts.push(self.tensor(&floor, None, node)?);
        }
        let op = QuantOp::sum([(parts[0], 1), (parts[1], -1)]);
        let id = self.push(node, vec![len], 1.0, op, None)?;
        // Truncation is monotone, and moves by whole units: it is as far off as the farther part.
        let Deviation { terms, variance, .. } = self.extremum_deviation([parts[0], parts[1]], id);
        self.deviations[id.0] =
            Deviation::of_values(terms, variance, self.proven(id), self.range(node));
        Ok(Value::Elements(self.all(id)))
    }
}
