//! The workflow, stage by stage; each stage's result is the next one's argument.

use crate::binding::{binding, check_settings};
use crate::calibration::{self, Calibration, CalibrationOptions, Target};
use crate::named_values::NamedValues;
use crate::onnx_model::OnnxModel;
use crate::plan_options::plan_options;
use crate::{Error, InputData, SettingsProblem, room};
use halo2_proofs::dev::MockProver;
use provenn_circuit::{CompiledCircuit, CompiledParts, Named, Witness};
use provenn_fixed_point::{
    CalibrateError, QuantisedInputs, RunArgs, Saturation, Settings, TensorId, Visibility,
};
use provenn_gadgets::{GadgetSet, Standard};
use provenn_kzg_srs::Srs;
use provenn_onnx_ir::{Graph, Tensor};
use provenn_proof::{
    Opening, Openings, ProveOptions, Proved, ProvingKey, TensorOpening, WitnessFile, circuit_digest,
};
use provenn_verifier::{CommitmentFile, ProofFile};
use rand_core::{CryptoRng, RngCore};
use std::path::Path;

/// What calibration starts from where its data are at hand: nothing is assumed of ranges.
///
/// # Errors
/// As [`gen_settings`].
pub fn bare_settings(model: &OnnxModel, run_args: &RunArgs) -> Result<Settings, Error> {
    started(model, run_args, provenn_fixed_point::settings_without_ranges)
}

fn started(
    model: &OnnxModel,
    run_args: &RunArgs,
    start: impl FnOnce(&Graph, &RunArgs, &str) -> Result<Settings, CalibrateError>,
) -> Result<Settings, Error> {
    let failed = |problem: SettingsProblem| problem.of("gen-settings");
    run_args.check().map_err(|error| failed(error.into()))?;
    room::check(model.graph(), run_args)?;
    // What the import assumed stands in the settings, so that nothing has to be assumed again.
    let mut run_args = run_args.clone();
    run_args.variables.extend(model.graph().assumed.clone());
    let digest = model.digest_for(&run_args)?;
    start(model.graph(), &run_args, &digest).map_err(|error| failed(error.into()))
}

/// Settings from run arguments alone, at the usual precision: calibration, which sees data, searches for a better one.
///
/// # Errors
/// [`Error::Settings`] for arguments out of range, [`Error::Room`] for more public values than circuits have rows,
/// [`Error::Calibrate`] for a limit on rows that nothing keeps.
pub fn gen_settings(model: &OnnxModel, run_args: &RunArgs) -> Result<Settings, Error> {
    let failed = |problem: SettingsProblem| problem.of("gen-settings");
    run_args.check().map_err(|error| failed(error.into()))?;
    room::check(model.graph(), run_args)?;
    // What the import assumed stands in the settings, so that nothing has to be assumed again.
    let mut run_args = run_args.clone();
    run_args.variables.extend(model.graph().assumed.clone());
    let digest = model.digest_for(&run_args)?;
    let settings = provenn_fixed_point::generate_settings(model.graph(), &run_args, &digest)
        .map_err(|error| failed(error.into()))?;
    // Without a description, only ranges from data can make the model quantisable.
    if settings.inputs.len() == model.graph().inputs.len() {
        calibration::check_rows(model, &settings)?;
    }
    Ok(settings)
}

/// Ranges taken from data, and the circuit that they give: nothing is quantised or planned again to compile it.
///
/// # Errors
/// As [`calibrate_settings`].
pub fn calibrate(
    model: &OnnxModel,
    settings: &Settings,
    data: &InputData,
    target: Target,
) -> Result<Calibration, Error> {
    let options = CalibrationOptions::aiming_at(target);
    calibration::calibrate(model, settings, data, &options, &mut |_, _| {})
}

/// Settings with ranges taken from data.
///
/// # Errors
/// [`Error::Settings`] for settings of another model, [`Error::Observation`] for data that do not fit.
pub fn calibrate_settings(
    model: &OnnxModel,
    settings: &Settings,
    data: &InputData,
    target: Target,
) -> Result<Settings, Error> {
    Ok(calibrate(model, settings, data, target)?.chosen.settings)
}

/// Quantises, plans and lays out.
///
/// # Errors
/// [`Error::Quantise`] or [`Error::Compile`], naming the node.
pub fn compile_circuit(model: &OnnxModel, settings: &Settings) -> Result<CompiledCircuit, Error> {
    compile_circuit_of::<Standard>(model, settings)
}

/// Quantises, plans and lays out with gadgets of one's own.
///
/// # Errors
/// [`Error::Quantise`] or [`Error::Compile`], naming the node.
pub fn compile_circuit_of<G: GadgetSet>(
    model: &OnnxModel,
    settings: &Settings,
) -> Result<CompiledCircuit<G>, Error> {
    settings
        .check_digest(&model.digest_for(&settings.run_args)?)
        .map_err(|error| SettingsProblem::from(error).of("compile-circuit"))?;
    let commits = settings.run_args.param_visibility == Visibility::Committed;
    if commits && settings.magnitudes.is_empty() {
        return Err(SettingsProblem::Magnitudes.of("compile-circuit"));
    }
    let (described, graph) = provenn_fixed_point::describe(model.graph(), settings.clone())
        .map_err(Error::describing)?;
    check_settings(settings, &described)?;
    let options = plan_options(settings);
    Ok(CompiledCircuit::bound(graph, &options, binding(settings)?)?)
}

/// Writes `model.compiled`.
///
/// # Errors
/// [`Error::CompiledFile`] if it cannot be written.
pub fn write_compiled<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    path: &Path,
) -> Result<(), Error> {
    Ok(provenn_proof::write_compiled(path, compiled.parts())?)
}

/// Reads `model.compiled`.
///
/// # Errors
/// [`Error::CompiledFile`] or [`Error::Compile`] for a damaged file.
pub fn read_compiled(path: &Path) -> Result<CompiledCircuit, Error> {
    read_compiled_of::<Standard>(path)
}

/// Reads `model.compiled` for gadgets of one's own.
///
/// # Errors
/// [`Error::CompiledFile`] or [`Error::Compile`] for a damaged file.
pub fn read_compiled_of<G: GadgetSet>(path: &Path) -> Result<CompiledCircuit<G>, Error> {
    let parts: CompiledParts = provenn_proof::read_compiled(path)?;
    Ok(CompiledCircuit::from_parts(parts)?)
}

/// Makes the proving key, which holds the verifying key.
///
/// # Errors
/// [`Error::Setup`] if the SRS is of another k.
pub fn setup<G: GadgetSet>(compiled: &CompiledCircuit<G>, srs: &Srs) -> Result<ProvingKey, Error> {
    Ok(provenn_proof::setup(&compiled.keygen_circuit(), compiled.statement(), srs)?)
}

/// Quantises one observation; out-of-range values saturate and are reported.
///
/// # Errors
/// [`Error::Input`] for tensors of wrong shape.
pub fn quantise_inputs<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    inputs: &[Tensor],
) -> Result<QuantisedInputs, Error> {
    Ok(compiled.graph().quantise_inputs(inputs)?)
}

/// Nodes whose values leave their calibrated ranges on this observation, and are clamped; `witness` is that of the
/// observation.
///
/// # Errors
/// [`Error::Interpret`] for a witness of another circuit.
pub fn saturation<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    inputs: &[Tensor],
    witness: &Witness,
) -> Result<Vec<Saturation>, Error> {
    Ok(compiled.graph().saturation(inputs, witness.tensors())?)
}

/// Runs the quantised model.
///
/// # Errors
/// [`Error::Assign`] if the inputs do not fit, or the model has no result on them.
pub fn gen_witness<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    inputs: &[Vec<i64>],
) -> Result<Witness, Error> {
    Ok(compiled.witness(inputs)?)
}

/// A witness as `witness.json` holds it: what goes in and comes out.
///
/// # Errors
/// [`Error::Prove`] if the circuit has no digest.
pub fn witness_file<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    witness: &Witness,
) -> Result<WitnessFile, Error> {
    let (inputs, outputs) = (witness.inputs().to_vec(), witness.outputs().to_vec());
    let graph = compiled.graph();
    let pretty = |values: &[Vec<i64>], ids: &[provenn_fixed_point::TensorId]| {
        let one = |(values, id): (&Vec<i64>, &provenn_fixed_point::TensorId)| {
            let grid = compiled.grid(*id)?;
            Some(provenn_verifier::public::pretty(values, &grid))
        };
        values.iter().zip(ids).filter_map(one).collect()
    };
    Ok(WitnessFile {
        pretty_inputs: pretty(&inputs, &graph.inputs),
        pretty_outputs: pretty(&outputs, &graph.outputs),
        inputs,
        outputs,
        compiled_digest: digest(compiled)?,
    })
}

/// The witness of a file, all tensors computed again; its outputs must be what the circuit's model gives.
///
/// With the key that it is to be proved with, the circuit's digest is only computed to say what is wrong: proving
/// compares circuit and key.
///
/// # Errors
/// [`Error::OtherCircuit`] or [`Error::Assign`] if it is not one of this circuit.
pub fn read_witness<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    file: &WitnessFile,
    key: Option<&ProvingKey>,
) -> Result<Witness, Error> {
    let of_key = key.is_some_and(|key| file.compiled_digest == hex::encode(key.circuit_digest()));
    let witness = compiled.witness_of(&file.inputs, &file.outputs);
    if !of_key || witness.is_err() {
        let expected = digest(compiled)?;
        if file.compiled_digest != expected {
            let got = file.compiled_digest.chars().take(64).collect();
            return Err(Error::OtherCircuit { what: "the witness", expected, got });
        }
    }
    Ok(witness?)
}

/// The quantised outputs of a witness, by name.
#[must_use]
pub fn witness_outputs<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    witness: &Witness,
) -> Vec<NamedValues> {
    let graph = compiled.graph();
    let outputs = compiled.parts().binding.outputs.iter().zip(&graph.outputs);
    let named = |((named, id), integers): ((&Named, &TensorId), &Vec<i64>)| {
        let grid = compiled.grid(*id)?;
        let reals =
            integers.iter().enumerate().map(|(element, &integer)| grid.real(element, integer));
        let (name, shape) = (named.name.clone(), named.shape.clone());
        Some(NamedValues { name, shape, values: reals.collect(), digest: None, committed: false })
    };
    outputs.zip(witness.outputs()).filter_map(named).collect()
}

/// Digest of the circuit, as the witness carries it.
pub(crate) fn digest<G: GadgetSet>(compiled: &CompiledCircuit<G>) -> Result<String, Error> {
    let digest = circuit_digest(&compiled.keygen_circuit(), compiled.statement())
        .map_err(provenn_proof::ProveError::from)?;
    Ok(hex::encode(digest))
}

/// Checks every constraint without proving.
///
/// # Errors
/// [`Error::Mock`] naming the first violated constraint.
pub fn mock<G: GadgetSet>(compiled: &CompiledCircuit<G>, witness: &Witness) -> Result<(), Error> {
    let (circuit, instance) = compiled.assign(witness)?;
    let instance = compiled.params().instance_by_column(&instance);
    let mock = |first: String, count| Error::Mock { count, first };
    let prover = MockProver::run(compiled.params().k, &circuit, instance)
        .map_err(|error| mock(error.to_string(), 1))?;
    prover.verify().map_err(|failures| {
        mock(failures.first().map_or_else(String::new, ToString::to_string), failures.len())
    })
}

/// Proves.
///
/// # Errors
/// As [`prove_with`].
pub fn prove<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    key: &ProvingKey,
    srs: &Srs,
    witness: &Witness,
    rng: impl RngCore + CryptoRng + Send,
) -> Result<ProofFile, Error> {
    Ok(prove_with(compiled, key, srs, witness, ProveOptions::default(), rng)?.file)
}

/// Proves, with a choice of prover and a limit on memory.
///
/// # Errors
/// [`Error::Prove`] if circuit, key, SRS and witness do not belong together.
pub fn prove_with<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    key: &ProvingKey,
    srs: &Srs,
    witness: &Witness,
    options: ProveOptions,
    rng: impl RngCore + CryptoRng + Send,
) -> Result<Proved, Error> {
    let (circuit, instance) = compiled.assign(witness)?;
    let statement = compiled.statement();
    Ok(provenn_proof::prove_with(key, &circuit, statement, &instance, srs, options, rng)?)
}

/// A hiding commitment to the weights of a circuit that has committed ones, with a proof that they are in range, and the
/// opening that proofs take: one for any number of proofs, and a secret.
///
/// # Errors
/// [`Error::CommitWeights`] if circuit, key and SRS do not belong together, or the weights are fixed.
pub fn commit<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    key: &ProvingKey,
    srs: &Srs,
    rng: impl RngCore + CryptoRng + Send,
) -> Result<(CommitmentFile, Opening), Error> {
    let (circuit, options) = (compiled.keygen_circuit(), ProveOptions::default());
    provenn_proof::commit(key, &circuit, compiled.statement(), srs, options, rng)
        .map_err(Error::CommitWeights)
}

/// A hiding commitment to inputs or outputs, by their integers as a witness has them, for circuits of as many rows as the SRS
/// has; with the opening, which proofs take and which is a secret, comes the commitment
/// ([`TensorOpening::commitment`]). One serves for any number of proofs, and of models.
///
/// # Errors
/// [`Error::Commit`] if they take more columns than a circuit has for them.
pub fn commit_tensors(
    tensors: &[Vec<i64>],
    srs: &Srs,
    rng: impl RngCore + CryptoRng,
) -> Result<TensorOpening, Error> {
    Ok(TensorOpening::commit(tensors, srs, rng)?)
}

/// Proves of a circuit whose weights, inputs or outputs are committed, with the openings of all commitments.
///
/// # Errors
/// [`Error::Prove`] if circuit, key, SRS, openings and witness do not belong together.
pub fn prove_committed<G: GadgetSet>(
    compiled: &CompiledCircuit<G>,
    key: &ProvingKey,
    srs: &Srs,
    openings: Openings<'_>,
    witness: &Witness,
    options: ProveOptions,
    rng: impl RngCore + CryptoRng + Send,
) -> Result<Proved, Error> {
    let (circuit, instance) = compiled.assign(witness)?;
    let statement = compiled.statement();
    Ok(provenn_proof::prove_committed(
        key, &circuit, statement, &instance, srs, openings, options, rng,
    )?)
}
