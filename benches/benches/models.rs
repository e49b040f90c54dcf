//! Proving and verifying every trained model of the repository.
#![allow(missing_docs, clippy::unwrap_used)] // a bench reports by panicking

use criterion::{Criterion, criterion_group, criterion_main};
use provenn::{RunArgs, Target, VerifyOptions};
use provenn_benches::{Prepared, name, prepare};
use rand_core::OsRng;

fn models(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("models");
    group.sample_size(10);
    // A run that only shows that the bench works takes the first: the models themselves are tested elsewhere.
    let most = if provenn_benches::is_smoke() { 1 } else { usize::MAX };
    for folder in provenn_benches::models().into_iter().take(most) {
        let name = name(&folder);
        let Prepared { compiled, srs, key, witness } =
            prepare(&folder, Target::Resources, &RunArgs::default());
        let prove = || provenn::prove(&compiled, &key, &srs, &witness, OsRng).unwrap();
        group.bench_function(format!("{name}/prove"), |b| b.iter(prove));
        let proof = prove();
        let options = VerifyOptions::allowing_insecure_srs();
        group.bench_function(format!("{name}/verify"), |b| {
            b.iter(|| proof.verify(key.verifying_key(), srs.verifier(), options).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, models);
criterion_main!(benches);
