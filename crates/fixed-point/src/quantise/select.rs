//! Where: of a constant condition a view; of a computed one `y + condition·(x − y)`, exact.

use super::deviation::Deviation;
use super::error::QuantiseError;
use super::gather::{Pick, broadcast};
use super::ideal::ANY;
use super::in_columns::{InColumns, UNIT};
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Value};
use crate::convert::{ceil_log2, power_of_two, real};
use crate::error_bound::ErrorTerms;
use crate::quant_graph::{Source, TensorId};
use crate::settings::Range;

impl Lowering<'_> {
    pub(super) fn select(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let condition = self.operand(node, 0)?;
        let branches = [self.operand(node, 1)?, self.operand(node, 2)?];
        let Some(condition) = self.broadcast_constant(condition, node) else {
            return self.choose(node, condition, branches);
        };
        let index = branches.map(|branch| broadcast(self.shape(branch), self.shape(node)));
        if branches.iter().any(|&branch| self.is_in_columns(branch))
            && self.weights_of_readers(node, true).is_some()
        {
            let pick = |(i, &chosen): (usize, &f64)| {
                let branch = usize::from(chosen == 0.0);
                match self.constant(branches[branch]) {
                    Some(data) => Pick::Fill(data[index[branch][i]]),
                    None => Pick::From { input: branch, index: index[branch][i] },
                }
            };
            let picks: Vec<Pick> = condition.iter().enumerate().map(pick).collect();
            let parts = [self.affine_elements(branches[0])?, self.affine_elements(branches[1])?];
            if let Some(value) = self.as_they_are(&parts, &picks, node) {
                return Ok(value);
            }
        }
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

    /// Chooses by a computed condition.
    fn choose(
        &mut self,
        node: usize,
        condition: usize,
        branches: [usize; 2],
    ) -> Result<Value, QuantiseError> {
        let constants = branches.map(|branch| self.broadcast_constant(branch, node));
        if let [Some(mut x), Some(mut y)] = constants {
            // Well beyond what readers see, and no farther.
            let need = self.need(node);
            let (lo, hi) = (need.lo - need.lo.abs(), need.hi + need.hi.abs());
            x.iter_mut().chain(&mut y).for_each(|x| *x = x.max(lo).min(hi));
            let difference: Vec<f64> = x.iter().zip(&y).map(|(x, y)| x - y).collect();
            return self.scaled(condition, node, &difference, &y);
        }
        let index = broadcast(self.shape(condition), self.shape(node));
        let condition = self.elements(condition)?.gather(&index);
        let condition = self.restep(condition, 1.0, node)?;
        let condition = self.tensor(&condition, None, node)?;
        if let Some(InColumns { of: [x, y], factors }) = self.in_common_columns(branches, node)? {
            let joined = self.join(vec![x, y], node)?;
            let chosen = self.chosen(&joined, condition, UNIT, node)?;
            return Ok(self.scaled_back(chosen, factors, node));
        }
        let (mut parts, mut off) = (vec![], vec![]);
        for branch in branches {
            let index = broadcast(self.shape(branch), self.shape(node));
            let elements = match self.constant(branch) {
                // As far as readers see, and no farther.
                Some(data) => {
                    let need = self.need(node);
                    let data: Vec<f64> = data.iter().map(|x| x.max(need.lo).min(need.hi)).collect();
                    off.extend(data.iter().copied());
                    self.constant_elements(&data, None, node)?
                }
                None => self.elements(branch)?,
            };
            parts.push(elements.gather(&index));
        }
        // Whole numbers need a finer step beside constants that are none.
        let coarsest = parts.iter().filter(|part| !part.sources.is_empty());
        let coarsest = coarsest.map(|part| part.step).fold(0.0, f64::max);
        let wanted = self.table_step(self.range(node).magnitude(), node);
        if coarsest > wanted && wanted > 0.0 && off.iter().any(|x| (x / coarsest).fract() != 0.0) {
            let step = coarsest * power_of_two(-ceil_log2(coarsest / wanted));
            for part in &mut parts {
                *part = self.restep(part.clone(), step, node)?;
            }
        }
        let joined = self.join(parts, node)?;
        Ok(Value::Elements(self.chosen(&joined, condition, self.range(node), node)?))
    }

    /// The first half of elements where the condition holds, the second elsewhere; `range` is the result's.
    fn chosen(
        &mut self,
        joined: &Elements,
        condition: TensorId,
        range: Range,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let len = joined.len() / 2;
        let part = |from: usize| joined.gather(&(from..from + len).collect::<Vec<_>>());
        let (x, y) = (self.tensor(&part(0), None, node)?, self.tensor(&part(len), None, node)?);
        let difference = self.exact_sum(vec![(x, 1), (y, -1)], node)?;
        let form = Form::Contract { a: condition, b: difference, scale: 1.0, bias: vec![0.0; len] };
        let product = self.emit_exact(&Pending::of(form, node), joined.step, node)?;
        let product = self.tensor(&product, None, node)?;
        let id = self.exact_sum(vec![(product, 1), (y, 1)], node)?;
        let chosen = self.extremum_deviation([x, y], id);
        // A wrong condition takes the other one.
        let wrong = self.deviations[condition.0].worst() > 0.0;
        let apart = if wrong { chosen.exact.1 - chosen.exact.0 } else { 0.0 };
        let terms = ErrorTerms { function: apart, ..chosen.terms };
        let odds = self.deviations[condition.0].variance.min(1.0);
        let variance = chosen.variance + odds * apart * apart;
        let cut = self.need(node) != ANY;
        let of_values = Deviation::of_values(terms, variance, self.proven(id), range);
        self.deviations[id.0] = Deviation { cut, ..of_values };
        Ok(self.all(id))
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
