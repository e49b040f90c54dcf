//! `Loop`: its body as often as its count says, or as long as its condition, where those follow from constants and
//! shapes. A condition that the body computes is followed: a step, and then what is left of the loop.

use tract_onnx::pb::NodeProto;

use super::super::draft::Draft;
use super::body::Body;
use super::nodes::stack;
use super::{Known, check_count};
use crate::import::reason::Reason;
use crate::import::stored::{attribute, integers};

/// What has been taken of a loop.
#[derive(Clone, Default)]
pub(super) struct Taken {
    steps: usize,
    /// What its values are called after.
    name: String,
    /// What each step made for each of the outputs that collect.
    made: Vec<Vec<String>>,
}

pub(super) fn repeat(draft: &mut Draft<'_>, known: &mut Known) -> Result<(), Reason> {
    let output = draft.node.output.iter().find(|name| !name.is_empty()).cloned();
    let output = output.unwrap_or_default();
    let first = || Taken { name: draft.name().to_owned(), ..Taken::default() };
    let mut taken = known.loops.remove(&output).unwrap_or_else(first);
    if taken.name != draft.name() {
        return Err("one of its steps has a node of its name: give it another".into());
    }
    let body = Body::new(draft, "body", taken.steps == 0)?;
    let number = |slot: usize| match draft.input(slot) {
        None => Ok(None),
        Some(name) => match known.whole(name) {
            Some(&[value]) => Ok(Some(value)),
            _ => Err(Reason(format!(
                "its number of steps is not constant, since {name} depends on an input: give that input a value (--fix INPUT=VALUE)"
            ))),
        },
    };
    let most = number(0)?.map(|count| usize::try_from(count).unwrap_or(0));
    let mut goes_on = number(1)?.is_none_or(|condition| condition != 0);
    let mut states = draft.node.input.get(2..).unwrap_or_default().to_vec();
    let results = body
        .outputs()
        .checked_sub(1 + states.len())
        .ok_or("its body has fewer outputs than states")?;
    taken.made.resize(results, vec![]);
    let stays = stays(&body);
    if let Some(most) = most.filter(|_| stays && goes_on) {
        check_count(most, 1)?;
    }
    if stays && goes_on && most.is_none() {
        return Err("it never ends".into());
    }
    let truth = draft.store_truth(&format!("{}.goes_on", taken.steps), true);
    while goes_on && most.is_none_or(|most| taken.steps < most) {
        let step = taken.steps;
        let count = i64::try_from(step).unwrap_or(i64::MAX);
        let count = draft.store_whole(&format!("{step}.count"), &[], vec![count]);
        let mut given = vec![count, truth.clone()];
        given.append(&mut states);
        let mut outputs = body.copy(draft, &step.to_string(), &given)?.into_iter();
        let condition = outputs.next().ok_or("its body gives no condition")?;
        states = outputs.by_ref().take(given.len() - 2).collect();
        taken.made.iter_mut().zip(outputs).for_each(|(list, output)| list.push(output));
        taken.steps += 1;
        if !stays {
            let most = draft.node.input.first().cloned().unwrap_or_default();
            let mut input = vec![most, condition];
            input.append(&mut states);
            draft.nodes.push(NodeProto { input, ..draft.node.clone() });
            known.loops.insert(output, taken);
            return Ok(());
        }
        goes_on = stays;
    }
    let first = states.len();
    for (slot, state) in states.iter().enumerate() {
        draft.finish(slot, "Identity", &[state], vec![]);
    }
    for (number, parts) in taken.made.iter().enumerate() {
        if !draft.output(first + number) {
            continue;
        }
        if parts.is_empty() {
            return Err("it takes no step, and what it collects is empty".into());
        }
        stack(draft, first + number, parts, 0);
    }
    Ok(())
}

/// Whether the body's condition is the one that it was given, or true.
fn stays(body: &Body<'_>) -> bool {
    let given = body.inputs().get(1).copied();
    let mut value = body.output(0);
    // A chain can be no longer than the names that are on it.
    for _ in 0..64 {
        let Some(name) = value else { return false };
        if Some(name) == given {
            return true;
        }
        let is_true = |tensor| integers(tensor).is_some_and(|values| values.first() == Some(&1));
        if let Some(tensor) = body.stored(name) {
            return is_true(tensor);
        }
        let Some(node) = body.maker(name) else { return false };
        match node.op_type.as_str() {
            "Identity" | "Cast" => value = node.input.first().map(String::as_str),
            "Constant" => {
                let tensor = attribute(node, "value").and_then(|found| found.t.as_ref());
                return tensor.is_some_and(is_true);
            }
            _ => return false,
        }
    }
    false
}
