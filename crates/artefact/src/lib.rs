//! Files of keys, proofs and circuits: what they begin with, how much of them is read, how they are written.
//!
//! The lowest crate that touches the file system: it knows no field, curve or circuit. Whoever reads a payload
//! must expect anything in it; the header guards against damage and mistaken files only.
//!
//! | module | holds |
//! |---|---|
//! | `kind` | [`Kind`]: what an artefact holds |
//! | `header` | magic, version, kind, length, digest |
//! | `open` | reading an artefact, its header checked |
//! | `write` | writing an artefact |
//! | `place` | where a file goes and how it gets there, whole or not at all |
//! | [`temporary`] | what is taken away when a process ends early |
//! | `digest` | BLAKE2b-256 under a name |
//! | `read` | reading whole files with a limit |
//! | [`json`] | JSON files, with a limit |
//! | [`codec`] | the one binary codec |
//! | `error` | [`ArtefactError`] |

pub mod codec;
mod digest;
mod error;
mod header;
pub mod json;
mod kind;
mod open;
mod place;
mod read;
pub mod temporary;
mod write;

pub use digest::digest;
pub use error::ArtefactError;
pub use header::{HEADER_BYTES, MAGIC};
pub use kind::Kind;
pub use open::{Payload, check, has_magic, in_memory, kind, kind_of, open};
pub use place::{
    check_folder, check_place, end_of_links, make_folder, write_atomically, write_private,
};
pub use read::{open_regular, read_at_most};
pub use write::write;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
