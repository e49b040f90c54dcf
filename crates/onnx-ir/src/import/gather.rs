//! `Gather`, which with constant indices is slices, put together, and `GatherElements`.

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::array::{Gather, GatherElements};

use super::constant::integers;
use super::importer::Importer;
use super::reason::{Outcome, Reason};
use crate::{NodeId, Op, Tensor};

/// More runs of indices than this stay a list.
const RUNS: usize = 16;

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    if let Some(op) = node.op_as::<GatherElements>() {
        return Some(gather_elements(importer, node, op.axis));
    }
    let op = node.op_as::<Gather>()?;
    Some(gather(importer, node, op))
}

fn gather_elements(
    importer: &mut Importer,
    node: &TypedNode,
    axis: usize,
) -> Result<NodeId, Reason> {
    let (mut data, indices) = (importer.input(node, 0)?, importer.input(node, 1)?);
    let wanted = importer.builder.shape(indices);
    // What of the data no index can name.
    for (cut, &extent) in wanted.iter().enumerate().filter(|(cut, _)| *cut != axis) {
        let mut shape = importer.builder.shape(data);
        if shape.get(cut).is_some_and(|&own| own > extent) {
            shape.splice(cut..=cut, [extent]);
            let slice = Op::Slice { axis: cut, start: 0, step: 1 };
            let name = format!("{}.data{cut}", node.name);
            data = importer.builder.push_shaped(&name, slice, &[data], &shape)?;
        }
    }
    importer.builder.push(&node.name, Op::GatherElements { axis }, &[data, indices])
}

fn gather(importer: &mut Importer, node: &TypedNode, op: &Gather) -> Result<NodeId, Reason> {
    let (x, axis) = (importer.input(node, 0)?, op.axis);
    let indices = node.inputs.get(1).copied().ok_or("its indices are missing")?;
    let Some(indices) = importer.model.outlet_fact(indices)?.konst.clone() else {
        let indices = importer.wire(indices)?;
        return importer.builder.push(&node.name, Op::Gather { axis }, &[x, indices]);
    };
    let source = importer.builder.shape(x);
    let extent = *source.get(axis).ok_or("its axis does not exist")?;
    let mut positions = Vec::new();
    for index in integers(&indices)? {
        let from_end = if index < 0 { i64::try_from(extent).unwrap_or(i64::MAX) } else { 0 };
        let position = index
            .checked_add(from_end)
            .and_then(|index| usize::try_from(index).ok())
            .filter(|&index| index < extent);
        positions.push(
            position.ok_or_else(|| {
                Reason(format!("the index {index} is outside an axis of {extent}"))
            })?,
        );
    }
    if positions.is_empty() {
        return Err("gathering nothing is not supported".into());
    }
    let runs = || positions.chunk_by(|a, b| a + 1 == *b);
    if runs().count() > RUNS {
        let shape = indices.shape().to_vec();
        let list = positions.iter().map(|&position| float(position)).collect::<Option<Vec<f32>>>();
        let list = list.and_then(|list| Tensor::new(shape, list)).ok_or("its axis is too long")?;
        let list = importer.builder.constant(&format!("{}.indices", node.name), list);
        return importer.builder.push(&node.name, Op::Gather { axis }, &[x, list]);
    }
    let mut parts = Vec::new();
    for run in runs() {
        let (start, count) = (run.first().copied().unwrap_or(0), run.len());
        let mut shape = source.clone();
        shape.splice(axis..=axis, [count]);
        let name = format!("{}.part{}", node.name, parts.len());
        parts.push(importer.builder.push_shaped(
            &name,
            Op::Slice { axis, start, step: 1 },
            &[x],
            &shape,
        )?);
    }
    let joined = importer.builder.push(&node.name, Op::Concat { axis }, &parts)?;
    let shape = importer.output_shape(node)?;
    importer.builder.reshape(&node.name, joined, &shape)
}

/// A position as floats hold it.
fn float(position: usize) -> Option<f32> {
    let position = u32::try_from(position).ok().filter(|&position| position <= 1 << 24)?;
    #[expect(clippy::cast_precision_loss, reason = "floats hold every whole number up to 2^24")]
    Some(position as f32)
}
