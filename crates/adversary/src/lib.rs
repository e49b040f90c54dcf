//! A prover who lies, for the tests of other crates: no part of the program.
//!
//! | module | holds |
//! |---|---|
//! | [`sample`] | small quantised graphs, one per kind of identity |
//! | [`random`](mod@random) | random ones |
//! | [`forgery`] | activations that are forged, everything else kept consistent |
//! | [`killers`] | for every constraint a false statement that it alone refuses |
//! | [`committed`] | a small circuit of committed weights |
//! | [`oracle`](mod@oracle) | what a graph says, derived a second time, to hold circuits against |
//! | [`shown`](mod@shown) | what a proof shows as a function of its random values |
//! | [`attempt`](mod@attempt) | real proofs of forged columns, each later phase chosen after its challenges |
// Tests report by panicking, and count in integers of every width.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

pub mod attempt;
pub mod committed;
pub mod forgery;
pub mod killers;
pub mod oracle;
pub mod random;
pub mod sample;
pub mod shown;

pub use attempt::{Forgery, attempt, attempt_for, refused};
