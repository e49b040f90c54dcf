//! From a pending form to a `Rescale`: integers for weights and bias, the accumulator's interval, the table.

use super::error::QuantiseError;
use super::family::Family;
use super::ideal::Ideal;
use super::lowering::{Lowering, batchless};
use super::value::{ConvForm, Elements, Form, Pending, Term};
use crate::Images;
use crate::convert::{index32, power_of_two, real};
use crate::limits::MOST_TABLE_ROWS;
use crate::quant_graph::{
    Coefficients, Interval, Linear, Piecewise, QuantOp, Source, TensorId, Watch, Watched, Weights,
};
use crate::round::round_each;

/// Terms that are summed side by side.
const LANES: usize = 8;

/// A step that a form's one factor can have only with this much of an error is not taken.
const MISSED: f64 = 1.0 / 4096.0;

/// How a form is rescaled: `q = round(form / q_step) − shift`, then the family's function.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// Real value of one unit of q.
    pub(super) q_step: f64,
    /// Real value of one unit of the result.
    pub(super) step: f64,
    /// The function.
    pub(super) family: Family,
    /// Subtracted from q, in units of 2^-S of q.
    pub(super) shift: i64,
    /// The real function that the family stands for; it decides no integer.
    pub(super) ideal: Ideal,
    /// The ends of the family that calibration set, beyond which values are altered.
    pub(super) watch: Ends,
}

/// Lower and upper end of a function's linear part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) below: bool,
    pub(super) above: bool,
}

impl Ends {
    /// Neither.
    pub(super) const NONE: Ends = Ends { below: false, above: false };
    /// Both.
    pub(super) const BOTH: Ends = Ends { below: true, above: true };
}

impl Plan {
    /// A rescale to another step, and nothing else.
    pub(super) fn identity(step: f64) -> Self {
        let (family, ideal) = (Family::IDENTITY, Ideal::IDENTITY);
        Plan { q_step: step, step, family, shift: 0, ideal, watch: Ends::NONE }
    }

    /// `max(x, 0)`.
    pub(super) fn relu(step: f64) -> Self {
        Plan { family: Family::RELU, ideal: Ideal::RELU, ..Plan::identity(step) }
    }
}

impl Lowering<'_> {
    /// The form under a plan, as elements in the node's order.
    pub(super) fn emit(
        &mut self,
        pending: &Pending,
        plan: &Plan,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let id = self.rescale(&pending.form, plan, node)?;
        let all = self.all(id);
        Ok(match &pending.order {
            None => all,
            Some(order) => all.gather(order),
        })
    }

    fn rescale(
        &mut self,
        form: &Form,
        plan: &Plan,
        node: usize,
    ) -> Result<TensorId, QuantiseError> {
        let unit = plan.q_step / power_of_two(crate::convert::exponent(self.format.shift));
        let (linear, bias, shape) = self.linear(form, unit, node)?;
        let rounded = bias.iter().map(|&b| self.integer(b, unit, node));
        let rounded = rounded.collect::<Result<Vec<i64>, QuantiseError>>()?;
        let deviation = self.rescale_deviation(form, (&linear, &rounded), plan);
        let bias = rounded.iter().map(|b| b.checked_sub(plan.shift).ok_or_else(|| self.wrap(node)));
        let mut bias = bias.collect::<Result<Vec<i64>, QuantiseError>>()?;
        let committed = self.committed(form, (unit, plan.shift), node)?;
        if committed.is_none() && bias.iter().all(|&b| b == 0) {
            bias = vec![];
        }
        let own = linear.interval(&self.out, &bias, None, form.len());
        let mut accumulator = own.ok_or_else(|| self.wrap(node))?;
        if let Some((committed, most)) = committed {
            // Whatever the weights are, nothing wraps around.
            let any = linear.interval(&self.out, &bias, Some(committed), form.len());
            any.ok_or_else(|| self.wrap(node))?;
            if !most.covers(&accumulator) {
                let reason = "its rounded weights come to more than its magnitudes; raise these in the settings";
                return Err(self.unsupported(node, reason));
            }
            accumulator = most;
        }
        let highs =
            Piecewise::highs_of(accumulator.rescaled(self.format.shift), self.format.low_bits);
        self.check_rows(highs.hi.abs_diff(highs.lo).saturating_add(1), node)?;
        let function = self.made.table(&plan.family, highs, self.format.low_bits);
        let function = function.ok_or_else(|| self.wrap(node))?;
        let format = self.format_id();
        let op = QuantOp::Rescale { format, linear, bias, accumulator, function };
        let id = self.push(node, shape, plan.step, op, Some(plan.family.clone()))?;
        self.deviations[id.0] = deviation.within(self.proven(id));
        if let Some((committed, _)) = committed {
            self.out.committed.insert(id, committed);
            if let Form::Conv(ConvForm { empty, .. }) = form
                && !empty.is_empty()
            {
                self.out.empty.insert(id, empty.clone());
            }
        }
        self.watch(id, plan);
        Ok(id)
    }

    /// That a table of so many rows may be made.
    pub(super) fn check_rows(&self, rows: u64, node: usize) -> Result<(), QuantiseError> {
        if rows <= MOST_TABLE_ROWS {
            return Ok(());
        }
        let node = self.node(node);
        let (node, op) = (node.name.clone(), node.op.name().into());
        Err(QuantiseError::TableTooLarge { node, op, rows, limit: MOST_TABLE_ROWS })
    }

    /// Has the ends that calibration set watched.
    fn watch(&mut self, tensor: TensorId, plan: &Plan) {
        if plan.watch == Ends::NONE {
            return;
        }
        let Interval { lo, hi } = plan.family.linear_part(self.format.low_bits);
        let range = Interval {
            lo: if plan.watch.below { lo } else { i64::MIN },
            hi: if plan.watch.above { hi } else { i64::MAX },
        };
        let (what, unit) = (Watched::Rescaled, plan.q_step);
        self.out.watches.push(Watch { tensor, what, range, unit });
    }

    /// The integer form, its bias in real numbers, and the shape of its result.
    pub(super) fn linear(
        &mut self,
        form: &Form,
        unit: f64,
        node: usize,
    ) -> Result<(Linear, Vec<f64>, Vec<usize>), QuantiseError> {
        // Shared from the start: no copy of many.
        let weigh = |this: &Self, weights: &[f64], step: f64| -> Result<Weights, QuantiseError> {
            let mut all = true;
            let integers = this.kept.integers(weights.len(), |integers| {
                all = round_each(|w| w * step / unit, weights, integers);
            });
            if !all {
                weights.iter().try_for_each(|w| this.integer(w * step, unit, node).map(drop))?;
            }
            Ok(integers)
        };
        // The form's own elements, under the node's shape where it has as many.
        let shape = batchless(self.shape(node));
        let shape =
            if shape.iter().product::<usize>() == form.len() { shape } else { vec![form.len()] };
        Ok(match form {
            Form::Dense { input, weights, bias, .. } => {
                let weights = weigh(self, weights, self.step(*input))?;
                (Linear::Dense { input: *input, weights }, bias.clone(), shape)
            }
            Form::Conv(conv) => {
                let ConvForm {
                    input,
                    kernel,
                    kernel_shape,
                    groups,
                    dilation,
                    pad_before,
                    pad_after,
                    bias,
                    out,
                    learned: _,
                    empty: _,
                } = conv;
                let linear = Linear::Conv {
                    input: *input,
                    kernel: weigh(self, kernel, self.step(*input))?,
                    kernel_shape: *kernel_shape,
                    groups: *groups,
                    dilation: *dilation,
                    pad_before: *pad_before,
                    pad_after: *pad_after,
                };
                let [height, width] = *out;
                let (count, channels) = (conv.images(), kernel_shape[0]);
                (linear, bias.clone(), Images { count, channels, height, width }.shape())
            }
            Form::MatMul { a, b, scale, bias, shape } => {
                let multiplier = self.multiplier(*scale, *a, *b, unit, node)?;
                (Linear::MatMul { a: *a, b: *b, multiplier }, bias.clone(), shape.to_vec())
            }
            Form::Contract { a, b, scale, bias } => {
                let multiplier = self.multiplier(*scale, *a, *b, unit, node)?;
                (Linear::Contract { a: *a, b: *b, multiplier }, bias.clone(), shape)
            }
            Form::Combine { terms, bias } => {
                let mut integers = Vec::with_capacity(terms.len());
                for term in terms {
                    let input = self.tensor(&term.input, None, node)?;
                    let c = weigh(self, &term.coefficients, term.input.step)?;
                    if self.swallows(term, &c, unit) {
                        return Err(self.unsupported(
                            node,
                            "it joins numbers whose steps differ so much that the finer ones would be lost; bring them to one scale in the model",
                        ));
                    }
                    let same = c.windows(2).all(|pair| pair[0] == pair[1]);
                    let coefficients = match c.first() {
                        Some(&c) if same => Coefficients::Scalar(c),
                        _ => Coefficients::PerElement(c.to_vec()),
                    };
                    integers.push((input, coefficients));
                }
                (Linear::Combine { terms: integers }, bias.clone(), shape)
            }
        })
    }

    /// Whether a weight that rounds to nothing leaves out more than a few units of the result.
    fn swallows(&self, term: &Term, rounded: &[i64], unit: f64) -> bool {
        let (lo, hi) = self.elements_interval(&term.input);
        let lost = |(c, &rounded): (&f64, &i64)| {
            let most = (c * lo.abs().max(hi.abs()) / unit).abs();
            rounded == 0
                && self.format.shift >= COARSE
                && most > LOST * power_of_two(crate::convert::exponent(self.format.shift))
        };
        term.coefficients.iter().zip(rounded).any(lost)
    }

    fn multiplier(
        &self,
        scale: f64,
        a: TensorId,
        b: TensorId,
        unit: f64,
        node: usize,
    ) -> Result<i64, QuantiseError> {
        Ok(self.integer(scale * self.step(a) * self.step(b), unit, node)?.max(1))
    }

    /// The step nearest to `step` at which the form's one factor is an integer, so that rounding it costs
    /// nothing: the multiplier of a product, the common coefficient of a sum. Other forms take any step.
    pub(super) fn reachable(&self, form: &Form, step: f64) -> f64 {
        if self.commits() && form.learned().is_some() {
            return step;
        }
        let factor = match form {
            Form::MatMul { a, b, scale, .. } | Form::Contract { a, b, scale, .. } => {
                scale * self.step(*a) * self.step(*b)
            }
            Form::Combine { terms, .. } => match common(terms) {
                Some(factor) => factor,
                None => return step,
            },
            Form::Dense { input, weights, .. } => match same(weights) {
                Some(weight) => weight * self.step(*input),
                None => return step,
            },
            Form::Conv(conv) => match same(&conv.kernel) {
                Some(weight) => weight * self.step(conv.input),
                None => return step,
            },
        };
        let all = factor * power_of_two(crate::convert::exponent(self.format.shift));
        let reached = all / (all / step).round().max(1.0);
        // Of weights that happen to be equal, the step that was asked for where it is near enough.
        let weights = matches!(form, Form::Dense { .. } | Form::Conv(_));
        if weights && (reached / step - 1.0).abs() <= MISSED { step } else { reached }
    }

    /// Whether the form's one factor, rounded for this step, is off by what the result tells apart.
    pub(super) fn misses(&self, form: &Form, step: f64) -> bool {
        (self.reachable(form, step) / step - 1.0).abs() > MISSED
    }

    /// Products that each element of a form sums.
    pub(super) fn products(&self, form: &Form) -> usize {
        match form {
            Form::MatMul { a, .. } => self.out.tensors[a.0].shape.get(1).copied().unwrap_or(1),
            Form::Contract { a, bias, .. } => self.out.tensors[a.0].len() / bias.len().max(1),
            Form::Dense { .. } | Form::Conv(_) | Form::Combine { .. } => 0,
        }
    }

    pub(super) fn step(&self, id: TensorId) -> f64 {
        self.out.tensors[id.0].step
    }

    /// The proven real interval of elements.
    pub(super) fn elements_interval(&self, elements: &Elements) -> (f64, f64) {
        let mut hull: Option<(f64, f64)> = None;
        let mut used = vec![false; elements.sources.len()];
        for source in &elements.map {
            let (lo, hi) = match *source {
                Source::Constant(c) => (real(c) * elements.step, real(c) * elements.step),
                Source::Element { source, .. } => {
                    let at = crate::convert::index(source);
                    if std::mem::replace(&mut used[at], true) {
                        continue;
                    }
                    let id = elements.sources[at];
                    // The same integers may be read with another step.
                    let factor = elements.step / self.step(id);
                    let (lo, hi) = self.proven(id);
                    (lo * factor, hi * factor)
                }
            };
            hull = Some(hull.map_or((lo, hi), |(l, h)| (l.min(lo), h.max(hi))));
        }
        hull.unwrap_or((0.0, 0.0))
    }

    /// The proven real interval of a form, before its weights are rounded.
    pub(super) fn bounds(&self, form: &Form) -> (f64, f64) {
        let all = self.distinct_bounds(form);
        let hull = all.into_iter().reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        hull.unwrap_or((0.0, 0.0))
    }

    /// The same for every element.
    pub(super) fn element_bounds(&self, form: &Form) -> Vec<(f64, f64)> {
        let distinct = self.distinct_bounds(form);
        let each = form.len().checked_div(distinct.len()).unwrap_or(1);
        distinct.into_iter().flat_map(|bounds| std::iter::repeat_n(bounds, each)).collect()
    }

    /// Intervals of a form's elements, one for each run of equal ones: a convolution's plane, one element of
    /// other forms.
    pub(super) fn distinct_bounds(&self, form: &Form) -> Vec<(f64, f64)> {
        if let Some(bounds) = self.bounds_of_committed(form) {
            return bounds;
        }
        match form {
            // Asked for more than once while a form is rescaled, and long to add up.
            Form::Dense { input, weights, bias, .. } => {
                self.bounded.get(weights, bias, self.proven(*input), || self.bounds_of_rows(form))
            }
            Form::Conv(conv) => {
                let x = self.proven(conv.input);
                self.bounded.get(&conv.kernel, &conv.bias, x, || self.bounds_of_rows(form))
            }
            Form::MatMul { .. } | Form::Contract { .. } | Form::Combine { .. } => {
                self.bounds_of_rows(form)
            }
        }
    }

    fn bounds_of_rows(&self, form: &Form) -> Vec<(f64, f64)> {
        let scaled = |w: f64, (lo, hi): (f64, f64)| ((w * lo).min(w * hi), (w * lo).max(w * hi));
        match form {
            Form::Dense { input, weights, bias, .. } => {
                let x = self.proven(*input);
                let k = self.out.tensors[input.0].len().max(1);
                let row = |(row, b): (&[f64], &f64)| {
                    // Several sums at once: one waits for its last addition.
                    let mut sums = [[0.0_f64; LANES]; 2];
                    let mut add = |lane: usize, w: f64| {
                        sums[0][lane] += (w * x.0).min(w * x.1);
                        sums[1][lane] += (w * x.0).max(w * x.1);
                    };
                    let (chunks, rest) = row.as_chunks::<LANES>();
                    for chunk in chunks {
                        (0..LANES).for_each(|lane| add(lane, chunk[lane]));
                    }
                    rest.iter().for_each(|&w| add(0, w));
                    let [lo, hi] = sums.map(|lanes| lanes.iter().sum::<f64>());
                    (b + lo, b + hi)
                };
                weights.chunks(k).zip(bias).map(row).collect()
            }
            Form::Conv(conv) => {
                let x = self.proven(conv.input);
                let plane = |(row, b): (&[f64], &f64)| {
                    let sum = row
                        .iter()
                        .map(|&w| scaled(w, x))
                        .map(|(lo, hi)| (lo.min(0.0), hi.max(0.0)));
                    let (lo, hi) = sum.fold((0.0, 0.0), |s, t| (s.0 + t.0, s.1 + t.1));
                    (lo + b.min(0.0), hi + b.max(0.0))
                };
                conv.rows().zip(&conv.bias).map(plane).collect()
            }
            Form::MatMul { a, b, scale, bias, .. } | Form::Contract { a, b, scale, bias } => {
                let k = self.products(form);
                let (x, z) = (self.proven(*a), self.proven(*b));
                let (p, q) = (scaled(x.0, z), scaled(x.1, z));
                let factor = scale * crate::convert::real_count(k);
                let (lo, hi) = (p.0.min(q.0) * factor, p.1.max(q.1) * factor);
                let squares = a == b && matches!(form, Form::Contract { .. });
                let lo = if squares { lo.max(0.0) } else { lo };
                bias.iter().map(|b| (lo + b, hi + b)).collect()
            }
            Form::Combine { terms, bias } => {
                let inputs: Vec<_> =
                    terms.iter().map(|term| self.elements_interval(&term.input)).collect();
                let element = |(i, b): (usize, &f64)| {
                    let sum =
                        terms.iter().zip(&inputs).map(|(term, x)| scaled(term.coefficients[i], *x));
                    sum.fold((*b, *b), |s, t| (s.0 + t.0, s.1 + t.1))
                };
                bias.iter().enumerate().map(element).collect()
            }
        }
    }

    /// Elements with another step, by one more rescale.
    pub(super) fn restep(
        &mut self,
        elements: Elements,
        step: f64,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        if elements.step.to_bits() == step.to_bits() {
            return Ok(elements);
        }
        if elements.sources.is_empty() {
            let mut constants = 0.0_f64;
            let map = elements.map.iter().map(|source| match *source {
                Source::Constant(c) => {
                    let value = real(c) * elements.step;
                    let integer = self.integer(value, step, node)?;
                    constants = constants.max((real(integer) * step - value).abs());
                    Ok(Source::Constant(integer))
                }
                element @ Source::Element { .. } => Ok(element),
            });
            let map = map.collect::<Result<_, QuantiseError>>()?;
            let constants = elements.constants + constants;
            return Ok(Elements { sources: vec![], map, step, constants });
        }
        self.emit(&Pending::identity(elements, node), &Plan::identity(step), node)
    }

    /// Parts as one list of elements, of the coarsest step among them.
    pub(super) fn join(
        &mut self,
        parts: Vec<Elements>,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let moving = parts.iter().filter(|part| !part.sources.is_empty());
        let step = moving.map(|part| part.step).fold(0.0, f64::max);
        let step =
            if step > 0.0 { step } else { parts.iter().map(|part| part.step).fold(0.0, f64::max) };
        let mut joined = Elements { sources: vec![], map: vec![], step, constants: 0.0 };
        for part in parts {
            let part = self.restep(part, step, node)?;
            let base = index32(joined.sources.len()).unwrap_or(u32::MAX);
            joined.constants = joined.constants.max(part.constants);
            joined.sources.extend(part.sources);
            joined.map.extend(part.map.into_iter().map(|source| match source {
                Source::Element { source, index } => {
                    Source::Element { source: source + base, index }
                }
                constant @ Source::Constant(_) => constant,
            }));
        }
        Ok(joined)
    }
}

/// Units of a result that a weight may leave out.
const LOST: f64 = 4.0;

/// Who asks for fewer bits than these asks for weights that are rounded away.
const COARSE: u32 = 8;

/// The size of weights that are all of one size.
fn same(weights: &[f64]) -> Option<f64> {
    let mut moving = weights.iter().map(|weight| weight.abs()).filter(|&weight| weight != 0.0);
    let first = moving.next()?;
    moving.all(|weight| weight.to_bits() == first.to_bits()).then_some(first)
}

/// The magnitude that all coefficients other than zero have, in real units per integer.
fn common(terms: &[Term]) -> Option<f64> {
    let factors = terms
        .iter()
        .flat_map(|term| term.coefficients.iter().map(move |c| c.abs() * term.input.step));
    let mut moving = factors.filter(|&factor| factor != 0.0);
    let first = moving.next()?;
    moving.all(|factor| factor.to_bits() == first.to_bits()).then_some(first)
}
