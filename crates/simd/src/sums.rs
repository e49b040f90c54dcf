//! Sums of many products: of elements, and of integers and elements.

use crate::ifma::Ifma;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;

/// Terms that are added up before a reduction.
const MOST: usize = 1 << 8;

/// `Σ values[i]·others[i]`
///
/// # Panics
/// If lengths differ.
#[must_use]
pub fn dot(values: &[Fr], others: &[Fr]) -> Fr {
    assert_eq!(values.len(), others.len(), "a value for every other");
    match Ifma::detect() {
        Some(ifma) => ifma.dot(values, others),
        None => values.iter().zip(others).map(|(a, b)| a * b).sum(),
    }
}

/// Whether integers are narrow enough for [`dot_integers`] and [`combine`]: at least -2^51 and less than 2^51.
#[must_use]
pub fn are_narrow(integers: &[i64]) -> bool {
    let wide = |x: &i64| x.wrapping_add(1 << 51).cast_unsigned() >> 52;
    integers.iter().fold(0, |any, x| any | wide(x)) == 0
}

/// `Σ (integers[i] + 2^51)·elements[i]` for narrow integers, where the processor has the instructions.
///
/// # Panics
/// If lengths differ.
#[must_use]
pub fn dot_integers(integers: &[i64], elements: &[Fr]) -> Option<Fr> {
    assert_eq!(integers.len(), elements.len(), "an element for every integer");
    debug_assert!(are_narrow(integers));
    Some(Ifma::detect()?.dot_integers(integers, elements))
}

/// `out[i] += Σ_t c_t·elements_t[i] + Σ_t c_t·integers_t[i]` for narrow integers; says whether the processor has the
/// instructions, without which nothing is added.
///
/// # Panics
/// If lengths differ, or are no multiple of eight.
pub fn combine(out: &mut [Fr], elements: &[(&[Fr], Fr)], integers: &[(&[i64], Fr)]) -> bool {
    assert!(out.len().is_multiple_of(8), "whole vectors");
    assert!(elements.iter().all(|(values, _)| values.len() == out.len()), "a value for every row");
    assert!(integers.iter().all(|(values, _)| values.len() == out.len()), "a value for every row");
    debug_assert!(integers.iter().all(|(integers, _)| are_narrow(integers)));
    let Some(ifma) = Ifma::detect() else { return false };
    for elements in elements.chunks(MOST) {
        ifma.combine(out, elements, &[], &Fr::ZERO);
    }
    for integers in integers.chunks(MOST) {
        let offset: Fr = integers.iter().map(|(_, c)| c).sum();
        ifma.combine(out, &[], integers, &(-offset * Fr::from(1 << 51)));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    /// Random elements, and those next to zero and to the modulus.
    fn elements(seed: u64, length: usize) -> Vec<Fr> {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
        let one = |i: usize| match (seed % 7 + i as u64) % 7 {
            0 => -Fr::ONE,
            1 => Fr::ZERO,
            _ => Fr::random(&mut rng),
        };
        (0..length).map(one).collect()
    }

    fn from_signed(x: i64) -> Fr {
        if x < 0 { -Fr::from(x.unsigned_abs()) } else { Fr::from(x.unsigned_abs()) }
    }

    fn integers(seed: u64, length: usize) -> Vec<i64> {
        let edge = 1_i64 << 51;
        let narrow = |i: u64| match (seed % 5 + i) % 5 {
            0 => edge - 1,
            1 => -edge,
            _ => i64::try_from((seed.wrapping_mul(i * i + 77)) >> 13).unwrap() - edge / 2,
        };
        (0_u64..).take(length).map(narrow).collect()
    }

    #[test]
    fn narrow_integers() {
        assert!(are_narrow(&[0, -1, 1, (1 << 51) - 1, -1 << 51]));
        for wide in [1 << 51, (-1 << 51) - 1, i64::MIN, i64::MAX] {
            assert!(!are_narrow(&[0, wide, 0]));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn equal_one_at_a_time(seeds: [u64; 3], length in 0..3000_usize) {
            let [a, b] = [elements(seeds[0], length), elements(seeds[1], length)];
            let c = integers(seeds[2], length);
            let expected: Fr = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            prop_assert_eq!(dot(&a, &b), expected);
            let expected = a.iter().zip(&c).map(|(a, c)| (from_signed(*c) + Fr::from(1 << 51)) * a);
            let got = dot_integers(&c, &a);
            prop_assert_eq!(got.is_some(), crate::is_available());
            prop_assert!(got.is_none_or(|got| got == expected.sum()));
        }

        #[test]
        fn combinations(seed: u64, wide in 0..300_usize, small in 0..300_usize) {
            let factors = elements(seed, 300);
            let wides: Vec<_> = (0..wide).map(|i| elements(seed ^ i as u64, 16)).collect();
            let smalls: Vec<_> = (0..small).map(|i| integers(seed ^ i as u64, 16)).collect();
            let wides: Vec<(&[Fr], Fr)> =
                wides.iter().zip(&factors).map(|(v, c)| (v.as_slice(), *c)).collect();
            let smalls: Vec<(&[i64], Fr)> =
                smalls.iter().zip(&factors).map(|(v, c)| (v.as_slice(), *c)).collect();
            let mut out = elements(seed ^ 99, 16);
            let before = out.clone();
            if combine(&mut out, &wides, &smalls) {
                for (row, (out, before)) in out.iter().zip(&before).enumerate() {
                    let of_wides: Fr = wides.iter().map(|(v, c)| v[row] * c).sum();
                    let of_smalls: Fr = smalls.iter().map(|(v, c)| from_signed(v[row]) * c).sum();
                    prop_assert_eq!(*out, *before + of_wides + of_smalls);
                }
            }
        }
    }
}
