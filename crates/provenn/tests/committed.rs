//! Committed weights: circuits that say nothing of them.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn::{
    CompiledCircuit, InputData, OnnxModel, RunArgs, Settings, Target, Visibility,
    calibrate_settings, compile_circuit, gen_settings, gen_witness, mock, quantise_inputs,
};
use std::collections::BTreeMap;
use std::path::PathBuf;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name)
}

fn model(name: &str) -> OnnxModel {
    OnnxModel::load(&folder(name).join("network.onnx"), &BTreeMap::new()).unwrap()
}

fn settings(name: &str, param_visibility: Visibility) -> Settings {
    let (model, args) = (model(name), RunArgs { param_visibility, ..RunArgs::default() });
    let settings = gen_settings(&model, &args).unwrap();
    let data = InputData::read(&folder(name).join("calibration.json")).unwrap();
    calibrate_settings(&model, &settings, &data, Target::Resources).unwrap()
}

fn compiled(name: &str, param_visibility: Visibility) -> CompiledCircuit {
    compile_circuit(&model(name), &settings(name, param_visibility)).unwrap()
}

#[test]
fn committed_weights_satisfy_their_circuit() {
    for name in ["breast_cancer_logistic", "breast_cancer_mlp", "digits_cnn", "digits_lenet"] {
        let fixed = compiled(name, Visibility::Fixed);
        let circuit = compiled(name, Visibility::Committed);
        eprintln!("{name}: {:?}\n{:?}", fixed.params(), circuit.params());
        eprintln!("{:?}\n{:?}", fixed.cost(), circuit.cost());
        eprintln!("{:?}", circuit.graph().committed);
        assert!(circuit.params().commits() && !fixed.params().commits());
        let data = InputData::read(&folder(name).join("input.json")).unwrap();
        let inputs = data.first_observation(circuit.graph()).unwrap();
        let quantised = quantise_inputs(&circuit, &inputs).unwrap();
        let witness = gen_witness(&circuit, &quantised.values).unwrap();
        mock(&circuit, &witness).unwrap();
    }
}
