//! Levels of a Fourier transform, eight elements at a time.
//!
//! Elements stay split into limbs from the first level to the last. Roots stand as w·2^260, for
//! which a product of anything below 84·p with a root is below 2·p: decimation in time then adds 2·p
//! to a bound at a level and needs no reduction, decimation in frequency doubles a bound and
//! reduces at every fifth. The last three levels, whose halves are shorter than eight, are those of
//! transposed blocks of 64.

use super::lanes::{Lanes, transpose};
use halo2_proofs::halo2curves::bn256::Fr;
use std::cell::RefCell;

/// Vectors that are transformed level by level; above, halves are finished one after the other.
const TOGETHER: usize = 1 << 8;

thread_local! {
    static SCRATCH: RefCell<Vec<Lanes<Fr>>> = const { RefCell::new(vec![]) };
}

/// Roots in lanes.
#[derive(Clone, Debug)]
pub(crate) struct Roots {
    /// For each half-length h = 8, 16, …: h/8 vectors of powers.
    levels: Vec<Vec<Lanes<Fr>>>,
    /// Powers 1 to 3 of the root of order 8, each in all lanes.
    inside: [Lanes<Fr>; 3],
}

impl Roots {
    /// From the roots by level: of half-length 1, 2, 4, …, at least up to 8.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn new(levels: &[Vec<Fr>]) -> Self {
        let shifted = |root: &Fr| root * Fr::from(16);
        let inside = |power: usize| Lanes::splat(&shifted(&levels[2][power]));
        let lanes = |level: &Vec<Fr>| {
            let shifted: Vec<Fr> = level.iter().map(shifted).collect();
            let (eights, _) = shifted.as_chunks::<8>();
            eights.iter().map(|eight| Lanes::load(eight.each_ref())).collect()
        };
        Roots {
            levels: levels[3..].iter().map(lanes).collect(),
            inside: [inside(1), inside(2), inside(3)],
        }
    }
}

/// (a, b) to (a + b·w, a - b·w), from below c·p to below (c + 2)·p.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn sum(a: &mut Lanes<Fr>, b: &mut Lanes<Fr>, w: &Lanes<Fr>) {
    let t = b.carried().times_root(w);
    *b = a.plus_multiple(2).minus(&t);
    *a = a.plus(&t);
}

/// The same for w = 1: from below c·p to below 2·c·p, for c up to 8.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn sum_alone(a: &mut Lanes<Fr>, b: &mut Lanes<Fr>, bound: u64) {
    let t = *b;
    *b = a.plus_multiple(bound).minus(&t);
    *a = a.plus(&t);
}

/// (a, b) to (a + b, (a - b)·w), from below c·p to below 2·c·p and 2·p.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn difference(a: &mut Lanes<Fr>, b: &mut Lanes<Fr>, w: &Lanes<Fr>, bound: u64) {
    let d = a.plus_multiple(bound).minus(b);
    *a = a.plus(b);
    *b = d.carried().times_root(w);
}

/// Decimation in time: every level, shortest halves first.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn sums(roots: &Roots, values: &mut [Fr]) {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        for rows in values.as_chunks::<8>().0.as_chunks::<8>().0 {
            let mut v = columns(rows);
            sum_inside(roots, &mut v, 1);
            scratch.extend_from_slice(&v);
        }
        sum_all(roots, scratch, values);
    });
}

/// The same of products, written elsewhere.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn sums_of_products(roots: &Roots, values: &[Fr], factors: &[Fr], out: &mut [Fr]) {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        let rows = |elements| <[Fr]>::as_chunks::<8>(elements).0.as_chunks::<8>().0;
        for (values, factors) in rows(values).iter().zip(rows(factors)) {
            let (mut v, factors) = (columns(values), columns(factors));
            for (v, factor) in v.iter_mut().zip(&factors) {
                *v = v.times(factor);
            }
            sum_inside(roots, &mut v, 2);
            scratch.extend_from_slice(&v);
        }
        sum_all(roots, scratch, out);
    });
}

/// By columns, so that elements of eight neighbours fall into eight vectors.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn columns(rows: &[[Fr; 8]; 8]) -> [Lanes<Fr>; 8] {
    let mut v = [Lanes::zero(); 8];
    for (i, v) in v.iter_mut().enumerate() {
        *v = Lanes::load(rows.each_ref().map(|row| &row[i]));
    }
    v
}

/// The levels with halves shorter than a vector, from below c·p, c up to 2, to below 16·p.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn sum_inside(roots: &Roots, v: &mut [Lanes<Fr>; 8], bound: u64) {
    let [w1, w2, w3] = &roots.inside;
    let [a, b, c, d, e, f, g, h] = v;
    sum_alone(a, b, bound);
    sum_alone(c, d, bound);
    sum_alone(e, f, bound);
    sum_alone(g, h, bound);
    sum_alone(a, c, 2 * bound);
    sum(b, d, w2);
    sum_alone(e, g, 2 * bound);
    sum(f, h, w2);
    sum_alone(a, e, 4 * bound);
    sum(b, f, w1);
    sum(c, g, w2);
    sum(d, h, w3);
    transpose(v);
}

/// The other levels.
#[target_feature(enable = "avx512f,avx512ifma")]
fn sum_all(roots: &Roots, scratch: &mut [Lanes<Fr>], out: &mut [Fr]) {
    sum_levels(roots, scratch);
    for (out, lanes) in out.as_chunks_mut::<8>().0.iter_mut().zip(scratch.iter()) {
        lanes.reduce().less(1).store(out.each_mut());
    }
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn sum_levels(roots: &Roots, v: &mut [Lanes<Fr>]) {
    if v.len() > TOGETHER {
        let half = v.len() / 2;
        let (low, high) = v.split_at_mut(half);
        sum_levels(roots, low);
        sum_levels(roots, high);
        return sum_level(low, high, &roots.levels[half.ilog2() as usize]);
    }
    for level in 0..v.len().ilog2() {
        let half = 1 << level;
        for block in v.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            sum_level(low, high, &roots.levels[level as usize]);
        }
    }
}

#[target_feature(enable = "avx512f,avx512ifma")]
fn sum_level(low: &mut [Lanes<Fr>], high: &mut [Lanes<Fr>], roots: &[Lanes<Fr>]) {
    for ((a, b), w) in low.iter_mut().zip(high).zip(roots) {
        sum(a, b, w);
    }
}

/// Bounds of a level's sums beyond which they are reduced.
const WIDEST: u64 = 32;

/// Decimation in frequency: every level, longest halves first.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn differences(roots: &Roots, values: &mut [Fr]) {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        let eights = values.as_chunks::<8>().0;
        scratch.extend(eights.iter().map(|eight| Lanes::load(eight.each_ref())));
        let mut bound = difference_levels(roots, scratch, 1);
        let [w1, w2, w3] = &roots.inside;
        let reduce = bound > 8;
        bound = if reduce { 2 } else { bound };
        let blocks = values.as_chunks_mut::<8>().0.as_chunks_mut::<8>().0;
        for (rows, v) in blocks.iter_mut().zip(scratch.as_chunks_mut::<8>().0) {
            if reduce {
                for v in v.iter_mut() {
                    *v = v.reduce();
                }
            }
            transpose(v);
            let [a, b, c, d, e, f, g, h] = v;
            sum_alone(a, e, bound);
            difference(b, f, w1, bound);
            difference(c, g, w2, bound);
            difference(d, h, w3, bound);
            // All below 2·bound, at most 16·p.
            sum_alone(a, c, 2 * bound);
            difference(b, d, w2, 2 * bound);
            sum_alone(e, g, 2 * bound);
            difference(f, h, w2, 2 * bound);
            sum_alone(a, b, 4 * bound);
            sum_alone(c, d, 4 * bound);
            sum_alone(e, f, 4 * bound);
            sum_alone(g, h, 4 * bound);
            for (i, v) in v.iter().enumerate() {
                v.reduce().less(1).store(rows.each_mut().map(|row| &mut row[i]));
            }
        }
    });
}

/// The levels with halves of whole vectors; returns the bound of what they leave, given that of
/// what they take.
#[target_feature(enable = "avx512f,avx512ifma")]
fn difference_levels(roots: &Roots, v: &mut [Lanes<Fr>], bound: u64) -> u64 {
    let half = v.len() / 2;
    if half == 0 {
        return bound;
    }
    if v.len() > TOGETHER {
        let (low, high) = v.split_at_mut(half);
        let bound = difference_level(low, high, &roots.levels[half.ilog2() as usize], bound);
        difference_levels(roots, low, bound);
        return difference_levels(roots, high, bound);
    }
    let mut bound = bound;
    for level in (0..v.len().ilog2()).rev() {
        let mut next = bound;
        let half = 1 << level;
        for block in v.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            next = difference_level(low, high, &roots.levels[level as usize], bound);
        }
        bound = next;
    }
    bound
}

/// Returns the bound of what it leaves.
#[target_feature(enable = "avx512f,avx512ifma")]
fn difference_level(
    low: &mut [Lanes<Fr>],
    high: &mut [Lanes<Fr>],
    roots: &[Lanes<Fr>],
    bound: u64,
) -> u64 {
    let reduce = 2 * bound > WIDEST;
    for ((a, b), w) in low.iter_mut().zip(high).zip(roots) {
        difference(a, b, w, bound);
        if reduce {
            *a = a.reduce();
        }
    }
    if reduce { 2 } else { 2 * bound }
}
