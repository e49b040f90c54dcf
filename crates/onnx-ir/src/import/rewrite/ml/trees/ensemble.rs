//! `TreeEnsemble`, which has a list for each kind of thing, and sets.

use super::super::super::draft::Draft;
use super::super::matrix;
use super::attributes::tensor;
use super::forest::{Condition, Forest, Place, Test};
use super::leaves::{Aggregate, Ensemble, Weight};
use super::regressor::targets;
use crate::import::reason::Reason;
use crate::import::stored::{self, attribute};

/// Numbers of the operator's modes: `BRANCH_LEQ`, and so on.
mod mode {
    pub(super) const AT_MOST: i64 = 0;
    pub(super) const BELOW: i64 = 1;
    pub(super) const AT_LEAST: i64 = 2;
    pub(super) const BEYOND: i64 = 3;
    pub(super) const EQUAL: i64 = 4;
    pub(super) const OTHER: i64 = 5;
    pub(super) const MEMBER: i64 = 6;
}

pub(in crate::import::rewrite) fn ensemble(draft: &mut Draft<'_>) -> Result<(), Reason> {
    // The same numbers are a softmax to some runtimes and a logistic to others.
    if draft.integer("post_transform", 0) != 0 {
        return Err(
            "post_transform is not supported: apply Softmax or Sigmoid to its result".into()
        );
    }
    let aggregate = match draft.integer("aggregate_function", 1) {
        0 => Aggregate::Average,
        1 => Aggregate::Sum,
        2 => Aggregate::Min,
        3 => Aggregate::Max,
        other => return Err(Reason(format!("aggregate_function {other} is unknown"))),
    };
    let columns = draft.integers("leaf_targetids").unwrap_or_default();
    let values = tensor(draft, "leaf_weights").unwrap_or_default();
    if columns.len() != values.len() {
        let (columns, values) = (columns.len(), values.len());
        return Err(Reason(format!("it has {columns} leaf_targetids for {values} leaf_weights")));
    }
    let mut weights = vec![];
    for (leaf, (&column, &value)) in columns.iter().zip(&values).enumerate() {
        let column = usize::try_from(column).map_err(|_| "a leaf's target is negative")?;
        weights.push(Weight { leaf, column, value });
    }
    let targets = targets(draft.integer("n_targets", 1), weights.len())?;
    let forest = forest(draft, values.len())?;
    let x = matrix(draft)?;
    let scores = Ensemble::new(forest, weights, targets)?.scores(draft, &x, aggregate)?;
    draft.finish(0, "Identity", &[&scores], vec![]);
    Ok(())
}

/// A tensor of floats as an attribute.
fn forest(draft: &Draft<'_>, leaves: usize) -> Result<Forest, Reason> {
    let modes = attribute(draft.node, "nodes_modes").and_then(|found| found.t.as_ref());
    let modes = modes.and_then(stored::integers).ok_or("its nodes_modes are no bytes")?;
    let (count, splits) = (modes.len(), tensor(draft, "nodes_splits").unwrap_or_default());
    let list = |name: &str| {
        let list = draft.integers(name).unwrap_or_default();
        let wrong = || Reason(format!("its {name} are {} for {count} nodes", list.len()));
        (list.len() == count).then_some(list).ok_or_else(wrong)
    };
    let features = list("nodes_featureids")?;
    let (yes, no) = (list("nodes_truenodeids")?, list("nodes_falsenodeids")?);
    let (yes_leaf, no_leaf) = (list("nodes_trueleafs")?, list("nodes_falseleafs")?);
    if splits.len() != count {
        return Err(Reason(format!("it has {} nodes_splits for {count} nodes", splits.len())));
    }
    let members = tensor(draft, "membership_values").unwrap_or_default();
    let mut sets = members.split(|value| value.is_nan()).map(<[f32]>::to_vec);
    let mut forest = Forest { places: vec![], roots: vec![], leaves, sets: vec![] };
    let mut ends = vec![];
    for at in 0..count {
        let get = |list: &[i64]| list.get(at).copied().unwrap_or(-1);
        let mut child = |id: i64, is_leaf: i64| {
            let limit = if is_leaf == 0 { count } else { leaves };
            let id = usize::try_from(id).ok().filter(|&id| id < limit);
            let id = id.ok_or("a node's child does not exist")?;
            if is_leaf == 0 {
                return Ok::<usize, Reason>(id);
            }
            ends.push(Place::Leaf(id));
            Ok(count + ends.len() - 1)
        };
        let (yes, no) = (child(get(yes), get(yes_leaf))?, child(get(no), get(no_leaf))?);
        let (test, exchanged) = match get(&modes) {
            mode::AT_MOST => (Test::AtMost, false),
            mode::BELOW => (Test::Below, false),
            mode::AT_LEAST => (Test::Below, true),
            mode::BEYOND => (Test::AtMost, true),
            mode::EQUAL => (Test::Equal, false),
            mode::OTHER => (Test::Equal, true),
            mode::MEMBER => {
                let set = sets.next().filter(|set| !set.is_empty());
                forest.sets.push(set.ok_or("its membership_values have no set for a node")?);
                (Test::Among(forest.sets.len() - 1), false)
            }
            other => return Err(Reason(format!("its mode {other} is unknown"))),
        };
        let [no, yes] = if exchanged { [yes, no] } else { [no, yes] };
        let (feature, split) = (get(features), splits.get(at).copied().unwrap_or(f32::NAN));
        let constant = if matches!(test, Test::Among(_)) { 0.0 } else { split };
        if feature < 0 || constant.is_nan() {
            return Err(Reason(format!("a node compares column {feature} with {constant}")));
        }
        let condition = Condition { test, feature, constant };
        forest.places.push(Place::Branch { condition, no, yes });
    }
    forest.places.append(&mut ends);
    for &root in draft.integers("tree_roots").unwrap_or_default() {
        let root = usize::try_from(root).ok().filter(|&root| root < count);
        forest.roots.push(root.ok_or("a tree's root does not exist")?);
    }
    Ok(forest)
}
