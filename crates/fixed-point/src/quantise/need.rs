//! What the readers of a node tell apart.
//!
//! A maximum does not tell apart what lies far below it, so a mask (a large negative constant added to what is to
//! be left out) may saturate there: at its full size it would leave no bits to anything else.

use super::ideal::ANY;
use crate::observe::{is_mask, masked};
use crate::settings::{Range, Settings};
use provenn_onnx_ir::{Graph, Node, Op, functions};

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
        if asks_for_masks(graph, node) {
            // What is left out it tells by where others need it.
            continue;
        }
        for (slot, id) in node.inputs.iter().enumerate() {
            let demand = demand(&node.op, slot, needs[at], range(at).unwrap_or(ANY), &operands);
            needs[id.0] = hull(needs[id.0], demand);
        }
    }
    let masked = masked(graph);
    for (at, need) in needs.iter_mut().enumerate() {
        let Some(range) = range(at) else { continue };
        // What calibration met of a mask may be all or nothing.
        let range = if masked[at] { ANY } else { range };
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

/// Whether a node asks which elements a mask has left out.
fn asks_for_masks(graph: &Graph, node: &Node) -> bool {
    let (Op::LessOrEqual, &[_, least]) = (&node.op, node.inputs.as_slice()) else { return false };
    let Op::Constant(least) = &graph.nodes[least.0].op else { return false };
    least.data.iter().all(|&x| x < 0.0 && is_mask(x.into()))
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
        // What is below the sum's need for every other summand, or above.
        Op::Add => {
            let other = operands.get(1 - slot.min(1)).copied().unwrap_or(ANY);
            Range { lo: need.lo - other.hi, hi: need.hi - other.lo }
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
        | Op::Take { .. }
        | Op::Tile { .. } => need,
        Op::Where if slot > 0 => need,
        Op::Input { .. }
        | Op::Constant(_)
        | Op::MatMul
        | Op::Conv { .. }
        | Op::ConvTranspose { .. }
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
        | Op::Function(_)
        | Op::Less
        | Op::LessOrEqual
        | Op::Equal
        | Op::Where
        | Op::Gather { .. }
        | Op::GatherElements { .. }
        | Op::TopK { .. }
        | Op::Round { .. }
        | Op::Trunc
        | Op::AveragePool { .. }
        | Op::ReduceSum { .. }
        | Op::ReduceMean { .. } => ANY,
    }
}
