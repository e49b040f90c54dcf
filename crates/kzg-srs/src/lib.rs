//! The KZG structured reference string (SRS): draw, read, write, check, cache.
//!
//! Depends on halo2 alone. It is the lowest crate that writes files, so the header that every
//! binary artefact of this workspace starts with lives here too.
//!
//! | module | holds |
//! |---|---|
//! | [`artefact`] | header and digest of binary files |
//! | `read` | reading whole files with a limit |
//! | `write` | where a file goes and how it gets there, whole or not at all |
//! | [`temporary`] | what is taken away when a process ends early |
//! | `kind` | [`Kind`] of an artefact, [`ArtefactError`] |
//! | [`srs`] | [`Srs`]: what provers and key generation need |
//! | [`verifier`] | [`VerifierSrs`]: the three points that verifiers need |
//! | [`ceremony`] | public ceremonies by digest: the one ground of trust |
//! | `draw` | drawing an SRS locally (tests only: whoever draws it can forge) |
//! | `check` | pairing check that the points are powers of one secret |
//! | `points` | points as bytes, checked |
//! | `file` | reading and writing [`Srs`], in our container or as halo2 writes it |
//! | `cache` | a directory of files by k |

pub mod artefact;
mod cache;
pub mod ceremony;
mod check;
mod draw;
mod error;
mod file;
mod kind;
mod points;
mod read;
pub mod srs;
pub mod temporary;
pub mod verifier;
mod write;

pub use artefact::{ArtefactError, Kind};
pub use ceremony::{CEREMONIES, Ceremony};
pub use error::SrsError;
pub use srs::{MAX_K, Mark, Origin, Srs};
pub use verifier::VerifierSrs;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
