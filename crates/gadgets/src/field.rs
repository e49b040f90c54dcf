//! Signed integers as field elements, and back.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::PrimeField;

/// x mod p.
#[must_use]
pub fn from_signed(x: i64) -> Fr {
    let magnitude = Fr::from(x.unsigned_abs());
    if x < 0 { -magnitude } else { magnitude }
}

/// The signed 64-bit integer that a field element stands for, if it is one.
#[must_use]
pub fn to_signed(x: Fr) -> Option<i64> {
    let small = |x: Fr| {
        let bytes = x.to_repr();
        let (low, high) = bytes.split_first_chunk::<8>()?;
        high.iter().all(|&byte| byte == 0).then(|| u64::from_le_bytes(*low))
    };
    match small(x).and_then(|magnitude| i64::try_from(magnitude).ok()) {
        Some(x) => Some(x),
        None => small(-x).and_then(|magnitude| 0_i64.checked_sub_unsigned(magnitude)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_integers_survive_the_field() {
        for x in [0, 1, -1, i64::MAX, i64::MIN, i64::MIN + 1, 123_456_789] {
            assert_eq!(to_signed(from_signed(x)), Some(x));
        }
        let beyond = from_signed(i64::MAX) + Fr::one();
        assert_eq!(to_signed(beyond), None);
        assert_eq!(to_signed(from_signed(i64::MIN) - Fr::one()), None);
        assert_eq!(to_signed(beyond * beyond * beyond), None);
    }
}
