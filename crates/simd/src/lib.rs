//! Arithmetic on slices of BN254's field elements and points, eight at a time where the processor
//! has AVX-512 with 52-bit multiplication (IFMA), one at a time elsewhere, with equal results.
//!
//! | module | what it does |
//! |---|---|
//! | [`slices`] | products of slices, sums with a factor |
//! | [`registers`] | programs of sums and products, 64 elements at a time |
//! | [`sums`] | sums of many products, reduced once |
//! | [`points`] | affine sums of many pairs of points, which share inversions |
//! | [`groups`] | sums of groups of points |
//! | [`transform`] | the levels of a Fourier transform |
//!
//! Elements keep their representation, x·2^256 in four 64-bit limbs; for arithmetic they are split
//! into five 52-bit limbs in five registers of eight lanes (Gueron and Krasnov, "Software
//! implementation of modular exponentiation, using advanced vector instructions architectures",
//! 2012). A multiplication takes a fifth of the time of one at a time.
//!
//! `unsafe` is in two places: where elements are loaded and stored (`ifma::memory`), and where code
//! that needs the instructions is entered (`ifma`), by a value that proves that they are there.
//!
//! Nothing here runs in constant time, as nowhere in halo2.

pub mod groups;
#[cfg(target_arch = "x86_64")]
mod ifma;
#[cfg(not(target_arch = "x86_64"))]
#[path = "none.rs"]
mod ifma;
pub mod points;
pub mod registers;
pub mod slices;
pub mod sums;
mod term;
pub mod transform;

/// Whether this processor does eight at a time.
#[must_use]
pub fn is_available() -> bool {
    ifma::Ifma::detect().is_some()
}

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
