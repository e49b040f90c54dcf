//! One case: a model and a prover.

use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, TranscriptWriterBuffer};
use provenn::{ProveOptions, ProverKind, RunArgs, Target, VerifyOptions};
use provenn_benches::{Prepared, forget_peak, load, median_cpu_seconds, prepare_with, settings};
use provenn_circuit::Witness;
use provenn_gadgets::{Layout, from_signed};
use provenn_proof::{stock, verify};
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Who proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Prover {
    /// Ours.
    Own,
    /// Ours, on the circuit that halo2's is measured on.
    OwnTwoPhases,
    /// Halo2's, its key made before, on a circuit of two phases with the same settings.
    Stock,
    /// Ours on one thread.
    Steps,
    /// Nobody: the least that has to be done, a commitment to every first-phase column and one
    /// multiplication for every weight.
    Floor,
}

impl Prover {
    pub(crate) const ALL: [Prover; 5] =
        [Prover::Own, Prover::OwnTwoPhases, Prover::Stock, Prover::Steps, Prover::Floor];
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) prover: Prover,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) model: String,
    pub(crate) k: u32,
    pub(crate) phases: u32,
    pub(crate) seconds: f64,
    pub(crate) peak_bytes: u64,
    pub(crate) steps: Vec<(String, f64)>,
}

pub(crate) fn measure(case: &Case) -> Measured {
    let model = load(&case.folder);
    let mut settings = settings(&case.folder, &model, Target::Resources, &RunArgs::default());
    settings.run_args.two_phases = matches!(case.prover, Prover::OwnTwoPhases | Prover::Stock);
    let prepared = prepare_with(&case.folder, &model, &settings);
    let shape = prepared.compiled.shape();
    let (k, phases) = (shape.k, if shape.border_banks > 0 { 3 } else { 2 });
    let (seconds, steps) = match case.prover {
        Prover::Own | Prover::OwnTwoPhases => own(&prepared),
        Prover::Steps => steps(&prepared),
        Prover::Stock => (stock(&prepared), vec![]),
        Prover::Floor => (floor(&prepared), vec![]),
    };
    let model = case.folder.file_name().unwrap().to_string_lossy().into_owned();
    Measured { model, k, phases, seconds, peak_bytes: provenn::run::peak_rss_bytes(), steps }
}

fn prove(p: &Prepared) -> provenn::Proved {
    let options = ProveOptions { prover: ProverKind::Own, ..ProveOptions::default() };
    provenn::prove_with(&p.compiled, &p.key, &p.srs, &p.witness, options, OsRng).unwrap()
}

fn own(p: &Prepared) -> (f64, Vec<(String, f64)>) {
    forget_peak();
    let seconds = median_cpu_seconds(|| drop(prove(p)));
    (seconds, vec![])
}

fn steps(p: &Prepared) -> (f64, Vec<(String, f64)>) {
    let seconds = median_cpu_seconds(|| drop(prove(p)));
    let runs: Vec<_> = (0..5).map(|_| prove(p).seconds).collect();
    let steps = runs[0].iter().enumerate().map(|(i, (name, _))| {
        let mut seconds: Vec<f64> = runs.iter().map(|run| run[i].1).collect();
        seconds.sort_by(f64::total_cmp);
        ((*name).to_owned(), seconds[2])
    });
    (seconds, steps.collect())
}

/// The same work as ours, but for making halo2's key.
fn stock(p: &Prepared) -> f64 {
    let verifying = p.key.verifying_key();
    let key = stock::proving_key(verifying, &p.compiled.keygen_circuit()).unwrap();
    forget_peak();
    median_cpu_seconds(|| {
        let witness =
            Witness { inputs: p.witness.inputs.clone(), outputs: p.witness.outputs.clone() };
        let (circuit, instance) = p.compiled.assign(&witness).unwrap();
        let instance: Vec<Fr> = instance.into_iter().map(from_signed).collect();
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        rayon::scope(|_| stock::prove(&key, &circuit, &instance, &p.srs, OsRng, &mut transcript))
            .unwrap();
        let options = VerifyOptions { allow_insecure_srs: true };
        verify(verifying, p.srs.verifier(), &instance, &transcript.finalize(), options).unwrap();
    })
}

fn floor(p: &Prepared) -> f64 {
    let witness = Witness { inputs: p.witness.inputs.clone(), outputs: p.witness.outputs.clone() };
    let (circuit, _) = p.compiled.assign(&witness).unwrap();
    let layout = Layout::new(p.compiled.shape());
    let columns: Vec<Vec<i64>> =
        circuit.first_columns(&layout).unwrap().into_iter().map(<[i64]>::to_vec).collect();
    let weights: Vec<Fr> = circuit
        .fixed_columns(&layout)
        .iter()
        .flat_map(|column| column.iter().filter(|x| **x != 0).map(|x| from_signed(*x)))
        .collect();
    let bases = crate::floor::bases(p.srs.lagrange());
    median_cpu_seconds(|| {
        for column in &columns {
            let _ = std::hint::black_box(crate::floor::commit(column, &bases));
        }
        let factor = std::hint::black_box(Fr::from(3));
        let product: Fr = weights.iter().map(|weight| factor * weight).sum();
        std::hint::black_box(product);
    })
}
