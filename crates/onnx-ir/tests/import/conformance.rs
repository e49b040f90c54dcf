//! Every model and every operator case of the repository, against what ONNX Runtime made of it.

use std::fs;
use std::path::{Path, PathBuf};

use provenn_onnx_ir::{Graph, ImportOptions, Tensor, load};
use serde_json::Value;

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

fn json(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Every operator case: its name, its graph's file, and ONNX Runtime's observations.
fn cases() -> Vec<(String, PathBuf, Value)> {
    let mut all = vec![];
    for family in fs::read_dir(models().join("ops")).unwrap() {
        let family = family.unwrap().path();
        if let Value::Object(expected) = json(&family.join("expected.json")) {
            all.extend(expected.into_iter().map(|(name, observations)| {
                let path = family.join(format!("{name}.onnx"));
                (name, path, observations)
            }));
        }
    }
    all
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

#[expect(clippy::cast_possible_truncation, reason = "the files hold f32 values as text")]
fn floats(value: &Value) -> Vec<f32> {
    list(value).iter().map(|number| number.as_f64().unwrap() as f32).collect()
}

fn shape(value: &Value) -> Vec<usize> {
    list(value).iter().map(|extent| usize::try_from(extent.as_u64().unwrap()).unwrap()).collect()
}

fn import(path: &Path) -> Graph {
    load(path, &ImportOptions::default())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The first value that is further from the expected one than 1e-4, relative or absolute.
fn difference(got: &[f32], expected: &[f32]) -> Option<String> {
    if got.len() != expected.len() {
        return Some(format!("{} values instead of {}", got.len(), expected.len()));
    }
    let far = |(&got, &expected): (&f32, &f32)| {
        (got - expected).abs() > 1e-4 * expected.abs().max(1.0) || got.is_nan()
    };
    let at = got.iter().zip(expected).position(far)?;
    Some(format!("value {at} is {} instead of {}", got[at], expected[at]))
}

#[test]
fn models_agree_with_onnx_runtime() {
    let mut checked = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(models()).unwrap() {
        let folder = entry.unwrap().path();
        let network = folder.join("network.onnx");
        if !network.exists() {
            continue;
        }
        let graph = import(&network);
        let expected = json(&folder.join("expected.json"));
        for (input, output) in
            list(&expected["input_data"]).iter().zip(list(&expected["output_data"]))
        {
            let shape = graph.nodes[graph.inputs[0].0].shape.clone();
            let outputs = graph.run(&[Tensor::new(shape, floats(input)).unwrap()]).unwrap();
            checked += 1;
            if let Some(difference) = difference(&outputs[0].data, &floats(output)) {
                wrong.push(format!("{}: {difference}", folder.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 0, "no models found");
}

#[test]
fn operators_agree_with_onnx_runtime() {
    let mut wrong = Vec::new();
    let cases = cases();
    for (name, path, observations) in &cases {
        let graph = match load(path, &ImportOptions::default()) {
            Ok(graph) => graph,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        for observation in list(observations) {
            let shapes = list(&observation["input_shapes"]).iter().map(shape);
            let inputs = list(&observation["inputs"]).iter().map(floats).zip(shapes);
            let inputs: Vec<Tensor> =
                inputs.map(|(data, shape)| Tensor::new(shape, data).unwrap()).collect();
            let outputs = match graph.run(&inputs) {
                Ok(outputs) => outputs,
                Err(error) => {
                    wrong.push(format!("{name}: {error}"));
                    continue;
                }
            };
            let expected = list(&observation["outputs"]);
            let shapes: Vec<_> = list(&observation["output_shapes"]).iter().map(shape).collect();
            let got: Vec<_> = outputs.iter().map(|output| output.shape.clone()).collect();
            if got != shapes {
                wrong.push(format!("{name}: shapes {got:?} instead of {shapes:?}"));
                continue;
            }
            for (got, expected) in outputs.iter().zip(expected) {
                wrong.extend(
                    difference(&got.data, &floats(expected))
                        .map(|difference| format!("{name}: {difference}")),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(!cases.is_empty(), "no cases found");
}
