//! What a model's inputs take.

use provenn_onnx_ir::{ElementType, Graph, NodeId};

/// What a model's input takes.
pub(super) struct Slot<'a> {
    pub(super) name: &'a str,
    pub(super) shape: &'a [usize],
    pub(super) element: ElementType,
}

/// The inputs of a model.
pub(super) fn slots(graph: &Graph) -> Vec<Slot<'_>> {
    let slot = |id: &NodeId| Slot {
        name: &graph.nodes[id.0].name,
        shape: &graph.nodes[id.0].shape,
        element: graph.element(*id),
    };
    graph.inputs.iter().map(slot).collect()
}
