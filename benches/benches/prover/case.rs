//! One case: a model and a prover.

use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, TranscriptWriterBuffer};
use provenn::{ProveOptions, ProverKind, RunArgs, Target, VerifyOptions};
use provenn_benches::{Prepared, forget_peak, load, median_cpu_seconds, prepare_with, settings};
use provenn_gadgets::Layout;
use provenn_proof::stock;
use provenn_verifier::transcript::absorb_key;
use provenn_verifier::verify;
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Who proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Prover {
    /// Ours.
    Own,
    /// Halo2's, its key made before.
    Stock,
    /// Ours on one thread.
    Steps,
    /// Nobody: the least that has to be done, a commitment to every first-phase column and one
    /// multiplication for every weight.
    Floor,
}

/// What a child process does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Case {
    /// Makes a model ready and writes its files.
    Prepare { folder: PathBuf, two_phases: bool, files: PathBuf },
    /// Reads the files and proves, as `provenn prove` does.
    Prove { prover: Prover, files: PathBuf },
}

/// The circuit of a prepared model.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Circuit {
    pub(crate) k: u32,
    pub(crate) phases: u32,
}

/// One prover.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// CPU seconds of one proof.
    pub(crate) seconds: f64,
    /// Largest resident set up to the end of the first proof.
    pub(crate) peak_bytes: u64,
    pub(crate) steps: Vec<(String, f64)>,
}

/// Runs a case: says a [`Circuit`] or what was [`Measured`].
pub(crate) fn run(case: &Case) -> serde_json::Value {
    match case {
        Case::Prepare { folder, two_phases, files } => {
            serde_json::to_value(prepare(folder, *two_phases, files)).unwrap()
        }
        Case::Prove { prover, files } => {
            serde_json::to_value(measure(*prover, &Prepared::read(files))).unwrap()
        }
    }
}

fn prepare(folder: &Path, two_phases: bool, files: &Path) -> Circuit {
    let model = load(folder);
    let mut settings = settings(folder, &model, Target::Resources, &RunArgs::default());
    settings.run_args.two_phases = two_phases;
    let prepared = prepare_with(folder, &model, &settings);
    prepared.write(files);
    let params = prepared.compiled.params();
    Circuit { k: params.k, phases: if params.boundary_banks > 0 { 3 } else { 2 } }
}

fn measure(prover: Prover, prepared: &Prepared) -> Measured {
    match prover {
        Prover::Own => own(prepared),
        Prover::Steps => steps(prepared),
        Prover::Stock => stock(prepared),
        Prover::Floor => floor(prepared),
    }
}

/// The first proof for its peak, further ones for seconds.
fn proofs(prove: impl Fn()) -> Measured {
    prove();
    let peak_bytes = provenn::run::peak_rss_bytes();
    Measured { seconds: median_cpu_seconds(prove), peak_bytes, steps: vec![] }
}

fn prove(p: &Prepared) -> provenn::Proved {
    let options = ProveOptions { prover: ProverKind::Own, ..ProveOptions::default() };
    provenn::prove_with(&p.compiled, &p.key, &p.srs, &p.witness, options, OsRng).unwrap()
}

fn own(p: &Prepared) -> Measured {
    proofs(|| drop(prove(p)))
}

fn steps(p: &Prepared) -> Measured {
    let measured = own(p);
    let runs: Vec<_> = (0..5).map(|_| prove(p).seconds).collect();
    let steps = runs[0].iter().enumerate().map(|(i, (name, _))| {
        let mut seconds: Vec<f64> = runs.iter().map(|run| run[i].1).collect();
        seconds.sort_by(f64::total_cmp);
        ((*name).to_owned(), seconds[2])
    });
    Measured { steps: steps.collect(), ..measured }
}

/// The same work as ours, but for making halo2's key.
fn stock(p: &Prepared) -> Measured {
    let verifying = p.key.verifying_key();
    let key = stock::proving_key(verifying, &p.compiled.keygen_circuit()).unwrap();
    forget_peak();
    proofs(|| {
        let (circuit, instance) = p.compiled.assign(&p.witness).unwrap();
        let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
        absorb_key(&mut transcript, &verifying.digest()).unwrap();
        rayon::scope(|_| stock::prove(&key, &circuit, &instance, &p.srs, OsRng, &mut transcript))
            .unwrap();
        let options = VerifyOptions::allowing_insecure_srs();
        verify(verifying, p.srs.verifier(), &instance, &transcript.finalize(), options).unwrap();
    })
}

fn floor(p: &Prepared) -> Measured {
    let (circuit, _) = p.compiled.assign(&p.witness).unwrap();
    let layout = Layout::new(p.compiled.params());
    let columns: Vec<Vec<i64>> =
        circuit.first_columns(&layout).unwrap().into_iter().map(<[i64]>::to_vec).collect();
    let weights: Vec<Fr> = circuit
        .fixed_columns(&layout)
        .iter()
        .flat_map(|column| (0..column.len()).map(|row| column.at(row)))
        .filter(|x| *x != Fr::zero())
        .collect();
    let bases = crate::floor::bases(p.srs.lagrange());
    proofs(|| {
        for column in &columns {
            let _ = std::hint::black_box(crate::floor::commit(column, &bases));
        }
        let factor = std::hint::black_box(Fr::from(3));
        let product: Fr = weights.iter().map(|weight| factor * weight).sum();
        std::hint::black_box(product);
    })
}
