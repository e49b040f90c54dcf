//! A table for each level of all trees together.

use std::collections::{BTreeMap, BTreeSet};

use super::forest::{Condition, Forest, Place, Test};
use crate::import::reason::Reason;

/// Distinct conditions in order, and the tables.
pub(super) struct Levels {
    pub(super) conditions: Vec<Condition>,
    pub(super) levels: Vec<Level>,
}

/// What stands at one level, by its place in the table.
pub(super) struct Level {
    /// Conditions that are asked here, by their number among all.
    pub(super) asked: Vec<usize>,
    pub(super) rows: Vec<Row>,
}

/// A place of a level's table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    /// Which of the conditions that are asked at this level; of a leaf any.
    pub(super) condition: usize,
    /// The place of the child where it fails; the other one follows.
    pub(super) next: usize,
    /// The number of the leaf, or zero.
    pub(super) leaf: usize,
}

/// Two places at the beginning of each table but the first, for trees that have come to a leaf.
const NOWHERE: usize = 2;

impl Levels {
    pub(super) fn new(forest: &Forest) -> Result<Self, Reason> {
        let levels = forest.levels()?;
        let of = |place: &usize| match forest.places.get(*place) {
            Some(Place::Branch { condition, .. }) => Some(condition),
            Some(Place::Leaf(_)) | None => None,
        };
        let all = levels.iter().flatten().filter_map(of);
        let distinct: BTreeMap<_, Condition> =
            all.map(|condition| (condition.key(), *condition)).collect();
        let number: BTreeMap<_, usize> = distinct.keys().copied().zip(0..).collect();
        let mut conditions: Vec<Condition> = distinct.into_values().collect();
        if conditions.is_empty() {
            // Trees of one leaf each decide nothing; they ask something nevertheless, once for each row.
            conditions.push(Condition { test: Test::AtMost, feature: 0, constant: 0.0 });
        }
        let mut tables = vec![];
        for (depth, level) in levels.iter().enumerate() {
            let asked: BTreeSet<usize> = level
                .iter()
                .filter_map(of)
                .filter_map(|condition| number.get(&condition.key()).copied())
                .collect();
            let asked: Vec<usize> = asked.into_iter().collect();
            let before = if depth == 0 { 0 } else { NOWHERE };
            let mut rows = vec![Row::default(); before];
            let mut next = NOWHERE;
            for place in level {
                rows.push(match forest.places.get(*place) {
                    Some(Place::Branch { condition, .. }) => {
                        let condition = number.get(&condition.key()).copied().unwrap_or(0);
                        let condition = asked.binary_search(&condition).unwrap_or(0);
                        next += 2;
                        Row { condition, next: next - 2, leaf: 0 }
                    }
                    Some(&Place::Leaf(leaf)) => Row { leaf, ..Row::default() },
                    None => Row::default(),
                });
            }
            tables.push(Level { asked, rows });
        }
        Ok(Levels { conditions, levels: tables })
    }
}
