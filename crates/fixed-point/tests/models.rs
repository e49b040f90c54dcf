//! Whole models: the interpreter's outputs against those of ONNX Runtime.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation, clippy::print_stdout)]

use provenn_fixed_point::{RunArgs, Settings, Target, calibrate, generate_settings, quantise};
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
    calibrate(graph, &settings, data, Target::Accuracy).unwrap()
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
    // For people: what the tables cost.
    let rows: usize = {
        let mut tables: Vec<_> = quantised
            .tensors
            .iter()
            .filter_map(|t| match &t.op {
                provenn_fixed_point::QuantOp::Rescale { function, .. } => Some(function.clone()),
                _ => None,
            })
            .collect();
        tables.dedup();
        tables.sort_by_key(|t| (t.first, t.entries.len()));
        tables.dedup();
        tables.iter().map(|t| t.entries.len()).sum()
    };
    println!("    tensors {}, table rows {rows}", quantised.tensors.len());
    worst
}

#[test]
fn models_agree_with_onnx_runtime() {
    let Ok(folders) = std::fs::read_dir(models()) else { return };
    let mut folders: Vec<PathBuf> = folders.filter_map(|f| Some(f.ok()?.path())).collect();
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
        let scale = settings.ranges.get(&settings.outputs[0].name).unwrap().magnitude().max(1.0);
        let reference = expected.exists().then(|| self::rows(&expected, "output_data"));
        let error = error(&graph, &settings, &runs, reference.as_deref());
        println!(
            "{}: max abs error {error:.2e} (outputs up to {scale:.1})",
            folder.file_name().unwrap().display()
        );
        if error > 5e-3 {
            failures.push(folder);
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
}

/// Prints the errors of nets outside the repository: `SCALING=folder cargo test -- --ignored --nocapture`.
#[test]
#[ignore = "needs a folder of nets"]
fn scaling() {
    let Ok(root) = std::env::var("SCALING") else { return };
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root).unwrap().map(|f| f.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let graph = match load(&folder.join("network.onnx"), &ImportOptions::default()) {
            Ok(graph) => graph,
            Err(error) => {
                println!("{}: {error}", folder.display());
                continue;
            }
        };
        let data = observations(&graph, &folder.join("input.json"), "input_data");
        let name = folder.file_name().unwrap().display();
        for shift in [12, 14, 16, 20] {
            let args = RunArgs { shift: Some(shift), ..RunArgs::default() };
            let error = error(&graph, &settings(&graph, &args, &data), &data, None);
            println!("{name} S={shift}: max abs error {error:.2e}");
        }
        let resources = calibrate(
            &graph,
            &settings(&graph, &RunArgs::default(), &data),
            &data,
            Target::Resources,
        );
        let error = error(&graph, &resources.unwrap(), &data, None);
        println!("{name} resources: max abs error {error:.2e}");
    }
}

/// Prints the errors of the repository's models over S and bits.
#[test]
#[ignore = "prints a table"]
fn precision() {
    for name in ["digits_cnn", "digits_lenet", "digits_resnet", "breast_cancer_mlp"] {
        let folder = models().join(name);
        let graph = load(&folder.join("network.onnx"), &ImportOptions::default()).unwrap();
        let data = observations(&graph, &folder.join("calibration.json"), "input_data");
        for (shift, bits, input_scale) in [
            (12, 16, None),
            (14, 15, None),
            (14, 16, None),
            (14, 18, None),
            (14, 16, Some(10)),
            (14, 18, Some(10)),
            (16, 16, None),
            (16, 18, None),
            (20, 20, None),
        ] {
            let args =
                RunArgs { shift: Some(shift), bits: Some(bits), input_scale, ..RunArgs::default() };
            let settings = settings(&graph, &args, &data);
            let error = error(&graph, &settings, &data, None);
            println!("{name} S={shift} bits={bits} input_scale={input_scale:?}: {error:.2e}");
        }
    }
}
