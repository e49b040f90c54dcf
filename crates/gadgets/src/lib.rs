//! Halo2 gadgets: LogUp lookups, fused activations, and linear identities.
//!
//! A circuit is a set of *banks* of columns; which banks it has is its [`CircuitParams`]. A planner places
//! tensors in banks and says by fixed values, copies and a small program how they are joined
//! ([`Assignment`]); this crate knows the constraints and computes the columns.
//! A gadget says itself what it is ([`Gadget`]); which one serves each family is a [`GadgetSet`].
//! Depends on halo2 alone, so that a verifier can link it without models or weights.
//!
//! | module | holds |
//! |---|---|
//! | [`params`], [`statement`] | what a verifier must know of a circuit |
//! | `params_error` | what is wrong with parameters |
//! | `terms` | fractions per helper column |
//! | [`column`](mod@column) | columns and cells by number |
//! | [`columns`] | halo2's columns, queries in gates |
//! | [`gadget`] | what every gadget registers |
//! | `chain` | rows that a fingerprint goes on over |
//! | [`bus`] | what is looked up, and what there is to find |
//! | [`linear`], [`families`] | the seams: what else is asked of a gadget of each family |
//! | `activation` | rescale, saturation and function, fused |
//! | `maximum` | the largest of a window's rescaled sums, and a function of it |
//! | `range` | values in a range |
//! | `plain` | plain cells and their fingerprints |
//! | [`running_sums`] | what the next two share: weights at a challenge times inputs, added up |
//! | `freivalds` | fixed weights times inputs, at a challenge |
//! | [`committed`] | committed weights times inputs, at a challenge |
//! | `arithmetic` | arithmetic on fingerprints |
//! | `boundary` | boundary terms, combined between ρ and σ |
//! | `memory` | values found by their keys |
//! | `occurrences` | where keys occur in lists |
//! | [`committed_tensors`] | tensors that commitments of their own hold |
//! | [`poseidon`] | the hash of tensors, outside a circuit |
//! | `hash` | the same in a circuit |
//! | [`table`] | lookup tables |
//! | [`weight_ranges`] | ranges of weights, for their commitment |
//! | [`logup`] | the lookup argument |
//! | `inverses` | its fractions, each different one once |
//! | [`gadget_set`] | which gadget serves each family |
//! | [`layout`] | which gadget's columns stand where |
//! | `cells` | cells while later columns are computed |
//! | `program` | arithmetic, copies and linear identities, in order |
//! | `second_phase` | columns that depend on challenges |
//! | `circuit` | [`ProvennCircuit`] |

// Column numbers come from `Layout`, which also sizes every vector that they index.
mod activation;
mod arithmetic;
mod assignment;
mod boundary;
pub mod bus;
mod cells;
mod chain;
mod circuit;
pub mod column;
pub mod columns;
mod combination;
pub mod committed;
pub mod committed_tensors;
pub mod families;
mod field;
mod freivalds;
pub mod gadget;
pub mod gadget_set;
mod hash;
mod inverses;
pub mod layout;
pub mod linear;
pub mod logup;
pub mod maximum;
mod memory;
mod occurrences;
pub mod params;
mod params_error;
mod plain;
pub mod poseidon;
mod program;
mod range;
pub mod running_sums;
mod second_phase;
pub mod statement;
pub mod table;
mod terms;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod weight_ranges;

pub use activation::ActivationBank;
pub use arithmetic::ArithmeticBank;
pub use assignment::{Assignment, BoundaryValues, FirstPhase, Step};
pub use boundary::BoundaryBank;
pub use bus::BusTerm;
pub use cells::Cells;
pub use chain::Chain;
pub use circuit::{Config, FixedColumn, ProvennCircuit};
pub use column::{CellRef, Column, Integers, Numbers};
pub use columns::{Challenges, Columns, Query, horner};
pub use committed_tensors::TensorForm;
pub use field::{from_signed, to_signed};
pub use freivalds::Freivalds;
pub use gadget::{Constraint, Gadget, Known};
pub use gadget_set::{GadgetSet, Standard};
/// The field of all columns.
pub use halo2_proofs::halo2curves::bn256::Fr;
pub use hash::PoseidonBank;
pub use layout::Layout;
pub use linear::LinearIdentity;
pub use logup::LogUp;
pub use maximum::MaximumBank;
pub use memory::BusMemory;
pub use occurrences::WeightedMemory;
pub use params::{ActivationBanks, CircuitParams, MaximumBanks, ParamsError, RangeBanks};
pub use plain::PlainBank;
pub use poseidon::message::{Message, MessageError, digest_of_digests};
pub use range::RangeBank;
pub use second_phase::{Committed, early_columns, second_phase};
pub use statement::{Grid, PublicTensor, ShownTensor, Statement, TensorVisibility};
pub use terms::TermsPerHelper;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
