//! The distance of an accumulator from the real form that it stands for, before it is rounded.
//!
//! With `x̂` the operand's integers in real units, `w` the real weights and `ŵ` the integer ones in real units:
//!
//! ```text
//! Σ ŵ·x̂ + b̂ − (Σ w·x + b) = Σ w·(x̂ − x) + Σ (ŵ − w)·x̂ + (b̂ − b)
//! ```
//!
//! and of a product `â·b̂ − a·b = a·(b̂ − b) + b·(â − a) + (â − a)·(b̂ − b)`.

use super::deviation::{Deviation, FLOAT_SLACK};
use super::lowering::Lowering;
use super::value::Form;
use crate::convert::{real, real_count};
use crate::error_bound::ErrorTerms;
use crate::quant_graph::{Coefficients, Linear, TensorId};

/// Terms that are summed side by side.
const LANES: usize = 8;

/// The distance of `unit · (y + bias)` from the form.
#[derive(Clone, Debug, Default)]
pub(super) struct FormDeviation {
    /// At the element where their sum is largest.
    pub(super) terms: ErrorTerms,
    /// Mean square over the elements, estimated.
    pub(super) variance: f64,
}

/// The error of one element, term by term.
#[derive(Default)]
struct Sum {
    inherited: f64,
    magnitude: f64,
    /// Hull of `Σ δw·x̂`.
    weights: (f64, f64),
    variance: f64,
}

impl Sum {
    /// Adds `w·x`, whose weight became `rounded`.
    fn add(&mut self, w: f64, rounded: f64, x: &Deviation) {
        let delta = rounded - w;
        self.inherited += w.abs() * x.worst();
        self.magnitude += w.abs() * x.magnitude();
        let (a, b) = (delta * x.values.0, delta * x.values.1);
        self.weights.0 += a.min(b);
        self.weights.1 += a.max(b);
        self.variance += w * w * x.variance + delta * delta * x.square;
    }

    /// The sum over a row of weights and one tensor, the weights' integers being in this unit; where `optional`, terms may
    /// be absent.
    fn of_row((row, integers): (&[f64], &[i64]), unit: f64, x: &Deviation, optional: bool) -> Self {
        // Of several terms at once: a sum alone waits for its last addition. Then what roundings add, and take away.
        let mut sums = [[0.0_f64; LANES]; 5];
        let mut add = |lane: usize, w: f64, integer: i64| {
            let delta = real(integer) * unit - w;
            sums[0][lane] += w.abs();
            sums[1][lane] += w * w;
            sums[2][lane] += delta * delta;
            sums[3][lane] += delta.max(0.0);
            sums[4][lane] += delta.min(0.0);
        };
        let ((row, rest), (integers, others)) = (row.as_chunks(), integers.as_chunks());
        for (weights, integers) in row.iter().zip(integers) {
            let (weights, integers): (&[f64; LANES], &[i64; LANES]) = (weights, integers);
            (0..LANES).for_each(|lane| add(lane, weights[lane], integers[lane]));
        }
        rest.iter().zip(others).for_each(|(w, integer)| add(0, *w, *integer));
        let [absolute, squares, moved, more, less] = sums.map(|lanes| lanes.iter().sum::<f64>());
        let (lo, hi) = match optional {
            true => (x.values.0.min(0.0), x.values.1.max(0.0)),
            false => x.values,
        };
        Sum {
            inherited: absolute * x.worst(),
            magnitude: absolute * x.magnitude(),
            weights: (more * lo + less * hi, more * hi + less * lo),
            variance: squares * x.variance + moved * x.square,
        }
    }

    fn finish(&self, bias: f64, rounded_bias: f64) -> (ErrorTerms, f64) {
        let slack = FLOAT_SLACK * (self.magnitude + bias.abs());
        let off = (rounded_bias - bias).abs();
        let terms = ErrorTerms {
            inherited: self.inherited,
            weights: self.weights.0.abs().max(self.weights.1.abs()) + slack,
            bias: off,
            ..ErrorTerms::default()
        };
        (terms, self.variance + off * off)
    }
}

/// The largest of some elements' errors, and the mean of their variances.
#[derive(Default)]
struct Elementwise {
    terms: ErrorTerms,
    variance: f64,
    count: f64,
}

impl Elementwise {
    fn push(&mut self, (terms, variance): (ErrorTerms, f64)) {
        if terms.total() > self.terms.total() {
            self.terms = terms;
        }
        self.variance += variance;
        self.count += 1.0;
    }

    fn finish(self) -> FormDeviation {
        FormDeviation { terms: self.terms, variance: self.variance / self.count.max(1.0) }
    }
}

impl Lowering<'_> {
    /// The distance between a form and its integers; `bias` in units of `unit`, without the plan's shift.
    pub(super) fn form_deviation(
        &self,
        form: &Form,
        linear: &Linear,
        bias: &[i64],
        unit: f64,
    ) -> FormDeviation {
        let mut all = Elementwise::default();
        let rows = |all: &mut Elementwise, form: Rows<'_>| {
            let x = &self.deviations[form.input.0];
            // A weight's real value is its integer times this.
            let real_unit = unit / self.step(form.input);
            let rows = form.weights.chunks(form.k.max(1)).zip(form.integers.chunks(form.k.max(1)));
            // As often as there are images.
            for ((row, integers), (b, rounded)) in rows.cycle().zip(form.bias.iter().zip(bias)) {
                let sum = Sum::of_row((row, integers), real_unit, x, form.padded);
                all.push(sum.finish(*b, real(*rounded) * unit));
            }
        };
        match (form, linear) {
            (
                Form::Dense { input, weights, bias: real_bias, .. },
                Linear::Dense { weights: integers, .. },
            ) => {
                let k = weights.len() / real_bias.len().max(1);
                let input = *input;
                let padded = false;
                rows(&mut all, Rows { input, weights, integers, bias: real_bias, k, padded });
            }
            (Form::Conv(conv), Linear::Conv { kernel, .. }) => {
                rows(
                    &mut all,
                    Rows {
                        input: conv.input,
                        weights: &conv.kernel,
                        integers: kernel,
                        bias: &conv.bias,
                        k: conv.taps(),
                        padded: conv.pad_before != [0, 0] || conv.pad_after != [0, 0],
                    },
                );
            }
            (
                Form::MatMul { a, b, scale, bias: real_bias, .. },
                Linear::MatMul { multiplier, .. },
            )
            | (
                Form::Contract { a, b, scale, bias: real_bias },
                Linear::Contract { multiplier, .. },
            ) => {
                let squares = a == b && matches!(form, Form::Contract { .. });
                let terms = (self.products(form), squares);
                let rounded = real(*multiplier) * unit / (self.step(*a) * self.step(*b));
                let product = self.product_deviation([*a, *b], *scale, rounded, terms);
                for (b, integer) in real_bias.iter().zip(bias) {
                    let off = (real(*integer) * unit - b).abs();
                    let mut terms = product.terms;
                    terms.bias = off;
                    terms.weights += FLOAT_SLACK * b.abs();
                    all.push((terms, product.variance + off * off));
                }
            }
            (Form::Combine { terms, bias: real_bias }, Linear::Combine { terms: integers }) => {
                for (i, (b, rounded)) in real_bias.iter().zip(bias).enumerate() {
                    let mut sum = Sum::default();
                    for (term, (input, coefficients)) in terms.iter().zip(integers) {
                        let integer = match coefficients {
                            Coefficients::Scalar(c) => *c,
                            Coefficients::PerElement(all) => all.get(i).copied().unwrap_or(0),
                        };
                        let rounded = real(integer) * unit / self.step(*input);
                        let x = &self.deviations[input.0];
                        sum.add(term.coefficients[i], rounded, x);
                    }
                    all.push(sum.finish(*b, real(*rounded) * unit));
                }
            }
            // A form becomes the linear operation of the same name.
            (
                Form::Dense { .. }
                | Form::Conv(_)
                | Form::MatMul { .. }
                | Form::Contract { .. }
                | Form::Combine { .. },
                _,
            ) => {}
        }
        all.finish()
    }

    /// `scale ·` the sum of `terms` products, or of as many squares.
    fn product_deviation(
        &self,
        [a, b]: [TensorId; 2],
        scale: f64,
        rounded: f64,
        (terms, squares): (usize, bool),
    ) -> FormDeviation {
        let (x, z) = (&self.deviations[a.0], &self.deviations[b.0]);
        let (off, count, factor) = (rounded - scale, real_count(terms), scale.abs());
        let far = |x: &Deviation| x.values.0.abs().max(x.values.1.abs());
        let magnitude = count * far(x) * far(z);
        // Both factors of a square are off by the same.
        let together = if squares { 2.0 } else { 1.0 };
        let moved = x.square * z.variance + z.square * x.variance + x.variance * z.variance;
        FormDeviation {
            terms: ErrorTerms {
                inherited: factor * count * (x.magnitude() * z.worst() + z.magnitude() * x.worst()),
                cross: factor * count * x.worst() * z.worst(),
                weights: off.abs() * magnitude + FLOAT_SLACK * factor * magnitude,
                ..ErrorTerms::default()
            },
            variance: count * (scale * scale * moved * together + off * off * x.square * z.square),
        }
    }
}

/// Weights in rows of `k`, over one tensor.
struct Rows<'f> {
    input: TensorId,
    weights: &'f [f64],
    integers: &'f [i64],
    bias: &'f [f64],
    k: usize,
    /// Whether terms may be absent.
    padded: bool,
}
