//! Ensembles of decision trees, all trees walked at once.
//!
//! A *condition* is a comparison of one column with one constant; every distinct one is computed once. A level's table
//! has a row for each node that stands there: its condition, the place of its first child in the next level's table, and
//! which leaf it is, if it is one. The place in the next table is that of the first child plus the condition's truth.
//! A leaf is followed by two places that lead nowhere, so that what a tree came to is the sum over the levels. The cost
//! of an observation is trees times depth, and one pass over the tables.
//!
//! | file | what is in it |
//! |---|---|
//! | `forest` | trees, checked: every node has one parent |
//! | `attributes` | what `TreeEnsembleClassifier` and `TreeEnsembleRegressor` store |
//! | `levels` | the tables |
//! | `walk` | the nodes that walk them |
//! | `leaves` | what the leaves weigh, and its sum |
//! | `classifier`, `regressor`, `ensemble` | the three operators |

mod attributes;
pub(in crate::import::rewrite) mod classifier;
pub(in crate::import::rewrite) mod ensemble;
mod forest;
mod leaves;
mod levels;
pub(in crate::import::rewrite) mod regressor;
mod walk;

pub(super) use walk::choose;
