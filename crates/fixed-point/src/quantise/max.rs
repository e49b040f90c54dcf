//! Maximum and minimum: `max(a, b) = b + relu(a − b)`, exact; of many, by a tree.

use super::emit::Plan;
use super::error::QuantiseError;
use super::gather::broadcast;
use super::in_columns::InColumns;
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Term, Value};
use crate::quant_graph::QuantOp;
use std::collections::HashMap;

impl Lowering<'_> {
    /// `Max` (`greater`) or `Min` of two tensors.
    pub(super) fn max(&mut self, node: usize, greater: bool) -> Result<Value, QuantiseError> {
        let (a, b) = (self.operand(node, 0)?, self.operand(node, 1)?);
        for (constant, other) in [(a, b), (b, a)] {
            let uniform = self.constant(constant).and_then(|c| {
                let first = *c.first()?;
                c.iter().all(|&x| x == first).then_some(first)
            });
            let same = self.shape(other) == self.shape(node);
            if let (Some(bound), true) = (uniform, same) {
                let bounds =
                    if greater { (bound, f64::INFINITY) } else { (f64::NEG_INFINITY, bound) };
                let pending = self.pending(other)?;
                return self.clipped(pending, bounds, node);
            }
        }
        if let Some(InColumns { of: [a, b], factors }) = self.in_common_columns([a, b], node)? {
            let result = self.extremum(&a, &b, greater, node)?;
            return Ok(self.scaled_back(result, factors, node));
        }
        let index = [a, b].map(|operand| broadcast(self.shape(operand), self.shape(node)));
        let mut parts = vec![];
        for (operand, index) in [a, b].into_iter().zip(&index) {
            parts.push(self.elements(operand)?.gather(index));
        }
        let len = parts[0].len();
        let joined = self.join(parts, node)?;
        let first = joined.gather(&(0..len).collect::<Vec<_>>());
        let second = joined.gather(&(len..2 * len).collect::<Vec<_>>());
        let result = self.extremum(&first, &second, greater, node)?;
        for operand in [a, b] {
            self.watch_extremum(operand, &result);
        }
        Ok(Value::Elements(result))
    }

    /// The maximum (or minimum) of two lists of elements of one step.
    pub(super) fn extremum(
        &mut self,
        a: &Elements,
        b: &Elements,
        greater: bool,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let (a_id, b_id) = (self.tensor(a, None, node)?, self.tensor(b, None, node)?);
        if a_id == b_id {
            return Ok(a.clone());
        }
        let len = a.len();
        let (a, b) = (self.all(a_id), self.all(b_id));
        let step = a.step;
        let terms = vec![
            Term { input: a, coefficients: vec![1.0; len] },
            Term { input: b, coefficients: vec![-1.0; len] },
        ];
        let form = Form::Combine { terms, bias: vec![0.0; len] };
        let difference = self.emit(&Pending::of(form, node), &Plan::relu(step), node)?;
        let d = self.tensor(&difference, None, node)?;
        let terms = if greater { [(d, 1), (b_id, 1)] } else { [(a_id, 1), (d, -1)] };
        let id = self.push(node, vec![len], step, QuantOp::sum(terms), None)?;
        self.deviations[id.0] = self.extremum_deviation([a_id, b_id], id);
        Ok(self.all(id))
    }

    /// The maximum of several lists of equal length: pairwise, all pairs of a round together.
    pub(super) fn maximum_of(
        &mut self,
        mut taps: Vec<Elements>,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let mut distinct: Vec<Elements> = vec![];
        let mut known: HashMap<u64, Vec<usize>> = HashMap::new();
        for tap in taps.drain(..) {
            let alike = known.entry(tap.fingerprint()).or_default();
            if !alike.iter().any(|&at| distinct[at] == tap) {
                alike.push(distinct.len());
                distinct.push(tap);
            }
        }
        while distinct.len() > 2 {
            let left = (distinct.len() % 2 == 1).then(|| distinct.pop()).flatten();
            let pairs = distinct.len() / 2;
            let mut sides = [vec![], vec![]];
            for (i, tap) in distinct.drain(..).enumerate() {
                sides[i % 2].push(tap);
            }
            let [a, b] = sides;
            let (a, b) = (self.join(a, node)?, self.join(b, node)?);
            let all = self.extremum(&a, &b, true, node)?;
            let len = all.len() / pairs;
            let each =
                |pair: usize| all.gather(&(pair * len..(pair + 1) * len).collect::<Vec<_>>());
            distinct = (0..pairs).map(each).chain(left).collect();
        }
        match distinct.as_slice() {
            [a, b] => self.extremum(a, b, true, node),
            [only] => Ok(only.clone()),
            _ => Err(self.unsupported(node, "it is a maximum of nothing")),
        }
    }
}
