//! The gadget seams: the example's two gadgets pass the standard ones' tests, prove models with the product's own
//! stages, and their keys are nobody else's.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

#[path = "../examples/own_gadgets/dot_product.rs"]
mod dot_product;
#[path = "../examples/own_gadgets/gadgets.rs"]
mod gadgets;
#[path = "../examples/own_gadgets/measure.rs"]
mod measure;
#[path = "../examples/own_gadgets/running_sums.rs"]
mod running_sums;

use gadgets::OwnGadgets;
use provenn::rand_core::OsRng;
use provenn::{
    Error, GadgetSet, InputData, KeyError, OnnxModel, ProveError, ProveOptions, ProverKind,
    RunArgs, Settings, Srs, Standard, Target, VerifyOptions, VerifyingKey,
};
use provenn_gadgets::testing::{Subject, gadget_set_conforms};
use std::collections::BTreeMap;
use std::path::Path;

struct Prepared {
    model: OnnxModel,
    settings: Settings,
    data: InputData,
}

fn prepared(name: &str) -> Prepared {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    let data = InputData::read(&folder.join("input.json")).unwrap();
    let settings = provenn::gen_settings(&model, &RunArgs::default()).unwrap();
    let settings =
        provenn::calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
    Prepared { model, settings, data }
}

#[test]
fn own_gadgets_conform() {
    gadget_set_conforms::<OwnGadgets>();
}

#[test]
fn both_sets_prove_models() {
    for name in ["breast_cancer_mlp", "digits_cnn"] {
        let Prepared { model, settings, data } = prepared(name);
        let standard = measure::measure::<Standard>(&model, &settings, &data).unwrap();
        let own = measure::measure::<OwnGadgets>(&model, &settings, &data).unwrap();
        let cells = |m: measure::Measurement| m.advice << m.k;
        assert!(cells(standard) < cells(own), "{name}: {standard:?} against {own:?}");
    }
}

#[test]
fn honest_columns_satisfy_every_constraint() {
    let Prepared { model, settings, data } = prepared("breast_cancer_mlp");
    let compiled = provenn::compile_circuit_of::<OwnGadgets>(&model, &settings).unwrap();
    let observation = data.observations(model.graph()).unwrap().swap_remove(0);
    let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
    let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
    provenn::mock(&compiled, &witness).unwrap();
    let witness = compiled.witness(&inputs.values).unwrap();
    let (circuit, instance) = compiled.assign(&witness).unwrap();
    let subject = Subject::new(&circuit, &instance);
    assert_eq!(subject.violations(), Default::default());
}

#[test]
fn keys_are_of_one_set() {
    let Prepared { model, settings, data } = prepared("breast_cancer_mlp");
    let standard = provenn::compile_circuit(&model, &settings).unwrap();
    let own = provenn::compile_circuit_of::<OwnGadgets>(&model, &settings).unwrap();
    let srs = |k| Srs::draw_insecure(k, OsRng).unwrap();
    let srs = [srs(standard.params().k), srs(own.params().k)];
    let [standard_key, own_key] =
        [provenn::setup(&standard, &srs[0]).unwrap(), provenn::setup(&own, &srs[1]).unwrap()];
    assert_eq!(own_key.verifying_key().gadgets(), OwnGadgets::NAME);

    let observation = data.observations(model.graph()).unwrap().swap_remove(0);
    let inputs = provenn::quantise_inputs(&own, &observation).unwrap();
    let witness = provenn::gen_witness(&own, &inputs.values).unwrap();
    let error = provenn::prove(&own, &standard_key, &srs[0], &witness, OsRng).unwrap_err();
    assert!(matches!(error, Error::Prove(ProveError::Gadgets { .. })), "{error}");

    // Halo2's own prover takes the set too.
    let options = ProveOptions { prover: ProverKind::Stock, ..ProveOptions::default() };
    let proved = provenn::prove_with(&own, &own_key, &srs[1], &witness, options, OsRng).unwrap();
    let bytes = own_key.verifying_key().to_bytes();
    let error = VerifyingKey::from_bytes(bytes).unwrap_err();
    assert!(matches!(error, KeyError::Gadgets { .. }), "{error}");
    let read = VerifyingKey::from_bytes_of::<OwnGadgets>(bytes).unwrap();
    let allow = VerifyOptions::allowing_insecure_srs();
    proved.file.verify(&read, srs[1].verifier(), allow).unwrap();
}
