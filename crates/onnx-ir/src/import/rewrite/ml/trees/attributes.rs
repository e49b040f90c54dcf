//! What `TreeEnsembleClassifier` and `TreeEnsembleRegressor` store: lists with an entry for each node, and lists with
//! an entry for each weight of a leaf.

use std::collections::HashMap;

use super::super::super::draft::Draft;
use super::forest::{Condition, Forest, Place, Test};
use super::leaves::Weight;
use crate::evaluate::precision::store;
use crate::import::reason::Reason;
use crate::import::stored::{self, attribute};

/// Trees and what their leaves weigh.
pub(super) struct Stored {
    pub(super) forest: Forest,
    pub(super) weights: Vec<Weight>,
}

/// Floats of a list, or of a tensor of doubles in its place.
pub(super) fn floats(draft: &Draft<'_>, name: &str) -> Vec<f32> {
    let tensor = tensor(draft, &format!("{name}_as_tensor"));
    tensor.or_else(|| draft.floats(name)).unwrap_or_default()
}

/// Floats of a tensor of floats or doubles, which round as inputs do.
pub(super) fn tensor(draft: &Draft<'_>, name: &str) -> Option<Vec<f32>> {
    let tensor = attribute(draft.node, name)?.t.as_ref()?;
    Some(stored::floats(tensor)?.into_iter().map(store).collect())
}

/// A list with an entry for each of `count` nodes or weights.
fn list<'g>(draft: &Draft<'g>, name: &str, count: usize) -> Result<&'g [i64], Reason> {
    let list = draft.integers(name).unwrap_or_default();
    if list.len() == count {
        return Ok(list);
    }
    Err(Reason(format!("its attribute {name} has {} entries instead of {count}", list.len())))
}

/// Reads the trees, and the weights whose attributes begin with `prefix`.
pub(super) fn read(draft: &Draft<'_>, prefix: &str) -> Result<Stored, Reason> {
    let ids = draft.integers("nodes_nodeids").unwrap_or_default();
    let count = ids.len();
    let list = |name: &str| list(draft, name, count);
    let (trees, features) = (list("nodes_treeids")?, list("nodes_featureids")?);
    let (yes, no) = (list("nodes_truenodeids")?, list("nodes_falsenodeids")?);
    let modes = attribute(draft.node, "nodes_modes").map_or(&[][..], |found| &found.strings);
    let constants = floats(draft, "nodes_values");
    if count == 0 || modes.len() != count || constants.len() != count {
        return Err("its nodes have no modes or values, or not as many".into());
    }
    let mut known: HashMap<(i64, i64), usize> = HashMap::new();
    let mut roots = vec![];
    for (at, (&tree, &id)) in trees.iter().zip(ids).enumerate() {
        if known.insert((tree, id), at).is_some() {
            return Err(Reason(format!("tree {tree} has two nodes {id}")));
        }
        // The first node of a tree is its root.
        if at == 0 || trees.get(at - 1) != Some(&tree) {
            roots.push(at);
        }
    }
    let distinct: std::collections::HashSet<&i64> = trees.iter().collect();
    if distinct.len() != roots.len() {
        return Err("a tree's nodes do not stand together".into());
    }
    let (mut places, mut leaves) = (Vec::with_capacity(count), vec![]);
    for (at, mode) in modes.iter().enumerate() {
        if mode.as_slice() == b"LEAF" {
            places.push(Place::Leaf(leaves.len()));
            leaves.push(at);
            continue;
        }
        let get = |list: &[i64]| list.get(at).copied().unwrap_or(-1);
        let (tree, feature) = (get(trees), get(features));
        let constant = constants.get(at).copied().unwrap_or(f32::NAN);
        let child = |id: i64| {
            let missing = || Reason(format!("tree {tree} has no node {id}"));
            known.get(&(tree, id)).copied().ok_or_else(missing)
        };
        let (yes, no) = (child(get(yes))?, child(get(no))?);
        places.push(branch(mode, feature, constant, [no, yes])?);
    }
    let weights = weights(draft, prefix, &known, &places)?;
    let forest = Forest { places, roots, leaves: leaves.len(), sets: vec![] };
    Ok(Stored { forest, weights })
}

/// A test; of opposites one is told by the other, with its children exchanged.
fn branch(
    mode: &[u8],
    feature: i64,
    constant: f32,
    [no, yes]: [usize; 2],
) -> Result<Place, Reason> {
    let (test, exchanged) = match mode {
        b"BRANCH_LEQ" => (Test::AtMost, false),
        b"BRANCH_LT" => (Test::Below, false),
        b"BRANCH_GTE" => (Test::Below, true),
        b"BRANCH_GT" => (Test::AtMost, true),
        b"BRANCH_EQ" => (Test::Equal, false),
        b"BRANCH_NEQ" => (Test::Equal, true),
        other => {
            let mode = String::from_utf8_lossy(other);
            return Err(Reason(format!("its mode {mode} is unknown")));
        }
    };
    if feature < 0 || constant.is_nan() {
        return Err(Reason(format!("a node compares column {feature} with {constant}")));
    }
    let [no, yes] = if exchanged { [yes, no] } else { [no, yes] };
    Ok(Place::Branch { condition: Condition { test, feature, constant }, no, yes })
}

fn weights(
    draft: &Draft<'_>,
    prefix: &str,
    known: &HashMap<(i64, i64), usize>,
    places: &[Place],
) -> Result<Vec<Weight>, Reason> {
    let values = floats(draft, &format!("{prefix}_weights"));
    let list = |name: &str| list(draft, &format!("{prefix}_{name}"), values.len());
    let (trees, ids, columns) = (list("treeids")?, list("nodeids")?, list("ids")?);
    let mut weights = vec![];
    for (((&tree, &id), &column), &value) in trees.iter().zip(ids).zip(columns).zip(&values) {
        let at = known.get(&(tree, id)).and_then(|&at| places.get(at));
        let column = usize::try_from(column).ok();
        match (at, column) {
            (Some(&Place::Leaf(leaf)), Some(column)) => {
                weights.push(Weight { leaf, column, value });
            }
            // What is no leaf weighs nothing.
            (Some(Place::Branch { .. }), Some(_)) => {}
            _ => return Err(Reason(format!("a weight is of node {id} of tree {tree}"))),
        }
    }
    Ok(weights)
}
