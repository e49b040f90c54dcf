//! Who reads each node.

use provenn_onnx_ir::Graph;

/// For every node, the nodes that read it and as which operand.
pub(super) fn readers(graph: &Graph) -> Vec<Vec<(usize, usize)>> {
    let mut readers = vec![vec![]; graph.nodes.len()];
    for (user, node) in graph.nodes.iter().enumerate() {
        for (at, id) in node.inputs.iter().enumerate() {
            readers[id.0].push((user, at));
        }
    }
    readers
}
