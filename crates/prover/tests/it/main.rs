//! The prover against halo2's: random circuits, odd sizes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss
)]

mod description;
mod provers;
mod random;
mod sizes;
