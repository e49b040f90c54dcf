//! The graph: a closed set of operators over `f32` tensors of known shape.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Function;

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

/// What the elements of a value are in the model. Here all are `f32`; this tells where that is not the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ElementType {
    /// Floating point of at most 32 bits.
    #[default]
    Float,
    /// Floating point of 64 bits.
    Double,
    /// Whole numbers.
    Integer {
        /// Width.
        bits: u8,
        /// Whether negative numbers exist.
        signed: bool,
    },
    /// Truth values: 0 and 1.
    Boolean,
}

impl ElementType {
    /// Whether `f32` holds `value`, as far as this type promises to: floats round as they do in the model.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "whether it survives is the question")]
    pub fn holds(self, value: f64) -> bool {
        match self {
            ElementType::Float => true,
            ElementType::Double => value.abs() <= EXACT || f64::from(value as f32) == value,
            ElementType::Integer { .. } => {
                self.range()
                    .is_none_or(|(least, greatest)| value >= least && value < greatest + 1.0)
                    && (value.abs() <= EXACT || f64::from(value as f32) == value)
            }
            ElementType::Boolean => value == 0.0 || value == 1.0,
        }
    }

    /// The least and the greatest whole number of the type; none of a type of other numbers.
    #[must_use]
    pub fn range(self) -> Option<(f64, f64)> {
        match self {
            ElementType::Integer { bits, signed } => {
                let size = 2f64.powi(i32::from(bits) - i32::from(signed));
                Some((if signed { -size } else { 0.0 }, size - 1.0))
            }
            ElementType::Boolean => Some((0.0, 1.0)),
            ElementType::Float | ElementType::Double => None,
        }
    }
}

/// Every whole number up to this is an `f32`.
pub(crate) const EXACT: f64 = 16_777_216.0;

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

/// How [`Op::Round`] rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rounding {
    /// Down, of x or the quotient of x and the second input, as real numbers.
    Floor,
    /// To the nearest, halves to even, of x or the quotient in `f32`.
    Even,
    /// To the nearest, halves to even, of the product in `f32`.
    EvenOfProduct,
}

impl Rounding {
    /// What x is rounded to, if `by` is the second input.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a floor of f32s is as large as they are")]
    pub fn apply(self, x: f32, by: Option<f32>) -> f32 {
        match (self, by) {
            (Rounding::Floor, None) => x.floor(),
            // A quotient of two f32s that is no whole number is none in f64 either.
            (Rounding::Floor, Some(by)) => (f64::from(x) / f64::from(by)).floor() as f32,
            (Rounding::Even | Rounding::EvenOfProduct, None) => x.round_ties_even(),
            (Rounding::Even, Some(by)) => (x / by).round_ties_even(),
            (Rounding::EvenOfProduct, Some(by)) => (x * by).round_ties_even(),
        }
    }
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
    /// e^x
    Exp,
    /// The natural logarithm of x > 0.
    Log,
    /// The root of x >= 0.
    Sqrt,
    /// 2/√π · ∫ e^(-t²) dt from 0 to x
    Erf,
    /// x·Φ(x), Φ being the normal distribution: (1 + erf(x/√2))/2.
    Gelu {
        /// Φ as (1 + tanh(√(2/π)·(x + 0.044715·x³)))/2.
        tanh: bool,
    },
    /// log(1 + e^x)
    Softplus,
    /// Another smooth function of one number.
    Function(Function),
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
    /// The whole number that x is rounded to, `min(max(round(x), min), max)`; with a second input, a positive constant
    /// that is broadcast to x, of x divided or multiplied by it. The divisor of a floor without bounds may be computed.
    Round {
        /// How.
        rounding: Rounding,
        /// Lower bound; may be infinite.
        min: f32,
        /// Upper bound; may be infinite.
        max: f32,
    },
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
    /// 1 where a < b, 0 elsewhere; elementwise with broadcasting.
    Less,
    /// 1 where a <= b, 0 elsewhere; elementwise with broadcasting.
    LessOrEqual,
    /// 1 where a = b, 0 elsewhere; elementwise with broadcasting.
    Equal,
    /// Inputs: a condition of 0 and 1, x, y. x where the condition is 1, y elsewhere; with broadcasting.
    Where,
    /// Inputs: data, indices. The slices of `axis` that the indices name, in whose place the axes of the indices
    /// stand. Indices are whole numbers from -n to n - 1, n being the axis' extent; negative ones count from its end.
    Gather {
        /// The axis.
        axis: usize,
    },
    /// Inputs: data, indices of the same shape but along `axis`. Every element of the line of data along `axis` that its
    /// index names; indices as those of `Gather`.
    GatherElements {
        /// The axis.
        axis: usize,
    },
    /// The positions of all elements along `axis` in order of size; of equal ones the first comes first.
    TopK {
        /// The axis.
        axis: usize,
        /// Whether the largest comes first, else the smallest.
        largest: bool,
    },
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
    /// The slices of `axis` at these positions, in this order; a position may come any number of times.
    Take {
        /// The axis.
        axis: usize,
        /// What to take.
        positions: Vec<usize>,
    },
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Nodes; inputs precede users.
    pub nodes: Vec<Node>,
    /// The `Op::Input` nodes in order.
    pub inputs: Vec<NodeId>,
    /// Output nodes in order.
    pub outputs: Vec<NodeId>,
    /// What the model calls its outputs; those of a graph that is from no model are called as their nodes.
    #[serde(default)]
    pub output_names: Vec<String>,
    /// Element types in the model of the nodes where that is not [`ElementType::Float`].
    #[serde(default)]
    pub elements: BTreeMap<NodeId, ElementType>,
    /// Open extents that the import took to be one, by their symbols: they count observations.
    #[serde(default)]
    pub assumed: BTreeMap<String, usize>,
}

impl Graph {
    /// What an output is called, by its position. A node has one name; it may be several outputs.
    #[must_use]
    pub fn output_name(&self, position: usize) -> Option<&str> {
        let node = self.nodes.get(self.outputs.get(position)?.0)?;
        Some(self.output_names.get(position).map_or(&node.name, String::as_str))
    }

    /// What a node's elements are in the model.
    #[must_use]
    pub fn element(&self, node: NodeId) -> ElementType {
        self.elements.get(&node).copied().unwrap_or_default()
    }
}
