//! ONNX models as a small closed graph, with a float reference.
//!
//! The only crate that names tract: everything after it sees [`Graph`], a closed set of operators over
//! `f32` tensors of known shape. It depends on no other crate of the workspace.
//!
//! | module | holds |
//! |---|---|
//! | `graph` | the types: [`Graph`], [`Node`], [`Op`], [`Tensor`], [`ElementType`], [`Window`] |
//! | `tensor` | making tensors; row-major and broadcasting arithmetic |
//! | `shape` | the shape each operator gives |
//! | `validate` | [`Graph::validate`]: order, names, shapes |
//! | `display` | one line per node; operator names |
//! | `evaluate` | [`Graph::evaluate`] and [`Graph::run`]: the float reference, a file per operator family |
//! | `function` | [`Function`]: functions of one number that are tabulated by one method |
//! | [`functions`] | smooth functions by their definition |
//! | `import` | [`load`], [`load_reading`] and [`load_bytes`]: from ONNX, a file per operator family |
//! | `indices` | which nodes serve as indices |
//! | [`limits`] | what a model may take, each limit stated once |
//! | `work` | what a graph takes, counted from its shapes |
//! | `error`, `external_error` | [`ImportError`] |

mod display;
mod error;
mod evaluate;
mod external_error;
mod function;
pub mod functions;
mod graph;
mod import;
mod indices;
pub mod limits;
mod shape;
mod tensor;
mod validate;
mod work;

pub use error::{ImportError, OpenExtent, Unsupported};
pub use evaluate::EvaluateError;
pub use external_error::ExternalDataError;
pub use function::Function;
pub use graph::{ElementType, Graph, Node, NodeId, Op, Rounding, Tensor, Window};
pub use import::{
    ImportOptions, NO_LABEL, counting_model, load, load_bytes, load_reading, operators,
    supported_operators,
};
pub use validate::GraphError;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
