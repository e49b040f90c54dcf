//! The prover.
//!
//! SHPLONK over a Blake2b transcript, one circuit per proof (halo2 allows no more with two phases).

use crate::codec::CodecError;
use crate::proof_file::ProofFile;
use crate::proving_key::ProvingKey;
use crate::setup::circuit_digest;
use crate::verify::{VerifyError, VerifyOptions, check_instance, verify};
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::plonk::create_proof;
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, TranscriptWriterBuffer};
use provenn_gadgets::{Layout, ProvennCircuit, from_signed};
use provenn_kzg_srs::Srs;
use rand_core::{CryptoRng, RngCore};
use thiserror::Error;

/// Why no proof was made.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum ProveError {
    #[error(
        "the proving key was made for circuit {expected}, this is circuit {found}; run `setup` for it, or use the circuit of this key"
    )]
    Circuit { expected: String, found: String },
    #[error(
        "the proving key was made with srs {expected}, this is srs {found}; use the srs that setup used"
    )]
    Srs { expected: String, found: String },
    #[error(
        "the circuit needs an srs of k = {expected}, this one has k = {found}; use the srs that setup used"
    )]
    K { expected: u32, found: u32 },
    #[error("the circuit has no witness; assign one with `gen-witness`")]
    Witness,
    #[error("the witness has {found} {what}, the circuit {limit}; this is a bug, report it")]
    Fit { what: &'static str, limit: usize, found: usize },
    #[error("circuit: {0}")]
    Codec(#[from] CodecError),
    #[error("public values: {0}")]
    Instance(VerifyError),
    #[error("proving failed: {source}; run `mock` to see which constraint is at fault")]
    Halo2 { source: halo2_proofs::plonk::Error },
    #[error(
        "the proof came out wrong ({0}): the witness does not satisfy the circuit; run `mock` to see which constraint is at fault"
    )]
    Unsatisfied(VerifyError),
}

/// Proves that the circuit's witness satisfies it with these public values.
///
/// The result was verified: halo2 writes a worthless proof for a bad witness and says nothing.
/// Halo2 draws the polynomial that blinds the quotient from the thread's generator, not from `rng`.
///
/// # Errors
/// [`ProveError`] if circuit, key and SRS do not belong together or the witness is not one.
pub fn prove(
    key: &ProvingKey,
    circuit: &ProvennCircuit,
    instance: &[i64],
    srs: &Srs,
    rng: impl RngCore + CryptoRng,
) -> Result<ProofFile, ProveError> {
    // 1. Circuit, key and SRS belong together.
    let verifying = key.verifying_key();
    check(key.circuit_digest(), circuit_digest(circuit)?, |expected, found| ProveError::Circuit {
        expected,
        found,
    })?;
    check(verifying.srs_digest(), srs.digest(), |expected, found| ProveError::Srs {
        expected,
        found,
    })?;
    let expected = circuit.shape().k;
    if srs.k() != expected {
        return Err(ProveError::K { expected, found: srs.k() });
    }
    check_fit(circuit)?;
    // 2. The public values are ones of this statement.
    let instance: Vec<Fr> = instance.iter().map(|&value| from_signed(value)).collect();
    check_instance(verifying.statement(), &instance).map_err(ProveError::Instance)?;
    // 3. The proof.
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        srs.params(),
        key.halo2(),
        std::slice::from_ref(circuit),
        &[&[&instance]],
        rng,
        &mut transcript,
    )
    .map_err(|source| ProveError::Halo2 { source })?;
    let proof = transcript.finalize();
    // 4. It convinces.
    let options = VerifyOptions { allow_insecure_srs: true };
    verify(verifying, srs.verifier(), &instance, &proof, options)
        .map_err(ProveError::Unsatisfied)?;
    ProofFile::new(verifying, &instance, &proof).map_err(ProveError::Instance)
}

/// Halo2 panics on a cell outside the columns or rows.
fn check_fit(circuit: &ProvennCircuit) -> Result<(), ProveError> {
    let witness = circuit.first_phase().ok_or(ProveError::Witness)?;
    let (columns, rows) = (Layout::new(circuit.shape()).first, circuit.shape().active_rows() + 1);
    let longest = witness.iter().map(Vec::len).max().unwrap_or(0);
    for (what, limit, found) in [("columns", columns, witness.len()), ("rows", rows, longest)] {
        if found > limit {
            return Err(ProveError::Fit { what, limit, found });
        }
    }
    Ok(())
}

fn check(
    expected: [u8; 32],
    found: [u8; 32],
    error: impl FnOnce(String, String) -> ProveError,
) -> Result<(), ProveError> {
    if expected == found {
        return Ok(());
    }
    Err(error(hex::encode(expected), hex::encode(found)))
}
