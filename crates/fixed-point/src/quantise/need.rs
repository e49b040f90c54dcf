//! What the readers of a node tell apart.
//!
//! A maximum does not tell apart what lies far below it, so a mask (a large negative constant added to what is to
//! be left out) may saturate there: at its full size it would leave no bits to anything else.

use super::ideal::ANY;
use super::lowering::Lowering;
use super::value::{Elements, Form};
use crate::convert::integer;
use crate::quant_graph::{Interval, Watch, Watched};
use crate::settings::{Range, Settings};
use provenn_onnx_ir::{Graph, Op, functions};

/// A range that reaches this many times beyond what readers tell apart is cut.
const BEYOND: f64 = 16.0;

/// No reader yet.
const NOTHING: Range = Range { lo: f64::INFINITY, hi: f64::NEG_INFINITY };

fn hull(a: Range, b: Range) -> Range {
    Range { lo: a.lo.min(b.lo), hi: a.hi.max(b.hi) }
}

/// For every node the values that its readers tell apart, where that is much less than what it takes.
pub(super) fn needs(graph: &Graph, settings: &Settings) -> Vec<Range> {
    let range = |node: usize| settings.ranges.get(&graph.nodes[node].name).copied();
    let mut needs = vec![NOTHING; graph.nodes.len()];
    for id in &graph.outputs {
        needs[id.0] = ANY;
    }
    for at in (0..graph.nodes.len()).rev() {
        if needs[at] == NOTHING {
            needs[at] = ANY;
        }
        let node = &graph.nodes[at];
        let operands: Vec<Range> =
            node.inputs.iter().map(|id| range(id.0).unwrap_or(ANY)).collect();
        for (slot, id) in node.inputs.iter().enumerate() {
            let demand = demand(&node.op, slot, needs[at], range(at).unwrap_or(ANY), &operands);
            needs[id.0] = hull(needs[id.0], demand);
        }
    }
    for (at, need) in needs.iter_mut().enumerate() {
        let Some(range) = range(at) else { continue };
        let sight = [need.lo, need.hi].map(f64::abs).into_iter().filter(|end| end.is_finite());
        let sight = BEYOND * sight.fold(0.0, f64::max);
        if sight == 0.0 || range.lo >= -sight {
            need.lo = ANY.lo;
        }
        if sight == 0.0 || range.hi <= sight {
            need.hi = ANY.hi;
        }
    }
    needs
}

/// So far below the logarithm of its largest result an exponential is nothing, of whatever bits.
const NOTHING_BELOW: f64 = 18.0;

/// What an operator tells apart of operand `slot`, if its own readers tell apart `need`, its results lie in `range`,
/// and its operands in `operands`.
fn demand(op: &Op, slot: usize, need: Range, range: Range, operands: &[Range]) -> Range {
    let magnitude = range.magnitude();
    match op {
        Op::ReduceMax { .. } | Op::MaxPool { .. } | Op::Max => {
            Range { lo: -magnitude, hi: need.hi }
        }
        Op::Min => Range { lo: need.lo, hi: magnitude },
        Op::Exp if range.hi > 0.0 => {
            Range { lo: functions::log(range.hi) - NOTHING_BELOW, hi: ANY.hi }
        }
        // What is below the difference's need for every subtrahend, or above.
        Op::Sub if slot == 0 => {
            let subtrahend = operands.get(1).copied().unwrap_or(ANY);
            Range { lo: need.lo + subtrahend.lo, hi: need.hi + subtrahend.hi }
        }
        Op::Reshape
        | Op::Transpose { .. }
        | Op::Concat { .. }
        | Op::Slice { .. }
        | Op::Pad { .. }
        | Op::Expand
        | Op::Tile { .. } => need,
        Op::Where if slot > 0 => need,
        Op::Input { .. }
        | Op::Constant(_)
        | Op::MatMul
        | Op::Conv { .. }
        | Op::ConvTranspose { .. }
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Neg
        | Op::Pow { .. }
        | Op::Relu
        | Op::Clip { .. }
        | Op::LeakyRelu { .. }
        | Op::PRelu
        | Op::Abs
        | Op::Sigmoid
        | Op::Tanh
        | Op::Exp
        | Op::Log
        | Op::Sqrt
        | Op::Erf
        | Op::Gelu { .. }
        | Op::Softplus
        | Op::Less
        | Op::LessOrEqual
        | Op::Equal
        | Op::Where
        | Op::Gather { .. }
        | Op::Trunc
        | Op::AveragePool { .. }
        | Op::ReduceSum { .. }
        | Op::ReduceMean { .. } => ANY,
    }
}

impl Lowering<'_> {
    /// What the readers of a node tell apart.
    pub(super) fn need(&self, node: usize) -> Range {
        self.needs[node]
    }

    /// Elements of a sum that lie beyond `need` whatever its operands are become its ends.
    pub(super) fn within_sight(&self, form: &mut Form, need: Range) {
        let Form::Combine { terms, bias } = form else { return };
        let intervals: Vec<_> =
            terms.iter().map(|term| self.elements_interval(&term.input)).collect();
        for (i, bias) in bias.iter_mut().enumerate() {
            let (mut lo, mut hi) = (*bias, *bias);
            for (term, x) in terms.iter().zip(&intervals) {
                let (a, b) = (term.coefficients[i] * x.0, term.coefficients[i] * x.1);
                (lo, hi) = (lo + a.min(b), hi + a.max(b));
            }
            let end = if hi <= need.lo {
                need.lo
            } else if lo >= need.hi {
                need.hi
            } else {
                continue;
            };
            *bias = end;
            terms.iter_mut().for_each(|term| term.coefficients[i] = 0.0);
        }
    }

    /// Has a maximum or minimum watched whose operand is cut at what it needs: a result there is one that
    /// calibration never met, and nothing is known of it but that.
    pub(super) fn watch_extremum(&mut self, operand: usize, result: &Elements) {
        let need = self.need(operand);
        let end = |x: f64, by: i64| Some(integer((x / result.step).round())? + by);
        let lo = if need.lo == ANY.lo { None } else { end(need.lo, 1) };
        let hi = if need.hi == ANY.hi { None } else { end(need.hi, -1) };
        if lo.is_none() && hi.is_none() {
            return;
        }
        let range = Interval { lo: lo.unwrap_or(i64::MIN), hi: hi.unwrap_or(i64::MAX) };
        for &tensor in &result.sources {
            let (what, unit) = (Watched::Value, result.step);
            self.out.watches.push(Watch { tensor, what, range, unit });
        }
    }
}
