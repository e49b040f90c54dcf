//! Ranges of weights: cells of which each is as wide as the key says.
//!
//! # Statement
//! A cell w for which the key says b bits holds one of `−2^(b−1) … 2^(b−1) − 1`; one for which it says 0 holds 0.
//!
//! # Constraints
//! * `weight_ranges/limbs` (degree 2), per weight: `w = low + 2^t·high`, t being [`LIMB`]
//! * on the bus: (low, 0) and (high, 1) under the tag b.
//!
//! # Layout
//! First-phase columns of w, low and high for each committed column, in the same rows, and a fixed column with b beside them. b is said of
//! each cell and not of a row: a lane that no weight stands in must be 0, else it would be a weight of another image's or
//! group's channel. For each b that occurs there are two tables: of low limbs, `0 … 2^t − 1`, and of high ones, `−2^(b−t−1) … 2^(b−t−1) − 1`. Where b is
//! not more than t the low limb has all bits and the sign, and the high one is 0.
//!
//! # Soundness
//! That of the bus: limbs are in their tables, which the second value of a tuple and its tag keep apart, and w is the integer
//! that they make.
//!
//! # Completeness
//! Holds whenever all weights are in range.
//!
//! # Cost
//! Three small cells, a fixed cell and two lookups per weight, once: in the proof that comes with a commitment, and in none
//! after it.

use crate::bus::{BusTerm, Value};
use crate::column::{Column, Integers, Numbers, set};
use crate::columns::Query;
use crate::field::from_signed;
use crate::gadget::{Constraint, Gadget, On, Role};
use crate::table::TableBank;
use halo2_proofs::plonk::Expression;
use std::collections::{BTreeMap, BTreeSet};

/// Most bits of a weight; the same as a quantised graph's.
pub const MOST_BITS: u8 = 24;
/// t: bits of a low limb; the same as a quantised graph's.
pub const LIMB: u8 = 10;

/// The second value of a tuple: which limb it is of.
const LOW: i64 = 0;
const HIGH: i64 = 1;

/// All cells.
#[derive(Clone, Debug)]
pub struct WeightRanges {
    /// Fixed, per committed column: b.
    pub bits: Vec<usize>,
    /// First phase, per committed column: w.
    pub weight: Vec<usize>,
    /// First phase, per committed column: low limb, high limb.
    pub limbs: Vec<[usize; 2]>,
}

impl WeightRanges {
    /// Numbers the columns for so many committed ones.
    pub(crate) fn allocate(numbers: &mut Numbers, columns: usize) -> Self {
        let Numbers { fixed, first, .. } = numbers;
        WeightRanges {
            bits: fixed.many(columns),
            weight: first.many(columns),
            limbs: (0..columns).map(|_| first.array()).collect(),
        }
    }

    /// Fills the limbs of a weight of so many bits, which hold zeros.
    pub fn fill_limbs(
        &self,
        column: usize,
        row: usize,
        [bits, weight]: [i64; 2],
        first: &mut [Vec<i64>],
    ) {
        for (limb, value) in self.limbs[column].into_iter().zip(limbs(bits, weight)) {
            set(first, limb, row, value);
        }
    }
}

/// Low and high limb of a weight.
fn limbs(bits: i64, weight: i64) -> [i64; 2] {
    if bits <= i64::from(LIMB) {
        return [weight, 0];
    }
    [weight & ((1 << LIMB) - 1), weight >> LIMB]
}

impl Gadget for WeightRanges {
    fn name(&self) -> &'static str {
        "weight_ranges"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("bits", &self.bits),
            Role::first("weights", &self.weight),
            Role::first("limbs", self.limbs.as_flattened()),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let unit = Expression::Constant(from_signed(1 << LIMB));
        let mut constraints = vec![];
        for (&weight, &[low, high]) in self.weight.iter().zip(&self.limbs) {
            let value = q.first(low) + unit.clone() * q.first(high);
            let polynomial = q.first(weight) - value;
            constraints.push(Constraint::on("weight_ranges/limbs", On::Active, polynomial));
        }
        constraints
    }

    fn terms(&self, terms: &mut Vec<BusTerm>) {
        for (&[low, high], &bits) in self.limbs.iter().zip(&self.bits) {
            for (limb, which) in [(low, LOW), (high, HIGH)] {
                let tuple = [Value::First(limb), Value::Constant(which)];
                terms.push(BusTerm::lookup(&tuple, Value::Fixed(bits)));
            }
        }
    }

    fn copied(&self) -> Vec<Column> {
        vec![]
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![]
    }
}

/// Tables of limbs, one after the other; row 0 of all is the one of zeros, and row 1 that of the high limb of what has no bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimbTables {
    /// First rows of low and high limbs, by bits.
    starts: BTreeMap<u8, [usize; 2]>,
    rows: usize,
}

/// The ends of a limb's values: the first, and one past the last.
fn ends(bits: u8) -> [(i64, i64); 2] {
    let signed = |bits: u8| match bits {
        0 => (0, 1),
        bits => (-(1 << (bits - 1)), 1 << (bits - 1)),
    };
    if bits <= LIMB { [signed(bits), (0, 1)] } else { [(0, 1 << LIMB), signed(bits - LIMB)] }
}

impl LimbTables {
    /// Tables for each number of bits that occurs in these columns. `None` if one is beyond [`MOST_BITS`].
    #[must_use]
    pub fn of(bits: &[Vec<u8>]) -> Option<Self> {
        let mut occurring: BTreeSet<u8> = bits.iter().flatten().copied().collect();
        occurring.insert(0);
        let mut tables = LimbTables { starts: BTreeMap::new(), rows: 0 };
        for bits in occurring {
            if bits > MOST_BITS {
                return None;
            }
            let starts = ends(bits).map(|(lo, end)| {
                let start = tables.rows;
                tables.rows += usize::try_from(end - lo).unwrap_or(0);
                start
            });
            tables.starts.insert(bits, starts);
        }
        Some(tables)
    }

    /// Rows of all tables.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The rows of a weight's limbs, if it is in range.
    #[must_use]
    pub fn find(&self, bits: u8, weight: i64) -> Option<[usize; 2]> {
        let starts = self.starts.get(&bits)?;
        let [low, high] = limbs(bits.into(), weight);
        let [of_low, of_high] = ends(bits);
        let row = |limb: i64, (lo, end): (i64, i64), start: usize| {
            let at = (lo..end).contains(&limb).then(|| limb - lo);
            at.and_then(|at| usize::try_from(at).ok()).map(|at| start + at)
        };
        Some([row(low, of_low, starts[0])?, row(high, of_high, starts[1])?])
    }

    /// Puts the tables in the key, over banks of so many rows.
    pub fn lay(&self, banks: &[TableBank], active: usize, fixed: &mut [Vec<i64>]) {
        for (&bits, starts) in &self.starts {
            for ((which, (lo, end)), &start) in [LOW, HIGH].into_iter().zip(ends(bits)).zip(starts)
            {
                for (row, value) in (start..).zip(lo..end) {
                    let Some(bank) = banks.get(row / active) else { continue };
                    let [limb, of, _, tag] = bank.tuple;
                    set(fixed, limb, row % active, value);
                    set(fixed, of, row % active, which);
                    set(fixed, tag, row % active, i64::from(bits));
                }
            }
        }
    }

    /// How often each row is looked up by these cells of so many rows.
    ///
    /// # Errors
    /// Column and row of the first cell that is out of range.
    pub fn count(
        &self,
        bits: &[Vec<u8>],
        weights: &[Vec<i64>],
        active: usize,
    ) -> Result<Vec<i64>, (usize, usize)> {
        let mut counts = vec![0_i64; self.rows];
        for (column, bits) in bits.iter().enumerate() {
            for row in 0..active {
                let bits = bits.get(row).copied().unwrap_or(0);
                let rows = self.find(bits, Integers(weights).at(column, row));
                for row in rows.ok_or((column, row))? {
                    counts[row] += 1;
                }
            }
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_has_its_values_and_no_others() {
        let widths = [1, 3, 10, 11, 13];
        let tables = LimbTables::of(&[vec![0, 3, 3, 1], vec![10, 11, 13]]).unwrap();
        assert_eq!(tables.rows(), 2 + 3 + 9 + 1025 + 1026 + 1032);
        assert_eq!(tables.find(0, 0), Some([0, 1]));
        let mut met = BTreeSet::from([0, 1]);
        for bits in widths {
            let half = 1_i64 << (bits - 1);
            for value in -half..half {
                let [low, high] = limbs(bits.into(), value);
                assert_eq!(low + (high << LIMB), value);
                met.extend(tables.find(bits, value).unwrap());
            }
            for beyond in [-half - 1, half, i64::MIN, i64::MAX] {
                assert_eq!(tables.find(bits, beyond), None, "{beyond} in {bits} bits");
            }
        }
        for beyond in [-1, 1, 1 << LIMB, i64::MIN] {
            assert_eq!(tables.find(0, beyond), None);
        }
        assert!(met.into_iter().eq(0..tables.rows()));
        assert_eq!(tables.find(4, 0), None);
        assert_eq!(LimbTables::of(&[vec![MOST_BITS + 1]]), None);
    }

    #[test]
    fn a_cell_out_of_range_is_named() {
        let bits = [vec![3, 0], vec![0, 0, 12]];
        let tables = LimbTables::of(&bits).unwrap();
        let counts = tables.count(&bits, &[vec![-4], vec![0, 0, 1]], 5).unwrap();
        assert_eq!(counts.iter().sum::<i64>(), 20);
        assert_eq!(counts[..2], [8, 8]);
        assert_eq!(tables.count(&bits, &[vec![4], vec![]], 5), Err((0, 0)));
        assert_eq!(tables.count(&bits, &[vec![0, 1], vec![]], 5), Err((0, 1)));
        assert_eq!(tables.count(&bits, &[vec![], vec![0, 0, 2048]], 5), Err((1, 2)));
        assert_eq!(tables.count(&bits, &[vec![], vec![0, 0, 0, 0, 7]], 5), Err((1, 4)));
    }
}
