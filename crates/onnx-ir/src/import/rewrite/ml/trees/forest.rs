//! Trees: nodes that test one column, and leaves. Nothing here is taken on trust.

use crate::import::reason::Reason;

/// Levels of a tree, at most: each becomes a few nodes of the graph.
const DEEPEST: usize = 512;

/// What a condition asks of a number x and a constant c.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Test {
    /// x ≤ c
    AtMost,
    /// x < c
    Below,
    /// x = c
    Equal,
    /// Whether x is in a set, which the forest has by its number.
    Among(usize),
}

/// A test of one column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Condition {
    pub(super) test: Test,
    pub(super) feature: i64,
    pub(super) constant: f32,
}

impl Condition {
    /// By which equal ones are found, and by which they are put in order: column by column.
    pub(super) fn key(&self) -> (Test, i64, u32) {
        // Zero has two forms that compare alike.
        let constant = if self.constant == 0.0 { 0.0 } else { self.constant };
        let bits = constant.to_bits();
        let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
        (self.test, self.feature, ordered)
    }
}

/// What stands at a place of a tree.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// A test, and the places that follow where it fails and where it holds.
    Branch { condition: Condition, no: usize, yes: usize },
    /// A leaf, by its number.
    Leaf(usize),
}

/// Several trees.
#[derive(Clone, Debug)]
pub(super) struct Forest {
    pub(super) places: Vec<Place>,
    /// The root of each tree.
    pub(super) roots: Vec<usize>,
    /// How many leaves there are.
    pub(super) leaves: usize,
    /// What `Test::Among` names.
    pub(super) sets: Vec<Vec<f32>>,
}

impl Forest {
    /// Checks that every place has one way to it at most, which excludes circles, and that no tree is too deep.
    /// Gives the places level by level, tree by tree within each.
    pub(super) fn levels(&self) -> Result<Vec<Vec<usize>>, Reason> {
        let mut seen = vec![false; self.places.len()];
        let mut level = self.roots.clone();
        let mut levels = vec![];
        while !level.is_empty() {
            if levels.len() == DEEPEST {
                return Err(Reason(format!("a tree has more than {DEEPEST} levels")));
            }
            let mut next = vec![];
            for &place in &level {
                let new = seen.get_mut(place).ok_or("a node's child does not exist")?;
                if std::mem::replace(new, true) {
                    return Err("a node has two parents, or is its own descendant".into());
                }
                if let Some(&Place::Branch { no, yes, .. }) = self.places.get(place) {
                    next.extend([no, yes]);
                }
            }
            levels.push(std::mem::replace(&mut level, next));
        }
        Ok(levels)
    }

    /// The leaves of each tree, which `levels` has found to be trees.
    pub(super) fn leaves_of_trees(&self) -> Vec<Vec<usize>> {
        let of = |&root: &usize| {
            let (mut open, mut leaves) = (vec![root], vec![]);
            while let Some(place) = open.pop() {
                match self.places.get(place) {
                    Some(&Place::Branch { no, yes, .. }) => open.extend([no, yes]),
                    Some(&Place::Leaf(leaf)) => leaves.push(leaf),
                    None => {}
                }
            }
            leaves
        };
        self.roots.iter().map(of).collect()
    }
}
