//! What is wrong with an observation.

use super::Error;
use provenn_onnx_ir::{ElementType, EvaluateError};
use thiserror::Error as ThisError;

/// Why an observation does not fit a model.
#[derive(Clone, Debug, ThisError, PartialEq)]
#[non_exhaustive]
pub enum ObservationProblem {
    /// There is none.
    #[error("there are no observations; calibrate with at least one input")]
    Missing,
    /// The float model has no result on it.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
    /// A node leaves the finite floats.
    #[error("node `{node}` is not finite; leave this observation out")]
    NotFinite {
        /// The node.
        node: String,
    },
    /// Lists that cannot be dealt out to the model's inputs.
    #[error(
        "got {got} lists of values, expected a positive multiple of {inputs} (one per model input)"
    )]
    Lists {
        /// Lists of the data.
        got: usize,
        /// Inputs of the model.
        inputs: usize,
    },
    /// Fewer inputs than the model takes at once.
    #[error(
        "has {left} of the {batch} inputs that the model takes at once, {got} are in the data; {}", multiple(*got, *batch)
    )]
    Batch {
        /// Inputs of the last batch.
        left: usize,
        /// Inputs of a batch.
        batch: usize,
        /// Inputs of the data.
        got: usize,
    },
    /// Names that are not those of the model's inputs.
    #[error(
        "the data are for inputs {got:?}, the model has {expected:?}; rename them, or number them arr_0, arr_1, …"
    )]
    Names {
        /// Names of the data.
        got: Vec<String>,
        /// Names of the model's inputs.
        expected: Vec<String>,
    },
    /// The one list there is.
    #[error(transparent)]
    Values(#[from] ValuesProblem),
    /// The list of one input.
    #[error("input `{name}` {source}")]
    Input {
        /// The input.
        name: String,
        /// What is wrong with its list.
        source: ValuesProblem,
    },
}

impl ObservationProblem {
    /// The error of the observation at this position.
    #[must_use]
    pub fn of(self, index: usize) -> Error {
        Error::Observation { index, source: Box::new(self) }
    }
}

/// Why a list of numbers is no tensor of an input.
#[derive(Clone, Debug, ThisError, PartialEq)]
#[non_exhaustive]
pub enum ValuesProblem {
    /// Another number of them.
    #[error("has {got} values, expected {expected} for shape {shape:?}{}", lists(*batch))]
    Count {
        /// Values of the list.
        got: usize,
        /// Elements of the input.
        expected: usize,
        /// Extents of the input.
        shape: Vec<usize>,
        /// Where the model takes several inputs at once, how many, and what each has.
        batch: Option<(usize, usize)>,
    },
    /// NaN or an infinity.
    #[error("value {at} is {value}, expected a finite number")]
    NotFinite {
        /// Its position.
        at: usize,
        /// The value.
        value: f64,
    },
    /// A whole number that is rounded in `f32`, or no value of the type.
    #[error(
        "value {at} is {value}, which float32 cannot hold as the model's {element} does; scale the numbers down"
    )]
    NotHeld {
        /// Its position.
        at: usize,
        /// The value.
        value: f64,
        /// The input's type in the model.
        element: ElementType,
    },
    /// Too large for `f32`.
    #[error("value {at} is {value:e}, beyond what a 32-bit float holds")]
    TooLarge {
        /// Its position.
        at: usize,
        /// The value.
        value: f64,
    },
}

fn multiple(got: usize, batch: usize) -> String {
    match got / batch.max(1) {
        0 => format!("give {batch}"),
        whole => format!("give a multiple of {batch}, as {}", whole * batch),
    }
}

fn lists(batch: Option<(usize, usize)>) -> String {
    batch.map_or(String::new(), |(count, each)| {
        format!(", or {count} lists of {each}, one for each input that it takes at once")
    })
}
