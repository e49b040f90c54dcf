//! 1/(α − f), the fractions of the lookup argument.
//!
//! f is folded from small integers, of which most columns have few: limbs, rows of tables. Different tuples are
//! numbered first, and each is folded and inverted once.

use crate::bus::{BusTerm, Value};
use crate::columns::Challenges;
use crate::field::from_signed;
use crate::gadget::Known;
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;

/// Rows per different tuple, at least, for numbering to pay.
const SHARE: usize = 4;

/// 1/(α − f) on active rows.
pub(crate) fn inverses(known: &Known<'_>, term: &BusTerm) -> Vec<Fr> {
    let tuple = Tuple::new(known, term);
    match tuple.numbered(known.rows) {
        None => tuple.inverses(0..known.rows),
        Some(Numbered { first, numbers }) => {
            let inverses = tuple.inverses(first.into_iter());
            // Numbers are those of first rows.
            numbers.into_iter().map(|number| inverses[number as usize]).collect()
        }
    }
}

/// What a term folds.
struct Tuple<'a> {
    /// α less what is constant.
    constant: Fr,
    /// Columns, each zero from its end on, and the powers of β that they are multiplied with.
    columns: Vec<(&'a [i64], Fr)>,
}

/// Rows by their tuples.
struct Numbered {
    /// By number: the first row with this tuple.
    first: Vec<usize>,
    /// By row: its tuple's number.
    numbers: Vec<u32>,
}

/// A slot of the table that holds no number.
const NONE: u32 = u32::MAX;

impl<'a> Tuple<'a> {
    fn new(known: &Known<'a>, term: &BusTerm) -> Self {
        let Challenges { alpha, beta, .. } = known.challenges;
        let powers = std::iter::successors(Some(Fr::one()), |power| Some(power * beta));
        let mut tuple = Tuple { constant: alpha, columns: vec![] };
        for (value, power) in term.folded().iter().zip(powers) {
            match *value {
                Value::First(c) => tuple.columns.push((known.first.column(c), power)),
                Value::Fixed(c) => tuple.columns.push((known.fixed.column(c), power)),
                Value::Constant(v) => tuple.constant -= from_signed(v) * power,
            }
        }
        tuple
    }

    fn at(column: &[i64], row: usize) -> i64 {
        column.get(row).copied().unwrap_or(0)
    }

    fn equal(&self, row: usize, other: usize) -> bool {
        self.columns.iter().all(|(column, _)| Self::at(column, row) == Self::at(column, other))
    }

    fn hash(&self, row: usize) -> u64 {
        // An odd number whose bits look random: high bits of a product depend on all bits of its factor.
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        self.columns.iter().fold(0, |hash: u64, (column, _)| {
            (hash.rotate_left(23) ^ Self::at(column, row).cast_unsigned()).wrapping_mul(MIX)
        })
    }

    /// Numbers different tuples, if these are few.
    fn numbered(&self, rows: usize) -> Option<Numbered> {
        let most = rows / SHARE;
        let bits = (2 * most).next_power_of_two().ilog2();
        let slots = 1_usize << bits;
        let mut table = vec![NONE; slots];
        let (mut first, mut numbers) = (vec![], Vec::with_capacity(rows));
        for row in 0..rows {
            let high = self.hash(row).checked_shr(u64::BITS - bits).unwrap_or(0);
            let mut slot = usize::try_from(high).ok()?;
            let number = loop {
                match table[slot] {
                    NONE if first.len() == most => return None,
                    NONE => {
                        let number = u32::try_from(first.len()).ok()?;
                        first.push(row);
                        table[slot] = number;
                        break number;
                    }
                    number if self.equal(first[number as usize], row) => break number,
                    _ => slot = (slot + 1) & (slots - 1),
                }
            };
            numbers.push(number);
        }
        Some(Numbered { first, numbers })
    }

    /// 1/(α − f) of some rows.
    fn inverses(&self, rows: impl Iterator<Item = usize>) -> Vec<Fr> {
        let folded = rows.map(|row| {
            self.columns.iter().fold(self.constant, |d, (column, power)| {
                match Self::at(column, row) {
                    0 => d,
                    1 => d - power,
                    v => d - from_signed(v) * power,
                }
            })
        });
        let mut inverses: Vec<Fr> = folded.collect();
        invert(&mut inverses);
        inverses
    }
}

/// Inverts all elements with one field inversion (Montgomery's trick); zeros stay zero.
fn invert(values: &mut [Fr]) {
    let mut prefix = Vec::with_capacity(values.len());
    let mut acc = Fr::one();
    for v in values.iter() {
        prefix.push(acc);
        if !bool::from(v.is_zero()) {
            acc *= v;
        }
    }
    let mut inverse = acc.invert().unwrap_or(Fr::zero());
    for (v, p) in values.iter_mut().zip(prefix).rev() {
        if !bool::from(v.is_zero()) {
            let old = *v;
            *v = inverse * p;
            inverse *= old;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::MOST_VALUES;
    use crate::column::Integers;

    /// Columns of 64 rows: of one, two, sixteen (one of them zero, beyond the column's end) and 64 different values.
    fn columns() -> Vec<Vec<i64>> {
        let of = |f: &dyn Fn(i64) -> i64, rows: i64| (0..rows).map(f).collect::<Vec<i64>>();
        vec![
            of(&|_| 5, 64),
            of(&|i| i & 1, 64),
            of(&|i| 1 + i % 15, 60),
            of(&|i| i * i - 7, 64),
            of(&|i| if i & 4 == 0 { i64::MIN } else { i64::MAX }, 64),
        ]
    }

    #[test]
    fn equal_to_each_row_alone() {
        let columns = columns();
        let (alpha, beta) = (Fr::from(1_000_003), Fr::from(77));
        let challenges = Challenges { alpha, beta, ..Challenges::all([Fr::zero(); 5]) };
        let known = Known {
            rows: 64,
            fixed: Integers(&columns),
            first: Integers(&columns),
            boundary: &[],
            early: &[],
            challenges,
        };
        let values = [Value::First(0), Value::Fixed(1), Value::First(2), Value::First(4)];
        for count in 0..=values.len().min(MOST_VALUES) {
            for more in [None, Some(Value::First(3)), Some(Value::Constant(9))] {
                let all: Vec<Value> = values.into_iter().take(count).chain(more).collect();
                let term = BusTerm::lookup(&all, Value::Constant(3));
                let tuple = Tuple::new(&known, &term);
                let few = more != Some(Value::First(3)) && count < 3;
                assert_eq!(tuple.numbered(64).is_some(), few, "{all:?}");
                let got = inverses(&known, &term);
                assert_eq!(got.len(), 64);
                for (row, inverse) in got.iter().enumerate() {
                    assert_eq!(
                        *inverse * tuple.inverses(row..row + 1)[0].invert().unwrap(),
                        Fr::one()
                    );
                    let mut folded = vec![];
                    let first = |column: usize, row| known.first.at(column, row);
                    term.read(row, known.fixed, first, &mut folded);
                    let f =
                        (folded.iter().rev()).fold(Fr::zero(), |f, v| f * beta + from_signed(*v));
                    assert_eq!(*inverse * (alpha - f), Fr::one(), "{all:?}, row {row}");
                }
            }
        }
    }

    #[test]
    fn what_has_no_inverse_stays_zero() {
        let columns = vec![vec![3, 4, 3, 4, 3, 4, 3, 4]];
        let challenges = Challenges { alpha: Fr::from(4), ..Challenges::all([Fr::zero(); 5]) };
        let integers = Integers(&columns);
        let known = Known {
            rows: 8,
            fixed: integers,
            first: integers,
            boundary: &[],
            early: &[],
            challenges,
        };
        let got = inverses(&known, &BusTerm::lookup(&[Value::First(0)], Value::Constant(0)));
        assert_eq!(got, [Fr::one(), Fr::zero()].repeat(4));
    }
}
