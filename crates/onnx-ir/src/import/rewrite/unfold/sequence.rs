//! Lists of tensors whose lengths are constant: only the names of their elements are kept.

use super::super::draft::{Draft, whole};
use super::nodes::{reshape, slice, stack};
use super::{Known, check_count};
use crate::import::reason::Reason;

/// The elements of the list that the node reads first.
fn list(draft: &Draft<'_>, known: &Known) -> Result<Vec<String>, Reason> {
    let name = draft.input(0).ok_or("its list is missing")?;
    let missing = || Reason(format!("the elements of the list {name} are not known"));
    known.sequences.get(name).cloned().ok_or_else(missing)
}

/// Keeps the node's list; all lists together have few elements.
fn keep(draft: &Draft<'_>, known: &mut Known, elements: Vec<String>) -> Result<(), Reason> {
    known.listed = known.listed.saturating_add(elements.len());
    check_count(1, known.listed)?;
    if let Some(output) = draft.node.output.first() {
        known.sequences.insert(output.clone(), elements);
    }
    Ok(())
}

/// A position in a list of `count`; a negative one counts from the end.
fn position(
    draft: &Draft<'_>,
    known: &Known,
    slot: usize,
    count: usize,
) -> Result<Option<usize>, Reason> {
    let Some(name) = draft.input(slot) else { return Ok(None) };
    let Some(&[place]) = known.whole(name) else {
        return Err(Reason(format!("its position {name} depends on an input")));
    };
    let length = i64::try_from(count).unwrap_or(i64::MAX);
    let place = usize::try_from(if place < 0 { place + length } else { place });
    match place.ok().filter(|&place| place <= count) {
        Some(place) => Ok(Some(place)),
        None => Err(Reason(format!("its position is beyond its list of {count}"))),
    }
}

/// `SequenceConstruct` and `SequenceEmpty`.
pub(super) fn construct(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    keep(draft, known, draft.node.input.clone())
}

/// An `Identity` of a list.
pub(super) fn pass(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let elements = list(draft, known)?;
    keep(draft, known, elements)
}

/// `SequenceAt`
pub(super) fn at(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let elements = list(draft, known)?;
    let place = position(draft, known, 1, elements.len())?.ok_or("its position is missing")?;
    let element = elements.get(place).ok_or("its position is beyond its list")?;
    draft.finish(0, "Identity", &[element], vec![]);
    Ok(())
}

/// `SequenceInsert`
pub(super) fn insert(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let mut elements = list(draft, known)?;
    check_count(1, elements.len())?;
    let element = draft.input(1).ok_or("its tensor is missing")?;
    let place = position(draft, known, 2, elements.len())?.unwrap_or(elements.len());
    elements.insert(place, element.to_owned());
    keep(draft, known, elements)
}

/// `SequenceErase`
pub(super) fn erase(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let mut elements = list(draft, known)?;
    let last = elements.len().checked_sub(1).ok_or("its list is empty")?;
    let place = position(draft, known, 1, elements.len())?.unwrap_or(last);
    if place > last {
        return Err("its position is beyond its list".into());
    }
    elements.remove(place);
    keep(draft, known, elements)
}

/// `SequenceLength`
pub(super) fn length(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let count = i64::try_from(list(draft, known)?.len()).unwrap_or(i64::MAX);
    let count = draft.store_whole("length", &[], vec![count]);
    draft.finish(0, "Identity", &[&count], vec![]);
    Ok(())
}

/// `ConcatFromSequence`
pub(super) fn concat(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let elements = list(draft, known)?;
    if elements.is_empty() {
        return Err("its list is empty".into());
    }
    let axis = draft.given("axis").then(|| draft.integer("axis", 0)).ok_or("it lacks its axis")?;
    if draft.integer("new_axis", 0) != 0 {
        stack(draft, 0, &elements, axis);
    } else {
        let elements: Vec<&str> = elements.iter().map(String::as_str).collect();
        draft.finish(0, "Concat", &elements, vec![whole("axis", axis)]);
    }
    Ok(())
}

/// `SplitToSequence`
pub(super) fn split(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("its tensor is missing")?.to_owned();
    let shape = known.shape(&x)?.to_vec();
    let rank = i64::try_from(shape.len()).unwrap_or(0);
    let axis = draft.integer("axis", 0);
    let axis = usize::try_from(if axis < 0 { axis + rank } else { axis }).ok();
    let axis = axis.filter(|&axis| axis < shape.len()).ok_or("its axis is out of range")?;
    let extent = shape.get(axis).copied().unwrap_or(0);
    let (sizes, keeps) = match draft.input(1) {
        None => (vec![1; checked(extent)?], draft.integer("keepdims", 1) != 0),
        Some(name) => {
            let sizes = known
                .whole(name)
                .ok_or_else(|| Reason(format!("its parts {name} depend on an input")))?;
            (parts(sizes, extent, known.shape(name)?.is_empty())?, true)
        }
    };
    let mut elements = vec![];
    let mut start = 0;
    for (number, size) in sizes.into_iter().enumerate() {
        let part = format!("part.{number}");
        let mut element = slice(draft, &part, &x, axis, start..start + size);
        if !keeps {
            let mut without = shape.clone();
            without.remove(axis);
            element = reshape(draft, &format!("{part}.squeezed"), &element, &without);
        }
        elements.push(element);
        start += size;
    }
    keep(draft, known, elements)
}

/// The sizes of parts: as listed, or as many equal ones as fit, and a rest.
fn parts(sizes: &[i64], extent: usize, equal: bool) -> Result<Vec<usize>, Reason> {
    let numbers: Option<Vec<usize>> =
        sizes.iter().map(|&size| usize::try_from(size).ok().filter(|&size| size > 0)).collect();
    let numbers = numbers.ok_or("its parts must be at least 1")?;
    match (equal, numbers.as_slice()) {
        (true, &[size]) => {
            let count = checked(extent.div_ceil(size))?;
            Ok((0..count).map(|number| size.min(extent - number * size)).collect())
        }
        (false, _)
            if numbers.iter().try_fold(0usize, |sum, &size| sum.checked_add(size))
                == Some(extent) =>
        {
            Ok(numbers)
        }
        _ => Err(Reason(format!("its parts do not add up to {extent}"))),
    }
}

fn checked(count: usize) -> Result<usize, Reason> {
    check_count(count, 1).map(|()| count)
}
