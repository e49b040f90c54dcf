//! Our prover against halo2's on the same circuits: CPU seconds, peak memory, seconds by step.
//!
//! ```sh
//! cargo bench -p provenn-benches --bench prover               # the models of the repository
//! cargo bench -p provenn-benches --bench prover -- FOLDER …   # and folders with network.onnx, input.json
//! ```
//!
//! Every case runs in a process of its own, so that peak memory is its own. Steps are timed on one thread, where
//! wall time is CPU time.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)] // a bench reports by panicking
#![allow(clippy::cast_precision_loss)] // sizes and counts

mod case;
mod floor;
mod table;

use case::{Case, Measured, Prover};
use std::path::PathBuf;
use std::process::Command;

/// Marks a child process.
const CASE: &str = "PROVENN_BENCH_CASE";

fn main() {
    if let Ok(text) = std::env::var(CASE) {
        let measured = case::measure(&serde_json::from_str(&text).unwrap());
        println!("{}", serde_json::to_string(&measured).unwrap());
        return;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let smoke = arguments.iter().any(|a| a == "--test");
    let mut folders = provenn_benches::models();
    if smoke {
        folders.truncate(1);
    }
    folders.extend(arguments.iter().filter(|a| !a.starts_with("--")).map(PathBuf::from));
    let rows: Vec<_> = folders
        .into_iter()
        .map(|folder| {
            [Prover::Own, Prover::Stock, Prover::Steps, Prover::Floor]
                .map(|prover| run(&Case { folder: folder.clone(), prover }))
        })
        .collect();
    println!("{}\n{}", table::comparison(&rows), table::breakdown(&rows));
}

fn run(case: &Case) -> Measured {
    let mut command = Command::new(std::env::current_exe().unwrap());
    if case.prover == Prover::Steps {
        command.env("RAYON_NUM_THREADS", "1");
    }
    let output = command.env(CASE, serde_json::to_string(case).unwrap()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    eprint!("{text}"); // progress
    assert!(output.status.success(), "{case:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}
