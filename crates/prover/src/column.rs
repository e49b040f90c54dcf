//! Columns, each in the narrowest form that holds it.
//!
//! Everything is kept as values on the domain: commitments, evaluations and openings need no
//! coefficients. Only what enters the quotient's products is ever transformed.

use crate::few::Few;
use crate::field::{from_signed, to_signed};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use std::borrow::Cow;

/// Values of a column as the caller gives them; a shorter column is zero from its end on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values<'a> {
    /// Integers, cheap in proportion to their widths.
    Integers(Cow<'a, [i64]>),
    /// Field elements.
    Field(Vec<Fr>),
    /// Values that a commitment is known to already.
    Known(Box<Known<'a>>),
}

/// Values with blinding values of the caller's choice, and the commitment that these make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known<'a> {
    /// The values.
    pub values: Values<'a>,
    /// The blinding values of all rows that constraints leave alone, first to last.
    pub tail: Vec<Fr>,
    /// Goes into the proof unseen: with another one the proof does not verify.
    pub commitment: G1Affine,
}

impl From<Vec<i64>> for Values<'_> {
    fn from(integers: Vec<i64>) -> Self {
        Values::Integers(Cow::Owned(integers))
    }
}

impl<'a> From<&'a [i64]> for Values<'a> {
    fn from(integers: &'a [i64]) -> Self {
        Values::Integers(Cow::Borrowed(integers))
    }
}

impl From<Vec<Fr>> for Values<'_> {
    fn from(values: Vec<Fr>) -> Self {
        Values::Field(values)
    }
}

impl<'a> From<Known<'a>> for Values<'a> {
    fn from(known: Known<'a>) -> Self {
        Values::Known(Box::new(known))
    }
}

impl Values<'_> {
    /// How many are given.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Values::Integers(integers) => integers.len(),
            Values::Field(values) => values.len(),
            Values::Known(known) => known.values.len(),
        }
    }

    /// Whether none is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A column of n values.
#[derive(Clone, Debug)]
pub(crate) enum Column<'a> {
    /// Integers from row 0 on, then zeros, then blinding values up to the last row.
    Small { integers: Cow<'a, [i64]>, tail: Vec<Fr> },
    /// Few different values, then zeros, then blinding values up to the last row.
    Few { few: Few, tail: Vec<Fr> },
    /// Any values.
    Wide(Cow<'a, [Fr]>),
    /// A permuted column: `delta·ω^row`, but for the rows listed, which differ by what is listed.
    Permuted { delta: Fr, differences: Vec<(usize, Fr)> },
}

impl<'a> Column<'a> {
    /// A column without blinding values, as integers if they all are.
    pub(crate) fn new(values: &'a [Fr]) -> Self {
        let used = values.iter().rposition(|value| *value != Fr::ZERO).map_or(0, |last| last + 1);
        match values[..used].iter().map(to_signed).collect() {
            Some(integers) => Column::Small { integers: Cow::Owned(integers), tail: vec![] },
            None => Column::Wide(Cow::Borrowed(values)),
        }
    }

    /// A column of n rows without blinding values; no more are given.
    pub(crate) fn unblinded(values: Values<'a>, n: usize) -> Self {
        match values {
            Values::Integers(integers) => Column::Small { integers, tail: vec![] },
            Values::Field(mut values) => {
                values.resize(n.max(values.len()), Fr::ZERO);
                Column::Wide(Cow::Owned(values))
            }
            Values::Known(known) => Self::unblinded(known.values, n),
        }
    }

    /// A column of n rows that ends in blinding values.
    pub(crate) fn blinded(values: Values<'a>, tail: Vec<Fr>, n: usize) -> Self {
        match values {
            Values::Integers(integers) => Column::Small { integers, tail },
            Values::Field(mut values) => {
                if let Some(few) = Few::of(&values) {
                    return Column::Few { few, tail };
                }
                values.resize(n - tail.len(), Fr::ZERO);
                values.extend(tail);
                Column::Wide(Cow::Owned(values))
            }
            Values::Known(known) => Self::blinded(known.values, tail, n),
        }
    }

    /// Rows up to the last one given.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Column::Small { integers, .. } => integers.len(),
            Column::Few { few, .. } => few.keys.len(),
            Column::Wide(values) => values.len(),
            Column::Permuted { .. } => 0,
        }
    }

    /// One value; permuted columns have none but through the domain.
    pub(crate) fn get(&self, row: usize, n: usize) -> Fr {
        match self {
            Column::Small { integers, tail } => match integers.get(row) {
                Some(integer) => from_signed(*integer),
                None => blinding(tail, row, n),
            },
            Column::Few { few, tail } => few.get(row).unwrap_or_else(|| blinding(tail, row, n)),
            Column::Wide(values) => values[row],
            Column::Permuted { .. } => Fr::ZERO,
        }
    }

    /// Copies the integers of consecutive rows, cyclically from `start` on, zeros elsewhere; says
    /// whether any is there.
    pub(crate) fn integers(&self, start: usize, n: usize, out: &mut [i64]) -> bool {
        out.fill(0);
        let Column::Small { integers, .. } = self else { return false };
        let mut any = false;
        for (from, to, length) in segments(start, out.len(), n) {
            let end = integers.len().min(from + length);
            if from < end {
                out[to..to + end - from].copy_from_slice(&integers[from..end]);
                any = true;
            }
        }
        any
    }
}

/// The blinding value of a row, or zero before them.
fn blinding(tail: &[Fr], row: usize, n: usize) -> Fr {
    let place = (row + tail.len()).checked_sub(n);
    place.and_then(|i| tail.get(i)).copied().unwrap_or(Fr::ZERO)
}

/// `length` rows cyclically from `start` on: pieces (first row, offset among the rows, length).
pub(crate) fn segments(
    start: usize,
    length: usize,
    n: usize,
) -> impl Iterator<Item = (usize, usize, usize)> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let from = (start + offset) % n;
        let count = (length - offset).min(n - from);
        let segment = (from, offset, count);
        offset += count;
        (count > 0).then_some(segment)
    })
}

/// The row that a rotation leads to.
pub(crate) fn rotated(row: usize, rotation: i32, n: usize) -> usize {
    let distance = rotation.unsigned_abs() as usize % n;
    if rotation < 0 { (row + n - distance) % n } else { (row + distance) % n }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_rotations() {
        let column = Column::blinded(vec![5_i64, -6].into(), vec![Fr::from(9)], 8);
        let all: Vec<Fr> = (0..8).map(|row| column.get(row, 8)).collect();
        assert_eq!(all, [5, -6, 0, 0, 0, 0, 0, 9].map(from_signed));
        let mut out = [1; 4];
        assert!(column.integers(7, 8, &mut out));
        assert_eq!(out, [0, 5, -6, 0]);
        assert!(!column.integers(2, 8, &mut out));
        assert_eq!([rotated(0, -1, 8), rotated(7, 1, 8), rotated(3, -11, 8)], [7, 0, 0]);
        assert_eq!(segments(6, 12, 8).collect::<Vec<_>>(), [(6, 0, 2), (0, 2, 8), (0, 10, 2)]);
        let field = [from_signed(-3), Fr::ZERO];
        assert!(matches!(Column::new(&field), Column::Small { integers, .. } if *integers == [-3]));
        assert!(matches!(Column::new(&[Fr::from(2).invert().unwrap()]), Column::Wide(_)));
    }
}
