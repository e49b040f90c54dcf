//! `BitwiseAnd`, `BitwiseOr`, `BitwiseXor`, `BitwiseNot`: whole numbers in two's complement.
//!
//! A table says the bits of a byte; a number has one row of it for each of its bytes. What two numbers have in common
//! is the sum of the products of their bits; the other operators follow from it.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::Site;
use crate::import::reason::Reason;
use crate::tensor::broadcast;
use crate::{NodeId, Op};

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let shape = broadcast(site.shape(0)?, site.shape(1)?);
    Ok(vec![(site.kind(0)?, shape.ok_or("its operands do not fit together")?)])
}

pub(super) fn and(_: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (a, b) = (maker.input(0)?, maker.input(1)?);
    let common = common(maker, a, b)?;
    Ok(vec![common])
}

pub(super) fn or(_: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (a, b) = (maker.input(0)?, maker.input(1)?);
    let common = common(maker, a, b)?;
    let rest = maker.push_whole("rest", Op::Sub, &[b, common])?;
    Ok(vec![maker.push_whole("either", Op::Add, &[a, rest])?])
}

pub(super) fn xor(_: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (a, b) = (maker.input(0)?, maker.input(1)?);
    let common = common(maker, a, b)?;
    let of_a = maker.push_whole("of_a", Op::Sub, &[a, common])?;
    let of_b = maker.push_whole("of_b", Op::Sub, &[b, common])?;
    Ok(vec![maker.push_whole("either", Op::Add, &[of_a, of_b])?])
}

/// `−1 − x`; of a type without signs `2^w − 1 − x`.
pub(super) fn not(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let (x, kind) = (maker.input(0)?, site.kind(0)?);
    let all = match (kind.is_unsigned(), kind.size_of()) {
        (false, _) => -1.0,
        (true, 1) => 255.0,
        (true, 2) => 65_535.0,
        _ => {
            return Err(Reason(format!(
                "the complement of {kind:?} takes more than the 24 bits that are exact: cast to a signed type before"
            )));
        }
    };
    let all = maker.constant("all", &[], vec![all])?;
    Ok(vec![maker.push_whole("not", Op::Sub, &[all, x])?])
}

/// The bytes that say a number in two's complement.
#[derive(Clone, Copy)]
struct Width {
    bytes: usize,
    /// Whether the last one has a sign.
    signed: bool,
    /// Whether the number may need more of them.
    open: bool,
}

/// More bytes hold numbers that are not exact. Of signed numbers those below 2^23 are, so that no sum passes 2^24.
const MOST_BYTES: usize = 3;

impl Width {
    fn of(bounds: Option<(f64, f64)>) -> Self {
        let (lo, hi) = bounds.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        let signed = lo < 0.0;
        let holds = |bytes: usize| {
            let size = size(bytes);
            if signed { -size <= 2.0 * lo && 2.0 * hi < size } else { hi < size }
        };
        let bytes = (1..=MOST_BYTES).find(|&bytes| holds(bytes));
        Width { bytes: bytes.unwrap_or(MOST_BYTES), signed, open: bytes.is_none() }
    }
}

/// `256^bytes`
fn size(bytes: usize) -> f64 {
    (0..bytes).map(|_| 256.0).product()
}

/// The number whose bits are those that two numbers have in common.
fn common(maker: &mut Maker<'_, '_>, a: NodeId, b: NodeId) -> Result<NodeId, Reason> {
    let widths = [a, b].map(|x| Width::of(maker.bounds(x)));
    let positive = widths.iter().filter(|width| !width.signed);
    // What is not negative has no bits beyond its own; else the sign is one of them.
    let (bytes, signed) = match positive.map(|width| width.bytes).min() {
        Some(bytes) => (bytes, false),
        None => (widths.iter().map(|width| width.bytes).max().unwrap_or(1), true),
    };
    let mut sum = None;
    let (a_bytes, b_bytes) = (
        split(maker, "a", a, widths[0], bytes, signed)?,
        split(maker, "b", b, widths[1], bytes, signed)?,
    );
    for (at, (a, b)) in a_bytes.into_iter().zip(b_bytes).enumerate() {
        let top = signed && at + 1 == bytes;
        let a = bits(maker, &format!("a.bits.{at}"), a, |_| 1.0)?;
        let b = bits(maker, &format!("b.bits.{at}"), b, |bit| {
            let place = size(at) * f64::from(1_u16 << bit);
            if top && bit == 7 { -place } else { place }
        })?;
        let both = maker.push_whole(&format!("both.{at}"), Op::Mul, &[a, b])?;
        sum = Some(match sum {
            None => both,
            Some(sum) => maker.push_whole(&format!("bits.{at}"), Op::Add, &[sum, both])?,
        });
    }
    let each = sum.ok_or("it has no bytes")?;
    let mut shape = maker.shape(each);
    shape.pop();
    let sum = maker.push_whole("sum", Op::ReduceSum { axes: vec![shape.len()] }, &[each])?;
    maker.reshape("common", sum, &shape)
}

/// The bytes of a number, the least significant first.
fn split(
    maker: &mut Maker<'_, '_>,
    part: &str,
    x: NodeId,
    width: Width,
    bytes: usize,
    signed: bool,
) -> Result<Vec<NodeId>, Reason> {
    let mut above = vec![x];
    let last = if signed || !width.signed && bytes == width.bytes { bytes } else { bytes + 1 };
    for at in 1..last {
        let by = maker.number(&format!("{part}.size.{at}"), size(at))?;
        above.push(maker.floor(&format!("{part}.above.{at}"), x, by)?);
    }
    let mut split = vec![];
    for (at, &x) in above.iter().enumerate().take(bytes) {
        split.push(match above.get(at + 1) {
            Some(&above) => {
                let by = maker.number(&format!("{part}.byte"), size(1))?;
                let beyond =
                    maker.push_whole(&format!("{part}.beyond.{at}"), Op::Mul, &[above, by])?;
                maker.push_whole(&format!("{part}.byte.{at}"), Op::Sub, &[x, beyond])?
            }
            None if signed && width.open => within(maker, part, x)?,
            None => x,
        });
    }
    Ok(split)
}

/// A signed byte; others have no result.
fn within(maker: &mut Maker<'_, '_>, part: &str, x: NodeId) -> Result<NodeId, Reason> {
    let half = maker.number(&format!("{part}.half"), 128.0)?;
    let none = maker.number(&format!("{part}.none"), size(1))?;
    let least = maker.push_whole(&format!("{part}.least"), Op::Neg, &[half])?;
    let low = maker.push_truth(&format!("{part}.low"), Op::LessOrEqual, &[least, x])?;
    let high = maker.push_truth(&format!("{part}.high"), Op::Less, &[x, half])?;
    let inside = maker.push_truth(&format!("{part}.inside"), Op::Min, &[low, high])?;
    maker.push_whole(&format!("{part}.top"), Op::Where, &[inside, x, none])
}

/// The bits of a byte along one more axis, each by its weight; a negative byte counts from the end of the table.
fn bits(
    maker: &mut Maker<'_, '_>,
    part: &str,
    byte: NodeId,
    weight: impl Fn(u32) -> f64,
) -> Result<NodeId, Reason> {
    let row = |byte: u32| (0..8).map(move |bit| (bit, byte >> bit & 1));
    let rows = (0..256_u32).flat_map(row);
    #[expect(clippy::cast_possible_truncation, reason = "powers of two")]
    let rows = rows.map(|(bit, set)| if set == 1 { weight(bit) as f32 } else { 0.0 }).collect();
    let table = maker.constant(&format!("{part}.table"), &[256, 8], rows)?;
    maker.push_whole(part, Op::Gather { axis: 0 }, &[table, byte])
}
