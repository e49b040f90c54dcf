//! Our prover against halo2's on the same circuits: CPU seconds, peak memory, seconds by step.
//!
//! ```sh
//! cargo bench -p provenn-benches --bench prover               # the models of the repository
//! cargo bench -p provenn-benches --bench prover -- FOLDER …   # and folders with network.onnx, input.json
//! ```
//!
//! Every case runs in a process of its own that reads what `provenn prove` reads, so that peak memory is its own.
//! Steps are timed on one thread, where wall time is CPU time.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a bench reports by panicking
#![allow(clippy::cast_precision_loss)] // sizes and counts

mod case;
mod floor;
mod table;

use case::{Case, Circuit, Measured, Prover, run};
use provenn_benches::{arguments, in_child, is_child, name};
use std::path::Path;
use table::Row;

fn main() {
    if is_child(run) {
        return;
    }
    let (_, folders) = arguments();
    let rows: Vec<Row> = folders.iter().map(|folder| row(folder)).collect();
    println!("{}\n{}", table::comparison(&rows), table::breakdown(&rows));
}

fn row(folder: &Path) -> Row {
    let files = [false, true].map(|_| tempfile::tempdir().unwrap());
    let [circuit, two_phases]: [Circuit; 2] = [false, true].map(|two_phases| {
        let files = files[usize::from(two_phases)].path().into();
        in_child(&Case::Prepare { folder: folder.into(), two_phases, files }, &[])
    });
    let prove = |prover, two_phases: bool| -> Measured {
        let files = files[usize::from(two_phases)].path().into();
        let threads: &[_] = match prover {
            Prover::Steps => &[("RAYON_NUM_THREADS", "1")],
            _ => &[],
        };
        in_child(&Case::Prove { prover, files }, threads)
    };
    Row {
        model: name(folder),
        circuit,
        own: prove(Prover::Own, false),
        two_phases,
        own_two_phases: prove(Prover::Own, true),
        stock: prove(Prover::Stock, true),
        steps: prove(Prover::Steps, false),
        floor: prove(Prover::Floor, false),
    }
}
