//! The prover against halo2's: random circuits, odd sizes, the transcript step by step, blinding, what is shown.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::print_stdout
)]

mod arkworks;
mod backends;
mod blinding;
mod description;
mod provers;
mod random;
mod refusals;
mod script;
mod shown;
mod sizes;
mod steps;
