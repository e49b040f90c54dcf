//! The bus: what gadgets look up, and what there is to find.
//!
//! A lookup argument proves that `Σ n/(α − f) = 0` over all terms of all active rows. It knows terms alone: neither
//! what looks something up nor what a table means. A term is a tuple of cells and constants, folded by powers of
//! a challenge with a *tag* among its values, which keeps relations apart that share the argument:
//! `f = v0 + β·v1 + β²·v2 + β³·tag + β⁴·v3 + …`; missing values are zero.
//!
//! | relation | terms |
//! |---|---|
//! | range, function table | advice, +1; fixed, −m with m in the first phase |
//! | [memory](crate::BusMemory) | advice, +1; (fixed key, advice), −m with m in the first phase |
//! | [weighted memory](crate::WeightedMemory) | advice, a weight in a later column; fixed key, what the weights at it sum to |
//!
//! Every column of a term is committed before α and β: tuples in the first phase, weights in one before σ.

use crate::column::Integers;

/// Most values of a tuple, its tag apart.
pub const MOST_VALUES: usize = 7;

/// A value of a tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A first-phase column's cell.
    First(usize),
    /// A fixed column's cell.
    Fixed(usize),
    /// The same in every row.
    Constant(i64),
}

/// A fraction's numerator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numerator {
    /// 1: it is looked up.
    One,
    /// −m for a first-phase column m: it is found m times.
    Count(usize),
    /// A later column's cell, committed before α and β.
    Weight(usize),
    /// −x for such a column x: what the weights of what is found sum to.
    WeightSum(usize),
}

/// One fraction of every active row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusTerm {
    folded: [Value; MOST_VALUES + 1],
    /// Its numerator.
    pub numerator: Numerator,
}

/// Where the tag stands among what is folded.
const TAG: usize = 3;

impl BusTerm {
    /// A term of a tuple of up to [`MOST_VALUES`] values; those beyond are no part of it.
    #[must_use]
    pub fn new(values: &[Value], tag: Value, numerator: Numerator) -> Self {
        let mut folded = [Value::Constant(0); MOST_VALUES + 1];
        folded[TAG] = tag;
        for (i, value) in values.iter().take(MOST_VALUES).enumerate() {
            folded[if i < TAG { i } else { i + 1 }] = *value;
        }
        BusTerm { folded, numerator }
    }

    /// A lookup.
    #[must_use]
    pub fn lookup(values: &[Value], tag: Value) -> Self {
        Self::new(values, tag, Numerator::One)
    }

    /// A table's row, which is found as often as the first-phase column `count` says.
    #[must_use]
    pub fn table(values: &[Value], tag: Value, count: usize) -> Self {
        Self::new(values, tag, Numerator::Count(count))
    }

    /// A lookup with a weight from a later column.
    #[must_use]
    pub fn weighted(values: &[Value], tag: Value, weight: usize) -> Self {
        Self::new(values, tag, Numerator::Weight(weight))
    }

    /// What is found with weights that sum to the later column `sum`.
    #[must_use]
    pub fn summed(values: &[Value], tag: Value, sum: usize) -> Self {
        Self::new(values, tag, Numerator::WeightSum(sum))
    }

    /// What is folded, by the power of β: up to the last that is not the constant zero.
    #[must_use]
    pub fn folded(&self) -> &[Value] {
        let zero = |value: &Value| *value == Value::Constant(0);
        let end = self.folded.iter().rposition(|value| !zero(value)).map_or(0, |last| last + 1);
        self.folded.get(..end).unwrap_or_default()
    }

    /// Which relation it is of.
    #[must_use]
    pub fn tag(&self) -> Value {
        self.folded[TAG]
    }

    /// First-phase columns among its values.
    pub fn first_columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.folded().iter().filter_map(|value| match *value {
            Value::First(column) => Some(column),
            Value::Fixed(_) | Value::Constant(_) => None,
        })
    }

    /// The integers that a row folds, into a buffer.
    pub fn read(
        &self,
        row: usize,
        fixed: Integers<'_>,
        first: impl Fn(usize, usize) -> i64,
        tuple: &mut Vec<i64>,
    ) {
        tuple.clear();
        tuple.extend(self.folded().iter().map(|value| match *value {
            Value::First(column) => first(column, row),
            Value::Fixed(column) => fixed.at(column, row),
            Value::Constant(value) => value,
        }));
        // Of one length for one meaning, whichever values are constants.
        while tuple.last() == Some(&0) {
            tuple.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_stand_at_the_same_power_whatever_the_width() {
        let values = [1, 2, 3, 4, 5].map(Value::Constant);
        for width in 0..=values.len() {
            let term = BusTerm::lookup(&values[..width], Value::Constant(9));
            let mut tuple = vec![];
            term.read(0, Integers(&[]), |_, _| 0, &mut tuple);
            let mut expected = vec![0, 0, 0, 9];
            for (i, at) in [0, 1, 2, 4, 5].into_iter().take(width).enumerate() {
                if at >= expected.len() {
                    expected.push(0);
                }
                expected[at] = i64::try_from(i).unwrap() + 1;
            }
            assert_eq!(tuple, expected, "{width} values");
        }
    }

    #[test]
    fn a_fixed_zero_and_a_constant_one_read_alike() {
        let fixed = [vec![7], vec![], vec![]];
        let tag = Value::Fixed(2);
        let (mut a, mut b) = (vec![], vec![]);
        let wide = BusTerm::table(&[Value::Fixed(0), Value::Fixed(1)], tag, 0);
        wide.read(0, Integers(&fixed), |_, _| 0, &mut a);
        BusTerm::lookup(&[Value::First(0)], Value::Constant(0)).read(
            0,
            Integers(&fixed),
            |_, _| 7,
            &mut b,
        );
        assert_eq!(a, b);
    }
}
