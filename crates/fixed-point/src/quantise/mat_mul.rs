//! MatMul: by a constant (Dense for one row, a 1×1 convolution over rows otherwise) or of two activations.

use super::affine::Affine;
use super::error::QuantiseError;
use super::lowering::Lowering;
use super::value::{ConvForm, Elements, Form, Pending, Reals, Value};
use crate::Images;

/// Rows of weights that are turned together: of as many a processor's cache holds a line each.
const ROWS: usize = 16;

impl Lowering<'_> {
    pub(super) fn mat_mul(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let (a, b) = (self.operand(node, 0)?, self.operand(node, 1)?);
        let (&[batch_a, m, k], &[batch_b, _, n]) = (self.shape(a), self.shape(b)) else {
            return Err(self.unsupported(node, "its operands are not [B,M,K] and [B,K,N]"));
        };
        let batch = batch_a.max(batch_b);
        if batch_b == 1 && self.is_constant(b) {
            return Ok(Value::Pending(self.by_constant([a, b], node, [batch * m, k, n])?));
        }
        let (left, right) = (self.weights(a, node), self.weights(b, node));
        match (left, right) {
            (_, Some(weights)) => {
                let x = self.elements(a)?;
                self.batches(node, batch, |this, i| {
                    let x = batch_of(&x, if batch_a == 1 { 0 } else { i }, m * k);
                    let weights = &weights[i * k * n..][..k * n];
                    this.note_weights(weights, node)?;
                    this.rows_by_weights(&x, in_rows(weights, None, [k, n]), [m, k, n], node)
                })
            }
            // The same constant for all of a batch: as many images.
            (Some(weights), None) if batch_a == 1 => {
                self.note_weights(&weights, node)?;
                let x = self.elements(b)?;
                let images = Images { count: batch, channels: k, height: 1, width: n };
                let input = self.tensor(&x, Some(&images.shape()), node)?;
                let form = pointwise(input, weights.into(), [m, k, n], vec![0.0; batch * m]);
                Ok(Value::Pending(Pending::of(Form::Conv(form), node)))
            }
            (Some(weights), None) => {
                self.note_weights(&weights, node)?;
                let x = self.elements(b)?;
                self.batches(node, batch, |this, i| {
                    let x = batch_of(&x, if batch_b == 1 { 0 } else { i }, k * n);
                    let weights = weights[i * m * k..][..m * k].into();
                    let input = this.tensor(&x, Some(&[k, 1, n]), node)?;
                    Ok(Pending::of(
                        Form::Conv(pointwise(input, weights, [m, k, n], vec![0.0; m])),
                        node,
                    ))
                })
            }
            (None, None) => {
                let (x, z) = (self.elements(a)?, self.elements(b)?);
                self.batches(node, batch, |this, i| {
                    let x = batch_of(&x, if batch_a == 1 { 0 } else { i }, m * k);
                    let z = batch_of(&z, if batch_b == 1 { 0 } else { i }, k * n);
                    let (a, b) = (
                        this.tensor(&x, Some(&[m, k]), node)?,
                        this.tensor(&z, Some(&[k, n]), node)?,
                    );
                    let form =
                        Form::MatMul { a, b, scale: 1.0, bias: vec![0.0; m * n], shape: [m, n] };
                    Ok(Pending::of(form, node))
                })
            }
        }
    }

    /// One form per entry of a batch whose entries have weights, or both factors, of their own; a single entry stays
    /// pending.
    fn batches(
        &mut self,
        node: usize,
        batch: usize,
        mut form: impl FnMut(&mut Self, usize) -> Result<Pending, QuantiseError>,
    ) -> Result<Value, QuantiseError> {
        if batch == 1 {
            return Ok(Value::Pending(form(self, 0)?));
        }
        let mut parts = vec![];
        for i in 0..batch {
            let pending = form(self, i)?;
            parts.push(self.emit_identity(pending, node, None)?);
        }
        Ok(Value::Elements(self.join(parts, node)?))
    }

    /// `x [T,K] · weights [K,N]`, constants that precede folded in.
    fn by_constant(
        &mut self,
        [x, weights]: [usize; 2],
        node: usize,
        [t, k, n]: [usize; 3],
    ) -> Result<Pending, QuantiseError> {
        let (elements, affine) = self.affine_elements(x)?;
        // Only what is the same for every row can move into the weights.
        let same = |all: &[f64]| all.chunks(k).all(|row| row == &all[..k]);
        let folds = |Affine { scale, shift }: &Affine| same(scale) && same(shift);
        // Constants that differ from row to row are applied before.
        let applied = affine.is_some();
        if let Some(affine) = affine.filter(folds) {
            let weights = self.constant_weights(weights, node)?;
            self.note_weights(&weights, node)?;
            let folded = (&affine.scale[..k], &affine.shift[..k]);
            let rows = in_rows(&weights, Some(folded), [k, n]);
            return self.rows_by_weights(&elements, rows, [t, k, n], node);
        }
        let elements = if applied { self.elements(x)? } else { elements };
        let rows = self.rows_of(weights, node, [k, n])?;
        self.rows_by_weights(&elements, (rows, vec![0.0; n]), [t, k, n], node)
    }

    /// The rows of a constant `[K,N]`, as they are kept.
    fn rows_of(
        &mut self,
        weights: usize,
        node: usize,
        extents: [usize; 2],
    ) -> Result<Reals, QuantiseError> {
        // Other constants may be what settings make them.
        let stored = self.is_stored(weights);
        let rows = match self.kept.rows(node).filter(|_| stored) {
            Some(rows) => rows,
            None => {
                let weights = self.constant_weights(weights, node)?;
                let rows = in_rows(&weights, None, extents).0;
                if stored {
                    self.kept.keep_rows(node, &rows);
                }
                rows
            }
        };
        // Their order does not matter to it.
        self.note_weights(&rows, node)?;
        Ok(rows)
    }

    fn constant_weights(&mut self, weights: usize, node: usize) -> Result<Vec<f64>, QuantiseError> {
        let found = self.weights(weights, node);
        found.ok_or_else(|| self.unsupported(node, "its weights are no constant"))
    }

    /// `weights [N,K]` times each of the T rows of `x [T,K]`, plus `bias`.
    pub(super) fn rows_by_weights(
        &mut self,
        x: &Elements,
        (weights, bias): (Reals, Vec<f64>),
        [t, k, n]: [usize; 3],
        node: usize,
    ) -> Result<Pending, QuantiseError> {
        if t == 1 {
            let input = self.tensor(x, None, node)?;
            return Ok(Pending::of(Form::Dense { input, weights, bias, learned: true }, node));
        }
        // Rows become positions of a 1×1 convolution over K channels.
        let columns: Vec<usize> = (0..k * t).map(|i| i % t * k + i / t).collect();
        let input = self.tensor(&x.gather(&columns), Some(&[k, 1, t]), node)?;
        let form = Form::Conv(pointwise(input, weights, [n, k, t], bias));
        let order = (0..t * n).map(|i| i % n * t + i / n).collect();
        Ok(Pending { form, order: Some(order), node })
    }
}

/// The rows `[N,K]` of weights `[K,N]`, and biases, with a scale and a shift of each of the K columns folded in.
fn in_rows(
    weights: &[f64],
    affine: Option<(&[f64], &[f64])>,
    [k, n]: [usize; 2],
) -> (Reals, Vec<f64>) {
    let mut transposed = vec![0.0; n * k];
    let mut bias = vec![0.0; n];
    // A few rows at a time, since columns are what stands side by side in memory.
    for first in (0..n).step_by(ROWS) {
        for column in 0..k {
            let (scale, shift) = affine.map_or((1.0, 0.0), |(a, b)| (a[column], b[column]));
            for row in first..(first + ROWS).min(n) {
                let w = weights[column * n + row];
                transposed[row * k + column] = w * scale;
                bias[row] += w * shift;
            }
        }
    }
    (transposed.into(), bias)
}

/// `weights [O,C]` at every one of `positions`; one bias per plane of the result.
pub(super) fn pointwise(
    input: crate::TensorId,
    weights: Reals,
    [o, c, positions]: [usize; 3],
    bias: Vec<f64>,
) -> ConvForm {
    ConvForm {
        input,
        kernel: weights,
        kernel_shape: [o, c, 1, 1],
        groups: 1,
        dilation: [1, 1],
        pad_before: [0, 0],
        pad_after: [0, 0],
        bias,
        out: [1, positions],
        learned: true,
        empty: vec![],
    }
}

/// Entry `i` of a batch of `len` elements each.
pub(super) fn batch_of(x: &Elements, i: usize, len: usize) -> Elements {
    x.gather(&(i * len..(i + 1) * len).collect::<Vec<_>>())
}
