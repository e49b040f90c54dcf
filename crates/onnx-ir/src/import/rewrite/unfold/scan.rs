//! `Scan`: its body once for every slice of what it scans.

use super::super::draft::Draft;
use super::body::Body;
use super::nodes::{reshape, slice, stack};
use super::{Known, check_count};
use crate::import::reason::Reason;

/// An input that is scanned.
struct Scanned {
    name: String,
    axis: usize,
    backwards: bool,
    /// The shape of a slice.
    shape: Vec<usize>,
}

pub(super) fn scan(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    const WITHOUT_BATCHES: i64 = 9;
    if draft.opset < WITHOUT_BATCHES {
        return Err("in operator set 8 it has batches of its own: export with a newer one".into());
    }
    let count = draft.node.input.len();
    let scanned = usize::try_from(draft.integer("num_scan_inputs", 0));
    let scanned = scanned.ok().filter(|scanned| (1..=count).contains(scanned));
    let first = count - scanned.ok_or("its num_scan_inputs is not a number of its inputs")?;
    let body = Body::new(draft, "body", true)?;
    let results = body.outputs().checked_sub(first).ok_or("its body has too few outputs")?;
    let mut steps = None;
    let mut slices = vec![];
    for place in first..count {
        let name = draft.input(place).ok_or("an input is missing")?.to_owned();
        let mut shape = known.shape(&name)?.to_vec();
        let axis = listed(draft, "scan_input_axes", place - first)?;
        let rank = i64::try_from(shape.len()).unwrap_or(0);
        let axis = usize::try_from(if axis < 0 { axis + rank } else { axis });
        let axis = axis.ok().filter(|&axis| axis < shape.len()).ok_or("an axis is out of range")?;
        let extent = shape.remove(axis);
        if *steps.get_or_insert(extent) != extent {
            return Err("its scanned inputs have different lengths".into());
        }
        let backwards = listed(draft, "scan_input_directions", place - first)? != 0;
        slices.push(Scanned { name, axis, backwards, shape });
    }
    let steps = steps.filter(|&steps| steps > 0).ok_or("it scans nothing")?;
    check_count(steps, 1)?;
    let states = draft.node.input.get(..first).unwrap_or_default();
    let mut states: Vec<String> = states.to_vec();
    let mut made: Vec<Vec<String>> = vec![vec![]; results];
    for step in 0..steps {
        let mut given = states.clone();
        for (number, scanned) in slices.iter().enumerate() {
            let at = if scanned.backwards { steps - 1 - step } else { step };
            let part = format!("{step}.in.{number}");
            let one =
                slice(draft, &format!("{part}.slice"), &scanned.name, scanned.axis, at..at + 1);
            given.push(reshape(draft, &part, &one, &scanned.shape));
        }
        let mut outputs = body.copy(draft, &step.to_string(), &given)?;
        for (list, output) in made.iter_mut().zip(outputs.drain(first..)) {
            list.push(output);
        }
        states = outputs;
    }
    for (slot, state) in states.iter().enumerate() {
        draft.finish(slot, "Identity", &[state], vec![]);
    }
    for (number, mut parts) in made.into_iter().enumerate() {
        if !draft.output(first + number) {
            continue;
        }
        let axis = listed(draft, "scan_output_axes", number)?;
        if listed(draft, "scan_output_directions", number)? != 0 {
            parts.reverse();
        }
        stack(draft, first + number, &parts, axis);
    }
    Ok(())
}

/// A number of a list attribute: 0 where it is not given.
fn listed(draft: &Draft<'_>, name: &str, place: usize) -> Result<i64, Reason> {
    match draft.integers(name) {
        None | Some([]) => Ok(0),
        Some(list) => {
            let missing = || Reason(format!("its attribute {name} is too short"));
            list.get(place).copied().ok_or_else(missing)
        }
    }
}
