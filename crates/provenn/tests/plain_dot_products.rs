//! The gadget seam: the example's linear identity passes the standard one's tests, alone and in a model.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

#[path = "../examples/plain_dot_products/dot_product.rs"]
mod dot_product;
#[path = "../examples/plain_dot_products/measure.rs"]
mod measure;

use dot_product::WithDotProducts;
use provenn::{InputData, OnnxModel, RunArgs, Target, calibrate_settings, gen_settings};
use provenn_fixed_point::{QuantGraph, quantise};
use provenn_gadgets::Standard;
use provenn_gadgets::testing::linear_identity_conforms;
use std::collections::BTreeMap;
use std::path::Path;

fn model(name: &str) -> (QuantGraph, Vec<Vec<i64>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    let data = InputData::read(&folder.join("input.json")).unwrap();
    let settings = gen_settings(&model, &RunArgs::default()).unwrap();
    let settings = calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
    let graph = quantise(model.graph(), &settings).unwrap();
    let observation = data.observations(model.graph()).unwrap().swap_remove(0);
    let inputs = graph.quantise_inputs(&observation).unwrap().values;
    (graph, inputs)
}

#[test]
fn both_conform() {
    linear_identity_conforms::<Standard>();
    linear_identity_conforms::<WithDotProducts>();
}

#[test]
fn both_prove_models() {
    for name in ["breast_cancer_mlp", "digits_cnn"] {
        let (graph, inputs) = model(name);
        let engine = measure::measure::<Standard>(&graph, &inputs).unwrap();
        let plain = measure::measure::<WithDotProducts>(&graph, &inputs).unwrap();
        let cells = |m: measure::Measurement| m.advice << m.k;
        assert!(cells(engine) < cells(plain), "{name}: {engine:?} against {plain:?}");
    }
}
