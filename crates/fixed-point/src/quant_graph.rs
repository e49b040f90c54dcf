//! The quantised graph: integer tensors and the operations that make them.
//!
//! Every value is an integer `x` with a real step: real ≈ step · x. Every rescale names a *format*: its *shift* `S` and the
//! *low bits* `t` of its table.

use crate::committed::Committed;
use crate::format::{Format, FormatId};
use crate::grid::Grid;
use provenn_onnx_ir::ElementType;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Index into [`QuantGraph::tensors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TensorId(pub usize);

/// A closed integer interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Smallest value.
    pub lo: i64,
    /// Largest value.
    pub hi: i64,
}

/// Where one element of a [`QuantOp::View`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// Element `index` of `sources[source]`.
    Element {
        /// Position in the view's `sources`.
        source: u32,
        /// Flat row-major index.
        index: u32,
    },
    /// A constant integer (in the output's step).
    Constant(i64),
}

/// Constant integers of a linear form: the largest part of a graph, whose copies are one.
pub type Weights = Arc<[i64]>;

/// Coefficients of one term of [`Linear::Combine`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Coefficients {
    /// The same for every element.
    Scalar(i64),
    /// One per element.
    PerElement(Vec<i64>),
}

/// A linear (or bilinear) form of earlier tensors: the accumulator `y` before rescaling, without bias.
/// `y` is never a tensor of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Linear {
    /// `y[n] = Σ_k weights[n·K + k] · input[k]`; the input is flat, of K elements.
    Dense {
        /// The input.
        input: TensorId,
        /// Row-major `[N, K]`.
        weights: Weights,
    },
    /// Stride-1 cross-correlation of `[C,H,W]` with `kernel [O,C/G,KH,KW]` in G groups; output o is of group
    /// `g = ⌊o·G/O⌋` and reads that group's channels alone:
    /// `y[o,i,j] = Σ kernel[o,c,a,b] · x[g·C/G + c, i + a·dilation[0] − pad_before[0], j + b·dilation[1] − pad_before[1]]`,
    /// for each of the images of `[B,C,H,W]`.
    /// Strides and transposition are rewritten into this form by quantisation.
    Conv {
        /// The input, shape `[C,H,W]` or `[B,C,H,W]`; the result has as many images ([`Images`](crate::Images)).
        input: TensorId,
        /// Row-major kernel.
        kernel: Weights,
        /// `[O, C/G, KH, KW]`.
        kernel_shape: [usize; 4],
        /// G, which divides O.
        groups: usize,
        /// Height, width.
        dilation: [usize; 2],
        /// Top, left.
        pad_before: [usize; 2],
        /// Bottom, right.
        pad_after: [usize; 2],
    },
    /// `y[m,n] = multiplier · Σ_k a[m,k]·b[k,n]`; shapes `[M,K]`, `[K,N]`.
    MatMul {
        /// Left, `[M,K]`.
        a: TensorId,
        /// Right, `[K,N]`.
        b: TensorId,
        /// Positive.
        multiplier: i64,
    },
    /// `y[i] = Σ_terms c[i]·x[i]`, operands of the output's element count.
    Combine {
        /// The terms.
        terms: Vec<(TensorId, Coefficients)>,
    },
    /// `y[i] = multiplier · Σ_k a[i·K + k]·b[i·K + k]`: products of two tensors, summed over their last axis, of
    /// K elements. With K = 1 the elementwise product.
    Contract {
        /// Left, of K times the output's elements.
        a: TensorId,
        /// Right, as many.
        b: TensorId,
        /// Positive.
        multiplier: i64,
    },
}

/// A function of the rescaled value `q` by table: `q = h·2^t + l`, `0 ≤ l < 2^t`,
/// `f(q) = slope[h − first]·l + base[h − first]`.
///
/// Outside the table nothing is provable, so the table covers the *proven* interval of q.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Piecewise {
    /// The `h` of entry 0.
    pub first: i64,
    /// (slope, base) per h; a table is long, and its copies are one.
    pub entries: Arc<[(i64, i64)]>,
}

/// How a tensor's elements are made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuantOp {
    /// Graph input `index`; its interval is enforced (by the verifier when public, in-circuit when private).
    Input {
        /// Position among the inputs.
        index: usize,
    },
    /// Rearrangement, one source per element.
    View {
        /// Tensors drawn from.
        sources: Vec<TensorId>,
        /// One per element.
        map: Vec<Source>,
    },
    /// `x = y`, exact, not rescaled.
    Exact {
        /// The form y; a convolution has a kernel of 1×1 and no padding.
        linear: Linear,
    },
    /// `q = floor((y + bias + 2^(S−1)) / 2^S)`, `x = function(q)`.
    Rescale {
        /// S and t.
        format: FormatId,
        /// The accumulator y.
        linear: Linear,
        /// One per element, or one per plane (`[B·O]` for Conv), or empty for none.
        bias: Vec<i64>,
        /// Proven interval of y + bias, over every element *and* every partial sum of a Conv's boundary.
        accumulator: Interval,
        /// The function.
        function: Piecewise,
    },
    /// `x[i] = ⌊c·n[i]/d[i] + 1/2⌋`, exact.
    Quotient(Quotient),
    /// `x[i] = ⌊√(v[i] + addend)⌋`, exact; of negative numbers there is none.
    Root {
        /// v, of the output's element count.
        operand: TensorId,
        /// Added to every v.
        addend: i64,
    },
    /// Values found by computed keys among the elements of a tensor.
    Gather(Gather),
    /// Rows of a constant table, found by computed keys.
    Embedding(Embedding),
    /// The positions, from 0 on, of the elements of each line by size, the largest first; of equal ones the first comes
    /// first.
    Sort {
        /// `[lines, extent]`; of the result's element count.
        operand: TensorId,
        /// Elements of a line.
        extent: usize,
    },
    /// `x[p,i,j] = max_{a<KH, b<KW} v[p, KH·i + a, KW·j + b]`, exact; a window has two to four elements.
    Maximum {
        /// v, of shape `[C,H,W]` or `[B,C,H,W]`; the result has `⌊H/KH⌋` by `⌊W/KW⌋` elements of each plane.
        operand: TensorId,
        /// KH, KW.
        window: [usize; 2],
    },
}

/// Which integers are keys: `unit·(first + k)` for k from 0 on. An index that is none has no result and no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// The least.
    pub first: i64,
    /// What an index of 1 is in the integers of its tensor; positive.
    pub unit: i64,
}

/// `x[l, p] = data[l, indices[l, p]]` on each of some lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gather {
    /// `[lines, keys]`.
    pub data: TensorId,
    /// `[lines, picks]`; of the result's element count.
    pub indices: TensorId,
    /// How many lines.
    pub lines: usize,
    /// Which integer names which element of a line.
    pub keys: Keys,
}

/// `x[p, n] = rows[indices[p], n]`, exact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Embedding {
    /// One for each row of the result.
    pub indices: TensorId,
    /// Row-major `[keys, width]`; the width is what the result has more elements than there are indices.
    pub rows: Weights,
    /// Which integer names which row.
    pub keys: Keys,
}

/// A division of integers; operands have the result's element count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotient {
    /// n; 1 where there is none.
    pub numerator: Option<TensorId>,
    /// c, positive.
    pub multiplier: i64,
    /// d.
    pub divisor: TensorId,
    /// The least divisor, positive: of a smaller one there is no result and no proof.
    pub least: i64,
}

/// A tensor of the quantised graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantTensor {
    /// The ONNX node it stands for (several tensors may share one).
    pub name: String,
    /// ONNX operator name of that node.
    pub onnx_op: String,
    /// Extents without batch; row-major.
    pub shape: Vec<usize>,
    /// real ≈ step · integer, unless the graph has a grid for it: then the step is one of normalised values.
    pub step: f64,
    /// Proven interval of the integers.
    pub interval: Interval,
    /// How it is made.
    pub op: QuantOp,
}

/// A quantised model: tensors in topological order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QuantGraph {
    /// Tensors; operands precede users.
    pub tensors: Vec<QuantTensor>,
    /// The `QuantOp::Input` tensors in order.
    pub inputs: Vec<TensorId>,
    /// Outputs in order.
    pub outputs: Vec<TensorId>,
    /// S and t of rescales; the first is that of the settings.
    pub formats: Vec<Format>,
    /// Tensors whose integers do not stand for `step · x`: what they stand for.
    pub grids: BTreeMap<TensorId, Grid>,
    /// Tensors whose weights and bias a commitment holds, and what is known of them: nothing that a circuit is made of
    /// depends on their values.
    pub committed: BTreeMap<TensorId, Committed>,
    /// Of convolutions among these whose strides leave some: places of an output's row of the kernel, of its C/G·KH·KW,
    /// that no weight stands in, in order. A commitment has no room for any there.
    pub empty: BTreeMap<TensorId, Vec<usize>>,
    /// Element types in the model of the inputs that hold no `f32`; what data must keep to, no integer depends
    /// on it.
    pub elements: BTreeMap<TensorId, ElementType>,
    /// Where values meet the ends of calibrated ranges; for people, no integer depends on it.
    pub watches: Vec<Watch>,
}

/// Integers beyond `range` were clamped because calibration met none there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// The tensor.
    pub tensor: TensorId,
    /// What of it is watched.
    pub what: Watched,
    /// What calibration expects.
    pub range: Interval,
    /// Real value of one unit (of a normalised value where the tensor has a grid).
    pub unit: f64,
}

/// The integers that a [`Watch`] compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Watched {
    /// The rescaled value q, before the function.
    Rescaled,
    /// The tensor's own integers.
    Value,
}

impl QuantGraph {
    /// A format, if the graph has it.
    #[must_use]
    pub fn format(&self, id: FormatId) -> Option<Format> {
        self.formats.get(id.0).copied()
    }

    /// What a tensor's integers stand for.
    #[must_use]
    pub fn grid(&self, id: TensorId) -> Grid {
        let step = || self.tensors.get(id.0).map_or(1.0, |tensor| tensor.step);
        self.grids.get(&id).cloned().unwrap_or_else(|| Grid::uniform(step()))
    }
}

impl QuantTensor {
    /// Number of elements.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }
    /// Whether there are no elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
