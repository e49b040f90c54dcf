//! What a model's inputs take.

use provenn_gadgets::PublicTensor;
use provenn_onnx_ir::{ElementType, Graph, NodeId};

/// What a model's input takes.
pub(super) struct Slot<'a> {
    pub(super) name: &'a str,
    pub(super) shape: &'a [usize],
    pub(super) element: ElementType,
}

/// The inputs that a key lists; it does not say what they are computed in.
pub(super) fn public_slots(inputs: &[PublicTensor]) -> Vec<Slot<'_>> {
    let slots = inputs.iter().map(|PublicTensor { name, shape, .. }| Slot {
        name,
        shape,
        element: ElementType::default(),
    });
    slots.collect()
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
