//! Inputs that serve as indices, by the operators that carry them there.

use crate::{Graph, NodeId, Op};

impl Graph {
    /// How many values each node can take that serves as indices, and is moved about at most on its way there: the
    /// extent of the axis that they index, the least where there are several. Whoever makes up values needs to know.
    #[must_use]
    pub fn index_extents(&self) -> Vec<Option<usize>> {
        let mut extents: Vec<Option<usize>> = vec![None; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().rev() {
            let own = extents.get(at).copied().flatten();
            for (slot, &NodeId(input)) in node.inputs.iter().enumerate() {
                let passes = slot == 0 || matches!(node.op, Op::Concat { .. });
                let indexed = if let (&(Op::Gather { axis } | Op::GatherElements { axis }), 1) =
                    (&node.op, slot)
                {
                    self.extent(node.inputs.first(), axis)
                } else if passes && moves(&node.op) {
                    own
                } else {
                    None
                };
                if let (Some(extent), Some(known)) = (indexed, extents.get_mut(input)) {
                    *known = Some(known.map_or(extent, |known| known.min(extent)));
                }
            }
        }
        extents
    }

    fn extent(&self, node: Option<&NodeId>, axis: usize) -> Option<usize> {
        self.nodes.get(node?.0)?.shape.get(axis).copied()
    }
}

/// Whether an operator's results are elements of its first operand, those of a whole number at least.
fn moves(op: &Op) -> bool {
    match op {
        Op::Trunc
        | Op::Reshape
        | Op::Transpose { .. }
        | Op::Concat { .. }
        | Op::Slice { .. }
        | Op::Expand
        | Op::Take { .. }
        | Op::Tile { .. }
        | Op::Gather { .. }
        | Op::GatherElements { .. } => true,
        Op::Input { .. }
        | Op::Constant(_)
        | Op::MatMul
        | Op::Conv { .. }
        | Op::ConvTranspose { .. }
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Relu
        | Op::LeakyRelu { .. }
        | Op::PRelu
        | Op::Clip { .. }
        | Op::Round { .. }
        | Op::Sigmoid
        | Op::Tanh
        | Op::Exp
        | Op::Log
        | Op::Sqrt
        | Op::Erf
        | Op::Gelu { .. }
        | Op::Softplus
        | Op::Function(_)
        | Op::Neg
        | Op::Abs
        | Op::Pow { .. }
        | Op::MaxPool { .. }
        | Op::AveragePool { .. }
        | Op::ReduceSum { .. }
        | Op::ReduceMean { .. }
        | Op::ReduceMax { .. }
        | Op::Max
        | Op::Min
        | Op::Less
        | Op::LessOrEqual
        | Op::Equal
        | Op::Where
        | Op::TopK { .. }
        | Op::Pad { .. } => false,
    }
}
