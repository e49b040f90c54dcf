//! `Attention`: products of queries and keys, what is left out of them, a softmax, and its product with values.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::order;
use super::site::{Site, extent};
use crate::evaluate::precision::{count as double, store};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

const MASK: usize = 3;
pub(super) const PAST_KEY: usize = 4;
const PAST_VALUE: usize = 5;

/// Added to a score it leaves the key out, and where that is all keys the float model still has a value, which is
/// replaced.
const LEFT_OUT: f32 = -79_228_162_514_264_337_593_543_950_336.0; // -2^96

/// The extents of an attention.
pub(super) struct Extents {
    pub(super) batch: usize,
    /// Heads of queries, and of keys and values.
    heads: usize,
    kv_heads: usize,
    /// Queries.
    pub(super) rows: usize,
    /// Keys that are given now, and with those of before.
    pub(super) given: usize,
    pub(super) columns: usize,
    /// Elements of a query and of a value.
    size: usize,
    value_size: usize,
    /// Whether heads have an axis of their own.
    split: bool,
}

impl Extents {
    fn of(site: &Site<'_>) -> Result<Self, Reason> {
        let shapes = (site.shape(0)?, site.shape(1)?, site.shape(2)?);
        let past = site.input(PAST_KEY).map_or(0, |past| past.shape.get(2).copied().unwrap_or(0));
        if site.input(PAST_KEY).is_some() != site.input(PAST_VALUE).is_some() {
            return Err("past keys and past values must be given together".into());
        }
        let found = match shapes {
            (&[batch, heads, rows, size], &[_, kv_heads, given, _], &[.., value_size]) => Extents {
                batch,
                heads,
                kv_heads,
                rows,
                given,
                columns: given + past,
                size,
                value_size,
                split: true,
            },
            (&[batch, rows, all], &[_, given, _], &[_, _, of_values]) => {
                let count = |name: &str| extent(site.int(name, 0));
                let (heads, kv_heads) = (count("q_num_heads")?, count("kv_num_heads")?);
                let size = all.checked_div(heads).ok_or("its q_num_heads is missing")?;
                let value_size =
                    of_values.checked_div(kv_heads).ok_or("its kv_num_heads is missing")?;
                let columns = given + past;
                let split = false;
                Extents { batch, heads, kv_heads, rows, given, columns, size, value_size, split }
            }
            _ => return Err("its operands need three axes or four".into()),
        };
        if found.kv_heads == 0 || !found.heads.is_multiple_of(found.kv_heads) {
            return Err("its heads are no multiple of those of keys".into());
        }
        Ok(found)
    }
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let kind = site.kind(0)?;
    let Extents { batch, heads, kv_heads, rows, columns, size, value_size, split, .. } =
        Extents::of(site)?;
    let y = if split {
        vec![batch, heads, rows, value_size]
    } else {
        vec![batch, rows, heads * value_size]
    };
    Ok(vec![
        (kind, y),
        (kind, vec![batch, kv_heads, columns, size]),
        (kind, vec![batch, kv_heads, columns, value_size]),
        (kind, vec![batch, heads, rows, columns]),
    ])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let extents = Extents::of(site)?;
    let Extents { batch, heads, kv_heads, rows, given, columns, size, value_size, split } = extents;
    let mut operand = |slot: usize, part: &str, [heads, rows, size]: [usize; 3]| {
        let x = maker.input(slot)?;
        if split {
            return Ok(x);
        }
        let x = maker.reshape(part, x, &[batch, rows, heads, size])?;
        maker.push(&format!("{part}.heads"), Op::Transpose { perm: vec![0, 2, 1, 3] }, &[x])
    };
    let query = operand(0, "query", [heads, rows, size])?;
    let key = operand(1, "key", [kv_heads, given, size])?;
    let value = operand(2, "value", [kv_heads, given, value_size])?;
    let mut with_past = |slot: usize, part: &str, now: NodeId| match site.input(slot) {
        Some(_) => {
            let past = maker.input(slot)?;
            maker.push(part, Op::Concat { axis: 2 }, &[past, now])
        }
        None => Ok::<NodeId, Reason>(now),
    };
    let key = with_past(PAST_KEY, "present_key", key)?;
    let value = with_past(PAST_VALUE, "present_value", value)?;
    // Queries that read the same keys are rows of one product.
    let (groups, each) = (batch * kv_heads, heads / kv_heads * rows);
    let queries = maker.reshape("queries", query, &[groups, each, size])?;
    let keys = maker.reshape("keys", key, &[groups, columns, size])?;
    let keys = maker.push("keys.turned", Op::Transpose { perm: vec![0, 2, 1] }, &[keys])?;
    let products = maker.push("products", Op::MatMul, &[queries, keys])?;
    let scale = match site.float("scale", 0.0) {
        0.0 => store(1.0 / double(size).sqrt()),
        scale => scale,
    };
    let scale = maker.constant("scale", &[], vec![scale])?;
    let scaled = maker.push("scaled", Op::Mul, &[products, scale])?;
    let by_head = [batch, heads, rows, columns];
    let scores = maker.reshape("scores", scaled, &by_head)?;
    let capped = cap(site, maker, scores)?;
    let seen = seen(site, maker, &extents)?;
    let masked = match bias(site, maker, &extents, seen)? {
        Some(bias) => maker.push("masked", Op::Add, &[capped, bias])?,
        None => capped,
    };
    let weights = softmax(maker, masked)?;
    let weights = match seen {
        Some(seen) => without_rows_left_out(maker, weights, seen)?,
        None => weights,
    };
    let rows_of_group = maker.reshape("weights", weights, &[groups, each, columns])?;
    let values = maker.reshape("values", value, &[groups, columns, value_size])?;
    let read = maker.push("read", Op::MatMul, &[rows_of_group, values])?;
    let read = maker.reshape("by_head", read, &[batch, heads, rows, value_size])?;
    let y = match split {
        true => read,
        false => {
            let perm = vec![0, 2, 1, 3];
            let turned = maker.push("by_row", Op::Transpose { perm }, &[read])?;
            maker.reshape("joined", turned, &[batch, rows, heads * value_size])?
        }
    };
    let shown = match site.int("qk_matmul_output_mode", 0) {
        0 => scores,
        1 => capped,
        2 => masked,
        3 => weights,
        other => return Err(Reason(format!("its qk_matmul_output_mode {other} is unknown"))),
    };
    Ok(vec![y, key, value, shown])
}

/// c·tanh(x/c)
fn cap(site: &Site<'_>, maker: &mut Maker<'_, '_>, x: NodeId) -> Result<NodeId, Reason> {
    let cap = site.float("softcap", 0.0);
    if cap <= 0.0 {
        return Ok(x);
    }
    let cap = maker.constant("softcap", &[], vec![cap])?;
    let part = maker.push("part_of_cap", Op::Div, &[x, cap])?;
    let bounded = maker.push("bounded", Op::Tanh, &[part])?;
    maker.push("capped", Op::Mul, &[bounded, cap])
}

/// Which keys each query sees, as 0 and 1 of four axes; none where it sees all.
fn seen(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
    extents: &Extents,
) -> Result<Option<NodeId>, Reason> {
    let mut seen = order::seen(site, maker, extents)?;
    if let Some(mask) = site.input(MASK) {
        let kept = kept(maker, mask.kind == DatumType::Bool)?;
        let kept = four_axes(maker, "kept", kept, extents)?;
        seen = Some(order::both(maker, "seen", seen, kept)?);
    }
    let all = |seen: &NodeId| {
        maker.value(*seen).is_some_and(|seen| seen.data.iter().all(|&seen| seen == 1.0))
    };
    Ok(seen.filter(|seen| !all(seen)))
}

/// Which keys a mask keeps, as 0 and 1: all that it reaches and does not give minus infinity.
fn kept(maker: &mut Maker<'_, '_>, truth: bool) -> Result<NodeId, Reason> {
    let mask = maker.input(MASK)?;
    if truth {
        return Ok(mask);
    }
    let shape = maker.shape(mask);
    let kept = |x: &f32| f32::from(u8::from(*x != f32::NEG_INFINITY));
    if let Some(known) = maker.value(mask) {
        let kept = known.data.iter().map(kept).collect();
        return maker.constant("finite", &shape, kept);
    }
    let left_out = maker.is_left_out("infinite", mask)?;
    let one = maker.constant("one", &[], vec![1.0])?;
    maker.push("finite", Op::Sub, &[one, left_out])
}

/// What is added to scores: a mask of numbers, and what leaves out the keys that are not seen.
fn bias(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
    extents: &Extents,
    seen: Option<NodeId>,
) -> Result<Option<NodeId>, Reason> {
    let given = match site.input(MASK) {
        Some(mask) if mask.kind != DatumType::Bool => {
            let mut given = maker.input(MASK)?;
            if let Some(known) = maker.value(given) {
                // Those are not seen.
                let finite = |x: &f32| if *x == f32::NEG_INFINITY { 0.0 } else { *x };
                let data = known.data.iter().map(finite).collect();
                given = maker.constant("mask", &mask.shape, data)?;
            }
            Some(four_axes(maker, "mask", given, extents)?)
        }
        _ => None,
    };
    let Some(seen) = seen else { return Ok(given) };
    let nothing = maker.constant("order.kept", &[1; 4], vec![0.0])?;
    let left_out = maker.constant("order.left_out", &[1; 4], vec![LEFT_OUT])?;
    let order = maker.push("order", Op::Where, &[seen, nothing, left_out])?;
    Ok(Some(match given {
        Some(given) => maker.push("mask.order", Op::Add, &[given, order])?,
        None => order,
    }))
}

/// Of four axes, with zeros for keys that a mask does not reach.
fn four_axes(
    maker: &mut Maker<'_, '_>,
    part: &str,
    mask: NodeId,
    extents: &Extents,
) -> Result<NodeId, Reason> {
    let shape = maker.shape(mask);
    let last = shape.last().copied().ok_or("its mask has no axes")?;
    let mut four = vec![1; 4_usize.saturating_sub(shape.len())];
    four.extend(shape);
    let mask = maker.reshape(&format!("{part}.shape"), mask, &four)?;
    if last >= extents.columns || last == 1 {
        return Ok(mask);
    }
    let after = vec![0, 0, 0, extents.columns - last];
    let pad = Op::Pad { before: vec![0; 4], after, value: 0.0 };
    maker.push(&format!("{part}.padded"), pad, &[mask])
}

/// Over the last of four axes, each step a node of its own, as `Softmax` itself is read.
fn softmax(maker: &mut Maker<'_, '_>, x: NodeId) -> Result<NodeId, Reason> {
    let axes = vec![3];
    let max = maker.push("max", Op::ReduceMax { axes: axes.clone() }, &[x])?;
    let shifted = maker.push("shifted", Op::Sub, &[x, max])?;
    let exponentials = maker.push("exp", Op::Exp, &[shifted])?;
    let sum = maker.push("sum", Op::ReduceSum { axes }, &[exponentials])?;
    maker.push("softmax", Op::Div, &[exponentials, sum])
}

/// Zero for queries that see no key.
fn without_rows_left_out(
    maker: &mut Maker<'_, '_>,
    weights: NodeId,
    seen: NodeId,
) -> Result<NodeId, Reason> {
    let any = maker.push("sees_any", Op::ReduceMax { axes: vec![3] }, &[seen])?;
    if maker.value(any).is_some_and(|any| any.data.iter().all(|&any| any == 1.0)) {
        return Ok(weights);
    }
    let nothing = maker.constant("nothing", &[1; 4], vec![0.0])?;
    maker.push("guarded", Op::Where, &[any, weights, nothing])
}
