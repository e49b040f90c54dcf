//! The levels of a Fourier transform over the scalar field, in place.
//!
//! Values stand in natural order, coefficients in bit-reversed order: decimation in frequency leads
//! from the first to the second and decimation in time back.

use crate::ifma::{Ifma, Roots};
use halo2_proofs::halo2curves::bn256::Fr;

/// Elements that are transformed level by level; above, halves are finished one after the other.
const TOGETHER: usize = 1 << 11;
/// From so many elements on, eight are done at a time.
const EIGHTS: usize = 64;

/// Roots of unity by level: for each half-length h = 1, 2, 4, … the powers 0 to h-1 of the root of
/// order 2h.
#[derive(Clone, Debug)]
pub struct Levels {
    roots: Vec<Vec<Fr>>,
    lanes: Option<(Ifma, Roots)>,
}

impl Levels {
    /// The levels of transforms of 2^k elements from a root of that order.
    #[must_use]
    pub fn new(k: u32, omega: Fr) -> Self {
        let level = |level: u32| {
            let root = (level + 1..k).fold(omega, |root, _| root * root);
            std::iter::successors(Some(Fr::one()), |power| Some(*power * root))
                .take(1 << level)
                .collect()
        };
        let roots: Vec<Vec<Fr>> = (0..k).map(level).collect();
        let ifma = if 1 << k < EIGHTS { None } else { Ifma::detect() };
        let lanes = ifma.map(|ifma| (ifma, ifma.roots(&roots)));
        Levels { roots, lanes }
    }

    /// Decimation in time: for bit-reversed coefficients c their values `Σ c_j·ω^(i·j)`.
    ///
    /// # Panics
    /// If there are not 2^k.
    pub fn sums(&self, values: &mut [Fr]) {
        assert_eq!(values.len(), 1 << self.roots.len(), "the transform's size");
        match &self.lanes {
            Some((ifma, roots)) => ifma.sums(roots, values),
            None => self.sums_alone(values),
        }
    }

    /// Decimation in time of c_j·f_j, written elsewhere.
    ///
    /// # Panics
    /// If there are not 2^k of each.
    pub fn sums_of_products(&self, values: &[Fr], factors: &[Fr], out: &mut [Fr]) {
        let size = 1 << self.roots.len();
        assert_eq!([values.len(), factors.len(), out.len()], [size; 3], "the transform's size");
        match &self.lanes {
            Some((ifma, roots)) => ifma.sums_of_products(roots, values, factors, out),
            None => {
                let products = values.iter().zip(factors).map(|(value, factor)| value * factor);
                out.iter_mut().zip(products).for_each(|(out, product)| *out = product);
                self.sums_alone(out);
            }
        }
    }

    /// Decimation in frequency: for values v in natural order the bit-reversed `Σ v_i·ω^(i·j)`.
    ///
    /// # Panics
    /// If there are not 2^k.
    pub fn differences(&self, values: &mut [Fr]) {
        assert_eq!(values.len(), 1 << self.roots.len(), "the transform's size");
        match &self.lanes {
            Some((ifma, roots)) => ifma.differences(roots, values),
            None => self.differences_alone(values),
        }
    }

    fn sums_alone(&self, a: &mut [Fr]) {
        let half = a.len() / 2;
        if half == 0 {
            return;
        }
        if a.len() > TOGETHER {
            let (low, high) = a.split_at_mut(half);
            self.sums_alone(low);
            self.sums_alone(high);
            sum(low, high, &self.roots[half.ilog2() as usize]);
            return;
        }
        for level in 0..=half.ilog2() {
            let half = 1 << level;
            for block in a.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                sum(low, high, &self.roots[level as usize]);
            }
        }
    }

    fn differences_alone(&self, a: &mut [Fr]) {
        let half = a.len() / 2;
        if half == 0 {
            return;
        }
        if a.len() > TOGETHER {
            let (low, high) = a.split_at_mut(half);
            difference(low, high, &self.roots[half.ilog2() as usize]);
            self.differences_alone(low);
            self.differences_alone(high);
            return;
        }
        for level in (0..=half.ilog2()).rev() {
            let half = 1 << level;
            for block in a.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                difference(low, high, &self.roots[level as usize]);
            }
        }
    }
}

/// (a, b) to (a + b·w, a - b·w); the first w is 1.
fn sum(low: &mut [Fr], high: &mut [Fr], roots: &[Fr]) {
    for (i, ((a, b), w)) in low.iter_mut().zip(high).zip(roots).enumerate() {
        let t = if i == 0 { *b } else { *b * w };
        *b = *a - t;
        *a += t;
    }
}

/// (a, b) to (a + b, (a - b)·w); the first w is 1.
fn difference(low: &mut [Fr], high: &mut [Fr], roots: &[Fr]) {
    for (i, ((a, b), w)) in low.iter_mut().zip(high).zip(roots).enumerate() {
        let d = *a - *b;
        *a += *b;
        *b = if i == 0 { d } else { d * w };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::{Field, PrimeField};
    use rand_chacha::rand_core::SeedableRng;

    /// Eight at a time and one at a time agree at every size, also for the extremes that bounds of
    /// sums are about.
    #[test]
    fn both_ways_agree() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(3);
        for k in 0..=15 {
            let omega = (k..Fr::S).fold(Fr::ROOT_OF_UNITY, |root, _| root.square());
            let levels = Levels::new(k, omega);
            assert_eq!(levels.lanes.is_some(), k >= 6 && crate::is_available());
            let random = (0..1 << k).map(|_| Fr::random(&mut rng)).collect();
            for values in [random, vec![-Fr::ONE; 1 << k], vec![Fr::ZERO; 1 << k]] {
                let (mut a, mut b) = (values.clone(), values.clone());
                levels.sums(&mut a);
                levels.sums_alone(&mut b);
                assert_eq!(a, b, "sums, k = {k}");
                let factors: Vec<Fr> = values.iter().rev().map(|value| *value + omega).collect();
                let mut a = vec![Fr::ONE; 1 << k];
                levels.sums_of_products(&values, &factors, &mut a);
                let mut b: Vec<Fr> = values.iter().zip(&factors).map(|(v, f)| v * f).collect();
                levels.sums_alone(&mut b);
                assert_eq!(a, b, "sums of products, k = {k}");
                let (mut a, mut b) = (values.clone(), values);
                levels.differences(&mut a);
                levels.differences_alone(&mut b);
                assert_eq!(a, b, "differences, k = {k}");
            }
        }
    }
}
