//! `LpPool` and `GlobalLpPool`: the root of a sum of powers over windows.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::Site;
use super::window::pooling;
use crate::import::reason::Reason;
use crate::{NodeId, Op, Window};

/// Windows that reach farther than this are refused.
const MOST: usize = 1 << 20;

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let mut shape = site.shape(0)?.get(..2).unwrap_or(&[]).to_vec();
    shape.extend(pooling(site)?.iter().map(|axis| axis.to));
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn global_shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let mut shape = site.shape(0)?.to_vec();
    shape.iter_mut().skip(2).for_each(|extent| *extent = 1);
    Ok(vec![(site.kind(0)?, shape)])
}

/// |x|^p
fn powers(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<(NodeId, i64), Reason> {
    let x = maker.input(0)?;
    let p = site.int("p", 2);
    let powers = match p {
        1 => maker.push("size", Op::Abs, &[x])?,
        2 => maker.push("square", Op::Mul, &[x, x])?,
        4 => maker.push("power", Op::Pow { exponent: 4 }, &[x])?,
        _ => return Err(Reason(format!("p = {p} is not supported, only 1, 2 and 4"))),
    };
    Ok((powers, p))
}

fn root(maker: &mut Maker<'_, '_>, sum: NodeId, p: i64) -> Result<NodeId, Reason> {
    match p {
        1 => Ok(sum),
        2 => maker.push("root", Op::Sqrt, &[sum]),
        _ => {
            let square = maker.push("square_root", Op::Sqrt, &[sum])?;
            maker.push("root", Op::Sqrt, &[square])
        }
    }
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (mut x, p) = powers(site, maker)?;
    // Axis by axis the sum over windows, zeros around what is given.
    for (at, axis) in pooling(site)?.into_iter().enumerate() {
        let shape = maker.shape(x);
        let (outer, rest) = shape.split_at_checked(at + 2).ok_or("it has no such axis")?;
        let [outer, inner] = [outer, rest.get(1..).unwrap_or(&[])].map(|s| s.iter().product());
        let lines = maker.reshape(&format!("lines{at}"), x, &[outer, 1, axis.from, inner])?;
        let last = axis.to.saturating_sub(1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1;
        let after = last.saturating_sub(axis.from + axis.before);
        if last > MOST {
            return Err(Reason(format!(
                "its windows reach over {last} elements, which is too far"
            )));
        }
        let (before, after) = (vec![0, 0, axis.before, 0], vec![0, 0, after, 0]);
        let pad = Op::Pad { before, after, value: 0.0 };
        let padded = maker.push(&format!("padded{at}"), pad, &[lines])?;
        let kept = maker.shape(padded).get(2).copied().unwrap_or(0).min(last);
        let padded = maker.take(&format!("kept{at}"), padded, 2, (0..kept).collect())?;
        let window = Window {
            kernel: [axis.kernel, 1],
            stride: [axis.stride, 1],
            dilation: [axis.dilation, 1],
            pad_before: [0; 2],
            pad_after: [0; 2],
        };
        let pool = Op::AveragePool { window, count_include_pad: false };
        let mean = maker.push(&format!("mean{at}"), pool, &[padded])?;
        let count = maker.count(&format!("count{at}"), axis.kernel)?;
        let sum = maker.push(&format!("sum{at}"), Op::Mul, &[mean, count])?;
        let mut shape = shape.clone();
        *shape.get_mut(at + 2).ok_or("it has no such axis")? = axis.to;
        x = maker.reshape(&format!("axis{at}"), sum, &shape)?;
    }
    Ok(vec![root(maker, x, p)?])
}

pub(super) fn global(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (x, p) = powers(site, maker)?;
    let axes = (2..maker.shape(x).len()).collect();
    let sum = maker.push("sum", Op::ReduceSum { axes }, &[x])?;
    Ok(vec![root(maker, sum, p)?])
}
