//! Fidelity and cost of models at both targets, measured, and the fit of the planner's cost model.
//!
//! ```sh
//! cargo bench -p provenn-benches --bench cost_model               # the models of the repository
//! cargo bench -p provenn-benches --bench cost_model -- FOLDER …   # and folders with network.onnx, input.json
//! ```
//!
//! Every case runs in a process of its own, so that peak memory is its own. It prints two tables and the fitted
//! weights, which `crates/circuit/src/plan/cost.rs` takes over by hand.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)] // a bench reports by panicking
#![allow(clippy::cast_precision_loss)] // sizes and counts

mod case;
mod fit;

use case::{Case, Measured};
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
    let mut measured = vec![];
    for folder in &folders {
        for accuracy in [false, true] {
            let first = run(&Case { folder: folder.clone(), accuracy, logrows: None });
            let k = first.k;
            measured.push(first);
            // Other heights of the same model, for the fit alone.
            if !smoke && !accuracy && k <= 10 {
                for k in [k + 1, k + 2] {
                    let case = Case { folder: folder.clone(), accuracy, logrows: Some(k) };
                    measured.push(run(&case));
                }
            }
        }
    }
    println!("{}", case::fidelity_table(&measured));
    println!("{}", fit::report(&measured));
}

fn run(case: &Case) -> Measured {
    let output = Command::new(std::env::current_exe().unwrap())
        .env(CASE, serde_json::to_string(case).unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    eprint!("{text}"); // progress
    assert!(output.status.success(), "{case:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}
