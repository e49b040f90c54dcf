//! Affine sums of pairs, eight pairs at a time.
//!
//! For slopes (y' - y)/(x' - x) all differences are multiplied up, in chains that do not wait for
//! each other; one inversion serves them all, and on the way back each takes its share (Montgomery's
//! trick). Pairs that have no slope are done apart.

use super::lanes::{Lanes, Which};
use crate::points::{invert, sum_without_slope};
use halo2_proofs::halo2curves::bn256::{Fq, G1Affine};
use halo2_proofs::halo2curves::ff::Field;

/// Products that run beside each other.
const CHAINS: usize = 4;

/// What is kept of eight pairs between the two ways.
#[derive(Clone, Debug)]
struct Kept {
    x: Lanes<Fq>,
    y: Lanes<Fq>,
    rise: Lanes<Fq>,
    run: Lanes<Fq>,
    /// Product of the runs before it in its chain.
    before: Lanes<Fq>,
    /// Pairs without a slope.
    apart: Which,
}

/// Reused from call to call.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    kept: Vec<Kept>,
}

#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn add_pairs(
    buffers: &mut Buffers,
    points: &[G1Affine],
    first: &[usize],
    sums: &mut Vec<G1Affine>,
) {
    let one = Lanes::splat(&Fq::ONE);
    let mut products = [one; CHAINS];
    let kept = &mut buffers.kept;
    kept.clear();
    for (group, first) in first.chunks(8).enumerate() {
        let chain = &mut products[group % CHAINS];
        let pairs = eight(first);
        let load = |offset: usize| {
            let at = pairs.map(|i| &points[i + offset]);
            (Lanes::load(at.map(|point| &point.x)), Lanes::load(at.map(|point| &point.y)))
        };
        let ((x, y), (other_x, other_y)) = (load(0), load(1));
        // The identity alone has y = 0: the group's order is odd.
        let apart = y.zeros() | other_y.zeros() | x.equal(&other_x);
        // Less than 2·p.
        let rise = other_y.minus(&y).plus_multiple(1).carried();
        let run = other_x.minus(&x).plus_multiple(1).carried().or(&one, apart);
        kept.push(Kept { x, y, rise, run, before: *chain, apart });
        *chain = chain.times(&run);
    }

    let mut inverses = inverses(products);
    let from = sums.len();
    sums.resize(from + 8 * kept.len(), G1Affine::default());
    let (out, _) = sums[from..].as_chunks_mut::<8>();
    for (group, (kept, out)) in kept.iter().zip(out).enumerate().rev() {
        let inverse = &mut inverses[group % CHAINS];
        let slope = kept.rise.times(&inverse.times(&kept.before));
        *inverse = inverse.times(&kept.run);
        // x + x' = 2·x + run - p, where there is a slope.
        let both = kept.x.plus(&kept.x).plus(&kept.run);
        let x = slope.times(&slope).minus(&both).plus_multiple(3).carried().less(2).less(1);
        let fall = kept.x.minus(&x).plus_multiple(1).carried();
        let y = slope.times(&fall).minus(&kept.y).plus_multiple(1).carried().less(2).less(1);
        store(out, &x, &y);
        if kept.apart != 0 {
            let at = first.chunks(8).nth(group).map(eight).unwrap_or_default();
            for (lane, (sum, i)) in out.iter_mut().zip(at).enumerate() {
                if kept.apart >> lane & 1 == 1 {
                    *sum = sum_without_slope(&points[i], &points[i + 1]);
                }
            }
        }
    }
    sums.truncate(from + first.len());
}

/// Fills up with the last.
fn eight(first: &[usize]) -> [usize; 8] {
    let last = first.last().copied().unwrap_or(0);
    std::array::from_fn(|lane| first.get(lane).copied().unwrap_or(last))
}

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn store(out: &mut [G1Affine; 8], x: &Lanes<Fq>, y: &Lanes<Fq>) {
    x.store(out.each_mut().map(|point| &mut point.x));
    y.store(out.each_mut().map(|point| &mut point.y));
}

/// Inverses of numbers that are not zero, by one inversion.
#[target_feature(enable = "avx512f,avx512ifma")]
fn inverses(products: [Lanes<Fq>; CHAINS]) -> [Lanes<Fq>; CHAINS] {
    let mut before = [Lanes::splat(&Fq::ONE); CHAINS];
    let mut product = before[0];
    for (before, factor) in before.iter_mut().zip(&products) {
        *before = product;
        product = product.times(factor);
    }
    let mut lanes = [Fq::ZERO; 8];
    product.less(1).store(lanes.each_mut());
    invert(&mut lanes);
    let mut inverse = Lanes::load(lanes.each_ref());
    let mut out = before;
    for (out, factor) in out.iter_mut().zip(&products).rev() {
        *out = inverse.times(out);
        inverse = inverse.times(factor);
    }
    out
}
