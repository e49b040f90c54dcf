//! Identities leave nothing to choose, in the circuits of all trained models: every accumulator and every plain cell is bound
//! (`Subject::bound`), on a first observation.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a test reports by panicking

use provenn::{InputData, OnnxModel, RunArgs, Target, calibrate_settings, gen_settings};
use provenn_fixed_point::{QuantOp, QuantTensor};
use provenn_gadgets::from_signed;
use provenn_gadgets::testing::Subject;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Folders of models.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let within = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.join("network.onnx").exists()).collect::<Vec<_>>()
    };
    let mut all = within(&root);
    all.extend(within(&root.join("classical")));
    all.sort();
    all
}

#[test]
fn models_have_full_rank() {
    let (mut models, mut unknowns) = (0, 0);
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
        let data = ["calibration.json", "input.json"].map(|file| folder.join(file));
        let data = data.iter().find(|file| file.exists()).unwrap();
        let data = InputData::read(data).unwrap();
        let settings = gen_settings(&model, &RunArgs::default()).unwrap();
        let settings = calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
        let compiled = provenn::compile_circuit(&model, &settings).unwrap();
        let observations = data.observations(model.graph()).unwrap();
        let inputs = provenn::quantise_inputs(&compiled, &observations[0]).unwrap();
        let witness = compiled.witness(&inputs.values).unwrap();
        let (circuit, instance) = compiled.assign(&witness).unwrap();
        let subject = Subject::new(&circuit, &instance);
        let mut random = ChaCha20Rng::seed_from_u64(7);
        // Of more bits than a machine's word.
        let bound = subject.bound(|| {
            let mut word = || from_signed(i64::from_le_bytes(random.next_u64().to_le_bytes()));
            word() * word() * word() * word() + word()
        });
        assert_eq!(bound.unbound, [], "{name}");
        // Ranges and the bus bind an order.
        let tensors = compiled.graph().tensors.iter();
        let orders = tensors.filter(|tensor| matches!(tensor.op, QuantOp::Sort { .. }));
        let ordered: usize = orders.map(QuantTensor::len).sum();
        assert!(bound.looked_up.len() <= ordered, "{name}: {:?}", bound.looked_up);
        println!("{name}: {} unknowns, {} equations", bound.unknowns, bound.equations);
        (models, unknowns) = (models + 1, unknowns + bound.unknowns);
    }
    println!("{models} models, {unknowns} unknowns");
    assert!(models >= 46, "{models} models");
}
