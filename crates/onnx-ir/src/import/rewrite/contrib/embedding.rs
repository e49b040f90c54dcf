//! `EmbedLayerNormalization` and `QEmbedLayerNormalization`: words, segments and places as vectors, their sum and its
//! normalisation.

use tract_onnx::pb::TensorProto;

use super::super::draft::{Draft, number, tensor_of, whole};
use crate::import::reason::Reason;
use crate::import::stored::kind;

/// What is read beside the numbers of words, segments and places.
struct Tables {
    words: String,
    places: String,
    segments: Option<String>,
    gamma: String,
    beta: String,
}

/// Where they stand among the inputs.
const WORDS: usize = 2;
const PLACES: usize = 3;
const SEGMENTS: usize = 4;
const GAMMA: usize = 5;
const BETA: usize = 6;
/// And, where they are quantised, scale and zero of the first of them; the others' follow.
const SCALES: usize = 8;
const ZEROS: usize = 13;

pub(in crate::import::rewrite) fn embedding(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let tables = tables(|slot| draft.input(slot).map(str::to_owned))?;
    let places = draft.input(8).map(str::to_owned);
    normalised(draft, &tables, places)
}

/// All tables and weights are whole numbers less a zero, times a scale.
pub(in crate::import::rewrite) fn quantised(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let missing = |slot: &usize| {
        let at = slot - WORDS;
        draft.input(*slot).is_some()
            && (draft.input(SCALES + at).is_none() || draft.input(ZEROS + at).is_none())
    };
    if (WORDS..=BETA).any(|slot| missing(&slot)) {
        return Err("a scale or zero of its tables is missing".into());
    }
    let tables = tables(|slot| {
        let at = slot - WORDS;
        let table = draft.input(slot)?;
        let (scale, zero) = (draft.input(SCALES + at)?, draft.input(ZEROS + at)?);
        let to = || vec![whole("to", i64::from(kind::FLOAT))];
        let table = draft.push("table", "Cast", &[table], to());
        let zero = draft.push("zero", "Cast", &[zero], to());
        let table = draft.push("shifted", "Sub", &[&table, &zero], vec![]);
        Some(draft.push("scaled", "Mul", &[&table, scale], vec![]))
    })?;
    normalised(draft, &tables, None)
}

fn tables(mut read: impl FnMut(usize) -> Option<String>) -> Result<Tables, Reason> {
    let (words, places) = read(WORDS).zip(read(PLACES)).ok_or("its tables are missing")?;
    let (gamma, beta) = read(GAMMA).zip(read(BETA)).ok_or("its gamma or beta is missing")?;
    Ok(Tables { words, places, segments: read(SEGMENTS), gamma, beta })
}

fn normalised(
    draft: &mut Draft<'_>,
    tables: &Tables,
    places: Option<String>,
) -> Result<(), Reason> {
    let ids = draft.input(0).ok_or("its input_ids are missing")?;
    let rows = |draft: &mut Draft<'_>, part: &str, table: &str, ids: &str| {
        draft.push(part, "Gather", &[table, ids], vec![whole("axis", 0)])
    };
    let of_words = rows(draft, "words", &tables.words, ids);
    let of_places = match places {
        Some(at) => rows(draft, "places", &tables.places, &at),
        None => {
            let shape = draft.push("shape", "Shape", &[ids], vec![]);
            let at = draft.store_whole("length.at", &[1], vec![1]);
            let length = draft.push("length", "Gather", &[&shape, &at], vec![whole("axis", 0)]);
            let start = draft.store_whole("start", &[1], vec![0]);
            let axis = draft.store_whole("rows", &[1], vec![0]);
            draft.push("places", "Slice", &[&tables.places, &start, &length, &axis], vec![])
        }
    };
    let mut sum = draft.push("with_places", "Add", &[&of_words, &of_places], vec![]);
    if let Some((segments, table)) = draft.input(1).zip(tables.segments.as_ref()) {
        let of_segments = rows(draft, "segments", table, segments);
        sum = draft.push("with_segments", "Add", &[&sum, &of_segments], vec![]);
    }
    draft.finish(2, "Identity", &[&sum], vec![]);
    let epsilon = number("epsilon", draft.float("epsilon", 1e-12));
    let operands = [&*sum, &*tables.gamma, &*tables.beta];
    draft.finish(0, "LayerNormalization", &operands, vec![epsilon]);
    if draft.output(1) {
        lengths(draft, ids);
    }
    Ok(())
}

/// How many words there are of each text; nothing where nobody says so.
fn lengths(draft: &mut Draft<'_>, ids: &str) {
    if let Some(mask) = draft.input(7) {
        let count = draft.reduce("count", "ReduceSum", mask, 1, false);
        return draft.finish(1, "Identity", &[&count], vec![]);
    }
    let shape = draft.push("extents", "Shape", &[ids], vec![]);
    let at = draft.store_whole("images.at", &[1], vec![0]);
    let images = draft.push("images", "Gather", &[&shape, &at], vec![whole("axis", 0)]);
    let none = TensorProto {
        dims: vec![1],
        data_type: kind::INT32,
        int32_data: vec![0],
        ..TensorProto::default()
    };
    draft.finish(1, "ConstantOfShape", &[&images], vec![tensor_of("value", none)]);
}
