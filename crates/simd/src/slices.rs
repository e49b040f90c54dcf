//! Products of slices of the scalar field, and sums with a factor.

use crate::ifma::Ifma;
use halo2_proofs::halo2curves::bn256::Fr;

/// `values[i] *= factors[i]`
///
/// # Panics
/// If lengths differ, as everywhere here.
pub fn multiply(values: &mut [Fr], factors: &[Fr]) {
    assert_eq!(values.len(), factors.len(), "a factor for every value");
    match Ifma::detect() {
        Some(ifma) => ifma.multiply(values, factors),
        None => values.iter_mut().zip(factors).for_each(|(value, factor)| *value *= factor),
    }
}

/// `values[i] *= factor`
pub fn scale(values: &mut [Fr], factor: Fr) {
    match Ifma::detect() {
        Some(ifma) => ifma.scale(values, &factor),
        None => values.iter_mut().for_each(|value| *value *= factor),
    }
}

/// `values[i] += factor·others[i]`
///
/// # Panics
/// If lengths differ.
pub fn add_scaled(values: &mut [Fr], others: &[Fr], factor: Fr) {
    assert_eq!(values.len(), others.len(), "a value for every other");
    match Ifma::detect() {
        Some(ifma) => ifma.add_scaled(values, others, &factor),
        None => values.iter_mut().zip(others).for_each(|(value, other)| *value += factor * other),
    }
}

/// `values[i] = values[i]·factor + others[i]`
///
/// # Panics
/// If lengths differ.
pub fn horner(values: &mut [Fr], factor: Fr, others: &[Fr]) {
    assert_eq!(values.len(), others.len(), "a value for every other");
    match Ifma::detect() {
        Some(ifma) => ifma.horner(values, &factor, others),
        None => {
            values.iter_mut().zip(others).for_each(|(value, o)| *value = *value * factor + o);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::Field;
    use proptest::prelude::*;
    use rand_chacha::rand_core::SeedableRng;

    /// Random elements, and those next to zero and to the modulus.
    fn elements(seed: u64, length: usize) -> Vec<Fr> {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(seed);
        let extremes = [Fr::ZERO, Fr::ONE, -Fr::ONE, -Fr::from(2), Fr::from(u64::MAX)];
        let choose = |i: u64| match (seed ^ (i * 7)) % 3 {
            0 => extremes[usize::try_from((seed / 3 + i) % 5).unwrap()],
            _ => Fr::random(&mut rng),
        };
        (0_u64..).take(length).map(choose).collect()
    }

    proptest! {
        #[test]
        fn equal_one_at_a_time(seeds: [u64; 3], length in 0..70_usize) {
            let [a, b] = [elements(seeds[0], length), elements(seeds[1], length)];
            let c = elements(seeds[2], 1)[0];
            let check = |f: &dyn Fn(&mut [Fr]), one: &dyn Fn(Fr, Fr) -> Fr| {
                let mut out = a.clone();
                f(&mut out);
                let expected: Vec<Fr> = a.iter().zip(&b).map(|(a, b)| one(*a, *b)).collect();
                prop_assert_eq!(out, expected);
                Ok(())
            };
            check(&|v| multiply(v, &b), &|a, b| a * b)?;
            check(&|v| scale(v, c), &|a, _| a * c)?;
            check(&|v| add_scaled(v, &b, c), &|a, b| a + b * c)?;
            check(&|v| horner(v, c, &b), &|a, b| a * c + b)?;
        }
    }
}
