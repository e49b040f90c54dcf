//! One arm per command; each only reads, calls the library, and writes.

use crate::args::Command;
use crate::calibrate;
use crate::output::Output;
use crate::{one_shot, quantization_error};
use anyhow::{Context, Result, bail};
use provenn::run::{read_settings, write_settings};
use provenn::{InputData, OnnxModel, ProvingKey, Srs, VerifyOptions, WitnessFile};
use rand_core::OsRng;
use serde_json::json;
use std::path::Path;

pub(crate) fn execute(command: Command, output: &Output) -> Result<()> {
    match command {
        Command::Table { model, run } => {
            let model = OnnxModel::load(&model, &run.run_args().variables)?;
            let graph = model.graph();
            let nodes: Vec<_> = graph
                .nodes
                .iter()
                .map(|node| {
                    let inputs: Vec<_> = node.inputs.iter().map(|id| id.0).collect();
                    json!({ "name": node.name, "op": node.op.name(), "inputs": inputs, "shape": node.shape })
                })
                .collect();
            output.data(&graph.to_string(), &json!({ "nodes": nodes }));
        }
        Command::GenSettings { model, settings_path, run } => {
            let run_args = run.run_args();
            let model = OnnxModel::load(&model, &run_args.variables)?;
            write_settings(&provenn::gen_settings(&model, &run_args)?, &settings_path)?;
            wrote(output, &settings_path);
        }
        Command::CalibrateSettings { model, data, settings_path, calibration } => {
            calibrate::calibrate(&model, &data, &settings_path, &calibration, output)?;
        }
        Command::CompileCircuit { model, settings_path, compiled_circuit } => {
            let settings = read_settings(&settings_path)?;
            let model = OnnxModel::load(&model, &settings.run_args.variables)?;
            let compiled = provenn::compile_circuit(&model, &settings)
                .with_context(|| settings_path.display().to_string())?;
            provenn::write_compiled(&compiled, &compiled_circuit)?;
            output.say(&format!("{}: k = {}", compiled_circuit.display(), compiled.shape().k));
        }
        Command::GenSrs { logrows, srs_path } => {
            Srs::draw_insecure(logrows, OsRng)?.write(&srs_path)?;
            output.warn("whoever draws an srs can forge proofs; verify refuses it without --allow-insecure-srs");
            wrote(output, &srs_path);
        }
        Command::GetSrs { logrows, compiled_circuit, from, cache, srs_path } => {
            let k = match logrows {
                Some(k) => k,
                None => provenn::read_compiled(&compiled_circuit)?.shape().k,
            };
            get_srs(k, from.as_deref(), cache.as_deref())?.write(&srs_path)?;
            wrote(output, &srs_path);
        }
        Command::Setup { compiled_circuit, srs_path, vk_path, pk_path } => {
            let compiled = provenn::read_compiled(&compiled_circuit)?;
            let srs = Srs::read(&srs_path)?;
            let key =
                provenn::setup(&compiled, &srs).with_context(|| srs_path.display().to_string())?;
            key.write(&pk_path)?;
            key.verifying_key().write(&vk_path)?;
            wrote(output, &pk_path);
            wrote(output, &vk_path);
        }
        Command::GenWitness { data, compiled_circuit, output: witness_path } => {
            let compiled = provenn::read_compiled(&compiled_circuit)?;
            let observation = InputData::read(&data)?
                .first_observation(compiled.graph())
                .with_context(|| data.display().to_string())?;
            let inputs = provenn::quantise_inputs(&compiled, &observation)?;
            one_shot::warn_of_saturation(output, &provenn::saturation(&compiled, &observation)?);
            provenn::gen_witness(&compiled, &inputs.values)?.write(&witness_path)?;
            wrote(output, &witness_path);
        }
        Command::Mock { witness, compiled_circuit } => {
            let compiled = provenn::read_compiled(&compiled_circuit)?;
            provenn::mock(&compiled, &WitnessFile::read(&witness)?)?;
            output.say("every constraint holds");
        }
        Command::Prove { witness, compiled_circuit, pk_path, srs_path, proof_path, prove } => {
            let compiled = provenn::read_compiled(&compiled_circuit)?;
            let witness = WitnessFile::read(&witness)?;
            let (key, srs) = (ProvingKey::read(&pk_path)?, Srs::read(&srs_path)?);
            let proved =
                provenn::prove_with(&compiled, &key, &srs, &witness, prove.options(), OsRng)?;
            proved.file.write(&proof_path)?;
            one_shot::warn_of_blinding(output, proved.file.quotient_blinded);
            wrote(output, &proof_path);
        }
        Command::Verify { proof_path, settings_path, vk_path, srs_path, allow_insecure_srs } => {
            let options = VerifyOptions { allow_insecure_srs };
            provenn::run::verify_files(&proof_path, &settings_path, &vk_path, &srs_path, options)?;
            output.say("verified");
        }
        Command::Inspect { compiled_circuit, svg } => {
            let compiled = provenn::read_compiled(&compiled_circuit)?;
            if let Some(path) = svg {
                provenn::write_atomically(&path, |file| {
                    std::io::Write::write_all(file, compiled.draw().as_bytes())
                })?;
                wrote(output, &path);
            }
            let inspection = compiled.inspect();
            output.data(&inspection.to_string(), &serde_json::to_value(&inspection)?);
        }
        Command::GenRandomData { model, data, observations, seed, run } => {
            let model = OnnxModel::load(&model, &run.run_args().variables)?;
            let text = json!(InputData::random(model.graph(), observations, seed)).to_string();
            provenn::write_atomically(&data, |file| {
                std::io::Write::write_all(file, text.as_bytes())
            })?;
            wrote(output, &data);
        }
        Command::QuantizationError { model, settings_path, data, labels, html } => {
            quantization_error::report(
                [&model, &settings_path, &data],
                labels.as_deref(),
                html.as_deref(),
                output,
            )?;
        }
        Command::Run { model, data, calibration, out, report, target, prove, run } => {
            let options = provenn::run::RunOptions {
                model,
                data,
                calibration,
                out,
                run_args: run.run_args(),
                target: target.into(),
                prove: prove.options(),
            };
            one_shot::run(&options, report.as_deref(), output)?;
        }
    }
    Ok(())
}

pub(crate) fn wrote(output: &Output, path: &Path) {
    output.say(&format!("wrote {}", path.display()));
}

fn get_srs(k: u32, from: Option<&Path>, cache: Option<&Path>) -> Result<Srs> {
    if let Some(path) = from {
        let srs = Srs::read(path)?;
        if let Some(folder) = cache {
            srs.store(folder)?;
        }
        return Ok(srs.truncated(k)?);
    }
    let Some(folder) = cache else {
        bail!(
            "no source for an srs; give a ceremony's file with --from or a folder with --cache, or draw a test srs with `gen-srs`"
        );
    };
    match Srs::cached(folder, k)? {
        Some(srs) => Ok(srs),
        None => bail!("{}: no srs of k >= {k}; add one with --from", folder.display()),
    }
}
