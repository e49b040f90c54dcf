//! `MaxPool` and `AveragePool` (tract's `SumPool`).

use tract_onnx::prelude::TypedNode;
use tract_onnx::tract_core::ops::cnn::{MaxPool, PoolSpec, SumPool};

use super::importer::Importer;
use super::reason::{Outcome, Reason};
use super::window::{self, Axis};
use crate::{NodeId, Op, Window};

pub(super) fn translate(importer: &mut Importer, node: &TypedNode) -> Outcome {
    if let Some(op) = node.op_as::<MaxPool>() {
        return Some(pool(importer, node, &op.pool_spec, |_, x, axes| {
            axes.iter_mut().for_each(|axis| axis.after += axis.overhang);
            Ok((x, &|window| Op::MaxPool { window }))
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
    pool(importer, node, &op.pool_spec, |importer, x, axes| {
        let mut x = x;
        let mut count_include_pad = op.count_include_pad;
        if count_include_pad && axes.iter().any(|axis| axis.overhang != 0) {
            // Padding counts, but what `ceil_mode` adds beyond it does not: pad beforehand.
            let rank = importer.builder.shape(x).len();
            let (mut before, mut after) = (vec![0; rank], vec![0; rank]);
            let pads = before.iter_mut().zip(&mut after).rev();
            for (axis, (before, after)) in axes.iter_mut().rev().zip(pads) {
                (*before, *after) = (axis.before, axis.after);
                axis.from += axis.before + axis.after;
                (axis.before, axis.after) = (0, 0);
            }
            let pad = Op::Pad { before, after, value: 0.0 };
            x = importer.builder.push(&format!("{name}.pad"), pad, &[x])?;
            count_include_pad = false;
        }
        axes.iter_mut().for_each(|axis| axis.after += axis.overhang);
        Ok((
            x,
            match count_include_pad {
                true => &|window| Op::AveragePool { window, count_include_pad: true },
                false => &|window| Op::AveragePool { window, count_include_pad: false },
            },
        ))
    })
}

/// The operator of windows over two axes.
type Make = &'static dyn Fn(Window) -> Op;

/// Pools the last two spatial axes, then each of those before, in the changes of layout that takes. `prepare` says
/// with which operator, and how the windows lie.
fn pool(
    importer: &mut Importer,
    node: &TypedNode,
    spec: &PoolSpec,
    prepare: impl Fn(&mut Importer, NodeId, &mut [Axis]) -> Result<(NodeId, Make), Reason>,
) -> Result<NodeId, Reason> {
    let name = node.name.as_str();
    let x = importer.input(node, 0)?;
    let x = window::enter(importer, name, x, spec.data_format)?;
    let mut axes = window::axes(spec, &importer.builder.shape(x))?;
    let (x, make) = prepare(importer, x, &mut axes)?;
    let (outer, window) = window::plane(&axes)?;
    let builder = &mut importer.builder;
    let shape = builder.shape(x);
    let (before, plane) =
        shape.split_last_chunk::<2>().map(|(b, p)| (b, p.to_vec())).ok_or("it has no plane")?;
    let images: usize = before.iter().product();
    let flat = match before {
        [_, _] => x,
        _ => builder.reshape(&format!("{name}.planes"), x, &[1, images, plane[0], plane[1]])?,
    };
    let mut y = builder.push(name, make(window), &[flat])?;
    let mut shape = before.to_vec();
    shape.extend(builder.shape(y).get(2..).unwrap_or(&[]));
    for (at, axis) in outer.iter().enumerate() {
        let (lines, inner) = shape.split_at_checked(at + 2).ok_or("it has no such axis")?;
        let lines = [lines, inner.get(1..).unwrap_or(&[])].map(|extents| extents.iter().product());
        let window = Window {
            kernel: [axis.kernel, 1],
            stride: [axis.stride, 1],
            dilation: [axis.dilation, 1],
            pad_before: [axis.before, 0],
            pad_after: [axis.after, 0],
        };
        let split = [1, lines[0], axis.from, lines[1]];
        y = builder.reshape(&format!("{name}.lines{at}"), y, &split)?;
        y = builder.push(&format!("{name}.axis{at}"), make(window), &[y])?;
        *shape.get_mut(at + 2).ok_or("it has no such axis")? = axis.to;
    }
    let y = builder.reshape(&format!("{name}.pooled"), y, &shape)?;
    let shape = importer.output_shape(node)?;
    window::leave(importer, name, y, spec.data_format, &shape)
}
