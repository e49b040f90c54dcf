//! Less, LessOrEqual, Equal: the sign of a difference, exactly as its accumulator has it.
//!
//! With `u` a unit in which every operand is a whole number where that can be had, `y = (b − a)/u` is accumulated;
//! `rescale(y − 2^(S−1) − 1)` is non-negative where `y ≥ 1`, and `rescale(y − 2^(S−1))` where `y ≥ 0`: no rounding
//! decides anything, and the table has a row for either sign. Equal is `(a ≤ b) − (a < b)`. Where one side is constant,
//! every element has a unit of its own.

use super::deviation::Deviation;
use super::emit::{Ends, Plan};
use super::error::QuantiseError;
use super::family::Family;
use super::ideal::{ANY, Ideal};
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Term, Value};
use crate::convert::{ceil_log2, exponent, power_of_two, real};
use crate::error_bound::ErrorTerms;
use crate::limits::SHIFT;
use crate::observe::is_mask;
use crate::quant_graph::{QuantOp, TensorId};
use crate::round::round;
use crate::settings::Range;
use provenn_onnx_ir::{Node, Op};

/// How often a unit is halved so that all operands are multiples of it.
const HALVINGS: i32 = 8;

/// Rows that the table of a sign may have, as a power of two.
const FEW_ROWS: u32 = 10;

/// Truth values.
pub(super) const TRUTH: Range = Range { lo: 0.0, hi: 1.0 };

impl Lowering<'_> {
    /// `a < b`, or `a ≤ b`.
    pub(super) fn less(&mut self, node: usize, or_equal: bool) -> Result<Value, QuantiseError> {
        let decided = self.decided(node, |(lo, hi)| match or_equal {
            true => (lo >= 0.0, hi < 0.0),
            false => (lo > 0.0, hi <= 0.0),
        })?;
        if let Some(truth) = decided {
            return Ok(Value::Constant(truth));
        }
        let id = self.sign(node, or_equal)?;
        Ok(Value::Elements(self.all(id)))
    }

    pub(super) fn equal(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let decided = self.decided(node, |(lo, hi)| (false, lo > 0.0 || hi < 0.0))?;
        if let Some(truth) = decided {
            return Ok(Value::Constant(truth));
        }
        let (at_most, below) = (self.sign(node, true)?, self.sign(node, false)?);
        let len = self.out.tensors[at_most.0].len();
        let op = QuantOp::sum([(at_most, 1), (below, -1)]);
        let id = self.push(node, vec![len], 1.0, op, None)?;
        // The two are wrong together or not at all.
        let Deviation { terms, variance, .. } = self.extremum_deviation([at_most, below], id);
        self.deviations[id.0] = Deviation::of_values(terms, variance, self.proven(id), TRUTH);
        Ok(Value::Elements(self.all(id)))
    }

    /// The truth of every element, where the proven interval of `b − a` leaves no doubt of any: `holds` says of one
    /// whether it is true everywhere, and whether nowhere.
    fn decided(
        &mut self,
        node: usize,
        holds: impl Fn((f64, f64)) -> (bool, bool),
    ) -> Result<Option<Vec<f64>>, QuantiseError> {
        let (terms, bias) = self.difference(node)?;
        let bounds = self.element_bounds(&Form::Combine { terms, bias });
        let truth = |bounds: (f64, f64)| match holds(bounds) {
            (true, _) => Some(1.0),
            (_, true) => Some(0.0),
            (false, false) => None,
        };
        Ok(bounds.into_iter().map(truth).collect())
    }

    fn sign(&mut self, node: usize, or_equal: bool) -> Result<TensorId, QuantiseError> {
        let (terms, bias) = self.difference(node)?;
        if let [term] = terms.as_slice() {
            return self.side(term, &bias, or_equal, node);
        }
        let (unit, exact) = unit(&terms, &bias);
        // What a mask decides needs no more than its sign.
        let mut form = Form::Combine { terms, bias };
        self.within_sight(&mut form, Range { lo: -unit, hi: unit });
        let Form::Combine { terms, bias } = form else { return Err(self.wrap(node)) };
        let exact = exact && terms.iter().all(|term| self.is_exact(term));
        let form = Form::Combine { terms, bias };
        // Of many bits the table would have many rows.
        let widest = |most: f64, (lo, hi): (f64, f64)| most.max((hi - lo) / unit);
        let span = self.distinct_bounds(&form).into_iter().fold(2.0, widest);
        let bits = u32::try_from(ceil_log2(span)).unwrap_or(0);
        let reader = self.format;
        let wide = bits.saturating_sub(reader.low_bits + FEW_ROWS).min(*SHIFT.end());
        self.format.shift = reader.shift.max(wide);
        let id = self.step_of(&Pending::of(form, node), unit, or_equal, node);
        self.format = reader;
        let id = id?;
        if exact {
            let terms = ErrorTerms::default();
            self.deviations[id.0] = Deviation::of_values(terms, 0.0, self.proven(id), TRUTH);
        }
        Ok(id)
    }

    /// On which side of constants elements are, which a positive factor does not change: every element is compared
    /// with a whole number of its own steps, however different in size these are.
    ///
    /// What an input was rounded to is compared with what the constant is rounded to in the same way: equal numbers
    /// stay equal, and smaller ones are never found larger.
    fn side(
        &mut self,
        term: &Term,
        bias: &[f64],
        or_equal: bool,
        node: usize,
    ) -> Result<TensorId, QuantiseError> {
        // A product with a power of two is not rounded in floats either.
        let scale = |c: &f64| c.abs().log2().fract() == 0.0 || *c == 0.0;
        let exact = self.is_exact(term) && term.coefficients.iter().all(scale);
        let alike = !exact && self.is_input(&term.input);
        let step = term.input.step;
        let (lo, hi) = self.elements_interval(&term.input);
        let (mut coefficients, mut constants) = (vec![], vec![]);
        for (&coefficient, &bias) in term.coefficients.iter().zip(bias) {
            if coefficient == 0.0 {
                coefficients.push(0.0);
                constants.push(if bias == 0.0 { 0.0 } else { bias.signum() });
                continue;
            }
            // Where the sign changes, in steps; what lies beyond all elements need not lie any farther.
            let bound = (-bias / coefficient).max(lo - step).min(hi + step) / step;
            let rising = coefficient > 0.0;
            let least = if alike {
                real(round(bound).ok_or_else(|| self.wrap(node))?)
            } else if rising == or_equal {
                bound.ceil()
            } else {
                bound.floor()
            };
            let sign = if rising { 1.0 } else { -1.0 };
            coefficients.push(sign / step);
            constants.push(-sign * least);
        }
        let input = term.input.clone();
        let terms = vec![Term { input, coefficients }];
        let pending = Pending::of(Form::Combine { terms, bias: constants }, node);
        // Whatever the bits of the elements, the sign is a table of few rows.
        let bits = u32::try_from(ceil_log2((hi - lo) / step + 2.0)).unwrap_or(0);
        let reader = self.format;
        let wide = bits.saturating_sub(reader.low_bits).min(*SHIFT.end());
        self.format.shift = reader.shift.max(wide);
        let id = self.step_of(&pending, 1.0, or_equal, node);
        self.format = reader;
        let id = id?;
        if exact {
            let terms = ErrorTerms::default();
            self.deviations[id.0] = Deviation::of_values(terms, 0.0, self.proven(id), TRUTH);
        }
        Ok(id)
    }

    /// Whether elements are those of inputs, as these were rounded.
    fn is_input(&self, elements: &Elements) -> bool {
        let input = |id: &TensorId| matches!(self.out.tensors[id.0].op, QuantOp::Input { .. });
        elements.sources.iter().all(input)
    }

    /// 1 where a form is at least zero, or at least one unit.
    fn step_of(
        &mut self,
        pending: &Pending,
        unit: f64,
        or_equal: bool,
        node: usize,
    ) -> Result<TensorId, QuantiseError> {
        let half = 1_i64 << (self.format.shift - 1);
        let plan = Plan {
            q_step: unit * power_of_two(exponent(self.format.shift)),
            step: 1.0,
            family: Family::Step,
            shift: if or_equal { half } else { half + 1 },
            ideal: Ideal::Step,
            watch: Ends::NONE,
        };
        let sign = self.emit(pending, &plan, node)?;
        self.tensor(&sign, None, node)
    }

    /// What elements that a mask has left out do not exceed, and others do: where the operand, or what it is the
    /// largest of, is cut. None for other operands.
    fn end_of_masked(&mut self, operand: usize) -> Result<Option<f64>, QuantiseError> {
        let of = match self.node(operand) {
            Node { op: Op::ReduceMax { .. }, inputs, .. } => inputs[0].0,
            _ => operand,
        };
        let end = self.need(of).lo;
        if end == ANY.lo {
            return Ok(None);
        }
        Ok(Some(end + self.elements(operand)?.step))
    }

    /// `b − a`, operands and constants.
    fn difference(&mut self, node: usize) -> Result<(Vec<Term>, Vec<f64>), QuantiseError> {
        let (mut all, mut bias) = (vec![], vec![0.0; self.shape(node).iter().product()]);
        for (at, sign) in [(1, 1.0), (0, -1.0)] {
            let operand = self.operand(node, at)?;
            let (terms, constants) = match self.broadcast_constant(operand, node) {
                Some(mut constants) => {
                    let masks = constants.iter().all(|&x| x < 0.0 && is_mask(x));
                    let other = self.operand(node, 0)?;
                    if at == 1
                        && masks
                        && let Some(end) = self.end_of_masked(other)?
                    {
                        constants.fill(end);
                    }
                    (vec![], constants)
                }
                None => self.terms(operand, node)?,
            };
            for term in terms {
                let coefficients = term.coefficients.iter().map(|c| sign * c).collect();
                super::affine::push_term(&mut all, Term { input: term.input, coefficients });
            }
            bias.iter_mut().zip(constants).for_each(|(bias, constant)| *bias += sign * constant);
        }
        Ok((all, bias))
    }

    /// Whether a term's integers are its float values.
    fn is_exact(&self, term: &Term) -> bool {
        let sources = || term.input.sources.iter().map(|id| &self.deviations[id.0]);
        term.input.constants == 0.0 && sources().all(|source| source.worst() == 0.0)
    }
}

/// The unit of a sum, and whether all that is added is a multiple of it.
fn unit(terms: &[Term], bias: &[f64]) -> (f64, bool) {
    let steps = || {
        let of = |term: &Term| {
            let step = term.input.step;
            term.coefficients.iter().map(move |c| (c * step).abs()).collect::<Vec<f64>>()
        };
        terms.iter().flat_map(of).filter(|&size| size > 0.0)
    };
    let least = steps().fold(f64::INFINITY, f64::min);
    let least = if least.is_finite() { least } else { 1.0 };
    let divides =
        |unit: &f64| steps().chain(bias.iter().copied()).all(|size| (size / unit).fract() == 0.0);
    let mut units = (0..=HALVINGS).map(|halvings| least * power_of_two(-halvings));
    let exact = units.find(divides);
    (exact.unwrap_or(least * power_of_two(-HALVINGS)), exact.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_divide_all_where_one_is_found() {
        let term = |step: f64, coefficients: Vec<f64>| {
            let input = Elements { sources: vec![], map: vec![], step, constants: 0.0 };
            Term { input, coefficients }
        };
        assert_eq!(unit(&[term(1.0, vec![1.0, -1.0])], &[3.0, 0.0]), (1.0, true));
        assert_eq!(unit(&[term(0.5, vec![1.0]), term(0.75, vec![-1.0])], &[0.0]), (0.25, true));
        assert_eq!(unit(&[term(1.0, vec![1.0])], &[0.1]), (1.0 / 256.0, false));
    }
}
