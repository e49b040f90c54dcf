//! One case: a model laid out with so many fractions per helper column.

use provenn::{CompiledCircuit, ProveOptions, RunArgs, Srs, Target};
use provenn_benches::{Prepared, load, median_cpu_seconds, observation, settings};
use provenn_gadgets::TermsPerHelper;
use rand_core::OsRng;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a child process does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Case {
    /// Makes a model ready and writes its files.
    Prepare { folder: PathBuf, logrows: Option<u32>, terms: TermsPerHelper, files: PathBuf },
    /// Reads the files and proves, as `provenn prove` does.
    Prove { files: PathBuf },
    /// The same, for the seconds of each step.
    Steps { files: PathBuf },
}

/// Of a circuit's proofs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Proofs {
    /// CPU seconds of one.
    pub(crate) seconds: f64,
    /// Largest resident set up to the end of the first.
    pub(crate) peak_bytes: u64,
    pub(crate) proof_bytes: usize,
}

/// Runs a case: says k, [`Proofs`] or steps.
pub(crate) fn run(case: &Case) -> serde_json::Value {
    match case {
        Case::Prepare { folder, logrows, terms, files } => {
            serde_json::to_value(prepare(folder, *logrows, *terms, files))
        }
        Case::Prove { files } => serde_json::to_value(proofs(&Prepared::read(files))),
        Case::Steps { files } => serde_json::to_value(steps(&Prepared::read(files))),
    }
    .unwrap()
}

fn prepare(
    folder: &Path,
    logrows: Option<u32>,
    terms_per_helper: TermsPerHelper,
    files: &Path,
) -> u32 {
    let model = load(folder);
    let args = RunArgs { logrows, ..RunArgs::default() };
    let settings = settings(folder, &model, Target::Resources, &args);
    let mut parts = provenn::compile_circuit(&model, &settings).unwrap().parts().clone();
    parts.plan.terms_per_helper = terms_per_helper;
    let compiled = CompiledCircuit::from_parts(parts).unwrap();
    let srs = Srs::draw_insecure(compiled.params().k, OsRng).unwrap();
    let key = provenn::setup(&compiled, &srs).unwrap();
    let inputs = provenn::quantise_inputs(&compiled, &observation(folder, &model)).unwrap();
    let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
    let k = compiled.params().k;
    Prepared { compiled, srs, key, witness }.write(files);
    k
}

fn prove(p: &Prepared) -> provenn::Proved {
    let options = ProveOptions::default();
    provenn::prove_with(&p.compiled, &p.key, &p.srs, &p.witness, options, OsRng).unwrap()
}

fn proofs(p: &Prepared) -> Proofs {
    let proof = prove(p).file;
    let peak_bytes = provenn::run::peak_rss_bytes();
    let proof_bytes = proof.hex_proof.trim_start_matches("0x").len() / 2;
    Proofs { seconds: median_cpu_seconds(|| drop(prove(p))), peak_bytes, proof_bytes }
}

fn steps(p: &Prepared) -> Vec<(&'static str, f64)> {
    let runs: Vec<_> = (0..5).map(|_| prove(p).seconds).collect();
    let steps = runs[0].iter().enumerate().map(|(i, (name, _))| {
        let mut seconds: Vec<f64> = runs.iter().map(|run| run[i].1).collect();
        seconds.sort_by(f64::total_cmp);
        (*name, seconds[seconds.len() / 2])
    });
    steps.collect()
}
