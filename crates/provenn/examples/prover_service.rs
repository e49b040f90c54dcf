//! A service that answers requests with an output and a proof of it.
//!
//! Keys are made once; each line of standard input is a request (a flat JSON list of numbers), each line of
//! standard output a proof. The files that verifiers need are written to a folder first.
//!
//! `cargo run --release -p provenn --example prover_service -- models/diabetes_linear public < requests.jsonl > proofs.jsonl`
//!
//! The other side is `provenn-verifier`'s example `verifier_service`; it reads the files when these exist, so let
//! it begin when this has written them.
#![allow(clippy::print_stdout)] // the service's output

use provenn::{InputData, OnnxModel, RunArgs, Srs, Target};
use rand_core::OsRng;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::BufRead;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (Some(folder), Some(public)) = (arguments.next(), arguments.next()) else {
        return Err("usage: prover_service MODEL_FOLDER PUBLIC_FOLDER".into());
    };
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new())?;
    let calibration = InputData::read(&folder.join("calibration.json"))?;
    let settings = provenn::gen_settings(&model, &RunArgs::default())?;
    let found = provenn::calibrate(&model, &settings, &calibration, Target::Resources)?;
    let compiled = found.compile_circuit()?;
    let srs = Srs::draw_insecure(compiled.params().k, OsRng)?; // a real service reads a ceremony's
    let key = provenn::setup(&compiled, &srs)?;

    std::fs::create_dir_all(&public)?;
    key.verifying_key().write(&public.join("vk.key"))?;
    srs.verifier().write(&public.join("kzg.srs"))?;

    for line in std::io::stdin().lock().lines() {
        let request = InputData::new(vec![serde_json::from_str(&line?)?]);
        let observation = request.first_observation(compiled.graph())?;
        let inputs = provenn::quantise_inputs(&compiled, &observation)?;
        let witness = provenn::gen_witness(&compiled, &inputs.values)?;
        let proof = provenn::prove(&compiled, &key, &srs, &witness, OsRng)?;
        println!("{}", serde_json::to_string(&proof)?);
    }
    Ok(())
}
