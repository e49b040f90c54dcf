//! The same measurement for any gadget set: duties, mock, keys, proof, verification, with halo2 alone.

use halo2_proofs::dev::MockProver;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::plonk::{create_proof, keygen_pk, keygen_vk, verify_proof};
use halo2_proofs::poly::commitment::ParamsProver;
use halo2_proofs::poly::kzg::commitment::{KZGCommitmentScheme, ParamsKZG};
use halo2_proofs::poly::kzg::multiopen::{ProverSHPLONK, VerifierSHPLONK};
use halo2_proofs::poly::kzg::strategy::SingleStrategy;
use halo2_proofs::transcript::{
    Blake2bRead, Blake2bWrite, Challenge255, TranscriptReadBuffer, TranscriptWriterBuffer,
};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{GadgetSet, from_signed};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::error::Error;
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
    /// Wall seconds of one proof.
    pub(crate) prove_seconds: f64,
}

/// Lays out, checks, proves and verifies.
///
/// # Errors
/// Whatever fails, in its own words.
pub(crate) fn measure<G: GadgetSet>(
    graph: &QuantGraph,
    inputs: &[Vec<i64>],
) -> Result<Measurement, Box<dyn Error>> {
    let compiled = CompiledCircuit::<G>::with_gadgets(graph.clone(), &PlanOptions::default())?;
    let witness = compiled.witness(inputs)?;
    let (circuit, instance) = compiled.assign(&witness)?;
    let violations = Subject::new(&circuit, &instance).violations();
    if !violations.is_empty() {
        return Err(format!("honest columns violate {violations:?}").into());
    }
    let instance: Vec<Fr> = instance.into_iter().map(from_signed).collect();
    let k = compiled.shape().k;
    let mock = MockProver::run(k, &circuit, vec![instance.clone()])?;
    mock.verify().map_err(|failures| format!("{failures:?}"))?;

    let mut rng = ChaCha20Rng::seed_from_u64(0);
    let params = ParamsKZG::<Bn256>::setup(k, &mut rng);
    let key = compiled.keygen_circuit();
    let vk = keygen_vk(&params, &key)?;
    let pk = keygen_pk(&params, vk, &key)?;
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    let begun = Instant::now();
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        &params,
        &pk,
        &[circuit],
        &[&[&instance]],
        &mut rng,
        &mut transcript,
    )?;
    let prove_seconds = begun.elapsed().as_secs_f64();
    let proof = transcript.finalize();
    verify_proof::<KZGCommitmentScheme<Bn256>, VerifierSHPLONK<'_, Bn256>, _, _, _>(
        params.verifier_params(),
        pk.get_vk(),
        SingleStrategy::new(params.verifier_params()),
        &[&[&instance]],
        &mut Blake2bRead::<_, G1Affine, Challenge255<_>>::init(proof.as_slice()),
    )?;
    let layout = compiled.layout();
    Ok(Measurement { k, advice: layout.first + layout.second, fixed: layout.fixed, prove_seconds })
}
