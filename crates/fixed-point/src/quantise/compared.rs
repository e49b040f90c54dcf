//! What elements are compared with: inputs that are only compared with constants need steps so fine that each lies on
//! the same side of each constant as in the model, and no more.

use super::gather::{Pick, broadcast, picks};
use super::lowering::Lowering;
use super::value::Value;
use crate::settings::Range;
use provenn_onnx_ir::{Graph, Op};

/// Operators in a row that are looked through.
const DEEPEST: usize = 32;

/// Bits of an input that is only compared, the sign included: those of a float of 32 bits, for values down to 1/512 of
/// their column's largest.
pub(super) const BITS: u32 = 34;

/// The same of an input whose columns are looked up before they are compared, so that one step serves all.
pub(super) const BITS_OF_ALL: u32 = 38;

/// Constants this many times beyond what calibration met are no part of the range.
const BEYOND: f64 = 4.0;

/// The same where calibration met nothing but zero.
const FARTHEST: f64 = 1_099_511_627_776.0; // 2^40

const NOTHING: Range = Range { lo: f64::INFINITY, hi: f64::NEG_INFINITY };

/// Which nodes are read by nothing but comparisons, and by operators that may stand between: all that is known without
/// looking at elements.
pub(super) fn only_compared(graph: &Graph, readers: &[Vec<(usize, usize)>]) -> Vec<bool> {
    let mut only: Vec<bool> = readers.iter().map(|readers| !readers.is_empty()).collect();
    graph.outputs.iter().for_each(|id| only[id.0] = false);
    for node in (0..only.len()).rev() {
        only[node] &= readers[node].iter().all(|&(user, _)| match &graph.nodes[user].op {
            Op::Less | Op::LessOrEqual | Op::Equal => true,
            Op::Gather { .. }
            | Op::GatherElements { .. }
            | Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::Neg
            | Op::Concat { .. }
            | Op::Tile { .. } => only[user],
            op => moves(op) && only[user],
        });
    }
    only
}

impl Lowering<'_> {
    /// For every element of a node the least and greatest constant that it is compared with, in its own units; `None`
    /// where it has other readers, or none.
    pub(super) fn compared(&self, node: usize) -> Option<Vec<Range>> {
        self.compared_within(node, (DEEPEST, false))
    }

    /// The least and the greatest number that any element of a node is compared with, where elements are looked up by
    /// computed indices and compared with what is looked up in a table, and nothing else: trees are walked so.
    pub(super) fn looked_up(&self, node: usize) -> Option<Range> {
        let met = self.compared_within(node, (DEEPEST, true))?;
        let met = met.into_iter().filter(|range| range.lo <= range.hi);
        met.reduce(|a, b| Range { lo: a.lo.min(b.lo), hi: a.hi.max(b.hi) })
    }

    /// The step of the input that numbers of a table are compared with, where they are read by nothing else: rounded to
    /// the same units, numbers keep their order.
    pub(super) fn step_compared_with(&self, node: usize) -> Option<f64> {
        self.step_within(node, DEEPEST)
    }

    fn step_within(&self, node: usize, depth: usize) -> Option<f64> {
        let depth = depth.checked_sub(1)?;
        let published = self.graph.outputs.iter().any(|id| id.0 == node);
        let readers = &self.readers[node];
        if published || readers.is_empty() {
            return None;
        }
        let step = |&(user, at): &(usize, usize)| match &self.node(user).op {
            Op::Less | Op::LessOrEqual | Op::Equal => {
                self.step_of_input(self.node(user).inputs.get(1 - at.min(1))?.0, depth)
            }
            op if moves(op) => self.step_within(user, depth),
            _ => None,
        };
        let mut steps = readers.iter().map(step);
        let first = steps.next()??;
        steps.all(|step| step == Some(first)).then_some(first)
    }

    /// The step of the input whose elements a node looks up.
    fn step_of_input(&self, node: usize, depth: usize) -> Option<f64> {
        let depth = depth.checked_sub(1)?;
        let this = self.node(node);
        match &this.op {
            Op::Input { .. } => {
                self.looked_up(node)?;
                let Value::Elements(elements) = self.value(node) else { return None };
                Some(elements.step)
            }
            Op::Gather { .. } | Op::GatherElements { .. } => {
                self.step_of_input(this.inputs.first()?.0, depth)
            }
            op if moves(op) => self.step_of_input(this.inputs.first()?.0, depth),
            _ => None,
        }
    }

    /// What a table holds of which a node looks up elements.
    fn limits(&self, node: usize, depth: usize) -> Option<Range> {
        let depth = depth.checked_sub(1)?;
        let this = self.node(node);
        let data = this.inputs.first()?.0;
        match &this.op {
            // What a committed table holds must not be seen.
            Op::Gather { .. } | Op::GatherElements { .. } if !self.commits() => {
                let Op::Constant(table) = &self.node(data).op else { return None };
                let numbers = table.data.iter().map(|&x| f64::from(x)).filter(|x| x.is_finite());
                Some(
                    numbers.fold(NOTHING, |range, x| Range {
                        lo: range.lo.min(x),
                        hi: range.hi.max(x),
                    }),
                )
            }
            op if moves(op) => self.limits(data, depth),
            _ => None,
        }
    }

    /// `looked_up`: whether elements may be looked up by computed indices, and compared with what is looked up.
    fn compared_within(
        &self,
        node: usize,
        (depth, looked_up): (usize, bool),
    ) -> Option<Vec<Range>> {
        let depth = depth.checked_sub(1)?;
        if !self.only_compared[node] {
            return None;
        }
        let mut met = vec![NOTHING; self.shape(node).iter().product()];
        for &(user, at) in &self.readers[node] {
            for (element, range) in self.compared_by(node, user, at, (depth, looked_up))? {
                let met = met.get_mut(element)?;
                *met = Range { lo: met.lo.min(range.lo), hi: met.hi.max(range.hi) };
            }
        }
        Some(met)
    }

    /// Elements of a node that a reader compares, each with what it compares them with.
    fn compared_by(
        &self,
        node: usize,
        user: usize,
        at: usize,
        depth: (usize, bool),
    ) -> Option<Vec<(usize, Range)>> {
        let reader = self.node(user);
        let (shape, result) = (self.shape(node), self.shape(user));
        let constant = || {
            let other = reader.inputs.get(1 - at.min(1))?.0;
            let Op::Constant(tensor) = &self.node(other).op else { return None };
            // What a committed constant is must not be seen; a limit is none.
            if !compares(&reader.op) && self.is_learned(other) {
                return None;
            }
            let index = broadcast(&tensor.shape, result);
            Some(index.into_iter().map(|i| f64::from(tensor.data[i])).collect::<Vec<f64>>())
        };
        let own = || broadcast(shape, result);
        let back = |move_back: &dyn Fn(usize, f64) -> f64| {
            let beyond = self.compared_within(user, depth)?;
            let own = own();
            let each = beyond.into_iter().enumerate().map(|(i, range)| {
                let (a, b) = (move_back(i, range.lo), move_back(i, range.hi));
                let range = if range.lo > range.hi { range } else { hull(a, b) };
                (own[i], range)
            });
            Some(each.collect())
        };
        match &reader.op {
            Op::Less | Op::LessOrEqual | Op::Equal if depth.1 && constant().is_none() => {
                let other = reader.inputs.get(1 - at.min(1))?.0;
                let limits = self.limits(other, depth.0)?;
                Some(own().into_iter().map(|element| (element, limits)).collect())
            }
            Op::Less | Op::LessOrEqual | Op::Equal => {
                let constants = constant()?.into_iter();
                Some(own().into_iter().zip(constants.map(|c| Range { lo: c, hi: c })).collect())
            }
            Op::Reshape
            | Op::Transpose { .. }
            | Op::Concat { .. }
            | Op::Slice { .. }
            | Op::Take { .. }
            | Op::Expand
            | Op::Tile { .. } => {
                let shapes: Vec<&[usize]> =
                    reader.inputs.iter().map(|id| self.shape(id.0)).collect();
                let from = picks(&reader.op, &shapes, result)?;
                let beyond = self.compared_within(user, depth)?;
                let own = |(pick, range): (Pick, Range)| match pick {
                    Pick::From { input, index } if input == at => Some((index, range)),
                    Pick::From { .. } | Pick::Fill(_) => None,
                };
                Some(from.into_iter().zip(beyond).filter_map(own).collect())
            }
            Op::Gather { axis } if at == 0 => {
                let from = self.picked(user, *axis)?;
                Some(from.into_iter().zip(self.compared_within(user, depth)?).collect())
            }
            Op::Gather { .. } | Op::GatherElements { .. } if at == 0 && depth.1 => {
                // Any element may be the one.
                let beyond = self.compared_within(user, depth)?;
                let of_all = beyond
                    .into_iter()
                    .fold(NOTHING, |a, b| Range { lo: a.lo.min(b.lo), hi: a.hi.max(b.hi) });
                Some((0..shape.iter().product()).map(|element| (element, of_all)).collect())
            }
            Op::Add => {
                let added = constant()?;
                back(&|i, x| x - added[i])
            }
            Op::Sub if at == 0 => {
                let taken = constant()?;
                back(&|i, x| x + taken[i])
            }
            Op::Mul => {
                let factor = constant()?.into_iter().all(|c| c != 0.0).then(constant)??;
                back(&|i, x| x / factor[i])
            }
            Op::Div if at == 0 => {
                let divisor = constant()?;
                back(&|i, x| x * divisor[i])
            }
            Op::Neg => back(&|_, x| -x),
            Op::Input { .. }
            | Op::Constant(_)
            | Op::MatMul
            | Op::Conv { .. }
            | Op::ConvTranspose { .. }
            | Op::Sub
            | Op::Div
            | Op::Relu
            | Op::LeakyRelu { .. }
            | Op::PRelu
            | Op::Clip { .. }
            | Op::Sigmoid
            | Op::Tanh
            | Op::Exp
            | Op::Log
            | Op::Sqrt
            | Op::Erf
            | Op::Gelu { .. }
            | Op::Softplus
            | Op::Function(_)
            | Op::Abs
            | Op::Pow { .. }
            | Op::Round { .. }
            | Op::Trunc
            | Op::MaxPool { .. }
            | Op::AveragePool { .. }
            | Op::ReduceSum { .. }
            | Op::ReduceMean { .. }
            | Op::ReduceMax { .. }
            | Op::Max
            | Op::Min
            | Op::Where
            | Op::Gather { .. }
            | Op::GatherElements { .. }
            | Op::TopK { .. }
            | Op::Pad { .. } => None,
        }
    }

    /// What an input's column reaches to: as far as calibration met it, and as far as the constants that it is
    /// compared with, unless these are far beyond.
    pub(super) fn reach(range: Range, constants: &Range) -> Range {
        let magnitude = range.magnitude();
        let most = if magnitude > 0.0 { BEYOND * magnitude } else { FARTHEST };
        let near = |x: f64| if x.abs() <= most { x } else { 0.0 };
        Range { lo: range.lo.min(near(constants.lo)), hi: range.hi.max(near(constants.hi)) }
    }
}

/// Whether an operator compares.
fn compares(op: &Op) -> bool {
    matches!(op, Op::Less | Op::LessOrEqual | Op::Equal)
}

/// Whether an operator only puts elements in another order.
pub(super) fn moves(op: &Op) -> bool {
    matches!(
        op,
        Op::Reshape | Op::Transpose { .. } | Op::Slice { .. } | Op::Take { .. } | Op::Expand
    )
}

fn hull(a: f64, b: f64) -> Range {
    Range { lo: a.min(b), hi: a.max(b) }
}
