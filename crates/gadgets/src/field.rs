//! Signed integers as field elements.

use halo2_proofs::halo2curves::bn256::Fr;

/// x mod p.
#[must_use]
pub fn from_signed(x: i64) -> Fr {
    let magnitude = Fr::from(x.unsigned_abs());
    if x < 0 { -magnitude } else { magnitude }
}
