//! Registers of 64 elements, in normal limbs and less than 2·p: nothing is split and joined again between steps.

use super::lanes::Lanes;
use crate::registers::{ROWS, Term};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;

/// Elements side by side in eight vectors.
#[derive(Clone, Debug)]
pub(crate) struct Register([Lanes<Fr>; ROWS / 8]);

impl Register {
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn zero() -> Self {
        Register([Lanes::zero(); ROWS / 8])
    }

    /// `constant + Σ factor·elements`
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn load(&mut self, constant: &Fr, terms: [Option<Term<'_>>; 2]) {
        let constant = Lanes::splat(constant);
        self.0.fill(constant);
        // In multiples of p.
        let mut bound = 1;
        for Term { elements, factor } in terms.into_iter().flatten() {
            let eights = self.0.iter_mut().zip(elements.as_chunks::<8>().0);
            if *factor == Fr::ONE {
                eights.for_each(|(v, e)| *v = v.plus(&Lanes::load(e.each_ref())));
                bound += 1;
            } else if *factor == -Fr::ONE {
                eights.for_each(|(v, e)| {
                    *v = v.plus_multiple(1).minus(&Lanes::load(e.each_ref()));
                });
                bound += 1;
            } else {
                let factor = Lanes::splat(factor);
                eights.for_each(|(v, e)| *v = v.plus(&Lanes::load(e.each_ref()).times(&factor)));
                bound += 2;
            }
        }
        // At most 5·p.
        for v in &mut self.0 {
            *v = v.carried();
            if bound > 3 {
                *v = v.less(2);
            }
            if bound > 2 {
                *v = v.less(1);
            }
        }
    }

    /// `a·b`
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn multiply(&mut self, a: &Self, b: &Self) {
        for ((out, a), b) in self.0.iter_mut().zip(&a.0).zip(&b.0) {
            *out = a.times(b);
        }
    }

    /// `a + b`
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add(&mut self, a: &Self, b: &Self) {
        for ((out, a), b) in self.0.iter_mut().zip(&a.0).zip(&b.0) {
            *out = a.plus(b).carried().less(2);
        }
    }

    /// `a - b`
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn subtract(&mut self, a: &Self, b: &Self) {
        for ((out, a), b) in self.0.iter_mut().zip(&a.0).zip(&b.0) {
            *out = a.plus_multiple(2).minus(b).carried().less(2);
        }
    }

    /// `factor·a`
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn scale(&mut self, a: &Self, factor: &Fr) {
        let factor = Lanes::splat(factor);
        for (out, a) in self.0.iter_mut().zip(&a.0) {
            *out = a.times(&factor);
        }
    }

    /// `a + factor·b`
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_scaled(&mut self, a: &Self, b: &Self, factor: &Fr) {
        let factor = Lanes::splat(factor);
        for ((out, a), b) in self.0.iter_mut().zip(&a.0).zip(&b.0) {
            *out = a.plus(&b.times(&factor)).carried().less(2);
        }
    }

    /// `out[i] += self[i]`
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_to(&self, out: &mut [Fr]) {
        for (v, out) in self.0.iter().zip(out.as_chunks_mut::<8>().0) {
            let sum = v.plus(&Lanes::load(out.each_ref())).carried().less(2).less(1);
            sum.store(out.each_mut());
        }
    }
}
