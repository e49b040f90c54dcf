//! What the leaves weigh that the trees came to, and what comes of all trees together.

use std::collections::{BTreeSet, HashSet};

use super::super::super::draft::{Draft, whole};
use super::forest::Forest;
use super::walk::{choose, walk, word};
use crate::import::reason::Reason;

/// Numbers of a table of leaves, at most.
const MOST: usize = 1 << 24;

/// What a leaf adds to a column of the result.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    pub(super) leaf: usize,
    pub(super) column: usize,
    pub(super) value: f32,
}

/// How the trees' weights become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregate {
    Sum,
    Average,
    Min,
    Max,
}

/// Trees whose leaves weigh something in some columns.
pub(super) struct Ensemble {
    forest: Forest,
    weights: Vec<Weight>,
    columns: usize,
    /// Leaves of each tree, and the columns in which some of them weigh something, or all of them do.
    trees: Vec<Vec<usize>>,
    some: Vec<BTreeSet<usize>>,
    all: Vec<BTreeSet<usize>>,
}

impl Ensemble {
    pub(super) fn new(
        forest: Forest,
        weights: Vec<Weight>,
        columns: usize,
    ) -> Result<Self, Reason> {
        // Only then are they trees.
        forest.levels()?;
        let mut given: HashSet<(usize, usize)> = HashSet::new();
        let mut of_leaves: Vec<Vec<usize>> = vec![vec![]; forest.leaves];
        for weight in &weights {
            let of_leaf = of_leaves.get_mut(weight.leaf).filter(|_| weight.column < columns);
            let of_leaf = of_leaf.ok_or_else(|| {
                Reason(format!("a weight is of column {} of {columns}", weight.column))
            })?;
            of_leaf.push(weight.column);
            if !given.insert((weight.leaf, weight.column)) {
                return Err("a leaf has two weights for the same class or target".into());
            }
            if !weight.value.is_finite() {
                return Err(Reason(format!("a leaf weighs {}", weight.value)));
            }
        }
        let trees = forest.leaves_of_trees();
        let columns_of = |&leaf: &usize| of_leaves.get(leaf).into_iter().flatten().copied();
        let some: Vec<BTreeSet<usize>> =
            trees.iter().map(|leaves| leaves.iter().flat_map(columns_of).collect()).collect();
        let all = some.iter().zip(&trees).map(|(some, leaves)| {
            let weighs =
                |column: &&usize| leaves.iter().all(|&leaf| given.contains(&(leaf, **column)));
            some.iter().filter(weighs).copied().collect()
        });
        let all = all.collect();
        Ok(Ensemble { forest, weights, columns, trees, some, all })
    }

    /// Columns in which some leaf weighs something.
    pub(super) fn used(&self) -> Vec<usize> {
        self.some.iter().flatten().copied().collect::<BTreeSet<usize>>().into_iter().collect()
    }

    /// Whether every observation has a weight in a column.
    pub(super) fn is_given(&self, column: usize) -> bool {
        self.all.iter().any(|all| all.contains(&column))
    }

    /// Whether every tree has a weight in every column for every observation.
    fn is_complete(&self) -> bool {
        self.all.iter().all(|all| all.len() == self.columns)
    }

    /// Whether all weights are at least zero, or more than that.
    pub(super) fn signs(&self) -> (bool, bool) {
        let values = || self.weights.iter().map(|weight| weight.value);
        (values().all(|value| value >= 0.0), values().all(|value| value > 0.0))
    }

    /// Walks the trees for the rows of x: `[N, C]`.
    pub(super) fn scores(
        &self,
        draft: &mut Draft<'_>,
        x: &str,
        aggregate: Aggregate,
    ) -> Result<String, Reason> {
        let extreme = match aggregate {
            Aggregate::Sum | Aggregate::Average => None,
            Aggregate::Min => Some("ReduceMin"),
            Aggregate::Max => Some("ReduceMax"),
        };
        if extreme.is_some() && !self.is_complete() {
            return Err("it takes a minimum or maximum of weights that not every leaf has".into());
        }
        let leaf = walk(draft, x, &self.forest)?;
        let op_type = extreme.unwrap_or("ReduceSum");
        let narrow = self.some.iter().all(|columns| columns.len() <= 1);
        let scores = if self.columns == 1 {
            let weights = self.narrow(draft, &leaf);
            draft.reduce("sum", op_type, &weights, 1, true)
        } else if narrow && extreme.is_none() && self.used().len() == self.columns {
            self.by_column(draft, &leaf)
        } else {
            self.wide(draft, &leaf, op_type)?
        };
        if aggregate != Aggregate::Average {
            return Ok(scores);
        }
        let trees = i16::try_from(self.trees.len()).map_err(|_| "it has too many trees")?;
        let trees = draft.store("trees", &[], vec![f32::from(trees)]);
        Ok(draft.push("average", "Div", &[&scores, &trees], vec![]))
    }

    /// The one weight of every leaf: `[N, T]`.
    fn narrow(&self, draft: &mut Draft<'_>, leaf: &str) -> String {
        let mut table = vec![0.0; self.forest.leaves];
        for weight in &self.weights {
            if let Some(value) = table.get_mut(weight.leaf) {
                *value = weight.value;
            }
        }
        let table = draft.store("weights", &[table.len()], table);
        draft.push("weight", "Gather", &[&table, leaf], vec![])
    }

    /// Sums of trees that have a weight in one column each.
    fn by_column(&self, draft: &mut Draft<'_>, leaf: &str) -> String {
        let weights = self.narrow(draft, leaf);
        let of = |column: usize| {
            let trees = self.some.iter().enumerate();
            let trees = trees.filter(move |(_, columns)| columns.contains(&column));
            trees.map(|(tree, _)| word(tree)).collect::<Vec<i64>>()
        };
        let columns: Vec<Vec<i64>> = (0..self.columns).map(of).collect();
        let count = columns.first().map_or(0, Vec::len);
        if columns.iter().all(|trees| trees.len() == count) {
            let ordered = choose(draft, "ordered", &weights, columns.concat());
            let shape = vec![-1, word(self.columns), word(count)];
            let shape = draft.store_whole("shape", &[3], shape);
            let grouped = draft.push("grouped", "Reshape", &[&ordered, &shape], vec![]);
            return draft.reduce("sum", "ReduceSum", &grouped, 2, false);
        }
        let parts: Vec<String> = columns
            .into_iter()
            .enumerate()
            .map(|(at, trees)| {
                let part = choose(draft, &format!("column{at}"), &weights, trees);
                draft.reduce(&format!("sum{at}"), "ReduceSum", &part, 1, true)
            })
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        draft.push("sum", "Concat", &parts, vec![whole("axis", 1)])
    }

    /// A row of weights for every leaf.
    fn wide(&self, draft: &mut Draft<'_>, leaf: &str, op_type: &str) -> Result<String, Reason> {
        let size = self.forest.leaves.checked_mul(self.columns).filter(|&size| size <= MOST);
        let size = size.ok_or_else(|| {
            let (leaves, columns) = (self.forest.leaves, self.columns);
            Reason(format!("a table of {leaves} leaves times {columns} classes is too large"))
        })?;
        let mut table = vec![0.0; size];
        for weight in &self.weights {
            if let Some(value) = table.get_mut(weight.leaf * self.columns + weight.column) {
                *value = weight.value;
            }
        }
        let table = draft.store("weights", &[self.forest.leaves, self.columns], table);
        let rows = draft.push("weight", "Gather", &[&table, leaf], vec![]);
        Ok(draft.reduce("sum", op_type, &rows, 1, false))
    }

    /// Only the column, where all weights are in one of two or more.
    pub(super) fn only(mut self, column: usize) -> Result<Self, Reason> {
        for weight in &mut self.weights {
            if weight.column != column {
                return Err("a weight is of another column".into());
            }
            weight.column = 0;
        }
        Ensemble::new(self.forest, self.weights, 1)
    }
}

/// Adds constants `[C]` to scores, where there are any.
pub(super) fn shifted(draft: &mut Draft<'_>, scores: &str, base: Vec<f32>) -> String {
    if base.iter().all(|&value| value == 0.0) {
        return scores.to_owned();
    }
    let base = draft.store("base", &[base.len()], base);
    draft.push("shifted", "Add", &[scores, &base], vec![])
}
