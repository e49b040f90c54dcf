//! ONNX models as a small closed graph, with a float reference.
mod graph;
pub use graph::{Graph, Node, NodeId, Op, Tensor, Window};
