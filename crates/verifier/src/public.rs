//! Public values: field elements, signed integers, and the reals that they stand for.

use crate::transcript::decode_scalar;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::PrimeField;
use provenn_gadgets::{Grid, ShownTensor, Statement};

pub use provenn_gadgets::to_signed;

/// Number of public values. `None` if it overflows.
#[must_use]
pub fn instance_length(statement: &Statement) -> Option<usize> {
    tensors(statement).try_fold(0_usize, |sum, shown| sum.checked_add(shown.values()?))
}

/// The tensors that a proof shows, or digests of, in the order of the public values.
pub fn tensors(statement: &Statement) -> impl Iterator<Item = ShownTensor<'_>> {
    statement.shown()
}

/// The reals of a tensor's integers as decimals, each in the shortest form that reads back as the same `f64`.
#[must_use]
pub fn pretty(integers: &[i64], grid: &Grid) -> Vec<String> {
    let reals = integers.iter().enumerate().map(|(element, &integer)| grid.real(element, integer));
    reals.map(|real| real.to_string()).collect()
}

/// A digest as proof files show it: 0x and 64 hex digits, the highest first.
#[must_use]
pub fn pretty_digest(digest: Fr) -> String {
    let mut bytes = digest.to_repr();
    bytes.reverse();
    format!("0x{}", hex::encode(bytes))
}

/// The digest that [`pretty_digest`] shows so; `None` of any other text.
#[must_use]
pub fn parse_digest(text: &str) -> Option<Fr> {
    let mut bytes: [u8; 32] = hex::decode(text.strip_prefix("0x")?).ok()?.try_into().ok()?;
    bytes.reverse();
    decode_scalar(&bytes).filter(|digest| pretty_digest(*digest) == text)
}
