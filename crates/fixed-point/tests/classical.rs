//! Classical models on real data, as their libraries export them: labels are ONNX Runtime's on every held-out
//! observation, and so are scores within what the circuit's integers can tell.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation, clippy::print_stdout)]

use provenn_fixed_point::{QuantGraph, RunArgs, calibrate, generate_settings, quantise};
use provenn_onnx_ir::{Graph, ImportOptions, Tensor, load};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn folders() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/classical");
    let all = std::fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = all.filter(|path| path.join("network.onnx").exists()).collect();
    all.sort();
    all
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(list: &Value) -> Vec<f32> {
    list.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

fn observations(graph: &Graph, file: &Value) -> Vec<Vec<Tensor>> {
    let shape = &graph.nodes[graph.inputs[0].0].shape;
    let rows = file["input_data"].as_array().unwrap().iter();
    rows.map(|row| vec![Tensor::new(shape.clone(), numbers(row)).unwrap()]).collect()
}

/// What is wrong with a model, and the largest errors of its float reference and its integers.
fn check(folder: &Path) -> Result<(f64, f64), String> {
    let graph = load(&folder.join("network.onnx"), &ImportOptions::default())
        .map_err(|error| error.to_string())?;
    let data = observations(&graph, &json(&folder.join("calibration.json")));
    let expected = json(&folder.join("expected.json"));
    let settings = generate_settings(&graph, &RunArgs::default(), "test")
        .and_then(|settings| calibrate(&graph, &settings, &data))
        .map_err(|error| error.to_string())?;
    let integers: QuantGraph = quantise(&graph, &settings).map_err(|error| error.to_string())?;
    integers.validate().map_err(|error| error.to_string())?;
    let (mut worst, mut labels) = ([0.0_f64; 2], 0);
    let held = observations(&graph, &expected);
    for (inputs, wanted) in held.iter().zip(expected["output_data"].as_array().unwrap()) {
        let floats = graph.run(inputs).map_err(|error| error.to_string())?;
        let values = integers.quantise_inputs(inputs).map_err(|error| error.to_string())?;
        let values = integers.interpret(&values.values).map_err(|error| error.to_string())?;
        let got = integers.dequantise(&integers.outputs(&values));
        let wanted: Vec<Vec<f32>> = wanted.as_array().unwrap().iter().map(numbers).collect();
        let several = wanted.len() > 1;
        for (at, wanted) in wanted.iter().enumerate() {
            if at == 0 && several {
                labels += usize::from(got[at].data != *wanted);
            }
            for (run, got) in [&floats, &got].into_iter().enumerate() {
                for (got, wanted) in got[at].data.iter().zip(wanted) {
                    let size = f64::from(wanted.abs()).max(1.0);
                    worst[run] = worst[run].max(f64::from((got - wanted).abs()) / size);
                }
            }
        }
    }
    if labels > 0 {
        return Err(format!("{labels} of {} labels differ", held.len()));
    }
    Ok((worst[0], worst[1]))
}

/// Errors are relative, of what is larger than 1.
#[test]
fn classical_models_agree_with_onnx_runtime() {
    let mut failures = vec![];
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        match check(&folder) {
            Ok((floats, integers)) => {
                println!("{name}: floats {floats:.1e}, integers {integers:.1e}");
                if floats > 1e-4 || integers > 2e-3 {
                    failures.push(format!("{name}: floats {floats:.1e}, integers {integers:.1e}"));
                }
            }
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
