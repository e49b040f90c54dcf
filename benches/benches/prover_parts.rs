//! The prover's parts: multi-scalar multiplication by width and size, Fourier transform, and the steps quotient and
//! opening of the trained models.
#![allow(missing_docs, clippy::unwrap_used)] // a bench reports by panicking

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use halo2_proofs::arithmetic::{best_fft, best_multiexp};
use halo2_proofs::fft::recursive::FFTData;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use provenn::{ProveOptions, RunArgs, Srs, Target};
use provenn_benches::{name, prepare};
use provenn_prover::{fft::Fft, msm};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_core::OsRng;
use std::time::Duration;

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

fn multiplications(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("msm");
    group.sample_size(10);
    let srs = Srs::draw_insecure(14, rng()).unwrap();
    let bases: &[G1Affine] = srs.lagrange();
    for k in [7, 9, 10, 11, 12, 14] {
        let n = 1 << k;
        for bits in [1_u32, 8, 16, 32, 63] {
            let mut rng = rng();
            let signed = |x: u64| (x >> (63 - bits)).cast_signed() - (1 << (bits - 1));
            let scalars: Vec<i64> = (0..n).map(|_| signed(rng.next_u64() >> 1)).collect();
            group.bench_with_input(
                BenchmarkId::new(format!("{bits} bits"), n),
                &scalars,
                |b, s| {
                    b.iter(|| msm::small(s, bases));
                },
            );
        }
        let mut rng = rng();
        let scalars: Vec<Fr> = (0..n).map(|_| Fr::random(&mut rng)).collect();
        group.bench_with_input(BenchmarkId::new("full width", n), &scalars, |b, s| {
            b.iter(|| msm::wide(s, bases));
        });
        group.bench_with_input(BenchmarkId::new("full width, halo2", n), &scalars, |b, s| {
            b.iter(|| best_multiexp(s, &bases[..s.len()]));
        });
    }
    group.finish();
}

fn transforms(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fft");
    for k in [8, 10, 12, 14, 16] {
        let fft = Fft::new(k).unwrap();
        let mut rng = rng();
        let mut values: Vec<Fr> = (0..fft.n()).map(|_| Fr::random(&mut rng)).collect();
        group.bench_function(BenchmarkId::new("to values", fft.n()), |b| {
            b.iter(|| fft.to_values(&mut values));
        });
        let omega = fft.omega();
        let data = FFTData::new(fft.n(), omega, omega.invert().unwrap());
        group.bench_function(BenchmarkId::new("to values, halo2", fft.n()), |b| {
            b.iter(|| best_fft(&mut values, omega, k, &data, false));
        });
    }
    group.finish();
}

/// Quotient and opening, from whole proofs: a step's time is the proof's own report of it.
fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("steps");
    group.sample_size(10);
    for folder in provenn_benches::models() {
        let name = name(&folder);
        let p = prepare(&folder, Target::Resources, &RunArgs::default());
        let seconds = |step: &str| {
            let options = ProveOptions::default();
            let proved =
                provenn::prove_with(&p.compiled, &p.key, &p.srs, &p.witness, options, OsRng);
            let found = proved.unwrap().seconds.into_iter().find(|(name, _)| *name == step);
            Duration::from_secs_f64(found.unwrap().1)
        };
        for step in ["quotient", "opening"] {
            group.bench_function(BenchmarkId::new(step, &name), |b| {
                b.iter_custom(|times| (0..times).map(|_| seconds(step)).sum());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, multiplications, transforms, steps);
criterion_main!(benches);
