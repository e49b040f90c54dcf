//! Quantised models give the integers that ONNX Runtime gives, for every image there is.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)] // a test reports by panicking

use provenn::InputData;
use provenn_fixed_point::{RunArgs, calibrate, generate_settings, quantise};
use provenn_onnx_ir::{ImportOptions, Tensor, load};
use rayon::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

/// The outputs of every image, as multiples of the scale of the output, here and in ONNX Runtime.
fn outputs(name: &str) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let folder = models().join(name);
    let graph = load(&folder.join("network.onnx"), &ImportOptions::default()).unwrap();
    let text = std::fs::read_to_string(folder.join("images.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let step = expected["step"].as_f64().unwrap();
    let row = |row: &Value| row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    let wanted: Vec<Vec<f64>> = expected["outputs"].as_array().unwrap().iter().map(row).collect();
    let calibration = InputData::read(&models().join("digits_cnn/calibration.json")).unwrap();
    let images = InputData::read(&models().join("digits.npz")).unwrap();
    let images = images.observations(&graph).unwrap();
    assert_eq!(images.len(), wanted.len());
    let settings = generate_settings(&graph, &RunArgs::default(), "test").unwrap();
    let observations = calibration.observations(&graph).unwrap();
    let settings = calibrate(&graph, &settings, &observations).unwrap();
    let quantised = quantise(&graph, &settings).unwrap();
    quantised.validate().unwrap();
    let output = |image: &Vec<Tensor>| -> Vec<f64> {
        let integers = quantised.quantise_inputs(image).unwrap();
        assert!(integers.saturated.iter().all(Vec::is_empty));
        let values = quantised.interpret(&integers.values).unwrap();
        let reals = quantised.grid(quantised.outputs[0]).reals(&quantised.outputs(&values)[0]);
        reals.into_iter().map(|real| real / step).collect()
    };
    (images.par_iter().map(output).collect(), wanted)
}

#[test]
fn static_int8_is_exact_on_every_image() {
    for name in ["digits_cnn_qdq", "digits_cnn_qoperator"] {
        let (got, wanted) = outputs(name);
        let differ = |(got, wanted): (&Vec<f64>, &Vec<f64>)| {
            got.iter().zip(wanted).any(|(a, b)| (a - b).abs() > 1e-3)
        };
        let off: Vec<usize> = (0..got.len()).filter(|&i| differ((&got[i], &wanted[i]))).collect();
        assert!(off.is_empty(), "{name}: {} of {} images differ: {off:?}", off.len(), got.len());
    }
}

#[test]
fn dynamic_int8_is_near_on_every_image() {
    let (got, wanted) = outputs("digits_cnn_dynamic");
    let class = |row: &[f64]| (0..row.len()).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap();
    let mut worst = 0.0_f64;
    for (got, wanted) in got.iter().zip(&wanted) {
        assert_eq!(class(got), class(wanted));
        let off = got.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        worst = worst.max(off);
    }
    // A quotient by a computed scale that lies within a rounding of a half may be rounded to the other side.
    assert!(worst < 0.5, "{worst}");
}
