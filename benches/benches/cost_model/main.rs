//! Fidelity and cost of models at both targets, measured, and the fit of the planner's cost model.
//!
//! ```sh
//! cargo bench -p provenn-benches --bench cost_model               # the models of the repository
//! cargo bench -p provenn-benches --bench cost_model -- FOLDER …   # and folders with network.onnx, input.json
//! ```
//!
//! Every case proves in a process of its own that reads what `provenn prove` reads, so that peak memory is its
//! own. It prints two tables and the fitted weights, which `crates/circuit/src/plan/cost.rs` takes over by hand.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a bench reports by panicking
#![allow(clippy::cast_precision_loss)] // sizes and counts

mod case;
mod fit;

use case::{Case, Measured, run};
use provenn_benches::{arguments, is_child};

fn main() {
    if is_child(run) {
        return;
    }
    let (smoke, folders) = arguments();
    let mut measured = vec![];
    for folder in &folders {
        for accuracy in [false, true] {
            let case = Case { folder: folder.clone(), accuracy, logrows: None };
            let first = Measured::new(case);
            let k = first.plan.k;
            measured.push(first);
            // Other heights of the same model, for the fit alone.
            if !smoke && !accuracy && k <= 10 {
                for k in [k + 1, k + 2] {
                    let case = Case { folder: folder.clone(), accuracy, logrows: Some(k) };
                    measured.push(Measured::new(case));
                }
            }
        }
    }
    println!("{}", case::fidelity_table(&measured));
    println!("{}", fit::report(&measured));
}
