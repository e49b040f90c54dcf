//! Whole models: the interpreter's outputs against those of ONNX Runtime.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation, clippy::print_stdout)]

use provenn_fixed_point::{RunArgs, Settings, calibrate, generate_settings, quantise};
use provenn_onnx_ir::{Graph, ImportOptions, Tensor, load};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

/// Rows of floats of a JSON file.
fn rows(path: &Path, key: &str) -> Vec<Vec<f32>> {
    let json: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let row =
        |row: &Value| row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect();
    json[key].as_array().unwrap().iter().map(row).collect()
}

/// Every observation of a JSON file: one row per run for models of one input.
fn observations(graph: &Graph, path: &Path, key: &str) -> Vec<Vec<Tensor>> {
    let rows = rows(path, key);
    let shapes: Vec<Vec<usize>> =
        graph.inputs.iter().map(|id| graph.nodes[id.0].shape.clone()).collect();
    rows.chunks(shapes.len())
        .map(|chunk| {
            chunk
                .iter()
                .zip(&shapes)
                .map(|(data, shape)| Tensor { shape: shape.clone(), data: data.clone() })
                .collect()
        })
        .collect()
}

fn settings(graph: &Graph, args: &RunArgs, data: &[Vec<Tensor>]) -> Settings {
    let settings = generate_settings(graph, args, "test").unwrap();
    calibrate(graph, &settings, data).unwrap()
}

/// Largest absolute error of all outputs over all runs.
fn error(
    graph: &Graph,
    settings: &Settings,
    runs: &[Vec<Tensor>],
    expected: Option<&[Vec<f32>]>,
) -> f64 {
    let quantised = quantise(graph, settings).unwrap();
    quantised.validate().unwrap();
    let mut worst = 0.0_f64;
    for (i, inputs) in runs.iter().enumerate() {
        let integers = quantised.quantise_inputs(inputs).unwrap();
        let values = quantised.interpret(&integers.values).unwrap();
        let got = quantised.dequantise(&quantised.outputs(&values));
        let reference: Vec<Vec<f32>> = match expected {
            Some(expected) => vec![expected[i].clone()],
            None => graph.run(inputs).unwrap().into_iter().map(|t| t.data).collect(),
        };
        for (got, expected) in got.iter().zip(reference) {
            assert_eq!(got.data.len(), expected.len());
            for (a, b) in got.data.iter().zip(&expected) {
                worst = worst.max(f64::from((a - b).abs()));
            }
        }
    }
    worst
}

#[test]
fn models_agree_with_onnx_runtime() {
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(models()).unwrap().map(|f| f.unwrap().path()).collect();
    folders.sort();
    let mut failures = vec![];
    for folder in folders {
        let (model, data) = (folder.join("network.onnx"), folder.join("calibration.json"));
        if !model.exists() || !data.exists() {
            continue;
        }
        let graph = load(&model, &ImportOptions::default()).unwrap();
        let data = observations(&graph, &data, "input_data");
        let expected = folder.join("expected.json");
        let runs = if expected.exists() {
            observations(&graph, &expected, "input_data")
        } else {
            data.clone()
        };
        let settings = settings(&graph, &RunArgs::default(), &data);
        let scale = settings.ranges.get(settings.outputs[0].node()).unwrap().magnitude().max(1.0);
        let reference = expected.exists().then(|| self::rows(&expected, "output_data"));
        let error = error(&graph, &settings, &runs, reference.as_deref());
        println!(
            "{}: max abs error {error:.2e} (outputs up to {scale:.1})",
            folder.file_name().unwrap().display()
        );
        // Logits up to 11 and 9, after two dozen layers of 16 bits; up to 31, behind products with gates.
        let most = match folder.file_name().and_then(|name| name.to_str()) {
            Some("shakespeare_gpt") => 2e-2,
            Some("digits_efficientnet" | "digits_vit") => 1e-2,
            _ => 5e-3,
        };
        if error > most {
            failures.push(folder);
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
}
