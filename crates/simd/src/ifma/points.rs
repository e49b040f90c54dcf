//! Affine sums of pairs, eight pairs at a time.
//!
//! For slopes (y' - y)/(x' - x) all differences are multiplied up, in chains that do not wait for
//! each other; one inversion serves them all, and on the way back each takes its share (Montgomery's
//! trick). Pairs that have no slope are done apart.

use super::lanes::Lanes;
use crate::term::{Term, invert, sum_without_slope};
use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};

/// Products that run beside each other.
const CHAINS: usize = 4;

/// Groups of eight pairs between what is asked of memory and what is added.
const AHEAD: usize = 2;

/// What is kept of eight pairs between the two ways.
#[derive(Clone, Debug)]
struct Kept {
    x: Lanes<Fq>,
    y: Lanes<Fq>,
    rise: Lanes<Fq>,
    run: Lanes<Fq>,
    /// Product of the runs before it in its chain.
    before: Lanes<Fq>,
}

/// Reused from call to call.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    kept: Vec<Kept>,
    /// Sums of pairs that have no slope, by pair.
    apart: Vec<(usize, G1Affine)>,
}

#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn add_pairs(
    buffers: &mut Buffers,
    points: &[G1Affine],
    pairs: &[[Term; 2]],
    out: &mut [G1Affine],
    places: &[usize],
) {
    let one = Lanes::splat(&Fq::ONE);
    let mut products = [one; CHAINS];
    let Buffers { kept, apart } = buffers;
    kept.clear();
    apart.clear();
    let mut ahead = pairs.iter().skip(8 * AHEAD);
    for (group, pairs) in pairs.chunks(8).enumerate() {
        let chain = &mut products[group % CHAINS];
        for term in ahead.by_ref().take(8).flatten() {
            ask(&points[term.index()]);
        }
        let eight = filled(pairs, [Term::default(); 2]);
        let ((x, y), (other_x, other_y)) =
            (load(points, eight.map(|[a, _]| a)), load(points, eight.map(|[_, b]| b)));
        // The identity alone has y = 0: the group's order is odd; its negative here has y = p.
        let identity = y.zeros() | y.zero_modulo() | other_y.zeros() | other_y.zero_modulo();
        let without_slope = identity | x.equal(&other_x);
        if without_slope != 0 {
            for (lane, [a, b]) in pairs.iter().enumerate() {
                if without_slope >> lane & 1 == 1 {
                    let sum = sum_without_slope(&a.of(points), &b.of(points));
                    apart.push((8 * group + lane, sum));
                }
            }
        }
        // Less than 2·p.
        let rise = other_y.minus(&y).plus_multiple(1).carried();
        let run = other_x.minus(&x).plus_multiple(1).carried().or(&one, without_slope);
        kept.push(Kept { x, y, rise, run, before: *chain });
        *chain = chain.times(&run);
    }

    let mut inverses = products;
    invert_lanes(&mut inverses);
    let groups = kept.iter().zip(places.chunks(8)).enumerate();
    for (group, (kept, places)) in groups.rev() {
        let inverse = &mut inverses[group % CHAINS];
        let slope = kept.rise.times(&inverse.times(&kept.before));
        *inverse = inverse.times(&kept.run);
        // x + x' = 2·x + run - p, where there is a slope.
        let both = kept.x.plus(&kept.x).plus(&kept.run);
        let x = slope.times(&slope).minus(&both).plus_multiple(3).carried().less(2).less(1);
        let fall = kept.x.minus(&x).plus_multiple(1).carried();
        let y = slope.times(&fall).minus(&kept.y).plus_multiple(1).carried().less(2).less(1);
        let mut sums = [G1Affine { x: Fq::ZERO, y: Fq::ZERO }; 8];
        x.store(sums.each_mut().map(|point| &mut point.x));
        y.store(sums.each_mut().map(|point| &mut point.y));
        for (place, sum) in places.iter().zip(sums) {
            out[*place] = sum;
        }
    }
    for (pair, sum) in apart.drain(..) {
        out[places[pair]] = sum;
    }
}

/// Asks for a point before it is read: it may stand anywhere, its coordinates on two lines of the cache.
#[inline]
#[target_feature(enable = "avx512f")]
fn ask(point: &G1Affine) {
    for element in [&point.x, &point.y] {
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(element).cast());
    }
}

/// Coordinates, y up to p.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn load(points: &[G1Affine], terms: [Term; 8]) -> (Lanes<Fq>, Lanes<Fq>) {
    let at = terms.map(|term| &points[term.index()]);
    let x = Lanes::load(at.map(|point| &point.x));
    let y = Lanes::load(at.map(|point| &point.y));
    let mut negative = 0;
    for (lane, term) in terms.iter().enumerate() {
        negative |= u8::from(term.is_negative()) << lane;
    }
    let negated = Lanes::zero().plus_multiple(1).minus(&y).carried();
    (x, y.or(&negated, negative))
}

/// Fills up with the last.
fn filled<T: Copy>(some: &[T], none: T) -> [T; 8] {
    let last = some.last().copied().unwrap_or(none);
    std::array::from_fn(|lane| some.get(lane).copied().unwrap_or(last))
}

/// Inverts numbers that are not zero, by one inversion.
#[target_feature(enable = "avx512f,avx512ifma")]
fn invert_lanes(products: &mut [Lanes<Fq>; CHAINS]) {
    let mut before = [Lanes::splat(&Fq::ONE); CHAINS];
    let mut product = before[0];
    for (before, factor) in before.iter_mut().zip(products.iter()) {
        *before = product;
        product = product.times(factor);
    }
    let mut lanes = [Fq::ZERO; 8];
    product.less(1).store(lanes.each_mut());
    invert(&mut lanes);
    let mut inverse = Lanes::load(lanes.each_ref());
    for (product, before) in products.iter_mut().zip(before).rev() {
        let inverted = inverse.times(&before);
        inverse = inverse.times(product);
        *product = inverted;
    }
}
