//! `LpPool` and `GlobalLpPool`: the root of a sum of powers over windows.

use tract_onnx::prelude::DatumType;

use super::gather_nd::coordinates;
use super::maker::Maker;
use super::site::Site;
use super::window::pooling;
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More elements of all windows of a plane than this are better refused than laid out.
const MOST: usize = 1 << 24;

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

/// Larger powers leave no digits to the windows where all is small.
const MOST_POWER: u8 = 6;

/// |x|^p
fn powers(site: &Site<'_>, maker: &mut Maker<'_, '_>, x: NodeId) -> Result<(NodeId, u8), Reason> {
    let p = site.int("p", 2);
    let exponent = u8::try_from(p).ok().filter(|p| (1..=MOST_POWER).contains(p));
    let exponent = exponent
        .ok_or_else(|| Reason(format!("p = {p} is not supported, only 1 to {MOST_POWER}")))?;
    let powers = match exponent {
        2 => maker.push("square", Op::Mul, &[x, x])?,
        4 | 6 => maker.power("power", x, f32::from(exponent))?,
        _ => {
            let size = maker.push("size", Op::Abs, &[x])?;
            maker.power("power", size, f32::from(exponent))?
        }
    };
    Ok((powers, exponent))
}

fn root(maker: &mut Maker<'_, '_>, sum: NodeId, p: u8) -> Result<NodeId, Reason> {
    match p {
        1 => Ok(sum),
        2 => maker.push("root", Op::Sqrt, &[sum]),
        4 => {
            let square = maker.push("square_root", Op::Sqrt, &[sum])?;
            maker.push("root", Op::Sqrt, &[square])
        }
        _ => maker.power("root", sum, 1.0 / f32::from(p)),
    }
}

/// Every window as a line of its own, zeros where it reaches beyond what is given.
pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let axes = pooling(site)?;
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let places: usize = axes.iter().map(|axis| axis.to).product();
    let taps = axes.iter().try_fold(1usize, |all, axis| all.checked_mul(axis.kernel));
    let taps = taps.filter(|taps| taps.checked_mul(places).is_some_and(|all| all <= MOST));
    let taps = taps.ok_or("its windows have too many elements")?;
    let plane: usize = axes.iter().map(|axis| axis.from).product();
    let planes: usize = shape.iter().take(2).product();
    let to: Vec<usize> = axes.iter().map(|axis| axis.to).collect();
    let kernel: Vec<usize> = axes.iter().map(|axis| axis.kernel).collect();
    let read = |at: usize| {
        let (place, tap) = (coordinates(at / taps, &to), coordinates(at % taps, &kernel));
        let mut each = axes.iter().zip(place).zip(tap);
        let flat = each.try_fold(0, |flat, ((axis, place), tap)| {
            Some(flat * axis.from + axis.at(place, tap)?)
        });
        flat.unwrap_or(plane)
    };
    let x = maker.input(0)?;
    let x = maker.reshape("planes", x, &[planes, plane])?;
    let zeros = Op::Pad { before: vec![0, 0], after: vec![0, 1], value: 0.0 };
    let x = maker.push("zeros", zeros, &[x])?;
    let x = maker.take("windows", x, 1, (0..places * taps).map(read).collect())?;
    let x = maker.reshape("taps", x, &[planes, places, taps])?;
    let (powers, p) = powers(site, maker, x)?;
    let sum = maker.push("sum", Op::ReduceSum { axes: vec![2] }, &[powers])?;
    let sum = maker.reshape("sums", sum, &shape)?;
    Ok(vec![root(maker, sum, p)?])
}

pub(super) fn global(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let x = maker.input(0)?;
    let (x, p) = powers(site, maker, x)?;
    let axes = (2..maker.shape(x).len()).collect();
    let sum = maker.push("sum", Op::ReduceSum { axes }, &[x])?;
    Ok(vec![root(maker, sum, p)?])
}
