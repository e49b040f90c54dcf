//! From a model to a verified proof, with any gadget set.

use provenn::rand_core::OsRng;
use provenn::{Error, GadgetSet, InputData, OnnxModel, Settings, Srs, VerifyOptions};
use std::time::Instant;

/// What a layout costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measurement {
    /// Rows are 2^k.
    pub(crate) k: u32,
    /// Advice columns.
    pub(crate) advice: usize,
    /// Fixed columns.
    pub(crate) fixed: usize,
    /// Bytes of the proof.
    pub(crate) proof_bytes: usize,
    /// Wall seconds of one proof.
    pub(crate) prove_seconds: f64,
}

/// Lays out, makes keys, proves and verifies.
///
/// # Errors
/// [`Error`] of the stage that fails.
pub(crate) fn measure<G: GadgetSet>(
    model: &OnnxModel,
    settings: &Settings,
    data: &InputData,
) -> Result<Measurement, Error> {
    let compiled = provenn::compile_circuit_of::<G>(model, settings)?;
    let srs = Srs::draw_insecure(compiled.params().k, OsRng)?; // a test SRS
    let key = provenn::setup(&compiled, &srs)?;
    let observation = data.observations(model.graph())?.swap_remove(0);
    let inputs = provenn::quantise_inputs(&compiled, &observation)?;
    let witness = provenn::gen_witness(&compiled, &inputs.values)?;
    let begun = Instant::now();
    let proof = provenn::prove(&compiled, &key, &srs, &witness, OsRng)?;
    let prove_seconds = begun.elapsed().as_secs_f64();
    let allow = VerifyOptions::allowing_insecure_srs();
    proof.verify(key.verifying_key(), srs.verifier(), allow)?;
    let layout = compiled.layout();
    Ok(Measurement {
        k: compiled.params().k,
        advice: layout.first + layout.second,
        fixed: layout.fixed,
        proof_bytes: (proof.hex_proof.len() - 2) / 2,
        prove_seconds,
    })
}
