//! Proofs of whatever columns one likes (feature `testing`): what a prover who lies would write.

use crate::prove::{ProveError, ProveOptions, write};
use crate::proving_key::ProvingKey;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, TranscriptWriterBuffer};
use provenn_gadgets::{GadgetSet, ProvennCircuit};
use provenn_kzg_srs::Srs;
use provenn_prover::{Assignment, Values};
use provenn_verifier::transcript::absorb_key;
use rand_core::{CryptoRng, RngCore};

/// A proof of these columns under a circuit's key: of each phase, after the challenges that are drawn before it. Nothing
/// is checked and nothing verified.
///
/// # Errors
/// [`ProveError`] if the columns are not as many as the circuit has.
pub fn write_proof<G: GadgetSet>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    instance: &[Fr],
    srs: &Srs,
    mut advice: impl FnMut(u8, &[Fr]) -> Vec<Vec<Fr>>,
    rng: impl RngCore + CryptoRng + Send,
) -> Result<Vec<u8>, ProveError> {
    let verifying = key.verifying_key();
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    absorb_key(&mut transcript, &verifying.digest())?;
    let advice = |phase: u8, challenges: &[Fr]| {
        advice(phase, challenges).into_iter().map(Values::from).collect()
    };
    let assignment = Assignment { instance: &[instance], advice };
    let options = ProveOptions::default();
    write(verifying, circuit, assignment, srs, options, rng, &mut transcript)?;
    Ok(transcript.finalize())
}
