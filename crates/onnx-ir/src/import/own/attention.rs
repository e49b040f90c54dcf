//! `Attention`: products of queries and keys, what is left out of them, a softmax, and its product with values.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, extent, signed};
use crate::import::reason::Reason;
use crate::import::softmax::NOTHING_LEFT;
use crate::{NodeId, Op};

const MASK: usize = 3;
const PAST_KEY: usize = 4;
const PAST_VALUE: usize = 5;
const VALID: usize = 6;

/// The extents of an attention.
struct Extents {
    batch: usize,
    /// Heads of queries, and of keys and values.
    heads: usize,
    kv_heads: usize,
    /// Queries.
    rows: usize,
    /// Keys that are given now, and with those of before.
    given: usize,
    columns: usize,
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
        0.0 => single(1.0 / extent_of(size)?.sqrt()),
        scale => scale,
    };
    let scale = maker.constant("scale", &[], vec![scale])?;
    let scaled = maker.push("scaled", Op::Mul, &[products, scale])?;
    let by_head = [batch, heads, rows, columns];
    let scores = maker.reshape("scores", scaled, &by_head)?;
    let capped = cap(site, maker, scores)?;
    let bias = bias(site, maker, &extents)?;
    let masked = match bias {
        Some(bias) => maker.push("masked", Op::Add, &[capped, bias])?,
        None => capped,
    };
    let weights = softmax(maker, masked)?;
    let weights = match bias {
        Some(bias) => without_rows_left_out(maker, weights, bias)?,
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

/// What is added to scores: a mask, and minus infinity for keys that come later or are not there.
fn bias(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
    extents: &Extents,
) -> Result<Option<NodeId>, Reason> {
    let Extents { batch, rows, columns, .. } = *extents;
    let given = match site.input(MASK) {
        Some(mask) => Some(mask_of(mask.kind, mask.shape.clone(), maker, columns)?),
        None => None,
    };
    let valid = match site.input(VALID) {
        Some(_) => Some(site.integers(VALID)?.ok_or("its nonpad_kv_seqlen must be a constant")?),
        None => None,
    };
    let (left, right) = (site.int("left_window_size", -1), site.int("right_window_size", -1));
    let causal = site.int("is_causal", 0) != 0;
    let past = signed(columns - extents.given)?;
    let (rows_here, columns_here) = (signed(rows)?, signed(columns)?);
    // Where a query stands among the keys.
    let place = |image: usize, row: i64| match (&valid, site.input(PAST_KEY)) {
        (Some(valid), None) => valid.get(image).copied().unwrap_or(0) - rows_here + row,
        _ => past + row,
    };
    let seen = |image: usize, row: i64, column: i64| {
        let at = place(image, row);
        let there =
            valid.as_ref().is_none_or(|valid| valid.get(image).is_some_and(|&n| column < n));
        there
            && (!causal || column <= at)
            && (left < 0 || at - column <= left)
            && (right < 0 || column - at <= right)
    };
    if valid.is_none() && !causal && left < 0 && right < 0 {
        return Ok(given);
    }
    let images = if valid.is_some() { batch } else { 1 };
    let mut data = vec![];
    for image in 0..images {
        for row in 0..rows_here {
            data.extend(
                (0..columns_here)
                    .map(|column| if seen(image, row, column) { 0.0 } else { f32::NEG_INFINITY }),
            );
        }
    }
    let order = maker.constant("order", &[images, 1, rows, columns], data)?;
    Ok(Some(match given {
        Some(given) => maker.push("mask.order", Op::Add, &[given, order])?,
        None => order,
    }))
}

/// A mask as a number to add, of four axes; what it does not reach is left out.
fn mask_of(
    kind: DatumType,
    shape: Vec<usize>,
    maker: &mut Maker<'_, '_>,
    columns: usize,
) -> Result<NodeId, Reason> {
    let mut mask = maker.input(MASK)?;
    if kind == DatumType::Bool {
        let (kept, left_out) = (
            maker.constant("kept", &[], vec![0.0])?,
            maker.constant("left_out", &[], vec![f32::NEG_INFINITY])?,
        );
        mask = maker.push("mask", Op::Where, &[mask, kept, left_out])?;
    }
    let last = shape.last().copied().ok_or("its mask has no axes")?;
    let four: Vec<usize> =
        std::iter::repeat_n(1, 4_usize.saturating_sub(shape.len())).chain(shape).collect();
    mask = maker.reshape("mask.shape", mask, &four)?;
    if last >= columns || last == 1 {
        return Ok(mask);
    }
    let after = vec![0, 0, 0, columns - last];
    let pad = Op::Pad { before: vec![0; 4], after, value: f32::NEG_INFINITY };
    maker.push("mask.padded", pad, &[mask])
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
    bias: NodeId,
) -> Result<NodeId, Reason> {
    let nothing = maker.constant("nothing", &[1; 4], vec![0.0])?;
    let Some(known) = maker.value(bias).cloned() else {
        let most = maker.push("mask.max", Op::ReduceMax { axes: vec![3] }, &[bias])?;
        let least = maker.constant("least", &[1; 4], vec![NOTHING_LEFT])?;
        let none = maker.push("sees_none", Op::LessOrEqual, &[most, least])?;
        return maker.push("guarded", Op::Where, &[none, nothing, weights]);
    };
    let columns = known.shape.last().copied().unwrap_or(1).max(1);
    let left_out = |row: &[f32]| row.iter().all(|&x| x == f32::NEG_INFINITY);
    let seen: Vec<f32> =
        known.data.chunks(columns).map(|row| f32::from(u8::from(!left_out(row)))).collect();
    if seen.iter().all(|&seen| seen == 1.0) {
        return Ok(weights);
    }
    let mut rows = known.shape.clone();
    rows.pop();
    rows.push(1);
    let seen = maker.constant("sees_keys", &rows, seen)?;
    maker.push("guarded", Op::Where, &[seen, weights, nothing])
}

#[expect(clippy::cast_possible_truncation, reason = "the nearest float is what is asked for")]
fn single(x: f64) -> f32 {
    x as f32
}

fn extent_of(size: usize) -> Result<f64, Reason> {
    u32::try_from(size).map(f64::from).map_err(|_| "its heads are too large".into())
}
