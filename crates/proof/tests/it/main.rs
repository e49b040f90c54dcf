//! Setup, prove and verify end to end, and everything that must be refused.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation
)]

mod cost;
mod environment;
mod files;
mod foreign_keys;
mod gadget_sets;
mod keygen;
mod proof_json;
mod proofs;
mod published;
mod toy;
