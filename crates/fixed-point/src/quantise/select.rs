//! Where: of a constant condition a view; what is left out is read by nobody.

use super::error::QuantiseError;
use super::gather::broadcast;
use super::ideal::ANY;
use super::lowering::{Lowering, NO_CIRCUIT};
use super::value::{Elements, Value};
use crate::convert::real;
use crate::quant_graph::Source;

impl Lowering<'_> {
    pub(super) fn select(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let condition = self.operand(node, 0)?;
        let Some(condition) = self.broadcast_constant(condition, node) else {
            return Err(self.unsupported(node, NO_CIRCUIT));
        };
        let branches = [self.operand(node, 1)?, self.operand(node, 2)?];
        let index = branches.map(|branch| broadcast(self.shape(branch), self.shape(node)));
        let mut moving = vec![];
        for (branch, index) in branches.into_iter().zip(&index) {
            if self.constant(branch).is_none() {
                moving.push(self.elements(branch)?.gather(index));
            }
        }
        let len = condition.len();
        let all = self.join(moving, node)?;
        let mut elements = Elements { map: Vec::with_capacity(len), ..all.clone() };
        let mut cut = false;
        for (i, &chosen) in condition.iter().enumerate() {
            let branch = usize::from(chosen == 0.0);
            let source = match self.constant(branches[branch]) {
                Some(data) => {
                    let value = data[index[branch][i]];
                    let (source, beyond) = self.filled(value, &mut elements, node)?;
                    cut |= beyond;
                    source
                }
                None => {
                    // The joined list holds the first branch's elements before the second's, where both move.
                    let both = all.len() > len;
                    let at = if both && branch == 1 { len + i } else { i };
                    all.map.get(at).copied().unwrap_or(Source::Constant(0))
                }
            };
            elements.map.push(source);
        }
        if cut {
            let shape = self.shape(node).to_vec();
            let id = self.tensor(&elements, Some(&shape), node)?;
            self.deviations[id.0].cut = true;
        }
        Ok(Value::Elements(elements))
    }

    /// A constant among elements, and whether it is cut: beyond what readers tell apart it stands for that end.
    fn filled(
        &self,
        value: f64,
        elements: &mut Elements,
        node: usize,
    ) -> Result<(Source, bool), QuantiseError> {
        let need = self.need(node);
        let seen = if need == ANY { value } else { value.max(need.lo).min(need.hi) };
        let integer = self.integer(seen, elements.step, node)?;
        elements.constants = elements.constants.max((real(integer) * elements.step - seen).abs());
        Ok((Source::Constant(integer), seen.to_bits() != value.to_bits()))
    }
}
