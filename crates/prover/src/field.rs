//! Field elements, signed integers, and inverses by the batch.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use rand_core::RngCore;

/// Four 64-bit limbs, lowest first, of the least non-negative representative.
pub(crate) type Limbs = [u64; 4];

/// The limbs of an element.
pub(crate) fn limbs(x: &Fr) -> Limbs {
    let repr = x.to_repr();
    let (chunks, _) = repr.as_chunks::<8>();
    std::array::from_fn(|i| chunks.get(i).map_or(0, |bytes| u64::from_le_bytes(*bytes)))
}

/// The element that an integer stands for.
pub(crate) fn from_signed(x: i64) -> Fr {
    let magnitude = Fr::from(x.unsigned_abs());
    if x < 0 { -magnitude } else { magnitude }
}

/// The signed 64-bit integer that an element stands for, if it is one.
pub(crate) fn to_signed(x: &Fr) -> Option<i64> {
    let small = |x: &Fr| match limbs(x) {
        [low, 0, 0, 0] => Some(low),
        _ => None,
    };
    match small(x).and_then(|magnitude| i64::try_from(magnitude).ok()) {
        Some(x) => Some(x),
        None => small(&-x).and_then(|magnitude| 0_i64.checked_sub_unsigned(magnitude)),
    }
}

/// Random elements, in order.
pub(crate) fn random(count: usize, mut rng: impl RngCore) -> Vec<Fr> {
    (0..count).map(|_| Fr::random(&mut rng)).collect()
}

/// Powers 0, 1, 2, … of a base, times `first`.
pub(crate) fn powers(first: Fr, base: Fr) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(first), move |power| Some(*power * base))
}

/// Replaces every element by its inverse with one inversion; `None` if one is zero.
pub(crate) fn invert_all(values: &mut [Fr]) -> Option<()> {
    let mut product = Fr::ONE;
    let before: Vec<Fr> = values
        .iter()
        .map(|value| {
            let here = product;
            product *= value;
            here
        })
        .collect();
    let mut inverse = Option::<Fr>::from(product.invert())?;
    for (value, before) in values.iter_mut().zip(before).rev() {
        let inverted = inverse * before;
        inverse *= *value;
        *value = inverted;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_integers_survive_the_field() {
        for x in [0, 1, -1, i64::MAX, i64::MIN, i64::MIN + 1, 123_456_789] {
            assert_eq!(to_signed(&from_signed(x)), Some(x));
        }
        assert_eq!(to_signed(&(from_signed(i64::MAX) + Fr::ONE)), None);
        assert_eq!(to_signed(&(from_signed(i64::MIN) - Fr::ONE)), None);
    }

    #[test]
    fn inverses() {
        let values: Vec<Fr> = (1..20).map(from_signed).collect();
        let mut inverses = values.clone();
        assert!(invert_all(&mut inverses).is_some());
        assert!(values.iter().zip(&inverses).all(|(a, b)| *a * b == Fr::ONE));
        assert!(invert_all(&mut [Fr::ONE, Fr::ZERO]).is_none());
        assert!(invert_all(&mut []).is_some());
    }
}
