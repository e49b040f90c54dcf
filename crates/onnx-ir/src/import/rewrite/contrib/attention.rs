//! `MultiHeadAttention` and `RotaryEmbedding`, by the standard operators `Attention` and `RotaryEmbedding`.

use super::super::draft::{Draft, number, whole};
use crate::import::reason::Reason;

pub(in crate::import::rewrite) fn multi_head(draft: &mut Draft<'_>) -> Result<(), Reason> {
    const KEY_PADDING_MASK: usize = 4;
    const ATTENTION_BIAS: usize = 5;
    const PAST: [usize; 2] = [6, 7];
    let query = draft.input(0).ok_or("its query is missing")?;
    let packed =
        "queries, keys and values in one tensor are not supported: give three of three axes";
    let (key, value) = draft.input(1).zip(draft.input(2)).ok_or(packed)?;
    if draft.input(KEY_PADDING_MASK).is_some() {
        return Err("its key_padding_mask is not supported: give an attention_bias".into());
    }
    if (PAST[1] + 1..draft.node.input.len()).any(|slot| draft.input(slot).is_some()) {
        return Err("its inputs from the ninth on are not supported".into());
    }
    let heads = draft.integer("num_heads", 0);
    if heads <= 0 {
        return Err("its num_heads is missing".into());
    }
    let mut operands = [query, key, value].map(str::to_owned);
    if let Some(bias) = draft.input(3) {
        let parts = draft.node_with_outputs("bias", "Split", &[bias], 3, vec![whole("axis", 0)]);
        for (operand, part) in operands.iter_mut().zip(parts) {
            *operand = draft.push("biased", "Add", &[operand, &part], vec![]);
        }
    }
    let mut attributes = vec![
        whole("q_num_heads", heads),
        whole("kv_num_heads", heads),
        whole("is_causal", draft.integer("unidirectional", 0)),
    ];
    if draft.given("scale") {
        attributes.push(number("scale", draft.float("scale", 1.0)));
    }
    let others = [ATTENTION_BIAS, PAST[0], PAST[1]].map(|slot| draft.input(slot).unwrap_or(""));
    let inputs: Vec<&str> = operands.iter().map(String::as_str).chain(others).collect();
    draft.finish_all("Attention", &inputs, attributes);
    Ok(())
}

/// Its inputs stand in another order.
pub(in crate::import::rewrite) fn rotary(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let inputs: Option<Vec<&str>> =
        [0, 2, 3, 1].into_iter().map(|slot| draft.input(slot)).collect();
    let inputs = inputs.ok_or("an input is missing")?;
    let offset = inputs.last().and_then(|name| draft.constant(name));
    if offset.is_some_and(|offset| offset.dims.len() < 2) {
        return Err("its position_ids must be one for each element: [batch, sequence]".into());
    }
    if draft.float("scale", 1.0).to_bits() != 1.0_f32.to_bits() {
        return Err("its scale is not supported".into());
    }
    if draft.integer("is_packed_batching", 0) != 0 {
        return Err("its is_packed_batching is not supported".into());
    }
    let attributes = ["interleaved", "num_heads", "rotary_embedding_dim"]
        .map(|name| whole(name, draft.integer(name, 0)))
        .to_vec();
    draft.finish(0, "RotaryEmbedding", &inputs, attributes);
    Ok(())
}
