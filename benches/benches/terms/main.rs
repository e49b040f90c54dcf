//! What one, two and three fractions per helper column of the lookup argument cost: CPU seconds, peak memory and
//! bytes of a proof, and seconds by step.
//!
//! ```sh
//! cargo bench -p provenn-benches --bench terms -- FOLDER …            # folders with network.onnx, input.json
//! LOGROWS=14,15,16 cargo bench -p provenn-benches --bench terms -- …  # at these k instead of the planner's
//! ```
//!
//! Every case proves in a process of its own that reads what `provenn prove` reads; the cases of a circuit take
//! turns, three rounds, and medians are shown. Steps are timed on one thread, where wall time is CPU time.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a bench reports by panicking
#![allow(clippy::cast_precision_loss)] // sizes and counts

mod case;

use case::{Case, Proofs, run};
use provenn_benches::{arguments, in_child, is_child, name};
use provenn_gadgets::TermsPerHelper;
use std::path::Path;

/// Times that each case is measured.
const ROUNDS: usize = 3;

fn main() {
    if is_child(run) {
        return;
    }
    let (_, folders) = arguments();
    let heights = std::env::var("LOGROWS").unwrap_or_default();
    let heights: Vec<Option<u32>> = match heights.as_str() {
        "" => vec![None],
        list => list.split(',').map(|k| Some(k.parse().unwrap())).collect(),
    };
    println!("| model | k | terms | prove CPU s | peak MiB | proof kB | steps on one thread, ms |");
    println!("|---|---|---|---|---|---|---|");
    for folder in &folders {
        for logrows in &heights {
            table(folder, *logrows);
        }
    }
}

fn table(folder: &Path, logrows: Option<u32>) {
    let files = TermsPerHelper::ALL.map(|_| tempfile::tempdir().unwrap());
    let k: Vec<u32> = (TermsPerHelper::ALL.iter().zip(&files))
        .map(|(terms, files)| {
            let (folder, files) = (folder.into(), files.path().into());
            in_child(&Case::Prepare { folder, logrows, terms: *terms, files }, &[])
        })
        .collect();
    let mut rounds: [Vec<Proofs>; 3] = [vec![], vec![], vec![]];
    for _ in 0..ROUNDS {
        for (files, proofs) in files.iter().zip(&mut rounds) {
            proofs.push(in_child(&Case::Prove { files: files.path().into() }, &[]));
        }
    }
    for (((terms, files), proofs), k) in TermsPerHelper::ALL.iter().zip(&files).zip(rounds).zip(k) {
        let steps = Case::Steps { files: files.path().into() };
        let steps: Vec<(String, f64)> = in_child(&steps, &[("RAYON_NUM_THREADS", "1")]);
        let steps = steps.iter().map(|(step, seconds)| format!("{step} {:.0}", seconds * 1e3));
        println!(
            "| {} | {k} | {} | {:.3} | {:.0} | {:.1} | {} |",
            name(folder),
            terms.get(),
            median(proofs.iter().map(|p| p.seconds)),
            median(proofs.iter().map(|p| p.peak_bytes as f64)) / f64::from(1 << 20),
            proofs[0].proof_bytes as f64 / 1e3,
            steps.collect::<Vec<_>>().join(", ")
        );
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
