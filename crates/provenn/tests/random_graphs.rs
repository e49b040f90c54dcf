//! Random graphs of one to eight operators: the float reference agrees with ONNX Runtime, the integers are within the
//! proven bounds, and of some graphs, others every day, the circuit is satisfied.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation, clippy::print_stdout)]

mod archive;

use archive::Archive;
use provenn::{CompiledCircuit, PlanOptions, RunArgs, Tensor};
use provenn_fixed_point::{calibrate, generate_settings, quantise_with_bounds};
use provenn_onnx_ir::{Graph, ImportOptions, load_bytes};
use rayon::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// One of so many graphs goes into a circuit.
const INTO_CIRCUITS: u64 = 12;

/// Other graphs than the committed ones, for long runs: an archive that `models/random_graphs.py` wrote.
const ARCHIVE: &str = "RANDOM_GRAPHS";

fn path() -> PathBuf {
    let committed = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/random_graphs.zip");
    std::env::var_os(ARCHIVE).map_or_else(committed, PathBuf::from)
}

fn graphs() -> Vec<(Vec<u8>, Value)> {
    let mut archive = Archive::open(&path());
    let cases: Vec<Value> = serde_json::from_slice(&archive.read("graphs.json")).unwrap();
    let numbered = cases.into_iter().enumerate();
    numbered.map(|(at, case)| (archive.read(&format!("{at}.onnx")), case)).collect()
}

/// Flat floats of every observation and tensor.
fn floats(value: &Value) -> Vec<Vec<Vec<f32>>> {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let tensor = |t: &Value| list(t).iter().map(|x| x.as_f64().unwrap() as f32).collect();
    list(value).iter().map(|all| list(all).iter().map(tensor).collect()).collect()
}

fn observations(graph: &Graph, inputs: &[Vec<Vec<f32>>]) -> Vec<Vec<Tensor>> {
    let shapes: Vec<_> = graph.inputs.iter().map(|id| &graph.nodes[id.0].shape).collect();
    let tensors = |all: &Vec<Vec<f32>>| {
        let tensors = all.iter().zip(&shapes);
        tensors.map(|(data, shape)| Tensor::new((*shape).clone(), data.clone()).unwrap()).collect()
    };
    inputs.iter().map(tensors).collect()
}

/// The first element that is further off than it may be.
fn off(got: &[Tensor], wanted: &[Vec<f32>], most: impl Fn(usize) -> f64) -> Result<(), String> {
    if got.len() != wanted.len() {
        return Err(format!("{} outputs of {}", got.len(), wanted.len()));
    }
    for (at, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        if got.data.len() != wanted.len() {
            return Err(format!("output {at}: {} elements of {}", got.data.len(), wanted.len()));
        }
        for (got, wanted) in got.data.iter().zip(wanted) {
            let (got, wanted) = (f64::from(*got), f64::from(*wanted));
            let most = most(at) + 1e-4 * wanted.abs().max(1.0);
            if (got - wanted).abs() > most || got.is_nan() {
                return Err(format!(
                    "output {at}: {got} instead of {wanted}, may be off by {most}"
                ));
            }
        }
    }
    Ok(())
}

/// Checks one graph; the reason, where it is refused for what its values are.
fn check(model: &[u8], case: &Value, into_circuit: bool) -> Result<Option<String>, String> {
    let graph = load_bytes(model, &ImportOptions::default()).map_err(|error| error.to_string())?;
    let (inputs, outputs) = (floats(&case["inputs"]), floats(&case["outputs"]));
    let observations = observations(&graph, &inputs);
    for (inputs, wanted) in observations.iter().zip(&outputs) {
        let got = graph.run(inputs).map_err(|error| error.to_string())?;
        off(&got, wanted, |_| 0.0).map_err(|error| format!("float reference: {error}"))?;
    }
    let settings = generate_settings(&graph, &RunArgs::default(), "test")
        .map_err(|error| error.to_string())?;
    let settings = match calibrate(&graph, &settings, &observations) {
        Ok(settings) => settings,
        Err(error) => return Ok(Some(error.to_string())),
    };
    let (quantised, bounds) = match quantise_with_bounds(&graph, &settings) {
        Ok(quantised) => quantised,
        Err(error) => return Ok(Some(error.to_string())),
    };
    quantised.validate().map_err(|error| error.to_string())?;
    for (inputs, wanted) in observations.iter().zip(&outputs) {
        let inputs = quantised.quantise_inputs(inputs).map_err(|error| error.to_string())?;
        let values = quantised.interpret(&inputs.values).map_err(|error| error.to_string())?;
        let got = quantised.dequantise(&quantised.outputs(&values));
        off(&got, wanted, |at| bounds.outputs[at].worst_case)
            .map_err(|error| format!("integers: {error}"))?;
    }
    if into_circuit {
        let inputs = quantised.quantise_inputs(&observations[0]);
        let inputs = inputs.map_err(|error| error.to_string())?;
        let compiled = CompiledCircuit::compile(quantised, &PlanOptions::default())
            .map_err(|error| error.to_string())?;
        let witness = provenn::gen_witness(&compiled, &inputs.values);
        let witness = witness.map_err(|error| error.to_string())?;
        provenn::mock(&compiled, &witness).map_err(|error| error.to_string())?;
    }
    Ok(None)
}

#[test]
fn random_graphs_agree_with_onnx_runtime() {
    let graphs = graphs();
    assert!(graphs.len() >= 100, "only {} graphs", graphs.len());
    let today =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 86_400;
    println!(
        "day {today}: graphs {} modulo {INTO_CIRCUITS} go into circuits",
        today % INTO_CIRCUITS
    );
    let results: Vec<_> = graphs
        .par_iter()
        .enumerate()
        .map(|(at, (model, case))| {
            let into_circuit = at as u64 % INTO_CIRCUITS == today % INTO_CIRCUITS;
            let told = |text| format!("graph {at} {}: {text}", case["operators"]);
            check(model, case, into_circuit).map(|refusal| refusal.map(told)).map_err(told)
        })
        .collect();
    let refused: Vec<_> =
        results.iter().filter_map(|result| result.as_ref().ok()?.as_ref()).collect();
    let failures: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    println!("{} refused: {refused:#?}", refused.len());
    assert!(failures.is_empty(), "{} of {}: {failures:#?}", failures.len(), graphs.len());
    assert!(refused.len() * 50 <= graphs.len(), "{refused:#?}");
}
