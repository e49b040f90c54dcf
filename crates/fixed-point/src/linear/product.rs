//! Products of matrices of integers, `y[m,n] = Σ_k a[m,k]·b[k,n]`, where no sum can be rounded or wrap around.
//!
//! Blocked so that what is read many times stays near: a block of DEPTH rows and WIDTH columns of `b` serves all of
//! `a`, COLUMNS of its columns a band of rows of `a`, and ROWS·COLUMNS sums are in registers.

use super::chunks::each;
use super::exact::{Exact, Number};
use std::ops::Range;

/// Rows of `a` and columns of `b` that are summed at once.
const ROWS: usize = 2;
const COLUMNS: usize = 8;
/// Rows of `a` that a task takes.
const BAND: usize = 8 * ROWS;
/// Terms, and columns of `b`, of a block.
const DEPTH: usize = 256;
const WIDTH: usize = 32 * COLUMNS;
/// What rows of a block have beside their elements: at multiples of a power of two they would share few places of
/// the cache.
const APART: usize = COLUMNS;
/// M, K, N.
pub(super) type Extents = [usize; 3];

/// The left operand: its element `(m, k)` stands at `row(m) + k·step`.
pub(super) struct Left<'a, R> {
    pub(super) data: &'a [i64],
    pub(super) row: R,
    pub(super) step: usize,
}

/// Adds the product, row-major, to `y`. `right(k, n, row)` writes `b[k, n..]` into `row`; `exact` is of all that is
/// read.
pub(super) fn add_product(
    exact: Exact,
    extents: Extents,
    left: &Left<'_, impl Fn(usize) -> usize + Sync>,
    right: impl Fn(usize, usize, &mut [i64]) + Sync,
    y: &mut [i64],
) -> Option<()> {
    match exact {
        Exact::Float => blocked::<f64, _>(extents, left, right, y),
        Exact::Integer => blocked::<i64, _>(extents, left, right, y),
    }
}

fn blocked<T: Number, R: Fn(usize) -> usize + Sync>(
    [m, k, n]: Extents,
    left: &Left<'_, R>,
    right: impl Fn(usize, usize, &mut [i64]) + Sync,
    y: &mut [i64],
) -> Option<()> {
    let products = m.saturating_mul(k).saturating_mul(n);
    let mut block: Vec<T> = vec![];
    for columns in spans(n, WIDTH) {
        let stride = columns.len().next_multiple_of(COLUMNS) + APART;
        for terms in spans(k, DEPTH) {
            block.clear();
            block.resize(terms.len() * stride, T::default());
            each(&mut block, stride, products, |at, row| {
                let mut integers = [0; WIDTH];
                let integers = integers.get_mut(..columns.len())?;
                right(terms.start + at, columns.start, integers);
                row.iter_mut().zip(integers).for_each(|(to, x)| *to = T::of(*x));
                Some(())
            })?;
            each(y, BAND * n, products, |at, band| {
                let rows = at * BAND..at * BAND + band.len() / n;
                let packed = packed(left, rows, terms.clone());
                for (rows, a) in band.chunks_mut(ROWS * n).zip(packed.chunks(terms.len())) {
                    add_rows(a, &block, stride, rows, n, columns.clone());
                }
                Some(())
            })?;
        }
    }
    Some(())
}

/// `0..len` in parts of `each`.
fn spans(len: usize, each: usize) -> impl Iterator<Item = Range<usize>> {
    (0..len).step_by(each).map(move |from| from..len.min(from + each))
}

/// Rows of `a`, ROWS by ROWS, each group term by term; zeros where there is no such row.
fn packed<T: Number, R: Fn(usize) -> usize>(
    left: &Left<'_, R>,
    rows: Range<usize>,
    terms: Range<usize>,
) -> Vec<[T; ROWS]> {
    let mut all = vec![[T::default(); ROWS]; rows.len().div_ceil(ROWS) * terms.len()];
    for (at, row) in rows.enumerate() {
        let group = &mut all[at / ROWS * terms.len()..][..terms.len()];
        let first = (left.row)(row) + terms.start * left.step;
        let elements = left.data[first..].iter().step_by(left.step);
        for (to, x) in group.iter_mut().zip(elements) {
            to[at % ROWS] = T::of(*x);
        }
    }
    all
}

/// Adds to `rows` of the result, each of `n` elements, the products of a group by a block.
fn add_rows<T: Number>(
    a: &[[T; ROWS]],
    block: &[T],
    stride: usize,
    rows: &mut [i64],
    n: usize,
    columns: Range<usize>,
) {
    for first in (0..columns.len()).step_by(COLUMNS) {
        let sums = sums(a, block, stride, first);
        for (row, sums) in rows.chunks_mut(n).zip(sums) {
            let row = &mut row[columns.clone()][first..];
            row.iter_mut().zip(sums).for_each(|(y, sum)| *y += sum.integer());
        }
    }
}

fn sums<T: Number>(
    a: &[[T; ROWS]],
    block: &[T],
    stride: usize,
    first: usize,
) -> [[T; COLUMNS]; ROWS] {
    let mut sums = [[T::default(); COLUMNS]; ROWS];
    for (a, b) in a.iter().zip(block.chunks_exact(stride)) {
        let Some(b) = b[first..].first_chunk::<COLUMNS>() else { break };
        for (sums, a) in sums.iter_mut().zip(a) {
            for (sum, b) in sums.iter_mut().zip(b) {
                *sum = sum.add_product(*a, *b);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::exact::dot;
    use crate::linear::sums::wide_dot;
    use proptest::prelude::*;

    fn column(b: &[i64], n: usize, at: usize) -> impl Iterator<Item = &i64> {
        b.iter().skip(at).step_by(n)
    }

    /// In 128 bits, element by element.
    fn plain([m, k, n]: Extents, a: &[i64], b: &[i64]) -> Vec<i64> {
        let element = |at: usize| {
            let row = &a[at / n * k..][..k];
            i64::try_from(wide_dot(row.iter().zip(column(b, n, at % n))).unwrap()).unwrap()
        };
        (0..m * n).map(element).collect()
    }

    fn quick(exact: Exact, [m, k, n]: Extents, a: &[i64], b: &[i64]) -> Vec<i64> {
        let left = Left { data: a, row: |m| m * k, step: 1 };
        let mut y = vec![0; m * n];
        let right = |k: usize, from: usize, to: &mut [i64]| {
            to.copy_from_slice(&b[k * n + from..][..to.len()]);
        };
        add_product(exact, [m, k, n], &left, right, &mut y).unwrap();
        y
    }

    /// Integers of any length up to `bits`, the ends among them.
    fn integers(len: usize, bits: u32) -> impl Strategy<Value = Vec<i64>> {
        let end = 1_i64 << bits;
        let ends = prop_oneof![Just(end), Just(-end), Just(end - 1), Just(1 - end)];
        prop::collection::vec(prop_oneof![2 => -end..=end, 1 => ends], len)
    }

    fn factors() -> impl Strategy<Value = (Extents, Vec<i64>, Vec<i64>)> {
        let extents = [1..2 * BAND + 3, 1..DEPTH + 40, 1..WIDTH + 3 * COLUMNS];
        (extents, 0_u32..40, 0_u32..40).prop_flat_map(|([m, k, n], p, q)| {
            let p = p.min(61 - k.next_power_of_two().ilog2());
            let q = q.min(61 - k.next_power_of_two().ilog2() - p);
            (Just([m, k, n]), integers(m * k, p), integers(k * n, q))
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn products_are_those_of_128_bits((extents, a, b) in factors()) {
            let [_, k, n] = extents;
            let expected = plain(extents, &a, &b);
            let exact = Exact::of(&a, &b, k);
            // Ends of magnitude 2^e count as e + 1 bits.
            prop_assert!(exact.is_some() || a.iter().chain(&b).any(|x| x.unsigned_abs().is_power_of_two()));
            if let Some(exact) = exact {
                prop_assert_eq!(&quick(exact, extents, &a, &b), &expected);
                prop_assert_eq!(&quick(Exact::Integer, extents, &a, &b), &expected);
                let first: Vec<i64> = column(&b, n, 0).copied().collect();
                prop_assert_eq!(dot(&a[..k], &first), expected[0]);
            }
        }
    }

    #[test]
    fn sums_at_the_ends_of_what_is_exact_are_exact() {
        for (p, q, exact) in [(20, 25, Exact::Float), (20, 34, Exact::Integer)] {
            let (a, b) = ([(1 << p) - 1; 256], [-(1_i64 << q); 256]);
            assert_eq!(Exact::of(&a, &b, 256), Some(exact));
            assert_eq!(quick(exact, [1, 256, 1], &a, &b), plain([1, 256, 1], &a, &b));
        }
        let (a, b) = ([1 << 26; 2], [-(1_i64 << 27); 2]);
        assert_eq!(Exact::of(&a, &b, 2), Some(Exact::Integer));
        assert_eq!(quick(Exact::Integer, [1, 2, 1], &a, &b), [-(1 << 54)]);
    }

    #[test]
    fn sums_that_could_exceed_64_bits_have_no_quick_product() {
        assert_eq!(Exact::of(&[i64::MIN], &[1], 1), None);
        assert_eq!(Exact::of(&[1 << 40], &[1 << 20], 4), None);
        assert_eq!(Exact::of(&[1 << 40], &[1 << 20], usize::MAX), None);
        assert_eq!(Exact::of(&[], &[], 0), Some(Exact::Float));
    }
}
