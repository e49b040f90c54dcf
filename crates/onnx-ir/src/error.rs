//! Why a model could not be imported.

use std::fmt;
use std::path::PathBuf;

use crate::{ExternalDataError, GraphError};

/// Import failure. Every message is one line and says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file could not be read.
    #[error("cannot read the model {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// More bytes than an ONNX file may have here.
    #[error(
        "the model has {bytes} bytes, the limit is {limit}: store large weights as external data or use a smaller model"
    )]
    TooLarge {
        /// Size found.
        bytes: u64,
        /// Largest size accepted.
        limit: u64,
    },
    /// Not an ONNX model, or a damaged one.
    #[error("not a valid ONNX model: {reason}; export it again")]
    Malformed {
        /// What is wrong.
        reason: String,
    },
    /// A model whose right labels nothing can count.
    #[error("no labels can be counted for this model: {reason}")]
    NoClassifier {
        /// Why.
        reason: String,
    },
    /// Extents of inputs that the file leaves open.
    #[error("{}", unresolved(extents))]
    UnresolvedExtents {
        /// Every open extent.
        extents: Vec<OpenExtent>,
    },
    /// An input without a shape.
    #[error("input {input} has no shape: export the model with the shape of every input")]
    MissingShape {
        /// The input.
        input: String,
    },
    /// A value was given for a symbol that no input's shape has.
    #[error("{}", unknown_variable(name, known))]
    UnknownVariable {
        /// The name that was given.
        name: String,
        /// The names that would have had an effect.
        known: Vec<String>,
    },
    /// A value was given for an input that the model does not have.
    #[error("{name} is no input of the model; its inputs are {}", known.join(", "))]
    UnknownFixed {
        /// The name that was given.
        name: String,
        /// The inputs that could be fixed.
        known: Vec<String>,
    },
    /// A value that an input cannot have.
    #[error("input {input} cannot be fixed: {reason}")]
    FixedValue {
        /// The input.
        input: String,
        /// What is wrong.
        reason: String,
    },
    /// An input that is no tensor.
    #[error(
        "input {input} is no tensor: optional, sequence and map inputs are not supported, export the model with tensors as inputs"
    )]
    NotATensor {
        /// The input.
        input: String,
    },
    /// Weights stored outside the file that cannot be used.
    #[error("tensor {tensor} {source}")]
    ExternalData {
        /// The tensor.
        tensor: String,
        /// What is wrong.
        source: ExternalDataError,
    },
    /// A constant that counts something, and that `f32` cannot hold.
    #[error(
        "{tensor} holds {value}, a whole number beyond 2^24 that float32 cannot hold exactly: scale the model's numbers down"
    )]
    Inexact {
        /// The constant, or the node that makes it.
        tensor: String,
        /// The number.
        value: String,
    },
    /// Whole numbers of constants that cannot be computed exactly.
    #[error("node {node} ({op}) computes whole numbers of constants and {what}: use smaller ones")]
    Wrapped {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// What it comes to, or does.
        what: String,
    },
    /// A constant that is used as a size, a place or an axis, and lies beyond all of them.
    #[error(
        "node {node} ({op}) takes {value} for a size or a place, no tensor has 2^31 elements: use smaller numbers"
    )]
    Size {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// The number.
        value: String,
    },
    /// A tensor of too many elements.
    #[error(
        "node {node} makes a tensor of shape {shape:?}, at most {limit} elements are supported: use a smaller model or smaller extents"
    )]
    TooManyElements {
        /// The node.
        node: String,
        /// The shape, with 1 for what is not known.
        shape: Vec<usize>,
        /// Most elements of one tensor.
        limit: usize,
    },
    /// Tensors of too many elements together.
    #[error(
        "with node {node}, of shape {shape:?}, the model's values have {total} elements together, at most {limit} are supported: use a smaller model or a smaller batch"
    )]
    TooManyInAll {
        /// The node at which the limit is passed.
        node: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Elements up to and with this node.
        total: usize,
        /// Most elements of all values that depend on an input.
        limit: usize,
    },
    /// More work than a model may take.
    #[error(
        "with node {node} ({op}), of shape {shape:?}, the model takes {got} {what}, at most {limit} are supported: use a smaller model, smaller extents or a smaller batch"
    )]
    TooMuchWork {
        /// The node at which the limit is passed.
        node: String,
        /// Its operator.
        op: String,
        /// Its shape.
        shape: Vec<usize>,
        /// What is counted.
        what: &'static str,
        /// How many up to and with this node.
        got: u128,
        /// Most of them.
        limit: u128,
    },
    /// The file declares another shape than the operators give.
    #[error(
        "the model declares shape {declared} for {value}, but node {node} makes {got}: export it again with right shapes, or without those of inner values"
    )]
    DeclaredShape {
        /// The value.
        value: String,
        /// The node that makes it.
        node: String,
        /// The shape in the file.
        declared: String,
        /// The shape that follows from the operators.
        got: String,
    },
    /// Operators outside the closed set; all of them, not only the first.
    #[error("{}", unsupported(operators))]
    Unsupported {
        /// Every one of them.
        operators: Vec<Unsupported>,
    },
    /// Shapes or types that do not fit together.
    #[error(
        "cannot work out the model's shapes and types: {reason}; check it with onnx.checker and export it again"
    )]
    Analysis {
        /// What is wrong.
        reason: String,
    },
    /// The imported graph is inconsistent; a defect of the importer rather than of the model.
    #[error("the imported graph is inconsistent, please report this model: {source}")]
    Inconsistent {
        /// What validation found.
        #[from]
        source: GraphError,
    },
}

/// An extent of a graph input that has a name, or nothing, in place of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenExtent {
    /// The input.
    pub input: String,
    /// The axis.
    pub axis: usize,
    /// The name to give a value to: the model's symbol, or `input.axis` where it has none.
    pub symbol: String,
    /// Whether the file says 0, as files written before symbols existed do; or the input has no elements.
    pub zero: bool,
}

/// An operator that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The node's name in the model.
    pub node: String,
    /// The operator's name.
    pub op: String,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.node, self.op, self.reason)
    }
}

fn unsupported(operators: &[Unsupported]) -> String {
    let list: Vec<String> = operators.iter().map(Unsupported::to_string).collect();
    let count = operators.len();
    let (noun, them) = if count == 1 { ("operator is", "it") } else { ("operators are", "them") };
    format!("{count} {noun} not supported, replace {them} and export again: {}", list.join("; "))
}

fn unknown_variable(name: &str, known: &[String]) -> String {
    let known = match known {
        [] => "the model has no symbols".to_owned(),
        known => format!("the model's symbols are {}", known.join(", ")),
    };
    format!("no input has the symbol {name} in its shape: {known}")
}

fn unresolved(extents: &[OpenExtent]) -> String {
    let list: Vec<String> = extents
        .iter()
        .map(|open| format!("{} (axis {} of {})", open.symbol, open.axis, open.input))
        .collect();
    let mut values: Vec<String> = Vec::new();
    for value in extents.iter().map(|open| format!("{}=VALUE", open.symbol)) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    let (list, values) = (list.join(", "), values.join(","));
    if extents.iter().all(|open| open.zero) {
        return format!(
            "extents of inputs are 0: {list}; an input without elements leaves nothing to prove, and where 0 stands for an open extent, give it with -V {values}"
        );
    }
    format!(
        "the model leaves extents open: {list}; give them with -V {values}, in which an axis that counts observations is 1"
    )
}
