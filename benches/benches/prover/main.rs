//! Our prover against halo2's on the same circuits: CPU seconds, peak memory, seconds by step.
//!
//! ```sh
//! cargo bench -p provenn-benches --bench prover               # the models of the repository
//! cargo bench -p provenn-benches --bench prover -- FOLDER …   # and folders with network.onnx, input.json
//! ```
//!
//! Every case runs in a process of its own, so that peak memory is its own. Steps are timed on one thread, where
//! wall time is CPU time.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a bench reports by panicking
#![allow(clippy::cast_precision_loss)] // sizes and counts

mod case;
mod floor;
mod table;

use case::{Case, Prover, measure};
use provenn_benches::{arguments, in_child, is_child};

fn main() {
    if is_child(measure) {
        return;
    }
    let (_, folders) = arguments();
    let rows: Vec<_> = folders
        .into_iter()
        .map(|folder| {
            Prover::ALL.map(|prover| {
                let threads: &[_] = match prover {
                    Prover::Steps => &[("RAYON_NUM_THREADS", "1")],
                    _ => &[],
                };
                in_child(&Case { folder: folder.clone(), prover }, threads)
            })
        })
        .collect();
    println!("{}\n{}", table::comparison(&rows), table::breakdown(&rows));
}
