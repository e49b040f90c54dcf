//! Keys, proofs, verification and artefact files.
//!
//! Verifying needs a [`VerifyingKey`], a [`VerifierSrs`](provenn_kzg_srs::VerifierSrs) and a
//! [`ProofFile`]; it depends on the gadgets' constraints and on halo2, on no model and no weights,
//! and builds without the feature `prover`.
//!
//! | module | holds | prover only |
//! |---|---|---|
//! | [`verify`](mod@verify) | the verifier: read this to audit | |
//! | [`transcript`] | proof bytes to points and scalars, one encoding each | |
//! | [`verifying_key`] | [`VerifyingKey`], its file | |
//! | [`constraints`] | from a shape to halo2's constraint system and domain | |
//! | [`proof_file`] | `proof.json` | |
//! | [`witness_file`] | `witness.json` | |
//! | [`compiled_file`] | `model.compiled` | |
//! | [`public`] | public values: field elements, integers, reals | |
//! | [`json`] | JSON files, with a limit | |
//! | [`codec`] | the one binary codec | |
//! | [`setup`](mod@setup) | key generation: who belongs together | yes |
//! | `key_columns` | from a circuit to its fixed columns and permutation | yes |
//! | [`proving_key`] | [`ProvingKey`], its file | yes |
//! | [`prove`](mod@prove) | proving: who belongs together, which prover | yes |
//! | [`stock`] | halo2's own prover and its key | yes |

pub mod codec;
pub mod compiled_file;
pub mod constraints;
pub mod json;
#[cfg(feature = "prover")]
mod key_columns;
pub mod proof_file;
#[cfg(feature = "prover")]
pub mod prove;
#[cfg(feature = "prover")]
pub mod proving_key;
pub mod public;
#[cfg(feature = "prover")]
pub mod setup;
#[cfg(feature = "prover")]
pub mod stock;
pub mod transcript;
pub mod verify;
pub mod verifying_key;
pub mod witness_file;

pub use compiled_file::{read_compiled, write_compiled};
pub use json::JsonError;
pub use proof_file::{PrettyPublicInputs, ProofFile, ProofFileError};
#[cfg(feature = "prover")]
pub use prove::{ProveError, ProveOptions, Proved, ProverKind, prove, prove_with};
#[cfg(feature = "prover")]
pub use proving_key::ProvingKey;
#[cfg(feature = "prover")]
pub use setup::{SetupError, circuit_digest, setup};
pub use verify::{VerifyError, VerifyOptions, verify};
pub use verifying_key::{KeyError, VerifyingKey};
pub use witness_file::WitnessFile;

pub use provenn_kzg_srs::artefact;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
