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
mod input;
mod interpret;
mod interval;
mod piecewise;
mod quant_graph;
mod quantise;
mod round;
mod run_args;
mod settings;
mod validate;

pub use accumulate::accumulate;
pub use input::{InputError, QuantisedInputs, dequantise};
pub use interpret::InterpretError;
pub use quant_graph::{
    Coefficients, Interval, Linear, Piecewise, QuantGraph, QuantOp, QuantTensor, Source, TensorId,
};
pub use quantise::{QuantiseError, quantise};
pub use run_args::{RunArgs, Visibility};
pub use settings::{Range, SETTINGS_VERSION, Settings, SettingsError, TensorInfo};
pub use validate::ValidateError;
pub use round::{rescale, round, step_of_scale};
