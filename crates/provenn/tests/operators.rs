//! Every operator case of `models/ops`, all the way into a circuit: the witness satisfies every constraint, and
//! the outputs are as close to ONNX Runtime's as the proven bounds say.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation)] // a test reports by panicking

mod op_cases;

use op_cases::cases;
use provenn::{CompiledCircuit, InputData, PlanOptions, RunArgs, Tensor};
use provenn_fixed_point::{calibrate, generate_settings, quantise, quantise_with_bounds};
use provenn_onnx_ir::{ElementType, Graph, ImportOptions, Node, NodeId, Op, load};
use rayon::prelude::*;
use serde_json::Value;
use std::path::Path;

fn tensors(case: &Value, data: &str, shapes: &str) -> Vec<Tensor> {
    let lists = |key: &str| case[key].as_array().unwrap().clone();
    let both = lists(data).into_iter().zip(lists(shapes));
    both.map(|(data, shape)| {
        let extents = shape.as_array().unwrap().iter();
        let shape = extents.map(|x| usize::try_from(x.as_u64().unwrap()).unwrap()).collect();
        let numbers = data.as_array().unwrap().iter();
        Tensor::new(shape, numbers.map(|x| x.as_f64().unwrap() as f32).collect()).unwrap()
    })
    .collect()
}

/// What goes wrong with one case on the way to a satisfied circuit.
fn check(path: &Path, cases: &[Value]) -> Result<(), String> {
    let graph = load(path, &ImportOptions::default()).map_err(|error| error.to_string())?;
    let data: Vec<Vec<Tensor>> =
        cases.iter().map(|case| tensors(case, "inputs", "input_shapes")).collect();
    let settings = generate_settings(&graph, &RunArgs::default(), "test")
        .map_err(|error| error.to_string())?;
    let settings = calibrate(&graph, &settings, &data).map_err(|error| error.to_string())?;
    let (quantised, bounds) =
        quantise_with_bounds(&graph, &settings).map_err(|error| error.to_string())?;
    let compiled = CompiledCircuit::compile(quantised, &PlanOptions::default())
        .map_err(|error| error.to_string())?;
    for (inputs, case) in data.iter().zip(cases) {
        let integers =
            provenn::quantise_inputs(&compiled, inputs).map_err(|error| error.to_string())?;
        let witness =
            provenn::gen_witness(&compiled, &integers.values).map_err(|error| error.to_string())?;
        let got = compiled.graph().dequantise(witness.outputs());
        let wanted = tensors(case, "outputs", "output_shapes");
        if got.len() != wanted.len() || bounds.outputs.len() != wanted.len() {
            return Err(format!("{} outputs instead of {}", got.len(), wanted.len()));
        }
        for ((got, want), bound) in got.iter().zip(&wanted).zip(&bounds.outputs) {
            if got.data.len() != want.data.len() {
                return Err(format!("{} elements of {}", got.data.len(), want.data.len()));
            }
            for (got, want) in got.data.iter().zip(&want.data) {
                let (got, want) = (f64::from(*got), f64::from(*want));
                // The bound is of real arithmetic; ONNX Runtime's own roundings come on top.
                let allowed = bound.worst_case + 1e-5 * want.abs().max(1.0);
                if (got - want).abs() > allowed {
                    return Err(format!("{got} instead of {want}, beyond {allowed}"));
                }
            }
        }
        provenn::mock(&compiled, &witness).map_err(|error| error.to_string())?;
    }
    Ok(())
}

#[test]
fn every_operator_reaches_a_circuit_that_its_witness_satisfies() {
    let cases = cases();
    assert!(cases.len() >= 100, "only {} cases", cases.len());
    let only = std::env::var("CASES").unwrap_or_default();
    let failures: Vec<String> = cases
        .par_iter()
        .filter(|case| case.0.contains(&only))
        .filter_map(|(name, path, cases)| {
            let result = check(path, cases.as_array().unwrap());
            result.err().map(|error| format!("{name}: {error}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn whole_inputs_that_floats_cannot_hold_are_refused_at_witness_time() {
    let id = NodeId(0);
    let node = |name: &str, op, inputs| Node { name: name.into(), op, inputs, shape: vec![1, 2] };
    let nodes = vec![node("count", Op::Input { index: 0 }, vec![]), node("y", Op::Relu, vec![id])];
    let mut graph = Graph { nodes, inputs: vec![id], outputs: vec![NodeId(1)], ..Graph::default() };
    graph.elements.insert(id, ElementType::Integer { bits: 64, signed: true });
    let settings = generate_settings(&graph, &RunArgs::default(), "test").unwrap();
    let quantised = quantise(&graph, &settings).unwrap();
    let read = |value: f64| InputData::new(vec![vec![1.0, value]]).first_observation(&quantised);
    assert!(read(16_777_216.0).is_ok());
    let message = read(16_777_217.0).unwrap_err().to_string();
    assert!(message.contains("count") && message.contains("16777217"), "{message}");
    graph.elements.clear();
    let quantised = quantise(&graph, &settings).unwrap();
    assert!(InputData::new(vec![vec![1.0, 16_777_217.0]]).first_observation(&quantised).is_ok());
}

#[test]
fn settings_of_whole_inputs_need_no_data_that_fit_them() {
    let node = |name: &str, op, inputs| Node { name: name.into(), op, inputs, shape: vec![1, 2] };
    let (a, b, y) = (NodeId(0), NodeId(1), NodeId(2));
    let nodes = vec![
        node("a", Op::Input { index: 0 }, vec![]),
        node("b", Op::Input { index: 1 }, vec![]),
        node("y", Op::Sub, vec![a, b]),
    ];
    let mut graph = Graph { nodes, inputs: vec![a, b], outputs: vec![y], ..Graph::default() };
    let byte = ElementType::Integer { bits: 8, signed: false };
    graph.elements.extend([(a, byte), (b, byte), (y, byte)]);
    assert!(generate_settings(&graph, &RunArgs::default(), "test").is_ok());
}
