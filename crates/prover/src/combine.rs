//! Linear combinations of columns, row by row: what is linear in the quotient is combined so before
//! it is transformed, and so are all polynomials that are opened at the same points.

use crate::column::{Column, rotated, segments};
use crate::field::{Limbs, from_signed, limbs};
use crate::integers::Accumulator;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use provenn_simd::{slices, sums};
use rayon::prelude::*;
use std::borrow::Cow;

/// Rows at a time: the sums of a block stay in the first cache.
const BLOCK: usize = 1 << 8;
/// From so many integer columns on, their products are added up unreduced.
const UNREDUCED: usize = 3;

/// A coefficient times a column, rotated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term<'c> {
    pub(crate) column: &'c Column<'c>,
    pub(crate) rotation: i32,
    pub(crate) coefficient: Fr,
}

/// Σ coefficient·column on every row. `domain` holds the powers of ω.
pub(crate) fn combine(terms: &[Term<'_>], domain: &[Fr]) -> Vec<Fr> {
    let mut sum = vec![];
    combine_into(terms, domain, &mut sum);
    sum
}

/// The same, into a vector whatever it holds.
pub(crate) fn combine_into(terms: &[Term<'_>], domain: &[Fr], sum: &mut Vec<Fr>) {
    let n = domain.len();
    let mut identity = Fr::ZERO;
    let (mut sparse, mut few) = (vec![], vec![]);
    let (mut small, mut wide): (Vec<(&Term<'_>, Limbs)>, Vec<&Term<'_>>) = (vec![], vec![]);
    for term in terms {
        match term.column {
            Column::Small { .. } => small.push((term, limbs(&term.coefficient))),
            Column::Few { few: column, .. } => {
                let scaled = column.values.iter().map(|value| value * term.coefficient);
                few.push((term, column, scaled.collect::<Vec<Fr>>()));
            }
            Column::Wide(_) => wide.push(term),
            Column::Permuted { delta, differences } => {
                let turn = domain[rotated(0, term.rotation, n)];
                identity += term.coefficient * delta * turn;
                sparse.push((term, differences));
            }
        }
    }
    sum.resize(n, Fr::ZERO);
    sum.par_chunks_mut(BLOCK).enumerate().for_each(|(i, block)| {
        let start = i * BLOCK;
        block.fill(Fr::ZERO);
        if identity != Fr::ZERO {
            slices::add_scaled(block, &domain[start..start + block.len()], identity);
        }
        if !add_together(&wide, &small, start, n, block) {
            wide.iter().for_each(|term| add_wide(term, start, n, block));
            if small.len() < UNREDUCED {
                small.iter().for_each(|(term, _)| add_small(term, start, n, block));
            } else {
                add_integers(&small, start, n, block);
            }
        }
        for (term, column, scaled) in &few {
            add_few(term.rotation, &column.keys, scaled, start, n, block);
        }
        let tails = small.iter().map(|(term, _)| *term).chain(few.iter().map(|(term, ..)| *term));
        tails.for_each(|term| add_tail(term, start, n, block));
    });
    for (term, differences) in sparse {
        for (row, difference) in differences {
            sum[rotated(*row, term.rotation.saturating_neg(), n)] += term.coefficient * difference;
        }
    }
}

/// Adds terms by sums that are reduced once, where that is possible.
fn add_together(
    wide: &[&Term<'_>],
    small: &[(&Term<'_>, Limbs)],
    start: usize,
    n: usize,
    block: &mut [Fr],
) -> bool {
    let alone = |terms: &[&Term<'_>]| terms.iter().all(|term| term.coefficient == Fr::ONE);
    if !provenn_simd::is_available()
        || !block.len().is_multiple_of(8)
        || (small.is_empty() && wide.len() < 2 && alone(wide))
    {
        return false;
    }
    let mut elements: Vec<(Cow<'_, [Fr]>, Fr)> = vec![];
    for term in wide {
        let Column::Wide(values) = term.column else { continue };
        elements
            .push((rows(values, rotated(start, term.rotation, n), block.len()), term.coefficient));
    }
    let mut integers: Vec<(Cow<'_, [i64]>, Fr)> = vec![];
    for (term, _) in small {
        let Column::Small { integers: values, .. } = term.column else { continue };
        let from = rotated(start, term.rotation, n);
        let values = match values.get(from..from + block.len()) {
            Some(values) => Cow::Borrowed(values),
            None => {
                let mut copy = vec![0; block.len()];
                if !term.column.integers(from, n, &mut copy) {
                    continue;
                }
                Cow::Owned(copy)
            }
        };
        if sums::are_narrow(&values) {
            integers.push((values, term.coefficient));
        } else {
            add_small(term, start, n, block);
        }
    }
    let elements: Vec<(&[Fr], Fr)> = elements.iter().map(|(v, c)| (v.as_ref(), *c)).collect();
    let integers: Vec<(&[i64], Fr)> = integers.iter().map(|(v, c)| (v.as_ref(), *c)).collect();
    sums::combine(block, &elements, &integers)
}

/// So many values cyclically from a row on.
fn rows(values: &[Fr], from: usize, count: usize) -> Cow<'_, [Fr]> {
    match values.get(from..from + count) {
        Some(values) => Cow::Borrowed(values),
        None => {
            let mut copy = Vec::with_capacity(count);
            for (from, _, length) in segments(from, count, values.len()) {
                copy.extend_from_slice(&values[from..from + length]);
            }
            Cow::Owned(copy)
        }
    }
}

fn add_wide(term: &Term<'_>, start: usize, n: usize, block: &mut [Fr]) {
    let Column::Wide(values) = term.column else { return };
    let start = rotated(start, term.rotation, n);
    for (from, to, length) in segments(start, block.len(), n) {
        let (sums, values) = (&mut block[to..to + length], &values[from..from + length]);
        if term.coefficient == Fr::ONE {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        } else {
            slices::add_scaled(sums, values, term.coefficient);
        }
    }
}

fn add_small(term: &Term<'_>, start: usize, n: usize, block: &mut [Fr]) {
    let mut integers = [0; BLOCK];
    let integers = &mut integers[..block.len()];
    if !term.column.integers(rotated(start, term.rotation, n), n, integers) {
        return;
    }
    for (sum, integer) in block.iter_mut().zip(integers).filter(|(_, integer)| **integer != 0) {
        *sum += term.coefficient * from_signed(*integer);
    }
}

fn add_integers(terms: &[(&Term<'_>, Limbs)], start: usize, n: usize, block: &mut [Fr]) {
    let mut integers = [0; BLOCK];
    let integers = &mut integers[..block.len()];
    let mut sums = [Accumulator::default(); BLOCK];
    let mut coefficients = Fr::ZERO;
    for (term, limbs) in terms {
        if term.column.integers(rotated(start, term.rotation, n), n, integers) {
            coefficients += term.coefficient;
            sums.iter_mut().zip(&*integers).for_each(|(sum, integer)| sum.add(*integer, limbs));
        }
    }
    block.iter_mut().zip(&sums).for_each(|(out, sum)| *out += sum.finish(coefficients));
}

/// Values that are scaled already, by the keys of their rows.
fn add_few(rotation: i32, keys: &[u16], scaled: &[Fr], start: usize, n: usize, block: &mut [Fr]) {
    let start = rotated(start, rotation, n);
    for (from, to, length) in segments(start, block.len(), n) {
        let end = keys.len().min(from + length);
        let keys = keys.get(from..end).unwrap_or_default();
        let sums = block[to..to + length].iter_mut();
        sums.zip(keys).for_each(|(sum, key)| *sum += scaled[usize::from(*key)]);
    }
}

/// The blinding values of a column of integers or few values.
fn add_tail(term: &Term<'_>, start: usize, n: usize, block: &mut [Fr]) {
    let (Column::Small { tail, .. } | Column::Few { tail, .. }) = term.column else { return };
    for (i, value) in tail.iter().enumerate() {
        let row = rotated(n - tail.len() + i, term.rotation.saturating_neg(), n);
        if let Some(sum) = row.checked_sub(start).and_then(|offset| block.get_mut(offset)) {
            *sum += term.coefficient * value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fft::Fft;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn every_kind_of_column_at_every_rotation() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(6);
        for k in [3, 6, 9] {
            let n = 1_usize << k;
            let domain = Fft::new(k).unwrap().domain();
            let mut random = |count| (0..count).map(|_| Fr::random(&mut rng)).collect::<Vec<_>>();
            let integers: Vec<i64> = (0_i64..).take(n - 4).map(|i| (i - 3) * 1_000_003).collect();
            let permuted =
                Column::Permuted { delta: Fr::from(7), differences: vec![(2, Fr::from(5))] };
            let columns = [
                Column::blinded(integers.into(), random(3), n),
                Column::blinded(vec![i64::MIN, i64::MAX].into(), random(2), n),
                Column::blinded(Vec::<i64>::new().into(), random(2), n),
                Column::blinded(random(n - 3).into(), random(3), n),
                Column::blinded(random(1).repeat(n - 5).into(), random(2), n),
                permuted,
            ];
            let value = |column: &Column<'_>, row: usize| match column {
                Column::Permuted { delta, .. } => {
                    domain[row] * delta + Fr::from(if row == 2 { 5 } else { 0 })
                }
                column => column.get(row, n),
            };
            for used in 0..=columns.len() {
                let terms: Vec<Term<'_>> = (columns[..used].iter().zip([1, 0, -1, -5, -2, 3]))
                    .map(|(column, rotation)| {
                        let coefficient =
                            if rotation == 0 { Fr::ONE } else { Fr::random(&mut rng) };
                        Term { column, rotation, coefficient }
                    })
                    .collect();
                let sum = combine(&terms, &domain);
                for (row, sum) in sum.iter().enumerate() {
                    let expected: Fr = (terms.iter())
                        .map(|t| t.coefficient * value(t.column, rotated(row, t.rotation, n)))
                        .sum();
                    assert_eq!(*sum, expected, "k {k}, row {row}, {used} columns");
                }
            }
        }
    }
}
