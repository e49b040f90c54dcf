//! Evaluations of columns outside the domain, from their values:
//! `p(x) = Σ p_i·l_i(x)` with `l_i(x) = (x^n - 1)/n · ω^i/(x - ω^i)`.
//!
//! A rotated point turns the weights: `l_i(ω^r·x) = l_(i-r)(x)`. So one vector of weights serves all
//! points of a proof.

use crate::column::{Column, rotated, segments};
use crate::field::{invert_all, limbs};
use crate::integers::Accumulator;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use provenn_simd::sums;

/// Lagrange weights of a point.
#[derive(Debug)]
pub(crate) struct Weights {
    x: Fr,
    weights: Vec<Fr>,
    /// Sums of the first weights: 0, l_0, l_0 + l_1, …
    prefix: Vec<Fr>,
}

impl Weights {
    /// The weights of x over the domain; `None` if x lies on it.
    pub(crate) fn new(x: Fr, domain: &[Fr], n_inv: Fr) -> Option<Self> {
        let n = domain.len() as u64;
        let scale = (x.pow_vartime([n]) - Fr::ONE) * n_inv;
        let mut weights: Vec<Fr> = domain.iter().map(|root| x - root).collect();
        invert_all(&mut weights)?;
        weights.iter_mut().zip(domain).for_each(|(weight, root)| *weight *= scale * root);
        let sums = weights.iter().scan(Fr::ZERO, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        let prefix = std::iter::once(Fr::ZERO).chain(sums).collect();
        Some(Weights { x, weights, prefix })
    }

    /// p(ω^rotation·x).
    pub(crate) fn evaluate(&self, column: &Column<'_>, rotation: i32, domain: &[Fr]) -> Fr {
        let n = self.weights.len();
        let back = |row: usize| rotated(row, rotation.saturating_neg(), n);
        match column {
            Column::Wide(values) => segments(back(0), n, n)
                .map(|(from, to, length)| {
                    sums::dot(&values[to..to + length], &self.weights[from..from + length])
                })
                .sum(),
            Column::Small { integers, tail } => {
                let parts = segments(back(0), integers.len(), n)
                    .map(|(from, to, length)| self.integers(&integers[to..to + length], from));
                parts.sum::<Fr>() + self.tail(tail, back)
            }
            Column::Few { few, tail } => {
                let mut sums = vec![Fr::ZERO; few.values.len()];
                for (from, to, length) in segments(back(0), few.keys.len(), n) {
                    let keys = few.keys[to..to + length].iter();
                    let weights = &self.weights[from..from + length];
                    keys.zip(weights).for_each(|(key, weight)| sums[usize::from(*key)] += weight);
                }
                let body: Fr = sums.iter().zip(&few.values).map(|(sum, value)| sum * value).sum();
                body + self.tail(tail, back)
            }
            Column::Permuted { delta, differences } => {
                let point = self.x * domain[rotated(0, rotation, n)];
                let moved = differences.iter().map(|(row, d)| d * self.weights[back(*row)]);
                moved.sum::<Fr>() + point * delta
            }
        }
    }

    /// Integers times the weights from a row on.
    fn integers(&self, integers: &[i64], from: usize) -> Fr {
        let rows = from..from + integers.len();
        let weights = self.prefix[rows.end] - self.prefix[rows.start];
        let narrow = sums::are_narrow(integers);
        let sum = narrow.then(|| sums::dot_integers(integers, &self.weights[rows.clone()]));
        if let Some(sum) = sum.flatten() {
            return sum - weights * Fr::from(1 << 51);
        }
        let mut sum = Accumulator::default();
        let weighted = integers.iter().zip(&self.weights[rows]);
        weighted.for_each(|(integer, weight)| sum.add(*integer, &limbs(weight)));
        sum.finish(weights)
    }

    /// Blinding values at the end of a column, times the weights of where their rows come from.
    fn tail(&self, tail: &[Fr], back: impl Fn(usize) -> usize) -> Fr {
        let first = self.weights.len() - tail.len();
        let values = tail.iter().enumerate();
        values.map(|(i, value)| value * self.weights[back(first + i)]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::combine::{Term, combine};
    use crate::fft::Fft;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn agrees_with_coefficients() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(7);
        for k in [2, 5, 8] {
            let fft = Fft::new(k).unwrap();
            let n = fft.n();
            let domain = fft.domain();
            let x = Fr::random(&mut rng);
            let weights = Weights::new(x, &domain, fft.n_inv()).unwrap();
            let mut random = |count| (0..count).map(|_| Fr::random(&mut rng)).collect::<Vec<_>>();
            let integers: Vec<i64> = (0_i64..).take(n - 3).map(|i| (2 - i) * (1 << 40)).collect();
            let columns = [
                Column::blinded(integers.into(), random(2), n),
                Column::blinded(Vec::<i64>::new().into(), vec![], n),
                Column::blinded(random(n).into(), vec![], n),
                Column::blinded(random(2).repeat(n / 2 - 1).into(), random(1), n),
                Column::Permuted { delta: Fr::from(3), differences: vec![(1, Fr::from(5))] },
            ];
            for column in &columns {
                for rotation in [0, 1, -1, -7, 3] {
                    let term = Term { column, rotation: 0, coefficient: Fr::ONE };
                    let mut coefficients = combine(&[term], &domain);
                    fft.to_coefficients(&mut coefficients);
                    fft.reverse_bits(&mut coefficients);
                    let point = x * domain[rotated(0, rotation, n)];
                    let expected =
                        coefficients.iter().rev().fold(Fr::ZERO, |acc, c| acc * point + c);
                    assert_eq!(weights.evaluate(column, rotation, &domain), expected);
                }
            }
            assert!(Weights::new(domain[1], &domain, fft.n_inv()).is_none());
        }
    }
}
