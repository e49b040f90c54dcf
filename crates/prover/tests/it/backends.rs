//! Another back end in the place of ours: halo2's sums and transforms give the same bytes.

use crate::description::{Description, STYLE};
use crate::provers::{Case, bases};
use halo2_proofs::arithmetic::{best_fft, best_multiexp};
use halo2_proofs::fft::recursive::FFTData;
use halo2_proofs::halo2curves::bn256::{Fr, G1, G1Affine};
use provenn_prover::backend::{Fourier, Msm};
use provenn_prover::fft::Fft;
use std::sync::atomic::{AtomicUsize, Ordering};

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug)]
struct Sums;

impl Msm for Sums {
    fn integers(&self, scalars: &[i64], points: &[G1Affine]) -> G1 {
        let field = |x: &i64| {
            let magnitude = Fr::from(x.unsigned_abs());
            if *x < 0 { -magnitude } else { magnitude }
        };
        self.elements(&scalars.iter().map(field).collect::<Vec<_>>(), points)
    }
    fn elements(&self, scalars: &[Fr], points: &[G1Affine]) -> G1 {
        CALLS.fetch_add(1, Ordering::Relaxed);
        best_multiexp(scalars, &points[..scalars.len()])
    }
}

#[derive(Debug)]
struct Transforms(Fft);

impl Fourier for Transforms {
    fn to_values(&self, values: &mut [Fr]) {
        self.0.reverse_bits(values);
        self.transform(values, false);
    }
    fn to_scaled_coefficients(&self, values: &mut [Fr]) {
        self.transform(values, true);
        self.0.reverse_bits(values);
    }
}

impl Transforms {
    fn transform(&self, values: &mut [Fr], inverse: bool) {
        CALLS.fetch_add(1, Ordering::Relaxed);
        let (omega, back) = (self.0.omega(), self.0.omega().invert().unwrap());
        let data = FFTData::new(self.0.n(), omega, back);
        best_fft(values, if inverse { back } else { omega }, self.0.k(), &data, inverse);
    }
}

#[test]
fn bytes_do_not_depend_on_the_back_end() {
    for seed in 0..6 {
        let case = Case::new(Description::random(seed, STYLE));
        let bases = bases(STYLE.k, true);
        let ours = case.proof(&bases, None, seed);
        let transforms = Box::new(Transforms(Fft::new(STYLE.k).unwrap()));
        let theirs =
            case.proof_by(&bases, seed, |prover| prover.with_backend(Box::new(Sums), transforms));
        assert!(ours == theirs, "seed {seed}");
    }
    assert!(CALLS.load(Ordering::Relaxed) > 6 * 20);
}
