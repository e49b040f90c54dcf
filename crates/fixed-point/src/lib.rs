//! Quantisation, and the integer interpreter that is provenn's specification.
//!
//! A float [`Graph`](provenn_onnx_ir::Graph) becomes a [`QuantGraph`]: integer tensors with a step each, made by
//! four operations. What the integers are is defined here and nowhere else: witness generation calls
//! [`QuantGraph::interpret`] and [`accumulate`], and gadgets are tested against them.
//!
//! Depends on the graph types of `provenn-onnx-ir` only.
//!
//! | module | what it holds |
//! |---|---|
//! | `quant_graph` | the quantised graph's types |
//! | `interpret`, `accumulate` | exact evaluation |
//! | `bounds`, `interval`, `piecewise` | interval analysis and tables |
//! | `validate` | checks for graphs read from files |
//! | `round`, `convert` | the one rounding function, the casts |

mod accumulate;
mod bounds;
mod convert;
mod interpret;
mod interval;
mod piecewise;
mod quant_graph;
mod round;
mod validate;

pub use accumulate::accumulate;
pub use interpret::InterpretError;
pub use quant_graph::{
    Coefficients, Interval, Linear, Piecewise, QuantGraph, QuantOp, QuantTensor, Source, TensorId,
};
pub use validate::ValidateError;
pub use round::{rescale, round, step_of_scale};
