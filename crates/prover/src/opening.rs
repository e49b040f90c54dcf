//! Step 5: the opening, SHPLONK (Boneh, Drake, Fisch, Gabizon, "Efficient polynomial commitment
//! schemes for multiple points and polynomials", 2020, section 4).
//!
//! Polynomials opened at the same set S of points are combined with powers of y to A_S, sets with
//! powers of v. With R_S the polynomial of low degree that agrees with A_S on S, Z_S zero on S, and
//! T all points:
//! `W = Σ v^s·(A_S - R_S)/Z_S`, then at a random u
//! `W' = (Σ v^s·Z_(T-S)(u)·(A_S - R_S(u)) - Z_T(u)·W)/(X - u)`, which halo2 divides by the first
//! set's Z_(T-S)(u).
//!
//! All is done with values on the domain: dividing is multiplying by inverses there.

use crate::column::{Column, rotated};
use crate::combine::{Term, combine};
use crate::error::ProverError;
use crate::field::{invert_all, powers};
use crate::key::Prover;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// A polynomial and its values at rotations of x.
#[derive(Debug)]
pub(crate) struct Opened<'c> {
    pub(crate) column: &'c Column<'c>,
    /// Value by rotation, this modulo n.
    pub(crate) values: BTreeMap<usize, Fr>,
}

/// Polynomials opened at the same points.
struct Set<'o> {
    rotations: BTreeSet<usize>,
    members: Vec<&'o Opened<'o>>,
}

impl Prover<'_> {
    /// Opens polynomials, in the order in which the verifier meets them.
    pub(crate) fn open<E: EncodedChallenge<G1Affine>>(
        &self,
        x: Fr,
        opened: &[Opened<'_>],
        transcript: &mut impl TranscriptWrite<G1Affine, E>,
    ) -> Result<(), ProverError> {
        let sets = sets(opened);
        let y = *transcript.squeeze_challenge_scalar::<()>();
        let v = *transcript.squeeze_challenge_scalar::<()>();
        let combined: Vec<(Vec<Fr>, Vec<Fr>)> =
            sets.iter().map(|set| self.combine_set(set, x, y)).collect::<Result<_, _>>()?;

        let mut distances: Vec<Fr> = self.domain.iter().map(|root| root - x).collect();
        invert_all(&mut distances).ok_or(ProverError::UnluckyChallenge)?;
        let mut first = vec![Fr::ZERO; self.n()];
        first.par_iter_mut().enumerate().for_each(|(row, out)| {
            for ((set, (values, low)), v) in sets.iter().zip(&combined).zip(powers(Fr::ONE, v)) {
                let mut term = v * (values[row] - evaluate(low, self.domain[row]));
                for rotation in &set.rotations {
                    // 1/(ω^i - ω^r·x) = ω^-r/(ω^(i-r) - x)
                    let n = self.n();
                    term *= distances[(row + n - rotation) % n] * self.domain[(n - rotation) % n];
                }
                *out += term;
            }
        });
        transcript.write_point(self.commit_values(&first))?;

        let u = *transcript.squeeze_challenge_scalar::<()>();
        let all: BTreeSet<usize> =
            sets.iter().flat_map(|set| set.rotations.iter().copied()).collect();
        let zero_on = |rotations: &mut dyn Iterator<Item = &usize>| -> Fr {
            rotations.map(|rotation| u - x * self.domain[*rotation]).product()
        };
        let others: Vec<Fr> =
            sets.iter().map(|set| zero_on(&mut all.difference(&set.rotations))).collect();
        let scale = others.first().and_then(|first| Option::<Fr>::from(first.invert()));
        let scale = scale.ok_or(ProverError::UnluckyChallenge)?;
        let factors: Vec<Fr> =
            others.iter().zip(powers(scale, v)).map(|(other, power)| power * other).collect();
        let whole = zero_on(&mut all.iter()) * scale;
        let low: Fr = (combined.iter().zip(&factors)).map(|((_, r), f)| evaluate(r, u) * f).sum();
        let mut distances: Vec<Fr> = self.domain.iter().map(|root| root - u).collect();
        invert_all(&mut distances).ok_or(ProverError::UnluckyChallenge)?;
        let second: Vec<Fr> = (first.par_iter().zip(&distances).enumerate())
            .map(|(row, (first, inverse))| {
                let sum: Fr = (combined.iter().zip(&factors)).map(|((a, _), f)| a[row] * f).sum();
                (sum - low - whole * first) * inverse
            })
            .collect();
        transcript.write_point(self.commit_values(&second))?;
        Ok(())
    }

    /// A_S on the domain, and the coefficients of R_S.
    fn combine_set(&self, set: &Set<'_>, x: Fr, y: Fr) -> Result<(Vec<Fr>, Vec<Fr>), ProverError> {
        let weighted = || set.members.iter().zip(powers(Fr::ONE, y));
        let terms: Vec<Term<'_>> = weighted()
            .map(|(opened, coefficient)| Term { column: opened.column, rotation: 0, coefficient })
            .collect();
        let points: Vec<(Fr, Fr)> = set
            .rotations
            .iter()
            .map(|rotation| {
                let values =
                    weighted().filter_map(|(opened, y)| Some(opened.values.get(rotation)? * y));
                (x * self.domain[rotated(*rotation, 0, self.n())], values.sum())
            })
            .collect();
        let low = interpolate(&points).ok_or(ProverError::UnluckyChallenge)?;
        Ok((combine(&terms, &self.domain), low))
    }
}

/// Groups by points; groups and members in order of first appearance.
fn sets<'o>(opened: &'o [Opened<'o>]) -> Vec<Set<'o>> {
    let mut sets: Vec<Set<'o>> = vec![];
    for opened in opened {
        let rotations: BTreeSet<usize> = opened.values.keys().copied().collect();
        match sets.iter_mut().find(|set| set.rotations == rotations) {
            Some(set) => set.members.push(opened),
            None => sets.push(Set { rotations, members: vec![opened] }),
        }
    }
    sets
}

/// The value of a polynomial of low degree.
pub(crate) fn evaluate(coefficients: &[Fr], point: Fr) -> Fr {
    coefficients.iter().rev().fold(Fr::ZERO, |sum, c| sum * point + c)
}

/// Coefficients of the polynomial through points; `None` if two share their place.
pub(crate) fn interpolate(points: &[(Fr, Fr)]) -> Option<Vec<Fr>> {
    let mut sum = vec![Fr::ZERO; points.len()];
    for (i, (here, value)) in points.iter().enumerate() {
        let (mut basis, mut scale) = (vec![Fr::ONE], Fr::ONE);
        for (_, (there, _)) in points.iter().enumerate().filter(|(j, _)| *j != i) {
            scale *= here - there;
            // Times (X - there).
            basis.insert(0, Fr::ZERO);
            for at in 1..basis.len() {
                let above = basis[at];
                basis[at - 1] -= *there * above;
            }
        }
        let scale = Option::<Fr>::from(scale.invert())? * value;
        sum.iter_mut().zip(basis).for_each(|(sum, basis)| *sum += basis * scale);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolation() {
        let at = |x: u64| Fr::from(x);
        let points = [(at(2), at(9)), (at(5), at(0)), (at(11), -at(4)), (at(3), at(1))];
        for count in 0..=points.len() {
            let coefficients = interpolate(&points[..count]).unwrap();
            assert!(points[..count].iter().all(|(x, y)| evaluate(&coefficients, *x) == *y));
        }
        assert!(interpolate(&[(at(1), at(1)), (at(1), at(1))]).is_none());
    }
}
