//! Occurrences: where each key stands in a list, as a polynomial in ρ.
//!
//! # Statement
//! For a list of n indices and fixed keys k, `x_k = Σ_{i: index_i = k} ρ^i`; every index is one of the keys. A table of
//! rows u_k is then read at all indices by `Σ_k x_k·u_k = Σ_i ρ^i·u_(index_i)`, at the cost of one pass over the table
//! whatever n is.
//!
//! # Constraints
//! * `occurrences/weight` (degree 3): `w = last + step·ρ·w'`
//!
//! On the bus, under the list's number as tag: `w/(α − index)` for every index and `−x/(α − k)` for every key. Tuples hold
//! the number of their relation besides.
//!
//! # Layout
//! One index per row, the last one first: w is 1 on the last row of a list and grows by ρ upwards. Keys stand on rows of
//! any bank.
//!
//! # Soundness
//! Indices are committed before ρ; w and x after ρ and before α and β. Both sides are sums of fractions with distinct poles:
//! they agree at a random α only if for every key the weights at it sum to x, and those at anything else to zero. An index
//! that is no key leaves such a sum, `Σ ρ^i` over where it occurs: a polynomial that is not zero, fixed before ρ.
//!
//! # Completeness
//! The interpreter refuses an index that is no key.
//!
//! # Cost
//! Per index a small cell and a later one, per key a later one, and a fixed cell or three; two terms per bank.

use crate::bus::{BusTerm, Value};
use crate::column::{Column, Integers, Numbers, set};
use crate::columns::Query;
use crate::families::Occurrences;
use crate::gadget::{Constraint, Gadget, Known, Role};
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use std::collections::HashMap;
use std::ops::Range;

/// The relation's number among a tuple's values.
const RELATION: Value = Value::Constant(2);

/// The tuple of a key.
fn tuple(key: Value) -> [Value; 4] {
    [key, Value::Constant(0), Value::Constant(0), RELATION]
}

/// One bank.
#[derive(Clone, Debug)]
struct Bank {
    /// Fixed: the list of the index on this row.
    list: usize,
    /// Fixed: the index is its list's last.
    last: usize,
    /// Fixed: the next row holds the index before it.
    step: usize,
    /// Fixed: the list of the key on this row.
    list_of_key: usize,
    /// Fixed: the key.
    key: usize,
    /// First phase: the index.
    index: usize,
    /// Between ρ and σ: the index' weight.
    weight: usize,
    /// Between ρ and σ: what the weights at the key sum to.
    sum: usize,
}

/// The occurrences of [`crate::Standard`].
#[derive(Clone, Debug)]
pub struct WeightedMemory {
    banks: Vec<Bank>,
}

impl WeightedMemory {
    /// Weights of a bank, from the bottom up.
    fn weights(bank: &Bank, rows: usize, rho: Fr, fixed: Integers<'_>) -> Vec<Fr> {
        let mut weights = vec![Fr::zero(); rows + 1];
        for row in (0..rows).rev() {
            let next = match fixed.at(bank.step, row) {
                0 => Fr::zero(),
                _ => rho * weights[row + 1],
            };
            weights[row] = crate::field::from_signed(fixed.at(bank.last, row)) + next;
        }
        weights
    }
}

impl Gadget for WeightedMemory {
    fn name(&self) -> &'static str {
        "occurrences"
    }

    fn roles(&self) -> Vec<Role> {
        let of = |bank: &Bank| {
            let &Bank { list, last, step, list_of_key, key, index, weight, sum } = bank;
            [
                Role::fixed("lists, last, step", &[list, last, step]),
                Role::fixed("lists of keys, keys", &[list_of_key, key]),
                Role::first("indices", &[index]),
                Role::second("powers of ρ", &[weight]),
                Role::second("occurrences of keys", &[sum]),
            ]
        };
        self.banks.iter().flat_map(of).collect()
    }

    fn is_constrained(&self) -> bool {
        !self.banks.is_empty()
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let rho = q.challenges().rho;
        let constraint = |bank: &Bank| {
            let next = q.fixed(bank.step) * rho.clone() * q.second_next(bank.weight);
            let weight = q.second(bank.weight) - q.fixed(bank.last) - next;
            Constraint::defining("occurrences/weight", bank.weight, weight)
        };
        self.banks.iter().map(constraint).collect()
    }

    fn terms(&self, terms: &mut Vec<BusTerm>) {
        for bank in &self.banks {
            let (index, list) = (Value::First(bank.index), Value::Fixed(bank.list));
            terms.push(BusTerm::weighted(&tuple(index), list, bank.weight));
            let (key, list) = (Value::Fixed(bank.key), Value::Fixed(bank.list_of_key));
            terms.push(BusTerm::summed(&tuple(key), list, bank.sum));
        }
    }

    fn copied(&self) -> Vec<Column> {
        let of = |bank: &Bank| [Column::First(bank.index), Column::Second(bank.sum)];
        self.banks.iter().flat_map(of).collect()
    }

    fn opened_next(&self) -> Vec<usize> {
        self.banks.iter().map(|bank| bank.weight).collect()
    }

    fn before_sigma(&self) -> Vec<usize> {
        self.banks.iter().flat_map(|bank| [bank.weight, bank.sum]).collect()
    }

    fn early_values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let Known { rows, fixed, first, challenges, .. } = *known;
        let mut sums: HashMap<(i64, i64), Fr> = HashMap::new();
        let mut columns = vec![];
        for bank in &self.banks {
            let weights = Self::weights(bank, rows, challenges.rho, fixed);
            for (row, weight) in weights.iter().enumerate().take(rows) {
                let list = fixed.at(bank.list, row);
                if list != 0 {
                    *sums.entry((list, first.at(bank.index, row))).or_insert(Fr::zero()) += weight;
                }
            }
            columns.push((bank.weight, weights));
        }
        for bank in &self.banks {
            let mut column = vec![Fr::zero(); rows + 1];
            for (row, sum) in column.iter_mut().enumerate().take(rows) {
                let list = fixed.at(bank.list_of_key, row);
                if list != 0 {
                    let found = sums.get(&(list, fixed.at(bank.key, row)));
                    *sum = found.copied().unwrap_or(Fr::zero());
                }
            }
            columns.push((bank.sum, column));
        }
        columns
    }

    fn unread(&self, row: usize, fixed: Integers<'_>) -> Vec<usize> {
        let free = |bank: &&Bank| fixed.at(bank.list_of_key, row) == 0;
        self.banks.iter().filter(free).map(|bank| bank.sum).collect()
    }
}

impl Occurrences for WeightedMemory {
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Self {
        let Numbers { fixed, first, second, .. } = numbers;
        let bank = |_| {
            let [list, last, step, list_of_key, key] = fixed.array();
            let (index, [weight, sum]) = (first.one(), second.array());
            Bank { list, last, step, list_of_key, key, index, weight, sum }
        };
        WeightedMemory { banks: (0..params.occurrence_banks).map(bank).collect() }
    }

    fn lay_list(&self, bank: usize, rows: Range<usize>, list: i64, fixed: &mut [Vec<i64>]) {
        let of = &self.banks[bank];
        for row in rows.clone() {
            set(fixed, of.list, row, list);
            let column = if row + 1 == rows.end { of.last } else { of.step };
            set(fixed, column, row, 1);
        }
    }

    fn lay_key(&self, bank: usize, row: usize, (list, key): (i64, i64), fixed: &mut [Vec<i64>]) {
        set(fixed, self.banks[bank].list_of_key, row, list);
        set(fixed, self.banks[bank].key, row, key);
    }

    fn index(&self, bank: usize) -> usize {
        self.banks[bank].index
    }

    fn sum(&self, bank: usize) -> usize {
        self.banks[bank].sum
    }
}
