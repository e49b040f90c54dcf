//! The KZG structured reference string (SRS) of provers: draw, read, write, check, cache.
//!
//! What a verifier needs of it, the ground of trust in it, and what its files begin with are
//! [`provenn_verifier`]'s; this crate has the powers.
//!
//! | module | holds |
//! |---|---|
//! | [`srs`] | [`Srs`]: what provers and key generation need |
//! | `draw` | drawing an SRS locally (tests only: whoever draws it can forge) |
//! | `check` | pairing check that the points are powers of one secret |
//! | `points` | points as bytes, checked |
//! | `file` | reading and writing [`Srs`], in our container or as halo2 writes it |
//! | `ptau` | reading [`Srs`] from powers of tau |
//! | `cache` | a directory of files by k |
//! | `error` | [`SrsError`] |

mod cache;
mod check;
mod draw;
mod error;
mod file;
mod points;
mod ptau;
pub mod srs;

pub use error::SrsError;
pub use srs::Srs;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
