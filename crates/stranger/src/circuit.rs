//! Compiled circuits.

use crate::honest::{Honest, Run, rng};
use std::path::Path;

pub(crate) fn compiled(honest: &Honest, path: &Path) {
    let Run { compiled, key, srs, .. } = &honest.fixed;
    let Ok(other) = provenn::read_compiled(path) else { return };
    let graph = other.graph();
    let elements = |tensor: &provenn::TensorId| graph.tensors[tensor.0].shape.iter().product();
    let inputs: Vec<Vec<i64>> = graph.inputs.iter().map(|id| vec![0; elements(id)]).collect();
    let Ok(witness) = provenn::gen_witness(&other, &inputs) else { return };
    // What computes something else has another key; names and steps of hidden tensors are nobody's.
    let same =
        other.statement() == compiled.statement() && other.assignment() == compiled.assignment();
    if !same {
        let proved = provenn::prove(&other, key, srs, &witness, rng());
        assert!(proved.is_err(), "another circuit under the key");
    }
}
