//! Halo2 gadgets: LogUp lookups, fused activations, and the linear identity engine.
//!
//! A circuit is a set of *banks* of columns; which banks it has is its [`Shape`]. A planner places
//! tensors in banks and says by fixed values, copies and a small program how they are joined
//! ([`Assignment`]); this crate knows the constraints and computes the columns.
//! Depends on halo2 alone, so that a verifier can link it without models or weights.
//!
//! | module | holds |
//! |---|---|
//! | [`shape`], [`statement`] | what a verifier must know of a circuit |
//! | `terms` | fractions per helper column |
//! | [`layout`] | which column stands where |
//! | `activation` | rescale, saturation and function, fused |
//! | `plain` | plain cells and their digests |
//! | [`gadget_set`], [`linear`] | the seams: which gadget serves each family |
//! | `engine` | fixed weights times inputs, at a challenge |
//! | `glue` | arithmetic on digests |
//! | [`logup`] | lookups |
//! | `second_phase` | columns that depend on challenges |
//! | `circuit` | [`ProvennCircuit`] |

// Column numbers come from `Layout`, which also sizes every vector that they index.
mod activation;
mod assignment;
mod border;
mod circuit;
mod columns;
mod combination;
mod engine;
mod field;
pub mod gadget_set;
mod glue;
pub mod layout;
pub mod linear;
pub mod logup;
mod plain;
mod second_phase;
pub mod shape;
pub mod statement;
mod terms;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use assignment::{Assignment, Dropped, FirstPhase, Step};
pub use circuit::{Config, ProvennCircuit};
pub use columns::{Challenges, Columns, Query, horner};
pub use engine::{EngineColumns, Freivalds};
pub use field::from_signed;
pub use gadget_set::{GadgetSet, Standard};
pub use layout::{Cell, Column, Layout};
pub use linear::LinearIdentity;
pub use second_phase::{Committed, second_phase};
pub use shape::{Shape, ShapeError};
pub use statement::{Grid, PublicTensor, Statement};
pub use terms::TermsPerHelper;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
