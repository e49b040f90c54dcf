//! The proven bounds against measured errors.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss
)]

mod batch_norm;
mod models;
mod net;
mod operators;
mod reference;
mod terms;
