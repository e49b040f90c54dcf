//! `BitShift`: products with powers of two, and floors of quotients by them.
//!
//! A shift below zero, or by all bits of the type, leaves what the sign is extended to: −1 of a negative number that
//! is shifted to the right, else 0.

use super::maker::Maker;
use super::site::Site;
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// The largest power of two that a table has: 2^24. Beyond it nothing is exact, and has no result.
const MOST: usize = 24;

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let kind = site.kind(0)?;
    let bits = kind.size_of() * 8;
    let left = match site.word("direction", "") {
        "LEFT" => true,
        "RIGHT" => false,
        other => return Err(Reason(format!("its direction {other} is neither LEFT nor RIGHT"))),
    };
    let x = maker.input(0)?;
    let (beyond, factors) = match site.integers(1)? {
        Some(shifts) => {
            let shape = site.shape(1)?;
            constant(maker, &shifts, shape, bits)?
        }
        None => {
            let by = maker.input(1)?;
            computed(maker, by, bits)?
        }
    };
    let shifted = match left {
        true => {
            let product = maker.push_whole("product", Op::Mul, &[x, factors])?;
            maker.wrapped(product, kind)?
        }
        false => maker.floor("floor", x, factors)?,
    };
    let Some(beyond) = beyond else { return Ok(vec![shifted]) };
    let zero = maker.wholes("nothing", &[], [0])?;
    let nothing = match left || maker.bounds(x).is_some_and(|(least, _)| least >= 0.0) {
        true => zero,
        false => {
            let negative = maker.push_truth("negative", Op::Less, &[x, zero])?;
            maker.push_whole("sign", Op::Neg, &[negative])?
        }
    };
    Ok(vec![maker.push_whole("shifted", Op::Where, &[beyond, nothing, shifted])?])
}

/// Where shifts are beyond the type, if any is, and the powers of two that the others stand for.
fn constant(
    maker: &mut Maker<'_, '_>,
    shifts: &[i64],
    shape: &[usize],
    bits: usize,
) -> Result<(Option<NodeId>, NodeId), Reason> {
    let within = |shift: &i64| usize::try_from(*shift).ok().filter(|&shift| shift < bits);
    let factors = shifts.iter().map(|shift| power(within(shift).unwrap_or(0))).collect();
    let factors = maker.constant("factors", shape, factors)?;
    if shifts.iter().all(|shift| within(shift).is_some()) {
        return Ok((None, factors));
    }
    let beyond = shifts.iter().map(|shift| f32::from(u8::from(within(shift).is_none())));
    let beyond = maker.constant("beyond", shape, beyond.collect())?;
    Ok((Some(beyond), factors))
}

/// The same of shifts that are data, by a table.
fn computed(
    maker: &mut Maker<'_, '_>,
    by: NodeId,
    bits: usize,
) -> Result<(Option<NodeId>, NodeId), Reason> {
    let all = maker.wholes("all", &[], [bits])?;
    let mut beyond = maker.push_truth("above", Op::LessOrEqual, &[all, by])?;
    let zero = maker.wholes("zero", &[], [0])?;
    if maker.bounds(by).is_none_or(|(least, _)| least < 0.0) {
        let below = maker.push_truth("below", Op::Less, &[by, zero])?;
        beyond = maker.push_truth("beyond", Op::Max, &[beyond, below])?;
    }
    let at = maker.push_whole("shift", Op::Where, &[beyond, zero, by])?;
    let rows: Vec<f32> = (0..=MOST).take(bits).map(power).collect();
    let table = maker.constant("powers", &[rows.len()], rows)?;
    Ok((Some(beyond), maker.push_whole("power", Op::Gather { axis: 0 }, &[table, at])?))
}

fn power(of_two: usize) -> f32 {
    (0..of_two).map(|_| 2.0_f32).product()
}
