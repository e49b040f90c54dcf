//! The graph: a closed set of operators over `f32` tensors of known shape.

use serde::{Deserialize, Serialize};

/// Index of a node in [`Graph::nodes`]; every node has exactly one output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub usize);

/// A dense row-major tensor of `f32`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tensor {
    /// Extents, outermost first.
    pub shape: Vec<usize>,
    /// `shape.iter().product()` values.
    pub data: Vec<f32>,
}

/// Spatial attributes of `Conv`, `ConvTranspose` and pooling, two axes (1-D operators have height 1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Kernel extents, height then width.
    pub kernel: [usize; 2],
    /// Strides, height then width.
    pub stride: [usize; 2],
    /// Dilations, height then width.
    pub dilation: [usize; 2],
    /// Padding before: top, left.
    pub pad_before: [usize; 2],
    /// Padding after: bottom, right (already resolved for `ceil_mode` and `auto_pad`).
    pub pad_after: [usize; 2],
}

/// An operator. Shapes are of the node's inputs in order; broadcasting follows ONNX.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// Graph input number `index`.
    Input {
        /// Position among the graph's inputs.
        index: usize,
    },
    /// A constant.
    Constant(Tensor),
    /// `[B,M,K] x [B,K,N] -> [B,M,N]`; the batch extent of either side may be 1.
    MatMul,
    /// Inputs: x `[N,C,H,W]`, kernel `[O,C/groups,KH,KW]`, optional bias `[O]`. Output `[N,O,H',W']`.
    Conv {
        /// Kernel, strides, dilations, padding.
        window: Window,
        /// Number of groups.
        groups: usize,
    },
    /// Inputs: x `[N,C,H,W]`, kernel `[C,O/groups,KH,KW]`, optional bias `[O]`. Output `[N,O,H',W']`.
    ConvTranspose {
        /// Kernel, strides, dilations, padding.
        window: Window,
        /// Number of groups.
        groups: usize,
        /// Extra rows and columns at the bottom and right.
        output_padding: [usize; 2],
    },
    /// Elementwise with broadcasting.
    Add,
    /// Elementwise with broadcasting.
    Sub,
    /// Elementwise with broadcasting.
    Mul,
    /// Elementwise with broadcasting.
    Div,
    /// max(x, 0)
    Relu,
    /// x where x >= 0, alpha·x elsewhere.
    LeakyRelu {
        /// Slope for negative inputs.
        alpha: f32,
    },
    /// x where x >= 0, slope·x elsewhere; second input is the slope, broadcast.
    PRelu,
    /// min(max(x, min), max); infinite bounds are allowed.
    Clip {
        /// Lower bound.
        min: f32,
        /// Upper bound.
        max: f32,
    },
    /// 1 / (1 + e^-x)
    Sigmoid,
    /// tanh x
    Tanh,
    /// -x
    Neg,
    /// |x|
    Abs,
    /// x to a small positive integer power.
    Pow {
        /// The exponent, 1..=8.
        exponent: u32,
    },
    /// Truncation towards zero (a float to integer `Cast`).
    Trunc,
    /// Maximum over windows of `[N,C,H,W]`; padding counts as minus infinity.
    MaxPool {
        /// Kernel, strides, dilations, padding.
        window: Window,
    },
    /// Mean over windows of `[N,C,H,W]`.
    AveragePool {
        /// Kernel, strides, dilations, padding.
        window: Window,
        /// Whether the divisor counts padding.
        count_include_pad: bool,
    },
    /// Sum over `axes`, which stay as extent 1.
    ReduceSum {
        /// Sorted, non-negative axes.
        axes: Vec<usize>,
    },
    /// Mean over `axes`, which stay as extent 1.
    ReduceMean {
        /// Sorted, non-negative axes.
        axes: Vec<usize>,
    },
    /// Maximum over `axes`, which stay as extent 1.
    ReduceMax {
        /// Sorted, non-negative axes.
        axes: Vec<usize>,
    },
    /// Elementwise maximum of two tensors, with broadcasting.
    Max,
    /// Elementwise minimum of two tensors, with broadcasting.
    Min,
    /// Same elements, other extents (Flatten, Squeeze, Unsqueeze, Reshape).
    Reshape,
    /// Output axis `i` is input axis `perm[i]`.
    Transpose {
        /// A permutation of the axes.
        perm: Vec<usize>,
    },
    /// Concatenation along `axis`.
    Concat {
        /// The axis.
        axis: usize,
    },
    /// Elements `start, start+step, ...` of `axis`; the count is in the node's shape.
    Slice {
        /// The axis.
        axis: usize,
        /// First index.
        start: usize,
        /// Distance between indices; negative walks backwards.
        step: isize,
    },
    /// Constant padding.
    Pad {
        /// Per axis: elements before.
        before: Vec<usize>,
        /// Per axis: elements after.
        after: Vec<usize>,
        /// The padding value.
        value: f32,
    },
    /// Broadcast to the node's shape.
    Expand,
    /// Repeat along every axis.
    Tile {
        /// Repetitions per axis.
        repeats: Vec<usize>,
    },
}

/// An operator application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Name from the model, unique.
    pub name: String,
    /// The operator.
    pub op: Op,
    /// Producers of its inputs, all earlier in the list.
    pub inputs: Vec<NodeId>,
    /// Shape of its output.
    pub shape: Vec<usize>,
}

/// A model: nodes in topological order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Nodes; inputs precede users.
    pub nodes: Vec<Node>,
    /// The `Op::Input` nodes in order.
    pub inputs: Vec<NodeId>,
    /// Output nodes in order.
    pub outputs: Vec<NodeId>,
}
