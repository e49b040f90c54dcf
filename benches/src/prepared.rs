//! Models made ready to be proven.

use provenn::{
    CompiledCircuit, InputData, OnnxModel, ProvingKey, RunArgs, Settings, Srs, Target, Tensor,
    Witness, WitnessFile,
};
use rand_core::OsRng;
use std::collections::BTreeMap;
use std::path::Path;

/// A model, made ready to be proven.
#[derive(Debug)]
pub struct Prepared {
    /// The circuit.
    pub compiled: CompiledCircuit,
    /// A test SRS.
    pub srs: Srs,
    /// Its key.
    pub key: ProvingKey,
    /// Of the first observation of `input.json`.
    pub witness: Witness,
}

/// Names of a prepared model's files.
const FILES: [&str; 4] = ["model.compiled", "kzg.srs", "pk.key", "witness.json"];

impl Prepared {
    /// Writes the files that `provenn prove` reads.
    pub fn write(&self, folder: &Path) {
        let [compiled, srs, key, witness] = FILES.map(|name| folder.join(name));
        provenn::write_compiled(&self.compiled, &compiled).unwrap();
        self.srs.write(&srs).unwrap();
        self.key.write(&key).unwrap();
        let file = provenn::witness_file(&self.compiled, &self.witness).unwrap();
        file.write(&witness).unwrap();
    }

    /// Reads them.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let [compiled, srs, key, witness] = FILES.map(|name| folder.join(name));
        let compiled = provenn::read_compiled(&compiled).unwrap();
        let key = ProvingKey::read(&key).unwrap();
        let file = WitnessFile::read(&witness).unwrap();
        let witness = provenn::read_witness(&compiled, &file, Some(&key)).unwrap();
        Prepared { compiled, srs: Srs::read(&srs).unwrap(), key, witness }
    }

    /// Bytes of the proving key's file in that folder.
    #[must_use]
    pub fn key_bytes(folder: &Path) -> u64 {
        std::fs::metadata(folder.join(FILES[2])).unwrap().len()
    }
}

/// Settings of the model in a folder: calibrated on `calibration.json` or, where that is missing, on
/// `input.json`.
#[must_use]
pub fn settings(folder: &Path, model: &OnnxModel, target: Target, args: &RunArgs) -> Settings {
    let data = ["calibration.json", "input.json"].map(|name| folder.join(name));
    let data = data.iter().find(|path| path.exists()).unwrap();
    let data = InputData::read(data).unwrap();
    let settings = provenn::gen_settings(model, args).unwrap();
    provenn::calibrate_settings(model, &settings, &data, target).unwrap()
}

/// The model in a folder.
#[must_use]
pub fn load(folder: &Path) -> OnnxModel {
    OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap()
}

/// The first observation of `input.json`.
#[must_use]
pub fn observation(folder: &Path, model: &OnnxModel) -> Vec<Tensor> {
    let input = InputData::read(&folder.join("input.json")).unwrap();
    input.observations(model.graph()).unwrap().swap_remove(0)
}

/// From `network.onnx` and `input.json` in a folder.
#[must_use]
pub fn prepare(folder: &Path, target: Target, args: &RunArgs) -> Prepared {
    let model = load(folder);
    prepare_with(folder, &model, &settings(folder, &model, target, args))
}

/// The same with given settings.
#[must_use]
pub fn prepare_with(folder: &Path, model: &OnnxModel, settings: &Settings) -> Prepared {
    let compiled = provenn::compile_circuit(model, settings).unwrap();
    let srs = Srs::draw_insecure(compiled.params().k, OsRng).unwrap();
    let key = provenn::setup(&compiled, &srs).unwrap();
    let inputs = provenn::quantise_inputs(&compiled, &observation(folder, model)).unwrap();
    let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
    Prepared { compiled, srs, key, witness }
}
