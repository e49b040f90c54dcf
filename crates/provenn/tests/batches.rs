//! Several inputs in one proof: committed models, and data files that hold one input per list.
#![allow(missing_docs, clippy::unwrap_used, clippy::cast_possible_truncation)] // a test reports by panicking

mod op_cases;

use op_cases::cases;
use provenn::{
    CompiledCircuit, InputData, OnnxModel, PlanOptions, RunArgs, Settings, Srs, Target, Tensor,
    calibrate_settings, gen_settings,
};
use provenn_fixed_point::{Linear, QuantOp, calibrate, generate_settings, quantise_with_bounds};
use provenn_onnx_ir::ImportOptions;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const CNNS: [&str; 3] = ["digits_cnn", "digits_lenet", "digits_resnet"];

fn file(model: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(model).join(file)
}

fn load(name: &str, batch: usize) -> OnnxModel {
    let variables = BTreeMap::from([("batch_size".to_owned(), batch)]);
    OnnxModel::load(&file(name, "network.onnx"), &variables).unwrap()
}

fn data(name: &str) -> InputData {
    InputData::read(&file(name, "calibration.json")).unwrap()
}

/// Bits are fixed, so that a batch and its inputs alone have the same.
fn calibrated(model: &OnnxModel, data: &InputData) -> Settings {
    let args = RunArgs { bits: Some(12), low_bits: Some(6), shift: Some(12), ..RunArgs::default() };
    let settings = gen_settings(model, &args).unwrap();
    calibrate_settings(model, &settings, data, Target::Resources).unwrap()
}

fn weights(compiled: &CompiledCircuit) -> usize {
    let linears = compiled.graph().tensors.iter().filter_map(|tensor| match &tensor.op {
        QuantOp::Exact { linear } | QuantOp::Rescale { linear, .. } => Some(linear),
        QuantOp::Input { .. }
        | QuantOp::View { .. }
        | QuantOp::Quotient(_)
        | QuantOp::Root { .. }
        | QuantOp::Gather(_)
        | QuantOp::Embedding(_)
        | QuantOp::Sort { .. }
        | QuantOp::Maximum { .. } => None,
    });
    let count = |linear: &Linear| match linear {
        Linear::Dense { weights, .. } => weights.len(),
        Linear::Conv { kernel, .. } => kernel.len(),
        Linear::MatMul { .. } | Linear::Combine { .. } | Linear::Contract { .. } => 0,
    };
    linears.map(count).sum()
}

/// A batch gives every input what it gives alone, holds its weights once, and is proved.
#[test]
fn the_convolutional_models_take_batches() {
    for name in CNNS {
        let data = data(name);
        let (one, many) = (load(name, 1), load(name, 4));
        let compile =
            |model: &OnnxModel| provenn::compile_circuit(model, &calibrated(model, &data)).unwrap();
        let (alone, together) = (compile(&one), compile(&many));
        assert_eq!(weights(&together), weights(&alone), "{name}");
        let batch = &data.observations(many.graph()).unwrap()[1];
        let inputs = provenn::quantise_inputs(&together, batch).unwrap();
        let witness = provenn::gen_witness(&together, &inputs.values).unwrap();
        let singles = data.observations(one.graph()).unwrap();
        for (i, output) in witness.outputs()[0].chunks(10).enumerate() {
            let inputs = provenn::quantise_inputs(&alone, &singles[4 + i]).unwrap();
            let witness = provenn::gen_witness(&alone, &inputs.values).unwrap();
            assert_eq!(witness.outputs()[0], output, "{name}: input {i}");
        }
        provenn::mock(&together, &witness).unwrap();
        if name == "digits_lenet" {
            let seeded = || ChaCha20Rng::seed_from_u64(0);
            let srs = Srs::draw_insecure(together.params().k, seeded()).unwrap();
            let key = provenn::setup(&together, &srs).unwrap();
            provenn::prove(&together, &key, &srs, &witness, seeded()).unwrap();
        }
    }
}

#[test]
fn lists_of_one_input_are_read_in_batches() {
    let model = load("digits_cnn", 3);
    let each: Vec<Vec<f64>> = (0..7).map(|i| vec![f64::from(i) / 8.0; 64]).collect();
    let read = |lists: &[Vec<f64>]| InputData::new(lists.to_vec()).observations(model.graph());
    let firsts = |observations: Vec<Vec<Tensor>>| -> Vec<Vec<f64>> {
        let rows = |inputs: &Vec<Tensor>| {
            inputs[0].data.chunks(64).map(|row| f64::from(row[0]) * 8.0).collect()
        };
        observations.iter().map(rows).collect()
    };
    let expected = vec![vec![0.0, 1.0, 2.0], vec![3.0, 4.0, 5.0]];
    assert_eq!(firsts(read(&each[..6]).unwrap()), expected);
    assert_eq!(firsts(read(&[each[..6].concat()]).unwrap()), expected);
    let batches = [each[..3].concat(), each[3..6].concat()];
    assert_eq!(firsts(read(&batches).unwrap()), expected);
    for (lists, says) in [
        (
            &each[..],
            "observation 2: has 1 of the 3 inputs that the model takes at once, 7 are in the data; give a multiple of 3, as 6",
        ),
        (
            &each[..2],
            "has 2 of the 3 inputs that the model takes at once, 2 are in the data; give 3",
        ),
        (
            &[vec![0.0; 65]][..],
            "has 65 values, expected 192 for shape [3, 1, 8, 8], or 3 lists of 64, one for each input",
        ),
    ] {
        let error = read(lists).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
    // What calibration sees is no statement about any input.
    let filled = InputData::new(each).whole_batches(model.graph()).unwrap();
    assert_eq!(firsts(filled)[2], [6.0, 0.0, 1.0]);
}

#[test]
fn labels_are_one_for_each_input() {
    let model = load("digits_cnn", 4);
    let mut data = data("digits_cnn");
    let settings = calibrated(&model, &data);
    data.labels = Some(vec![0.0; 100]);
    let report = provenn::quantization_error(&model, &settings, &data, &mut |_, _| {}).unwrap();
    assert_eq!(report.observations, 25);
    let task = report.task.unwrap();
    assert!(task.accuracy.unwrap().float < 0.5);
    assert!(task.flips.iter().all(|flip| flip.float < 10 && flip.observation < 100));
    data.labels = Some(vec![0.0; 99]);
    assert!(provenn::quantization_error(&model, &settings, &data, &mut |_, _| {}).is_err());
}

fn numbers(list: &Value) -> Vec<f32> {
    list.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

/// One operator over all its observations at once: what ONNX Runtime gives each, within the proven bounds, and a
/// circuit that the witness satisfies.
fn batched(path: &Path, cases: &[Value]) -> Result<(), String> {
    let mut options = ImportOptions::default();
    options.variables.insert("batch_size".into(), cases.len());
    let graph = provenn_onnx_ir::load(path, &options).map_err(|error| error.to_string())?;
    let all = |key: &str, at: usize| -> Vec<f32> {
        cases.iter().flat_map(|case| numbers(&case[key][at])).collect()
    };
    let tensor = |(at, id): (usize, &provenn_onnx_ir::NodeId)| {
        Tensor::new(graph.nodes[id.0].shape.clone(), all("inputs", at)).unwrap()
    };
    let inputs: Vec<Tensor> = graph.inputs.iter().enumerate().map(tensor).collect();
    let settings = generate_settings(&graph, &RunArgs::default(), "test")
        .map_err(|error| error.to_string())?;
    let settings = calibrate(&graph, &settings, std::slice::from_ref(&inputs))
        .map_err(|error| error.to_string())?;
    let (quantised, bounds) =
        quantise_with_bounds(&graph, &settings).map_err(|error| error.to_string())?;
    let compiled = CompiledCircuit::compile(quantised, &PlanOptions::default())
        .map_err(|error| error.to_string())?;
    let integers =
        provenn::quantise_inputs(&compiled, &inputs).map_err(|error| error.to_string())?;
    let witness =
        provenn::gen_witness(&compiled, &integers.values).map_err(|error| error.to_string())?;
    let got = compiled.graph().dequantise(witness.outputs());
    for (at, (got, bound)) in got.iter().zip(&bounds.outputs).enumerate() {
        let wanted = all("outputs", at);
        if got.data.len() != wanted.len() {
            return Err(format!("{} elements instead of {}", got.data.len(), wanted.len()));
        }
        for (got, want) in got.data.iter().zip(wanted) {
            let (got, want) = (f64::from(*got), f64::from(want));
            let allowed = bound.worst_case + 1e-5 * want.abs().max(1.0);
            if (got - want).abs() > allowed {
                return Err(format!("{got} instead of {want}, beyond {allowed}"));
            }
        }
    }
    provenn::mock(&compiled, &witness).map_err(|error| error.to_string())
}

/// Strides, groups, dilations, padding, one axis and two, transposed or not, pools, norms and dense layers.
#[test]
fn operators_on_images_take_batches() {
    let kinds = ["conv", "averagepool", "maxpool", "batchnorm", "globalaveragepool", "gemm"];
    let cases: Vec<_> = (cases().into_iter())
        .filter(|(name, ..)| kinds.iter().any(|kind| name.starts_with(kind)))
        // No first extent counts inputs: their rows are columns, shapes are given, or there are several rows.
        .filter(|(name, ..)| {
            !["trans_a", "moved", "computed", "own_kernel"].iter().any(|of| name.contains(of))
        })
        .filter(|(.., cases)| {
            let shapes = cases[0]["input_shapes"].as_array().unwrap();
            shapes.iter().all(|shape| shape[0] == 1)
        })
        // Positions count through the whole batch.
        .filter(|(name, ..)| !name.contains("indices"))
        .collect();
    assert!(cases.len() >= 30, "only {} cases", cases.len());
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|(name, path, cases)| {
            let error = batched(path, cases.as_array().unwrap()).err()?;
            Some(format!("{name}: {error}"))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
