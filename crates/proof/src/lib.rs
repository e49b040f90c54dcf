//! Keys and proofs: what belongs together, how it is made, and the files of it.
//!
//! Verifying is [`provenn_verifier`]'s, which knows nothing of this crate.
//!
//! | module | holds |
//! |---|---|
//! | [`setup`](mod@setup) | key generation: who belongs together |
//! | [`key_columns`] | from a circuit to its fixed columns and permutation |
//! | [`proving_key`] | [`ProvingKey`], its file |
//! | [`prove`](mod@prove) | proving: who belongs together, which prover |
//! | `memory` | what a proof takes and what there is |
//! | [`stock`] | halo2's own prover and its key |
//! | [`witness_file`] | `witness.json` |
//! | [`compiled_file`] | `model.compiled` |
//! | `testing` | proofs of whatever columns one likes (feature `testing`) |

pub mod compiled_file;
pub mod key_columns;
mod memory;
pub mod prove;
pub mod proving_key;
pub mod setup;
pub mod stock;
#[cfg(feature = "testing")]
pub mod testing;
pub mod witness_file;

pub use compiled_file::{CompiledFileError, read_compiled, write_compiled};
pub use key_columns::FitError;
pub use prove::{ProveError, ProveOptions, Proved, ProverKind, prove, prove_with};
pub use proving_key::ProvingKey;
pub use setup::{SetupError, circuit_digest, setup};
pub use witness_file::WitnessFile;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
