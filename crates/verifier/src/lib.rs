//! The verifier: from a verifying key, an SRS and a proof to yes or a reason for no.
//!
//! Depends on halo2, on the gadgets' constraints and on what files begin with: on no model, no weights, no planner
//! and no prover. It draws no random numbers, and needs no thread but the calling one; it works on
//! `wasm32-unknown-unknown`.
//!
//! | module | holds |
//! |---|---|
//! | [`verify`](mod@verify) | the verifier, in protocol order: read this to audit |
//! | [`transcript`] | proof bytes to points and scalars, one encoding each; what both sides hash |
//! | [`constraints`] | from parameters to halo2's constraint system and domain |
//! | [`verifying_key`] | [`VerifyingKey`], its file |
//! | [`link`] | that a column of a proof is what committed ones make it |
//! | [`commitment`] | [`Commitment`] to weights, its file |
//! | [`committed_key`] | what a key of committed weights holds beside |
//! | [`public`] | public values: field elements, integers, reals |
//! | [`proof_file`] | [`ProofFile`]: `proof.json` |
//! | [`srs`] | [`VerifierSrs`]: the points that verifiers need |
//! | [`ceremony`] | public ceremonies by digest: the one ground of trust in an SRS |
//! | [`srs_file`] | what files of an SRS begin with |
//! | [`points`] | points as bytes, checked |
//! | `randomness` | why there is none without an operating system |
//!
//! [`Statement`], [`PublicTensor`], [`Grid`] and [`CircuitParams`], which a key consists of beside its commitments, are the
//! gadgets'.

pub mod ceremony;
pub mod commitment;
pub mod commitments;
pub mod committed_key;
pub mod constraints;
pub mod link;
pub mod points;
pub mod proof_file;
pub mod ptau;
pub mod public;
#[cfg(all(feature = "refuse-randomness", target_arch = "wasm32", target_os = "unknown"))]
mod randomness;
pub mod srs;
pub mod srs_file;
pub mod tensor_commitment;
pub mod transcript;
pub mod verify;
pub mod verifying_key;

pub use ceremony::{CEREMONIES, Ceremony, Origin};
pub use commitment::{Commitment, CommitmentError, CommitmentFile};
pub use commitments::Commitments;
pub use committed_key::CommittedKey;
pub use proof_file::{PrettyPublicInputs, ProofFile, ProofFileError};
pub use provenn_gadgets::{
    CircuitParams, Grid, Message, MessageError, PublicTensor, Statement, TensorVisibility,
    digest_of_digests,
};
pub use public::{parse_digest, pretty_digest};
pub use srs::VerifierSrs;
pub use srs_file::{MAX_K, Mark, SrsFileError};
pub use tensor_commitment::TensorCommitment;
pub use verify::{VerifyError, VerifyOptions, verify, verify_committed};
pub use verifying_key::{KeyError, VerifyingKey};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
