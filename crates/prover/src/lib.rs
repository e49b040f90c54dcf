//! A prover for halo2's protocol.
//!
//! The unchanged verifier of halo2 accepts its proofs, so that soundness rests on that verifier alone.
//! Here are speed, memory and zero knowledge. Depends on halo2's types (keys, transcripts, curve) and
//! on no other crate of the workspace.
//!
//! The steps in protocol order:
//!
//! | step | module | does |
//! |---|---|---|
//! | 0 | `prove` | the protocol, one call a step |
//! | 1 | `commit` | advice columns, by width |
//! | 2 | `permutation` | products over moved cells |
//! | 3 | `quotient` | constraints divided by X^n - 1 |
//! | 3 | `blinding` | the random polynomial, blinded pieces |
//! | 4 | `evaluations` | values at x and its rotations |
//! | 5 | `opening` | SHPLONK |
//!
//! What they build on:
//!
//! | module | holds |
//! |---|---|
//! | `bases`, `key`, `keygen` | what is prepared once: points, key, its commitments |
//! | `column`, `few`, `columns` | columns in their narrowest form |
//! | `combine`, `barycentric`, `integers` | sums and evaluations of columns |
//! | [`msm`], [`fft`] | multi-scalar multiplication, Fourier transform |
//! | [`backend`] | the seam through which others replace these |

// Numbers of columns, rows, sums and registers index what they were counted on.
mod affine;
pub mod backend;
mod barycentric;
mod bases;
mod blinding;
mod column;
mod columns;
mod combine;
mod commit;
mod error;
mod evaluations;
mod few;
pub mod fft;
mod field;
mod integers;
mod key;
mod keygen;
pub mod msm;
mod opening;
mod permutation;
mod prove;
mod quotient;

pub use bases::Bases;
pub use column::{Known, Values};
pub use commit::commit_hiding;
pub use error::ProverError;
pub use key::Prover;
pub use keygen::key_commitments;
pub use prove::{Assignment, Report};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
