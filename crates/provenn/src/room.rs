//! Whether a model's public values fit any circuit, asked before anything is made for each of them.

use crate::Error;
use provenn_fixed_point::limits::PLANNED_LOGROWS;
use provenn_fixed_point::{RunArgs, Visibility};
use provenn_gadgets::CircuitParams;
use provenn_onnx_ir::Graph;

/// Refuses a model by the input or output with which its public values, which have a row each, are too many.
pub(crate) fn check(graph: &Graph, args: &RunArgs) -> Result<(), Error> {
    // Rows below what the model needs are the planner's to refuse: it names the least.
    let k = args.logrows.map_or(PLANNED_LOGROWS, |k| k.max(PLANNED_LOGROWS));
    let rows = CircuitParams { k, ..CircuitParams::default() }.active_rows();
    let inputs = graph.inputs.iter().filter(|_| args.input_visibility == Visibility::Public);
    let outputs = graph.outputs.iter().filter(|_| args.output_visibility == Visibility::Public);
    let mut total = 0_usize;
    for node in inputs.chain(outputs).filter_map(|id| graph.nodes.get(id.0)) {
        let elements = node.shape.iter().fold(1, |all: usize, &extent| all.saturating_mul(extent));
        total = total.saturating_add(elements);
        if total > rows {
            let (node, shape) = (node.name.clone(), node.shape.clone());
            return Err(Error::Room { node, shape, total, k, rows });
        }
    }
    Ok(())
}
