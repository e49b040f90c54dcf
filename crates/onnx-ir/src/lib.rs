//! ONNX models as a small closed graph, with a float reference.
mod display;
mod evaluate;
mod graph;
mod shape;
mod tensor;
mod validate;
pub use evaluate::EvaluateError;
pub use graph::{Graph, Node, NodeId, Op, Tensor, Window};
pub use validate::GraphError;
