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
//! | [`commit`](mod@commit) | commitments to weights, and the proof of their ranges |
//! | [`opening`] | [`Opening`] of a commitment to weights, its file |
//! | [`tensor_opening`] | [`TensorOpening`] of a commitment to inputs or outputs, its file |
//! | `openings` | all of a proof |
//! | `link` | that combined weights are the committed ones |
//! | `ranges` | the circuit of weights' ranges |
//! | `memory` | what a proof takes and what there is |
//! | [`stock`] | halo2's own prover and its key |
//! | [`witness_file`] | `witness.json` |
//! | [`compiled_file`] | `model.compiled` |
//! | `testing` | proofs of whatever columns one likes (feature `testing`) |

pub mod commit;
pub mod compiled_file;
pub mod key_columns;
mod link;
mod memory;
pub mod opening;
mod openings;
pub mod prove;
pub mod proving_key;
mod ranges;
pub mod setup;
pub mod stock;
pub mod tensor_opening;
#[cfg(feature = "testing")]
pub mod testing;
pub mod witness_file;

pub use commit::commit;
pub use compiled_file::{CompiledFileError, read_compiled, write_compiled};
pub use key_columns::FitError;
pub use opening::{Opening, OpeningError};
pub use openings::Openings;
pub use prove::{ProveError, ProveOptions, Proved, ProverKind, prove, prove_committed, prove_with};
pub use proving_key::ProvingKey;
pub use setup::{SetupError, circuit_digest, setup};
pub use tensor_opening::{CommitTensorsError, TensorOpening};
pub use witness_file::WitnessFile;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
