//! `Attention`, `MultiHeadAttention`, `QAttention` and `RotaryEmbedding`, by the standard operators `Attention` and
//! `RotaryEmbedding`.

use tract_onnx::pb::AttributeProto;

use super::super::draft::{Draft, number, whole};
use crate::import::own::{KEY_MASK, LEFT_OUT};
use crate::import::reason::Reason;
use crate::import::stored::kind;

/// Where an attention reads what is beside its operands.
struct Slots {
    mask: usize,
    /// What is added to scores.
    bias: Option<usize>,
}

/// What all of them say in the same way.
fn attributes(draft: &Draft<'_>, heads: i64) -> Vec<AttributeProto> {
    let mut attributes = vec![
        whole("q_num_heads", heads),
        whole("kv_num_heads", heads),
        whole("is_causal", draft.integer("unidirectional", 0)),
    ];
    if draft.given("scale") {
        attributes.push(number("scale", draft.float("scale", 0.0)));
    }
    attributes
}

fn heads(draft: &Draft<'_>) -> Result<i64, Reason> {
    let heads = draft.integer("num_heads", 0);
    if heads > 0 { Ok(heads) } else { Err("its num_heads is missing".into()) }
}

/// The mask of keys and what else is added to scores, as one; none where neither is given.
fn added(draft: &mut Draft<'_>, slots: &Slots, key: &str, past: Option<&str>) -> Option<String> {
    let bias = slots.bias.and_then(|slot| draft.input(slot));
    let Some(mask) = draft.input(slots.mask) else { return bias.map(str::to_owned) };
    let left_out = number(LEFT_OUT, draft.float("mask_filter_value", -10_000.0));
    let inputs: Vec<&str> = [mask, key].into_iter().chain(past).collect();
    let mask = draft.push("mask", KEY_MASK, &inputs, vec![left_out]);
    Some(match bias {
        None => mask,
        Some(bias) => draft.push("mask.biased", "Add", &[bias, &mask], vec![]),
    })
}

pub(in crate::import::rewrite) fn multi_head(draft: &mut Draft<'_>) -> Result<(), Reason> {
    const PAST: [usize; 2] = [6, 7];
    let query = draft.input(0).ok_or("its query is missing")?;
    let packed =
        "queries, keys and values in one tensor are not supported: give three of three axes";
    let (key, value) = draft.input(1).zip(draft.input(2)).ok_or(packed)?;
    if (PAST[1] + 1..draft.node.input.len()).any(|slot| draft.input(slot).is_some()) {
        return Err("its inputs from the ninth on are not supported".into());
    }
    let heads = heads(draft)?;
    let mut operands = [query, key, value].map(str::to_owned);
    if let Some(bias) = draft.input(3) {
        let parts = draft.node_with_outputs("bias", "Split", &[bias], 3, vec![whole("axis", 0)]);
        for (operand, part) in operands.iter_mut().zip(parts) {
            *operand = draft.push("biased", "Add", &[operand, &part], vec![]);
        }
    }
    let past = PAST.map(|slot| draft.input(slot));
    let added = added(draft, &Slots { mask: 4, bias: Some(5) }, key, past[0]);
    let others = [added.as_deref(), past[0], past[1]].map(Option::unwrap_or_default);
    let inputs: Vec<&str> = operands.iter().map(String::as_str).chain(others).collect();
    let attributes = attributes(draft, heads);
    draft.finish_all("Attention", &inputs, attributes);
    Ok(())
}

/// Input, weights, bias, mask, past, what is added to scores.
pub(in crate::import::rewrite) fn attention(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let (x, weights) = draft.input(0).zip(draft.input(1)).ok_or("its weights are missing")?;
    let mut projected = draft.push("product", "MatMul", &[x, weights], vec![]);
    if let Some(bias) = draft.input(2) {
        projected = draft.push("projected", "Add", &[&projected, bias], vec![]);
    }
    if draft.input(6).is_some() {
        return Err(
            "its past_sequence_length is not supported: give the past as long as it is".into()
        );
    }
    of_projections(draft, x, &projected, &Slots { mask: 3, bias: Some(5) }, 4)
}

/// Input, weights, bias, their scales, mask, their zero points, past.
pub(in crate::import::rewrite) fn quantised(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let projected = super::super::quantised::products::projected(draft)?;
    let x = draft.input(0).ok_or("its input is missing")?;
    of_projections(draft, x, &projected, &Slots { mask: 5, bias: None }, 8)
}

/// Queries, keys and values side by side.
fn of_projections(
    draft: &mut Draft<'_>,
    x: &str,
    projected: &str,
    slots: &Slots,
    past: usize,
) -> Result<(), Reason> {
    if draft.integer("do_rotary", 0) != 0 {
        return Err("its do_rotary is not supported: export the rotation as RotaryEmbedding".into());
    }
    if draft.integer("past_present_share_buffer", 0) != 0 {
        return Err(
            "its past_present_share_buffer is not supported: give the past as long as it is".into(),
        );
    }
    let heads = heads(draft)?;
    let mut inputs = vec![projected.to_owned()];
    if let Some(sizes) = draft.integers("qkv_hidden_sizes").filter(|sizes| !sizes.is_empty()) {
        inputs.push(draft.store_whole("sizes", &[sizes.len()], sizes.to_vec()));
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let parts = draft.node_with_outputs("parts", "Split", &inputs, 3, vec![whole("axis", 2)]);
    let past = draft.input(past);
    let added = added(draft, slots, x, past).unwrap_or_default();
    let mut inputs: Vec<&str> = parts.iter().map(String::as_str).chain([added.as_str()]).collect();
    let attributes = attributes(draft, heads);
    let halves: Vec<String> = match past {
        None => vec![],
        Some(past) => (0..2).map(|half| of_two(draft, past, half)).collect(),
    };
    inputs.extend(halves.iter().map(String::as_str));
    if !draft.output(1) {
        draft.finish(0, "Attention", &inputs, attributes);
        return Ok(());
    }
    let made = draft.node_with_outputs("attention", "Attention", &inputs, 3, attributes);
    let [y, present @ ..] = made.as_slice() else { return Ok(()) };
    draft.finish(0, "Identity", &[y], vec![]);
    let present: Vec<String> =
        present.iter().map(|present| draft.unsqueeze("present", present, 0)).collect();
    let present: Vec<&str> = present.iter().map(String::as_str).collect();
    draft.finish(1, "Concat", &present, vec![whole("axis", 0)]);
    Ok(())
}

/// The past keys, or the past values behind them.
fn of_two(draft: &mut Draft<'_>, past: &str, half: i64) -> String {
    let at = draft.store_whole("half", &[], vec![half]);
    draft.push("past", "Gather", &[past, &at], vec![whole("axis", 0)])
}

/// Its inputs stand in another order.
pub(in crate::import::rewrite) fn rotary(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let inputs: Option<Vec<&str>> =
        [0, 2, 3, 1].into_iter().map(|slot| draft.input(slot)).collect();
    let [x, cosines, sines, places] = inputs.as_deref().unwrap_or_default() else {
        return Err("an input is missing".into());
    };
    let first = draft.constant(places).filter(|offset| offset.dims.len() == 1);
    let places = match first {
        None => (*places).to_owned(),
        Some(_) => from(draft, x, places),
    };
    if draft.float("scale", 1.0).to_bits() != 1.0_f32.to_bits() {
        return Err("its scale is not supported".into());
    }
    if draft.integer("is_packed_batching", 0) != 0 {
        return Err("its is_packed_batching is not supported".into());
    }
    let attributes = ["interleaved", "num_heads", "rotary_embedding_dim"]
        .map(|name| whole(name, draft.integer(name, 0)))
        .to_vec();
    draft.finish(0, "RotaryEmbedding", &[x, cosines, sines, &places], attributes);
    Ok(())
}

/// The places of all elements, from the first one's on: `[batch, sequence]`.
fn from(draft: &mut Draft<'_>, x: &str, first: &str) -> String {
    let shape = draft.push("shape", "Shape", &[x], vec![]);
    let mut extent = |part: &str, at: i64| {
        let at = draft.store_whole(&format!("{part}.at"), &[1], vec![at]);
        draft.push(part, "Gather", &[&shape, &at], vec![whole("axis", 0)])
    };
    let (batch, length) = (extent("batch", 0), extent("length", -2));
    let both = draft.push("both", "Concat", &[&batch, &length], vec![whole("axis", 0)]);
    let to = vec![whole("to", i64::from(kind::INT64))];
    let first = draft.push("first", "Cast", &[first], to);
    let limit = draft.push("limit", "Add", &[&first, &length], vec![]);
    let zero = draft.store_whole("only", &[], vec![0]);
    let mut scalar = |x: &str| draft.push("scalar", "Gather", &[x, &zero], vec![whole("axis", 0)]);
    let (first, limit) = (scalar(&first), scalar(&limit));
    let one = draft.store_whole("step", &[], vec![1]);
    let places = draft.push("places", "Range", &[&first, &limit, &one], vec![]);
    draft.push("of_all", "Expand", &[&places, &both], vec![])
}
