//! Add, Sub, Neg, and scales and shifts by constants: folded where the form allows, else one Combine.

use super::error::QuantiseError;
use super::gather::broadcast;
use super::in_columns::InColumns;
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Reals, Term, Value};
use crate::observe::is_mask;
use std::sync::Arc;

impl Lowering<'_> {
    /// `a + sign·b`.
    pub(super) fn add(&mut self, node: usize, sign: f64) -> Result<Value, QuantiseError> {
        let (a, b) = (self.operand(node, 0)?, self.operand(node, 1)?);
        for (operands, signs) in [([a, b], [1.0, sign]), ([b, a], [sign, 1.0])] {
            if let Some(value) = self.shifted_by_learned(operands, node, signs)? {
                return Ok(value);
            }
        }
        if let Some(shift) = self.broadcast_constant(b, node) {
            let shift: Vec<f64> = shift.iter().map(|x| sign * x).collect();
            return self.affine(a, node, 1.0, &shift);
        }
        if let Some(shift) = self.broadcast_constant(a, node) {
            return self.affine(b, node, sign, &shift);
        }
        let (mut terms, mut bias) = self.terms(a, node)?;
        let (others, other_bias) = self.terms(b, node)?;
        for term in others {
            let coefficients = term.coefficients.iter().map(|c| sign * c).collect();
            push_term(&mut terms, Term { input: term.input, coefficients });
        }
        for (b, other) in bias.iter_mut().zip(other_bias) {
            *b += sign * other;
        }
        Ok(Value::Pending(Pending::of(Form::Combine { terms, bias }, node)))
    }

    pub(super) fn neg(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let x = self.operand(node, 0)?;
        let shift = vec![0.0; self.shape(node).iter().product()];
        self.affine(x, node, -1.0, &shift)
    }

    /// A constant operand, broadcast to the node's shape.
    pub(super) fn broadcast_constant(&self, operand: usize, node: usize) -> Option<Vec<f64>> {
        let data = self.constant(operand)?;
        let index = broadcast(self.shape(operand), self.shape(node));
        Some(index.into_iter().map(|i| data[i]).collect())
    }

    /// An operand as terms of a sum, broadcast to the node's shape.
    pub(super) fn terms(
        &mut self,
        operand: usize,
        node: usize,
    ) -> Result<(Vec<Term>, Vec<f64>), QuantiseError> {
        let pending = self.pending(operand)?;
        let index = broadcast(self.shape(operand), self.shape(node));
        let (terms, bias) = match pending.form {
            Form::Combine { terms, bias } => (terms, bias),
            Form::Dense { .. } | Form::Conv(_) | Form::MatMul { .. } | Form::Contract { .. } => {
                let input = self.elements(operand)?;
                let len = input.len();
                (vec![Term { input, coefficients: vec![1.0; len] }], vec![0.0; len])
            }
        };
        let terms = terms.into_iter().map(|term| Term {
            input: term.input.gather(&index),
            coefficients: index.iter().map(|&i| term.coefficients[i]).collect(),
        });
        Ok((terms.collect(), index.iter().map(|&i| bias[i]).collect()))
    }

    /// `scale·x + shift`, shift of the node's element count.
    pub(super) fn affine(
        &mut self,
        operand: usize,
        node: usize,
        scale: f64,
        shift: &[f64],
    ) -> Result<Value, QuantiseError> {
        let scale = vec![scale; shift.len()];
        self.scaled(operand, node, &scale, shift)
    }

    /// `scale[i]·x[i] + shift[i]`, x broadcast to the node's shape.
    pub(super) fn scaled(
        &mut self,
        operand: usize,
        node: usize,
        scale: &[f64],
        shift: &[f64],
    ) -> Result<Value, QuantiseError> {
        let mut pending = self.pending(operand)?;
        if self.shape(operand).iter().product::<usize>() != shift.len() {
            let index = broadcast(self.shape(operand), self.shape(node));
            // Columns keep the steps of their own.
            pending = match spread(&pending, &index) {
                Some(form) => Pending::of(form, node),
                None => Pending::identity(self.elements(operand)?.gather(&index), node),
            };
        }
        // A mask takes the place of elements, which a product has none of yet.
        if pending.form.is_bilinear() && shift.iter().any(|&x| is_mask(x)) {
            pending = Pending::identity(self.elements(operand)?, node);
        }
        if !fold(&mut pending, scale, shift) {
            // An operand's range is its own: it is rescaled before the constants apply.
            pending = Pending::identity(self.elements(operand)?, node);
            if !fold(&mut pending, scale, shift) {
                return Err(self.unsupported(node, "its constants do not match its operand"));
            }
        }
        pending.node = node;
        Ok(Value::Pending(pending))
    }
}

/// Elements of a form of one tensor, at these places.
fn spread(pending: &Pending, index: &[usize]) -> Option<Form> {
    let (term, bias) = pending.affine().filter(|_| pending.order.is_none())?;
    let coefficients = index.iter().map(|&i| term.coefficients.get(i).copied());
    let term = Term {
        input: term.input.gather(index),
        coefficients: coefficients.collect::<Option<Vec<_>>>()?,
    };
    let bias = index.iter().map(|&i| bias.get(i).copied()).collect::<Option<Vec<_>>>()?;
    Some(Form::Combine { terms: vec![term], bias })
}

/// Adds a term, merging it with one over the same elements.
pub(super) fn push_term(terms: &mut Vec<Term>, term: Term) {
    match terms.iter_mut().find(|other| other.input == term.input) {
        Some(other) => merge(other, &term),
        None => terms.push(term),
    }
}

/// Adds to a term another over the same elements.
pub(super) fn merge(into: &mut Term, term: &Term) {
    into.input.constants = into.input.constants.max(term.input.constants);
    for (c, more) in into.coefficients.iter_mut().zip(&term.coefficients) {
        *c += more;
    }
}

/// Folds `scale·y + shift` into a form; `false` (and unchanged) where the form cannot take it.
pub(super) fn fold(pending: &mut Pending, scale: &[f64], shift: &[f64]) -> bool {
    let len = pending.form.len();
    if scale.len() != len || shift.len() != len {
        return false;
    }
    // Constants in the form's own order.
    let mut own_scale = scale.to_vec();
    let mut own_shift = shift.to_vec();
    if let Some(order) = &pending.order {
        for (i, &at) in order.iter().enumerate() {
            own_scale[at] = scale[i];
            own_shift[at] = shift[i];
        }
    }
    let rebias = |bias: &mut Vec<f64>| {
        for (b, (a, c)) in bias.iter_mut().zip(own_scale.iter().zip(&own_shift)) {
            *b = *b * a + c;
        }
    };
    match &mut pending.form {
        Form::Dense { weights, bias, .. } => {
            scale_rows(weights, len, &own_scale);
            rebias(bias);
        }
        Form::Conv(conv) => {
            let per_plane = len / conv.bias.len().max(1);
            let channels = conv.kernel_shape[0].max(1);
            let planes = |all: &[f64]| -> Option<Vec<f64>> {
                all.chunks(per_plane.max(1))
                    .map(|c| c.iter().all(|x| x == &c[0]).then(|| c[0]))
                    .collect()
            };
            let (Some(a), Some(c)) = (planes(&own_scale), planes(&own_shift)) else {
                return false;
            };
            // All images have the same weights.
            let same = a.chunks(channels).all(|image| image == &a[..channels.min(a.len())]);
            if !same {
                return false;
            }
            scale_rows(&mut conv.kernel, channels, &a[..channels.min(a.len())]);
            for (bias, (a, c)) in conv.bias.iter_mut().zip(a.iter().zip(c)) {
                *bias = *bias * a + c;
            }
        }
        Form::MatMul { scale, bias, .. } | Form::Contract { scale, bias, .. } => {
            // The multiplier is one positive integer.
            let Some(&a) =
                own_scale.first().filter(|&&a| a > 0.0 && own_scale.iter().all(|x| *x == a))
            else {
                return false;
            };
            *scale *= a;
            rebias(bias);
        }
        Form::Combine { terms, bias } => {
            for term in terms {
                term.coefficients.iter_mut().zip(&own_scale).for_each(|(c, a)| *c *= a);
            }
            rebias(bias);
        }
    }
    true
}

/// Scales each of so many rows of weights; shared ones stay so where nothing changes.
fn scale_rows(weights: &mut Reals, rows: usize, scale: &[f64]) {
    if scale.iter().all(|&a| a == 1.0) {
        return;
    }
    let each = weights.len() / rows.max(1);
    for (row, a) in Arc::make_mut(weights).chunks_mut(each.max(1)).zip(scale) {
        row.iter_mut().for_each(|w| *w *= a);
    }
}

/// `scale[i]·x[i] + shift[i]`.
pub(super) struct Affine {
    pub(super) scale: Vec<f64>,
    pub(super) shift: Vec<f64>,
}

impl Lowering<'_> {
    /// Elements and the constants that apply to them first, where the value is affine in one tensor or comes to be so:
    /// in columns of its own.
    pub(super) fn affine_elements(
        &mut self,
        node: usize,
    ) -> Result<(Elements, Option<Affine>), QuantiseError> {
        if let Value::Pending(pending) = self.value(node)
            && let Some((term, bias)) = pending.affine()
        {
            let affine = Affine { scale: term.coefficients.clone(), shift: bias.to_vec() };
            return Ok((term.input.clone(), Some(affine)));
        }
        if let Some(InColumns { of, factors }) = self.elements_in_columns(node)? {
            let shift = vec![0.0; factors.len()];
            return Ok((of, Some(Affine { scale: factors, shift })));
        }
        Ok((self.elements(node)?, None))
    }
}
