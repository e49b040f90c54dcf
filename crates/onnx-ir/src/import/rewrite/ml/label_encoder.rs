//! `LabelEncoder`: a table from keys to values. The place of x among the sorted keys names the value; places between
//! two keys have the default.

use super::super::draft::Draft;
use super::rank::rank;
use crate::evaluate::precision::store;
use crate::import::reason::Reason;
use crate::import::stored::{self, attribute};

/// Numbers of one of two types.
enum Numbers {
    Whole(Vec<i64>),
    Real(Vec<f32>),
}

impl Numbers {
    fn len(&self) -> usize {
        match self {
            Numbers::Whole(all) => all.len(),
            Numbers::Real(all) => all.len(),
        }
    }

    fn store(self, draft: &mut Draft<'_>, part: &str) -> String {
        match self {
            Numbers::Whole(all) => draft.store_whole(part, &[all.len()], all),
            Numbers::Real(all) => draft.store(part, &[all.len()], all),
        }
    }
}

/// Keys or values, however they are stored.
fn numbers(draft: &Draft<'_>, what: &str) -> Result<Numbers, Reason> {
    let strings = attribute(draft.node, &format!("{what}_strings"));
    if strings.is_some_and(|found| !found.strings.is_empty()) {
        return Err("it maps strings: encode them before the model".into());
    }
    if let Some(all) = draft.integers(&format!("{what}_int64s")).filter(|all| !all.is_empty()) {
        return Ok(Numbers::Whole(all.to_vec()));
    }
    if let Some(all) = draft.floats(&format!("{what}_floats")).filter(|all| !all.is_empty()) {
        return Ok(Numbers::Real(all));
    }
    let tensor =
        attribute(draft.node, &format!("{what}_tensor")).and_then(|found| found.t.as_ref());
    let tensor = tensor.ok_or_else(|| Reason(format!("it has no {what}")))?;
    let floats = || Some(stored::floats(tensor)?.into_iter().map(store).collect());
    let whole = stored::integers(tensor).map(Numbers::Whole);
    whole.or_else(|| floats().map(Numbers::Real)).ok_or_else(|| {
        Reason(format!("its {what} are no floats, int32 or int64: store them as one of these"))
    })
}

/// What keys that are none map to.
fn default(draft: &Draft<'_>, whole: bool) -> Result<(i64, f32), Reason> {
    let tensor = attribute(draft.node, "default_tensor").and_then(|found| found.t.as_ref());
    let Some(tensor) = tensor else {
        return Ok((draft.integer("default_int64", -1), draft.float("default_float", 0.0)));
    };
    let one = || {
        if whole {
            Some((*stored::integers(tensor)?.first()?, 0.0))
        } else {
            Some((0, store(*stored::floats(tensor)?.first()?)))
        }
    };
    one().ok_or_else(|| "its default_tensor is no number of its values' type".into())
}

pub(in crate::import::rewrite) fn label_encoder(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let (keys, values) = (numbers(draft, "keys")?, numbers(draft, "values")?);
    if keys.len() != values.len() {
        return Err(Reason(format!("it has {} keys for {} values", keys.len(), values.len())));
    }
    let (whole, real) = default(draft, matches!(values, Numbers::Whole(_)))?;
    let x = draft.input(0).ok_or("its input is missing")?;
    // The first of equal keys counts; NaN is no element of any input.
    let (order, keys) = match keys {
        Numbers::Whole(keys) => {
            let (order, keys) = sorted(keys, i64::cmp, |_| true);
            (order, Numbers::Whole(keys))
        }
        Numbers::Real(keys) => {
            let (order, keys) = sorted(keys, f32::total_cmp, |key| !key.is_nan());
            (order, Numbers::Real(keys))
        }
    };
    let values = match values {
        Numbers::Whole(all) => Numbers::Whole(between(&all, &order, whole)),
        Numbers::Real(all) => Numbers::Real(between(&all, &order, real)),
    };
    let x = match keys {
        Numbers::Whole(_) => x.to_owned(),
        Numbers::Real(_) => super::float(draft, "x", x),
    };
    let keys = keys.store(draft, "keys");
    let place = rank(draft, &x, &keys);
    let values = values.store(draft, "values");
    draft.finish(0, "Gather", &[&values, &place], vec![]);
    Ok(())
}

/// Distinct keys in order, and where each was first.
fn sorted<T: Copy + PartialEq>(
    keys: Vec<T>,
    order: impl Fn(&T, &T) -> std::cmp::Ordering,
    counts: impl Fn(&T) -> bool,
) -> (Vec<usize>, Vec<T>) {
    let mut all: Vec<(usize, T)> = keys.into_iter().enumerate().collect();
    all.retain(|(_, key)| counts(key));
    all.sort_by(|a, b| order(&a.1, &b.1).then(a.0.cmp(&b.0)));
    all.dedup_by(|later, first| later.1 == first.1);
    all.into_iter().unzip()
}

/// Values in this order, with the default around and between them.
fn between<T: Copy>(values: &[T], order: &[usize], default: T) -> Vec<T> {
    let known = order.iter().filter_map(|&at| values.get(at));
    std::iter::once(default).chain(known.flat_map(|&value| [value, default])).collect()
}
