//! `MaxPool` and `AveragePool` (tract's `SumPool`).

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::cnn::{MaxPool, PoolSpec, SumPool};

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::window;
use crate::{NodeId, Op, Window};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    if let Some(op) = node.op_as::<MaxPool>() {
        return Some(pool(importer, node, &op.pool_spec, |_, x, mut window, overhang| {
            for (after, extra) in window.pad_after.iter_mut().zip(overhang) {
                *after += extra;
            }
            Ok((Op::MaxPool { window }, x))
        }));
    }
    let op = node.op_as::<SumPool>()?;
    Some(average_pool(importer, node, op))
}

fn average_pool(importer: &mut Importer, node: &TypedNode, op: &SumPool) -> Result<NodeId, Reason> {
    if !op.normalize {
        return Err("pooling by sum is not supported".into());
    }
    let name = node.name.as_str();
    pool(importer, node, &op.pool_spec, |importer, x, mut window, overhang| {
        let mut x = x;
        let mut count_include_pad = op.count_include_pad;
        if count_include_pad && overhang != [0, 0] {
            // Padding counts, but what `ceil_mode` adds beyond it does not: pad beforehand.
            let ([top, left], [bottom, right]) = (window.pad_before, window.pad_after);
            let pad = Op::Pad {
                before: vec![0, 0, top, left],
                after: vec![0, 0, bottom, right],
                value: 0.0,
            };
            x = importer.builder.push(&format!("{name}.pad"), pad, &[x])?;
            (window.pad_before, window.pad_after) = ([0; 2], [0; 2]);
            count_include_pad = false;
        }
        for (after, extra) in window.pad_after.iter_mut().zip(overhang) {
            *after += extra;
        }
        Ok((Op::AveragePool { window, count_include_pad }, x))
    })
}

/// Wraps the pooling that `make` gives in the changes of layout it needs.
fn pool(
    importer: &mut Importer,
    node: &TypedNode,
    spec: &PoolSpec,
    make: impl Fn(&mut Importer, NodeId, Window, [usize; 2]) -> Result<(Op, NodeId), Reason>,
) -> Result<NodeId, Reason> {
    let name = node.name.as_str();
    let x = importer.input(node, 0)?;
    let x = window::enter(importer, name, x, spec.data_format)?;
    let (window, overhang) = window::resolve(spec, window::spatial(importer, x)?)?;
    let (op, x) = make(importer, x, window, overhang)?;
    let y = importer.builder.push(name, op, &[x])?;
    let shape = importer.output_shape(node)?;
    window::leave(importer, name, y, spec.data_format, &shape)
}
