//! Quantisation, and the integer interpreter that is provenn's specification.
//!
//! A float [`Graph`](provenn_onnx_ir::Graph) becomes a [`QuantGraph`]: integer tensors with a step each, made by
//! a few operations. What the integers are is defined here and nowhere else: witness generation calls
//! [`QuantGraph::interpret`] and [`accumulate`], and gadgets are tested against them.
//!
//! ```text
//! Graph ── generate_settings, calibrate ──► Settings
//! Graph + Settings ── quantise ──► QuantGraph ── quantise_inputs, interpret, dequantise ──► outputs
//! ```
//!
//! Depends on the graph types of `provenn-onnx-ir` only.
//!
//! | module | what it holds |
//! |---|---|
//! | `quant_graph` | the quantised graph's types |
//! | `format`, `undropped` | S and t of rescales; rescales that drop nothing |
//! | `interpret` | exact evaluation |
//! | `linear` | linear forms, one file each: sizes, work, integers, intervals |
//! | `operation` | operations, one file each |
//! | `committed` | bits of weights that a commitment holds |
//! | `grid` | what integers stand for, column by column |
//! | `interval`, `piecewise` | intervals and tables |
//! | `validate`, `sizes` | checks for graphs read from files |
//! | `interpret_error`, `validate_error`, `calibrate_error` | why integers have no result, a graph is refused, data give no settings |
//! | `stored` | what a graph stores, and so may ask for |
//! | [`limits`] | of parameters and sizes |
//! | `run_args`, `settings` | what the user chooses |
//! | `observe`, `alike`, `calibrate` | what the data say |
//! | `quantise` | from floats to integers, one file per operator |
//! | `error_bound` | how far the integers are from the floats |
//! | `saturation` | where values met the ends of calibrated ranges |
//! | `input` | the ends of the graph: floats to integers and back |
//! | `round`, `convert` | the one rounding function, the casts |

mod alike;
mod calibrate;
mod calibrate_error;
mod committed;
mod convert;
mod error_bound;
mod format;
mod grid;
mod input;
mod interpret;
mod interpret_error;
mod interval;
pub mod limits;
mod linear;
mod observe;
mod operation;
mod piecewise;
mod quant_graph;
mod quantise;
mod round;
mod run_args;
mod saturation;
mod settings;
mod sizes;
mod stored;
mod strict;
mod undropped;
mod validate;
mod validate_error;

pub use calibrate::{
    calibrate, describe, generate_settings, ranges_of_data, settings_without_ranges,
};
pub use calibrate_error::CalibrateError;
pub use committed::{COMMITTED_BITS, COMMITTED_LIMB, Committed, Magnitudes};
pub use error_bound::{ErrorBounds, ErrorTerms, TensorBound};
pub use format::{Format, FormatId};
pub use grid::Grid;
pub use input::{InputError, QuantisedInputs, quantise_values};
pub use interpret_error::InterpretError;
pub use linear::{FullProduct, Images, accumulate, biased};
pub use operation::{Ranged, Rescale};
pub use quant_graph::{
    Coefficients, Embedding, Gather, Interval, Keys, Linear, Piecewise, QuantGraph, QuantOp,
    QuantTensor, Quotient, Source, TensorId, Watch, Watched, Weights,
};
pub use quantise::{QuantiseError, Quantiser, magnitudes, quantise, quantise_with_bounds};
pub use round::{rescale, round, scale_of, step_of_scale};
pub use run_args::{Part, RunArgs, Visibility};
pub use saturation::Saturation;
pub use settings::{Columns, Range, SETTINGS_VERSION, Settings, SettingsError, TensorInfo};
pub use validate_error::ValidateError;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
