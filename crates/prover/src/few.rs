//! Columns of few different values: the values once, and by row which of them stands there.
//!
//! A column that is a function of small integers, as inverses of what is looked up are, takes no more values than
//! they do. It is committed to by an addition of points per row instead of a dozen or two, evaluated and combined
//! by additions of field elements, and held in two bytes per row instead of 32. Nothing is known of such columns
//! beforehand: their values are looked at, and soon given up where they are many.

use halo2_proofs::halo2curves::bn256::Fr;
use std::hash::{Hash, Hasher};

/// Rows per different value, at least.
const SHARE: usize = 8;
/// Most different values.
const MOST: usize = 1 << 14;
/// A slot of the table that holds no key.
const NONE: u16 = u16::MAX;

/// `values[keys[row]]`; from the end of the keys on zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Few<T = Fr> {
    pub(crate) keys: Vec<u16>,
    pub(crate) values: Vec<T>,
}

/// What is told apart.
pub(crate) trait Distinct: Copy + PartialEq {
    /// Bits that seldom agree.
    fn bits(&self) -> u64;
}

/// Values that depend on challenges are as good as random in each of their limbs; others collide, and cost time.
impl Distinct for Fr {
    fn bits(&self) -> u64 {
        let mut first = First(0);
        self.hash(&mut first);
        // Small integers differ in the high bits of their representation as well.
        first.0 ^ first.0 >> 32
    }
}

impl Distinct for i64 {
    fn bits(&self) -> u64 {
        // The high bits of a product depend on all bits of its factor.
        self.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
    }
}

impl<T: Distinct> Few<T> {
    /// The column, if its values are few.
    pub(crate) fn of(column: &[T]) -> Option<Self> {
        let most = (column.len() / SHARE).min(MOST);
        let slots = (2 * most).next_power_of_two();
        let mut table = vec![NONE; slots];
        let mut values: Vec<T> = vec![];
        let mut keys = Vec::with_capacity(column.len());
        for value in column {
            let mut slot = hash(value) & (slots - 1);
            let key = loop {
                match table[slot] {
                    NONE if values.len() == most => return None,
                    NONE => {
                        let key = u16::try_from(values.len()).ok()?;
                        values.push(*value);
                        table[slot] = key;
                        break key;
                    }
                    key if values[usize::from(key)] == *value => break key,
                    _ => slot = (slot + 1) & (slots - 1),
                }
            };
            keys.push(key);
        }
        Some(Few { keys, values })
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: usize) -> Option<T> {
        self.keys.get(row).map(|key| self.values[usize::from(*key)])
    }

    /// The key of most rows.
    pub(crate) fn most_frequent(&self) -> u16 {
        let mut counts = vec![0_usize; self.values.len()];
        self.keys.iter().for_each(|key| counts[usize::from(*key)] += 1);
        let most = (0..).zip(&counts).max_by_key(|(_, count)| **count);
        most.map_or(0, |(key, _)| key)
    }
}

fn hash(value: &impl Distinct) -> usize {
    usize::try_from(value.bits() & u64::from(u32::MAX)).unwrap_or(0)
}

/// Keeps the first limb.
struct First(u64);

impl Hasher for First {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk().map_or(0, |limb| u64::from_le_bytes(*limb));
    }
    fn write_usize(&mut self, _: usize) {}
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::Field;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn few_values_are_found_and_many_are_not() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(8);
        for different in [1, 2, 5, 12, 13, 40] {
            let values: Vec<Fr> = (0..different).map(|_| Fr::random(&mut rng)).collect();
            let column: Vec<Fr> = (0..100).map(|row| values[row * row % different]).collect();
            let got = Few::of(&column);
            let different: std::collections::BTreeSet<&Fr> = column.iter().collect();
            assert_eq!(got.is_some(), different.len() <= 12, "{} values", different.len());
            let Some(few) = got else { continue };
            assert_eq!(few.values.len(), different.len());
            assert!(column.iter().enumerate().all(|(row, value)| few.get(row) == Some(*value)));
            assert_eq!(few.get(100), None);
        }
        // Neighbouring integers.
        let integers: Vec<Fr> = (0..1000_u64).map(|i| Fr::from(i % 100)).collect();
        assert_eq!(Few::of(&integers).unwrap().values.len(), 100);
        let squares: Vec<i64> = (0..1000_i64).map(|i| (-(i % 100) * (i % 100)) << 40).collect();
        let few = Few::of(&squares).unwrap();
        assert_eq!(few.values.len(), 100);
        assert!(squares.iter().enumerate().all(|(row, value)| few.get(row) == Some(*value)));
        assert!(Few::<Fr>::of(&[]).is_none_or(|few| few.values.is_empty()));
        assert!(Few::of(&[Fr::ONE; 7]).is_none());
    }

    #[test]
    fn the_most_frequent_value() {
        let column = [1, 2, 2, 3, 2, 1, 2, 2, 2, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2];
        let few = Few::of(&column.map(Fr::from)).unwrap();
        assert_eq!(few.values[usize::from(few.most_frequent())], Fr::from(2));
    }
}
