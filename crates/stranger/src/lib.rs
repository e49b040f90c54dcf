//! Files of a stranger, for tests and for fuzzing: no part of the program.
//!
//! | module | holds |
//! |---|---|
//! | `target` | [`Target`]: a kind of file, and what is done with bytes of it; [`TARGETS`] |
//! | `honest` | [`Honest`]: one run of everything, with which a stranger's files are tried |
//! | `model`, `circuit`, `srs`, `keys`, `proofs` | how each kind is read, and what must hold of what is accepted |
//! | [`protobuf`] | edits of ONNX files that keep their structure |
//! | `editor` | [`Editor`]: edits that know nothing of what they edit |
//!
//! Mutants of honest files are read in every run of the tests (`tests/mutations.rs`), and so is what coverage-guided
//! fuzzing has found (`tests/corpus.rs`); the fuzzer's targets are in the folder `fuzz`.
// Tests report by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]

mod circuit;
mod editor;
mod honest;
mod keys;
mod model;
mod proofs;
pub mod protobuf;
mod srs;
mod target;

pub use editor::Editor;
pub use honest::{FILES, Honest, root};
pub use target::{TARGETS, Target};
