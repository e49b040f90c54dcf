//! `LinearAttention`: a state of keys times values, which every step writes to and reads.
//!
//! Without decay and correction all steps are one product, whose later keys are masked; else they are taken one by one.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::Site;
use crate::evaluate::precision::{count as double, store};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More steps one after another than this are better refused than laid out.
const MOST_STEPS: usize = 1 << 12;

struct Plan {
    batch: usize,
    steps: usize,
    /// Heads with a state, and queries that read each.
    heads: usize,
    readers: usize,
    /// Extents of keys and of values.
    key: usize,
    value: usize,
    decays: bool,
    corrects: bool,
}

impl Plan {
    /// States of all samples.
    fn states(&self) -> usize {
        self.batch * self.heads
    }
}

fn plan(site: &Site<'_>) -> Result<Plan, Reason> {
    let count = |name: &str| {
        let count = usize::try_from(site.int(name, 0)).ok().filter(|&count| count > 0);
        count.ok_or_else(|| Reason(format!("its {name} is no number of heads")))
    };
    let (queries, heads) = (count("q_num_heads")?, count("kv_num_heads")?);
    let (&[batch, steps, query], &[.., keys], &[.., values]) =
        (site.shape(0)?, site.shape(1)?, site.shape(2)?)
    else {
        return Err("its inputs have too few axes".into());
    };
    let key = keys / heads;
    let fits = queries % heads == 0
        && key * heads == keys
        && key.checked_mul(queries) == Some(query)
        && values % heads == 0
        && *site.shape(1)? == [batch, steps, keys]
        && *site.shape(2)? == [batch, steps, values];
    let (decays, corrects) = match site.word("update_rule", "gated_delta") {
        "linear" => (false, false),
        "gated" => (true, false),
        "delta" => (false, true),
        "gated_delta" => (true, true),
        other => return Err(Reason(format!("its update_rule {other} is unknown"))),
    };
    let value = values / heads;
    let past = site.input(3).is_none_or(|past| past.shape == [batch, heads, key, value]);
    let each = |slot: usize, widths: [usize; 2]| {
        site.input(slot)
            .map(|given| widths.iter().any(|&width| given.shape == [batch, steps, width]))
    };
    let decay = each(4, [heads, keys]);
    let beta = each(5, [heads, 1]);
    if !fits || !past || decay == Some(false) || beta == Some(false) {
        return Err("its inputs do not fit together".into());
    }
    if decay.is_some() != decays || beta.is_some() != corrects {
        return Err("its update_rule takes other inputs than it has".into());
    }
    if steps > MOST_STEPS && (decays || corrects) {
        return Err(Reason(format!("{steps} steps are too many: {MOST_STEPS} are supported")));
    }
    Ok(Plan { batch, steps, heads, readers: queries / heads, key, value, decays, corrects })
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let plan = plan(site)?;
    let kind = site.kind(0)?;
    let output = vec![plan.batch, plan.steps, plan.heads * plan.readers * plan.value];
    Ok(vec![(kind, output), (kind, vec![plan.batch, plan.heads, plan.key, plan.value])])
}

/// `[batch, steps, heads·count·width]` as `[batch·heads, count, steps, width]`.
fn by_head(
    maker: &mut Maker<'_, '_>,
    plan: &Plan,
    part: &str,
    x: NodeId,
    [count, width]: [usize; 2],
) -> Result<NodeId, Reason> {
    let Plan { batch, steps, heads, .. } = *plan;
    let name = |piece: &str| format!("{part}.{piece}");
    let x = maker.reshape(&name("heads"), x, &[batch, steps, heads, count, width])?;
    let perm = vec![0, 2, 3, 1, 4];
    let x = maker.push(&name("turned"), Op::Transpose { perm }, &[x])?;
    maker.reshape(part, x, &[plan.states(), count, steps, width])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let plan = plan(site)?;
    let Plan { batch, steps, heads, readers, key, value, .. } = plan;
    let scale = match site.float("scale", 0.0) {
        0.0 => store(1.0 / double(key).sqrt()),
        scale => scale,
    };
    let query = maker.input(0)?;
    let scale = maker.constant("scale", &[], vec![scale])?;
    let query = maker.push("scaled", Op::Mul, &[query, scale])?;
    let query = by_head(maker, &plan, "query", query, [readers, key])?;
    let keys = maker.input(1)?;
    let keys = by_head(maker, &plan, "key", keys, [1, key])?;
    let values = maker.input(2)?;
    let values = by_head(maker, &plan, "value", values, [1, value])?;
    let past = maker.given(3)?;
    let past =
        past.map(|past| maker.reshape("past", past, &[plan.states(), key, value])).transpose()?;
    let given = Given { query, keys, values, past };
    let (read, state) = match plan.decays || plan.corrects {
        true => one_by_one(site, maker, &plan, &given)?,
        false => at_once(maker, &plan, &given)?,
    };
    let read = maker.reshape("read.heads", read, &[batch, heads, readers, steps, value])?;
    let perm = vec![0, 3, 1, 2, 4];
    let read = maker.push("read.turned", Op::Transpose { perm }, &[read])?;
    let output = maker.reshape("output", read, &[batch, steps, heads * readers * value])?;
    Ok(vec![output, maker.reshape("present", state, &[batch, heads, key, value])?])
}

/// Queries, scaled, keys and values, and the state before the first step.
struct Given {
    query: NodeId,
    keys: NodeId,
    values: NodeId,
    past: Option<NodeId>,
}

/// What is read, `[batch·heads, readers, steps, value]`, and the last state: all steps in one.
fn at_once(
    maker: &mut Maker<'_, '_>,
    plan: &Plan,
    given: &Given,
) -> Result<(NodeId, NodeId), Reason> {
    let Plan { steps, readers, key, value, .. } = *plan;
    let states = plan.states();
    let query = maker.reshape("queries", given.query, &[states, readers * steps, key])?;
    let keys = maker.reshape("keys", given.keys, &[states, steps, key])?;
    let keys = maker.push("keys.turned", Op::Transpose { perm: vec![0, 2, 1] }, &[keys])?;
    let values = maker.reshape("values", given.values, &[states, steps, value])?;
    let mut weights = maker.push("weights", Op::MatMul, &[query, keys])?;
    if steps > 1 {
        let seen = |at: usize| f32::from(u8::from(at % steps <= at / steps % steps));
        let seen = (0..readers * steps * steps).map(seen).collect();
        let seen = maker.constant("seen", &[1, readers * steps, steps], seen)?;
        weights = maker.push("seen_weights", Op::Mul, &[weights, seen])?;
    }
    let mut read = maker.push("read", Op::MatMul, &[weights, values])?;
    let mut state = maker.push("state", Op::MatMul, &[keys, values])?;
    if let Some(past) = given.past {
        let before = maker.push("read.past", Op::MatMul, &[query, past])?;
        read = maker.push("read.all", Op::Add, &[read, before])?;
        state = maker.push("state.all", Op::Add, &[past, state])?;
    }
    Ok((read, state))
}

/// The same, one step after another.
fn one_by_one(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
    plan: &Plan,
    given: &Given,
) -> Result<(NodeId, NodeId), Reason> {
    let Plan { steps, heads, readers, key, value, .. } = *plan;
    let states = plan.states();
    let decay = match plan.decays {
        true => {
            let decay = maker.input(4)?;
            let kept = maker.push("kept", Op::Exp, &[decay])?;
            let width = if site.shape(4)?.last() == Some(&heads) { 1 } else { key };
            Some((by_head(maker, plan, "decay", kept, [1, width])?, width))
        }
        false => None,
    };
    let beta = match plan.corrects {
        true => {
            let mut beta = maker.input(5)?;
            if site.shape(5)?.last() != Some(&heads) {
                beta = maker.take("beta.each", beta, 2, vec![0; heads])?;
            }
            Some(by_head(maker, plan, "beta", beta, [1, 1])?)
        }
        false => None,
    };
    let mut state = given.past;
    let mut read = vec![];
    for step in 0..steps {
        let part = |part: &str| format!("{step}.{part}");
        let slice = |maker: &mut Maker<'_, '_>, name: &str, x: NodeId, shape: [usize; 3]| {
            let one = maker.take(&part(&format!("{name}.slice")), x, 2, vec![step])?;
            maker.reshape(&part(name), one, &shape)
        };
        let query = slice(maker, "query", given.query, [states, readers, key])?;
        let keys = slice(maker, "key", given.keys, [states, 1, key])?;
        let column = maker.reshape(&part("key.column"), keys, &[states, key, 1])?;
        let mut values = slice(maker, "value", given.values, [states, 1, value])?;
        if let (Some((decay, width)), Some(before)) = (decay, state) {
            let kept = slice(maker, "decay", decay, [states, width, 1])?;
            state = Some(maker.push(&part("kept"), Op::Mul, &[before, kept])?);
        }
        if let Some(beta) = beta {
            if let Some(state) = state {
                let known = maker.push(&part("known"), Op::MatMul, &[keys, state])?;
                values = maker.push(&part("new"), Op::Sub, &[values, known])?;
            }
            let beta = slice(maker, "beta", beta, [states, 1, 1])?;
            values = maker.push(&part("correction"), Op::Mul, &[values, beta])?;
        }
        let written = maker.push(&part("written"), Op::MatMul, &[column, values])?;
        let now = match state {
            Some(before) => maker.push(&part("state"), Op::Add, &[before, written])?,
            None => written,
        };
        let own = maker.push(&part("read"), Op::MatMul, &[query, now])?;
        read.push(maker.reshape(&part("read.step"), own, &[states, readers, 1, value])?);
        state = Some(now);
    }
    let state = state.ok_or("it has no steps")?;
    Ok((maker.push("read", Op::Concat { axis: 2 }, &read)?, state))
}
