//! Every operator case of `models/ops` against ONNX Runtime.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation, clippy::print_stdout)]

use provenn_fixed_point::{RunArgs, calibrate, generate_settings, quantise};
use provenn_onnx_ir::{ImportOptions, Tensor, load};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Every case: its name, its graph's file, and what ONNX Runtime makes of three observations.
fn cases() -> Vec<(String, PathBuf, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/ops");
    let mut all = vec![];
    for family in std::fs::read_dir(folder).unwrap() {
        let family = family.unwrap().path();
        let Ok(expected) = std::fs::read_to_string(family.join("expected.json")) else { continue };
        let expected: serde_json::Map<String, Value> = serde_json::from_str(&expected).unwrap();
        all.extend(expected.into_iter().map(|(name, observations)| {
            let path = family.join(format!("{name}.onnx"));
            (name, path, observations)
        }));
    }
    all.sort_unstable_by(|a, b| a.1.cmp(&b.1));
    all
}

fn tensors(case: &Value, data: &str, shapes: &str) -> Vec<Tensor> {
    let lists = |key: &str| case[key].as_array().unwrap().clone();
    lists(data)
        .iter()
        .zip(lists(shapes))
        .map(|(data, shape)| Tensor {
            shape: shape.as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as usize).collect(),
            data: data.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect(),
        })
        .collect()
}

#[test]
fn operators_agree_with_onnx_runtime() {
    let all = cases();
    assert!(!all.is_empty());
    let mut failures = vec![];
    let mut worst = (0.0, String::new());
    let only = std::env::var("CASES").unwrap_or_default();
    for (name, path, cases) in all.iter().filter(|case| case.0.contains(&only)) {
        let graph = match load(path, &ImportOptions::default()) {
            Ok(graph) => graph,
            Err(error) => {
                failures.push(format!("{name}: not imported: {error}"));
                continue;
            }
        };
        let cases = cases.as_array().unwrap();
        let observations: Vec<Vec<Tensor>> =
            cases.iter().map(|c| tensors(c, "inputs", "input_shapes")).collect();
        let result = generate_settings(&graph, &RunArgs::default(), "test")
            .and_then(|settings| calibrate(&graph, &settings, &observations))
            .map_err(|error| error.to_string())
            .and_then(|settings| quantise(&graph, &settings).map_err(|error| error.to_string()));
        let quantised = match result {
            Ok(quantised) => quantised,
            Err(error) => {
                failures.push(format!("{name}: {error}"));
                continue;
            }
        };
        if let Err(error) = quantised.validate() {
            failures.push(format!("{name}: {error}"));
        }
        let mut error = 0.0_f64;
        let mut magnitude = 1.0_f64;
        for (inputs, case) in observations.iter().zip(cases) {
            let integers = quantised.quantise_inputs(inputs).unwrap();
            match quantised.interpret(&integers.values) {
                Err(error) => failures.push(format!("{name}: {error}")),
                Ok(values) => {
                    let got = quantised.dequantise(&quantised.outputs(&values));
                    for (got, want) in got.iter().zip(tensors(case, "outputs", "output_shapes")) {
                        assert_eq!(got.data.len(), want.data.len(), "{name}");
                        for (a, b) in got.data.iter().zip(&want.data) {
                            error = error.max(f64::from((a - b).abs()));
                            magnitude = magnitude.max(f64::from(b.abs()));
                        }
                    }
                }
            }
        }
        println!("{name}: {error:.1e} of {magnitude:.1}, {} tensors", quantised.tensors.len());
        if error / magnitude > worst.0 {
            worst = (error / magnitude, name.clone());
        }
        if error > 1e-3 * magnitude {
            failures.push(format!("{name}: error {error:.2e} of {magnitude:.1}"));
        }
    }
    println!("worst relative to the largest output: {worst:?}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
