//! Quantised models track float models: statistics, scores, data formats, saturation.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)] // a test reports by panicking

use provenn::quantization_error::{QuantizationError, Statistics, quantization_error};
use provenn::{InputData, OnnxModel, RunArgs, Settings, Target, calibrate_settings, gen_settings};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fidelity").join(name)
}

fn expected() -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture("expected.json")).unwrap()).unwrap()
}

fn calibrated(name: &str, target: Target) -> (OnnxModel, Settings) {
    let folder = models().join(name);
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    let data = InputData::read(&folder.join("calibration.json")).unwrap();
    let settings = gen_settings(&model, &RunArgs::default()).unwrap();
    let settings = calibrate_settings(&model, &settings, &data, target).unwrap();
    (model, settings)
}

fn compared(name: &str, target: Target, data: &str) -> QuantizationError {
    let (model, settings) = calibrated(name, target);
    let data = InputData::read(&models().join(data)).unwrap();
    quantization_error(&model, &settings, &data, &mut |_, _| {}).unwrap()
}

fn close(a: f64, b: &Value, within: f64) -> bool {
    (a - b.as_f64().unwrap()).abs() <= within * a.abs().max(1.0)
}

#[test]
fn every_digit_keeps_its_class_at_resources() {
    let found = compared("digits_cnn", Target::Resources, "digits.npz");
    let task = found.task.unwrap();
    assert_eq!(found.observations, 1797);
    assert_eq!(task.agreement, Some(1.0), "{:?}", task.flips);
    let accuracy = task.accuracy.unwrap();
    assert!(close(accuracy.float, &expected()["digits_cnn"]["accuracy"], 1e-12));
    assert_eq!(accuracy.float, accuracy.quantised);
}

#[test]
fn logits_are_exact_to_a_thousandth_at_accuracy() {
    let found = compared("digits_cnn", Target::Accuracy, "digits.npz");
    assert!(found.outputs[0].absolute.mean <= 1e-3 / 50.0, "{:?}", found.outputs[0].absolute);
    assert!(found.outputs[0].absolute.max <= 1e-3);
}

#[test]
fn errors_of_layers_keep_their_bounds() {
    for (name, data) in [
        ("digits_cnn", "digits.npz"),
        ("digits_lenet", "digits.npz"),
        ("digits_resnet", "digits.npz"),
        ("breast_cancer_mlp", "breast_cancer/calibration"),
        ("diabetes_linear", "diabetes/calibration"),
    ] {
        let data = match data.split_once('/') {
            Some(_) => format!("{name}/calibration.json"),
            None => data.to_owned(),
        };
        let found = compared(name, Target::Resources, &data);
        assert!(found.saturation.is_empty(), "{name}: {:?}", found.saturation);
        for layer in &found.layers {
            assert!(layer.max <= layer.worst_case, "{name}: {layer:?}");
            assert!(layer.mean <= layer.rms && layer.rms <= layer.max, "{name}: {layer:?}");
        }
        let last = found.layers.last().unwrap();
        assert!((last.max - found.outputs[0].absolute.max).abs() < 1e-9, "{name}");
    }
}

#[test]
fn scores_are_scikit_learns() {
    let expected = expected();
    let cancer =
        compared("breast_cancer_mlp", Target::Resources, "breast_cancer.npz").task.unwrap();
    let auc = cancer.auc.unwrap();
    assert!(close(auc.float, &expected["breast_cancer_mlp"]["auc"], 1e-6), "{auc:?}");
    assert!((auc.float - auc.quantised).abs() < 1e-3, "{auc:?}");
    let accuracy = cancer.accuracy.unwrap();
    assert!(close(accuracy.float, &expected["breast_cancer_mlp"]["accuracy"], 1e-12));
    let diabetes = compared("diabetes_linear", Target::Resources, "diabetes.npz").task.unwrap();
    let rmse = diabetes.rmse.unwrap();
    assert!(close(rmse.float, &expected["diabetes_linear"]["rmse"], 1e-5), "{rmse:?}");
    assert!((rmse.float - rmse.quantised).abs() < 1e-3, "{rmse:?}");
}

#[test]
fn statistics_are_numpys_whatever_the_order() {
    for case in expected()["statistics"].as_array().unwrap() {
        let values: Vec<f64> =
            case["values"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        let reversed = values.iter().rev().copied().collect();
        let found = Statistics::of(values);
        assert_eq!(found, Statistics::of(reversed));
        for (name, value) in
            [("mean", found.mean), ("median", found.median), ("p99", found.p99), ("max", found.max)]
        {
            assert!(close(value, &case[name], 1e-12), "{name}: {value}, NumPy {}", case[name]);
        }
    }
    assert_eq!(Statistics::of(vec![]), Statistics::default());
}

#[test]
fn relative_errors_have_a_floor_near_zero() {
    let found = compared("digits_cnn", Target::Resources, "digits.npz");
    let output = &found.outputs[0];
    let floor = output.magnitude * provenn::quantization_error::RELATIVE_FLOOR;
    assert!(output.relative.max <= output.absolute.max / floor);
    assert!(output.relative.max >= output.absolute.max / output.magnitude);
}

#[test]
fn reports_show_what_was_found() {
    let found = compared("digits_cnn", Target::Resources, "digits.npz");
    let text = found.to_string();
    for part in ["1797 observations", "/4/Relu", "median", "same class: 1.0000", "█"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let page = found.html("a <title>");
    assert!(page.contains("a &lt;title&gt;") && !page.contains("a <title>"));
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    assert!(
        page.matches("<svg").count() >= 3 && !page.contains("http://") || page.contains("w3.org")
    );
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["observations"], 1797);
    assert!(json["outputs"][0]["histogram"]["counts"].as_array().unwrap().len() == 20);
}

#[test]
fn arrays_of_every_kind_are_read() {
    let rows: Vec<Vec<f64>> =
        (0..3).map(|i| (0..10).map(|j| f64::from(i * 10 + j - 4)).collect()).collect();
    for name in ["f4.npy", "f8.npy", "big.npy", "i8.npy", "i1.npy", "fortran.npy", "packed.npz"] {
        assert_eq!(InputData::read(&fixture(name)).unwrap().input_data, rows, "{name}");
    }
    let named = InputData::read(&fixture("named.npz")).unwrap();
    assert_eq!(named.labels, Some(vec![1.5, 2.5, 3.5]));
    let (model, _) = calibrated("diabetes_linear", Target::Resources);
    assert_eq!(named.observations(model.graph()).unwrap().len(), 3);
    let one = InputData::read(&fixture("one.npy")).unwrap();
    assert_eq!(one.observations(model.graph()).unwrap().len(), 1);

    let folder = tempfile::TempDir::new().unwrap();
    let lines = folder.path().join("data.jsonl");
    let text = "{\"input_data\": [[-4,-3,-2,-1,0,1,2,3,4,5]], \"labels\": [1]}\n\n{\"input_data\": [[6,7,8,9,10,11,12,13,14,15]], \"labels\": [2]}\n";
    std::fs::write(&lines, text).unwrap();
    let read = InputData::read(&lines).unwrap();
    assert_eq!((read.input_data, read.labels), (rows[..2].to_vec(), Some(vec![1.0, 2.0])));
    std::fs::write(&lines, "[-4,-3,-2,-1,0,1,2,3,4,5]\n[[6,7,8,9,10,11,12,13,14,15]]").unwrap();
    assert_eq!(InputData::read(&lines).unwrap().input_data, rows[..2]);
}

#[test]
fn bad_data_are_refused_in_words() {
    let (model, settings) = calibrated("diabetes_linear", Target::Resources);
    let says = |data: InputData, expected: &str| {
        let error = quantization_error(&model, &settings, &data, &mut |_, _| {}).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    };
    says(InputData::new(vec![]), "got 0 lists");
    says(InputData::new(vec![vec![0.0; 9]]), "has 9 values, expected 10");
    says(InputData::new(vec![vec![f64::INFINITY; 10]]), "expected a finite number");
    says(
        InputData::read(&fixture("other.npz")).unwrap(),
        "[\"pixels\"], the model has [\"input\"]",
    );
    let labelled = InputData { labels: Some(vec![1.0]), ..InputData::new(vec![vec![0.0; 10]; 2]) };
    says(labelled, "1 label for 2");
    let error = InputData::read(&fixture("complex.npy")).unwrap_err().to_string();
    assert!(error.contains("complex.npy") && error.contains("c8"), "{error}");
    let (_, other) = calibrated("breast_cancer_logistic", Target::Resources);
    let data = InputData::new(vec![vec![0.0; 10]]);
    let error = quantization_error(&model, &other, &data, &mut |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("model"), "{error}");
    let one = quantization_error(&model, &settings, &data, &mut |_, _| {}).unwrap();
    assert_eq!(one.observations, 1);
}

#[test]
fn damaged_arrays_never_panic() {
    let folder = tempfile::TempDir::new().unwrap();
    for name in ["f4.npy", "named.npz", "packed.npz"] {
        let honest = std::fs::read(fixture(name)).unwrap();
        let path = folder.path().join(name);
        for length in 0..honest.len() {
            std::fs::write(&path, &honest[..length]).unwrap();
            assert!(InputData::read(&path).is_err(), "{name} cut to {length} bytes");
        }
        for at in 0..honest.len() {
            let mut flipped = honest.clone();
            flipped[at] ^= 0x21;
            std::fs::write(&path, flipped).unwrap();
            let _ = InputData::read(&path);
        }
    }
    // A header that claims more than there is.
    let mut header = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
    header.extend([b'('; 64]);
    let path = folder.path().join("header.npy");
    std::fs::write(&path, header).unwrap();
    assert!(InputData::read(&path).is_err());
}

#[test]
fn inputs_ten_times_outside_saturate_and_satisfy_the_circuit() {
    let (model, settings) = calibrated("digits_cnn", Target::Resources);
    let compiled = provenn::compile_circuit(&model, &settings).unwrap();
    let end = settings.ranges["input"].hi;
    let data =
        InputData::new(vec![(0..64).map(|i| if i % 3 == 0 { 10.0 * end } else { 0.5 }).collect()]);
    let observation = data.first_observation(compiled.graph()).unwrap();
    let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
    let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
    let saturation = provenn::saturation(&compiled, &observation, &witness).unwrap();
    let input = saturation.iter().find(|s| s.node == "input").unwrap();
    assert_eq!((input.clamped, input.elements), (22, 64));
    assert!((9.0..=11.0).contains(&input.factor), "{input}");
    provenn::mock(&compiled, &witness).unwrap();
}

#[test]
fn inner_nodes_that_saturate_are_named() {
    let (model, mut settings) = calibrated("digits_cnn", Target::Resources);
    let digits = InputData::read(&models().join("digits_cnn/input.json")).unwrap();
    let inside = quantization_error(&model, &settings, &digits, &mut |_, _| {}).unwrap();
    assert_eq!(inside.saturation, []);
    // As if calibration had met eighths of the values.
    let range = settings.ranges.get_mut("/4/Relu").unwrap();
    range.hi /= 8.0;
    let hi = range.hi;
    let found = quantization_error(&model, &settings, &digits, &mut |_, _| {}).unwrap();
    let [relu] = found.saturation.as_slice() else { panic!("{:?}", found.saturation) };
    assert_eq!((relu.node.as_str(), relu.onnx_op.as_str()), ("/4/Relu", "Relu"));
    let float = model.graph().evaluate(&digits.observations(model.graph()).unwrap()[0]).unwrap();
    let node = model.graph().nodes.iter().position(|n| n.name == "/4/Relu").unwrap();
    // The clamp stands at the range's end or, where nodes share a table, up to twice as far out.
    let beyond = |end: f64| float[node].data.iter().filter(|&&v| f64::from(v) > end).count();
    let (all, far) = (beyond(hi), beyond(2.0 * hi));
    assert!(
        far > 0 && (far..=all).contains(&relu.clamped),
        "{relu}, {far} to {all} by the float model"
    );
}
