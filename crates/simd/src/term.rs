//! Which points are added, and what is common to adding them one at a time and eight at a time.

use halo2_proofs::halo2curves::bn256::{Fq, G1, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::Curve;

/// A point by its index, or the negative of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Term(u32);

impl Term {
    const NEGATIVE: u32 = 1 << 31;

    /// The point of an index below 2^31, or its negative.
    #[must_use]
    pub fn new(index: usize, negative: bool) -> Self {
        debug_assert!(index < Term::NEGATIVE as usize, "an index of 31 bits");
        let index = u32::try_from(index).unwrap_or(u32::MAX) & !Term::NEGATIVE;
        Term(if negative { index | Term::NEGATIVE } else { index })
    }

    pub(crate) fn index(self) -> usize {
        (self.0 & !Term::NEGATIVE) as usize
    }

    pub(crate) fn is_negative(self) -> bool {
        self.0 & Term::NEGATIVE != 0
    }

    /// What it stands for.
    ///
    /// # Panics
    /// If there is no such point.
    #[must_use]
    pub fn of(self, points: &[G1Affine]) -> G1Affine {
        let point = points[self.index()];
        if self.is_negative() { -point } else { point }
    }
}

/// No points but the identity have y = 0: the group's order is odd.
pub(crate) fn is_identity(point: &G1Affine) -> bool {
    point.y == Fq::ZERO
}

/// The sum of two points one of which is the identity, or that have the same x.
pub(crate) fn sum_without_slope(a: &G1Affine, b: &G1Affine) -> G1Affine {
    if is_identity(a) {
        *b
    } else if is_identity(b) {
        *a
    } else if a.y == b.y {
        (G1::from(*a) + b).to_affine()
    } else {
        G1Affine { x: Fq::ZERO, y: Fq::ZERO }
    }
}

/// Inverts numbers that are not zero, by one inversion.
pub(crate) fn invert<const N: usize>(values: &mut [Fq; N]) {
    let mut before = [Fq::ONE; N];
    let mut product = Fq::ONE;
    for (before, value) in before.iter_mut().zip(values.iter()) {
        *before = product;
        product *= value;
    }
    let mut inverse = product.invert().unwrap_or(Fq::ZERO);
    for (value, before) in values.iter_mut().zip(before).rev() {
        let inverted = inverse * before;
        inverse *= *value;
        *value = inverted;
    }
}
