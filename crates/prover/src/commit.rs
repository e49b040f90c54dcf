//! Step 1: commitments to columns, by what is special about their values.
//!
//! * Blinding values are apart: their few points have tables, and what precedes them keeps its width.
//! * Zeros cost nothing.
//! * Few different values: `Σ v_i·L_i = Σ_v v·(Σ_(i: v_i = v) L_i)`, an addition per row. The most frequent value is
//!   subtracted from all before, which costs one term: the sum of all points is a constant.
//! * Wide integers of few values likewise, but that zero costs nothing.
//! * A run of equal values is a multiple of the difference of two sums of points: columns that
//!   change seldom, as permutation products do, are committed by their changes.

use crate::affine::normalise;
use crate::backend::{CpuMsm, Msm};
use crate::bases::Bases;
use crate::column::Column;
use crate::few::Few;
use crate::key::Prover;
use crate::msm::FixedBases;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::{Curve, Group};
use rayon::prelude::*;

impl Prover<'_> {
    /// Commits to columns that end in blinding values.
    pub(crate) fn commit(&self, columns: &[Column<'_>]) -> Vec<G1Affine> {
        let sums: Vec<G1> = columns.par_iter().map(|column| self.commit_one(column)).collect();
        normalise(&sums)
    }

    pub(crate) fn commit_one(&self, column: &Column<'_>) -> G1 {
        match column {
            Column::Small { integers, tail } => {
                commit_integers(integers, self.bases, &*self.msm) + self.msm.fixed(tail, &self.tail)
            }
            Column::Few { few, tail } => self.commit_few(few) + self.msm.fixed(tail, &self.tail),
            Column::Wide(values) => {
                let (body, tail) = values.split_at(self.usable);
                match differences(body, |a, b| Some(a - b)) {
                    Some((changes, rows)) => {
                        self.msm.elements(&changes, &sums_at(self.bases, &rows))
                            + self.msm.fixed(tail, &self.tail)
                    }
                    None => self.msm.elements(values, self.bases.lagrange()),
                }
            }
            Column::Permuted { .. } => G1::identity(),
        }
    }

    fn commit_few(&self, few: &Few) -> G1 {
        let points = self.bases.lagrange();
        let common = few.most_frequent();
        let value = few.values.get(usize::from(common)).copied().unwrap_or(Fr::ZERO);
        let mut sums = self.msm.by_key(&few.keys, few.values.len(), common, points);
        let mut scalars: Vec<Fr> = few.values.iter().map(|v| v - value).collect();
        if value != Fr::ZERO {
            sums.push(self.sum_of_first(few.keys.len()));
            scalars.push(value);
        }
        self.msm.elements(&scalars, &sums)
    }

    /// L_0 + … over so many rows. Over all rows it is the first power, since the L_i(X) add up to 1.
    fn sum_of_first(&self, rows: usize) -> G1Affine {
        let all = self.bases.powers().first().copied().unwrap_or_default();
        if rows + 64 < self.n() {
            return rows
                .checked_sub(1)
                .map_or_else(G1Affine::default, |last| self.bases.sums()[last]);
        }
        let beyond: G1 = self.bases.lagrange()[rows..].iter().map(|point| G1::from(*point)).sum();
        (G1::from(all) - beyond).to_affine()
    }

    /// Commits to the values of polynomials that need no blinding of their own.
    pub(crate) fn commit_values(&self, values: &[Fr]) -> G1Affine {
        self.msm.elements(values, self.bases.lagrange()).to_affine()
    }
}

/// Commits to columns of integers that end in blinding values, a list for each column, which stand in the last rows.
#[must_use]
pub fn commit_hiding(
    columns: &[&[i64]],
    tails: &[impl AsRef<[Fr]> + Sync],
    bases: &Bases<'_>,
) -> Vec<G1Affine> {
    let longest = tails.iter().map(|tail| tail.as_ref().len()).max().unwrap_or(0);
    let fixed = FixedBases::new(&bases.lagrange()[bases.n().saturating_sub(longest)..]);
    let sums: Vec<G1> = (columns.par_iter().zip(tails))
        .map(|(integers, tail)| {
            commit_integers(integers, bases, &CpuMsm) + fixed.sum(tail.as_ref())
        })
        .collect();
    normalise(&sums)
}

/// Commits to integers from the first row on.
pub(crate) fn commit_integers(integers: &[i64], bases: &Bases<'_>, msm: &dyn Msm) -> G1 {
    match differences(integers, |a, b| a.checked_sub(b)) {
        Some((changes, rows)) => msm.integers(&changes, &sums_at(bases, &rows)),
        None => match few_wide(integers) {
            Some(few) => {
                // No key is the greatest number of its type.
                let zero = (0..).zip(&few.values).find(|(_, value)| **value == 0);
                let zero = zero.map_or(u16::MAX, |(key, _)| key);
                let count = few.values.len();
                let sums = msm.by_key(&few.keys, count, zero, bases.lagrange());
                msm.integers(&few.values, &sums)
            }
            None => msm.integers(integers, bases.lagrange()),
        },
    }
}

/// Bits from which on integers take three windows and more, while few values take an addition per row.
const WIDE: u32 = 24;

/// Wide integers, if their values are few, as what tables hold are.
fn few_wide(integers: &[i64]) -> Option<Few<i64>> {
    let any = integers.iter().fold(0, |any, x| any | x.unsigned_abs());
    if u64::BITS - any.leading_zeros() < WIDE { None } else { Few::of(integers) }
}

fn sums_at(bases: &Bases<'_>, rows: &[usize]) -> Vec<G1Affine> {
    rows.iter().map(|row| bases.sums()[*row]).collect()
}

/// By summation by parts, Σ v_i·L_i = Σ (v_i - v_(i+1))·(L_0 + … + L_i): the differences that are not
/// zero and their rows, if they are clearly fewer than the values that are not zero.
fn differences<T: Copy + Default + PartialEq>(
    values: &[T],
    minus: impl Fn(T, T) -> Option<T>,
) -> Option<(Vec<T>, Vec<usize>)> {
    let zero = T::default();
    let present = values.iter().filter(|value| **value != zero).count();
    let next = |row: usize| values.get(row + 1).copied().unwrap_or(zero);
    let changes = || values.iter().enumerate().filter(|(row, value)| **value != next(*row));
    if 2 * changes().count() >= present {
        return None;
    }
    let pairs: Option<Vec<(T, usize)>> =
        changes().map(|(row, value)| Some((minus(*value, next(row))?, row))).collect();
    Some(pairs?.into_iter().unzip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_become_differences() {
        let minus = |a: i64, b: i64| a.checked_sub(b);
        assert_eq!(differences(&[1, 2, 3, 4], minus), None);
        assert_eq!(differences(&[], minus), None);
        assert_eq!(differences(&[0; 9], minus), None);
        assert_eq!(differences(&[4; 9], minus), Some((vec![4], vec![8])));
        let got = differences(&[0, 0, 5, 5, 5, 5, 7, 7, 7, 0], minus);
        assert_eq!(got, Some((vec![-5, -2, 7], vec![1, 5, 8])));
        // A difference that does not fit.
        let extremes: Vec<i64> = [[i64::MIN; 9], [i64::MAX; 9]].concat();
        assert_eq!(differences(&extremes, minus), None);
    }
}
