//! Proving: circuit, key, SRS and public values belong together; a prover; the verifier's word.
//!
//! SHPLONK over a Blake2b transcript, one circuit per proof (halo2 allows no more with two phases).

use crate::key_columns::{FitError, key_columns};
use crate::link::Linker;
use crate::memory;
use crate::opening::OpeningError;
use crate::openings::Openings;
use crate::proving_key::ProvingKey;
use crate::setup::{SetupError, circuit_digest};
use crate::stock;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::transcript::{
    Blake2bWrite, Challenge255, TranscriptWrite, TranscriptWriterBuffer,
};
use provenn_artefact::codec::CodecError;
use provenn_gadgets::{Challenges, GadgetSet, Layout, ProvennCircuit, Statement};
use provenn_kzg_srs::Srs;
use provenn_prover::{Bases, Prover, ProverError, Report, Values};
use provenn_verifier::commitment::CommitmentError;
use provenn_verifier::proof_file::ProofFile;
use provenn_verifier::transcript::{absorb_commitment, absorb_key};
use provenn_verifier::verify::{VerifyError, VerifyOptions, check_instance, verify_committed};
use provenn_verifier::verifying_key::VerifyingKey;
use rand_core::{CryptoRng, RngCore};
use thiserror::Error;

/// Why no proof was made.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
#[non_exhaustive]
pub enum ProveError {
    #[error(
        "the proving key was made for circuit {expected}, this is circuit {got}; run `setup` for it, or use the circuit of this key"
    )]
    Circuit { expected: String, got: String },
    #[error(
        "the proving key is of gadget set {got:?}, the circuit of {expected:?}; run `setup` for this circuit"
    )]
    Gadgets { expected: &'static str, got: &'static str },
    #[error(
        "the proving key's statement differs from the circuit's in its {field}; run `setup` for this circuit"
    )]
    Statement { field: &'static str },
    #[error("the transcript takes no key: {0}; this is a bug, report it")]
    Transcript(#[from] std::io::Error),
    #[error(
        "the proving key was made with srs {expected}, this is srs {got}; use the srs that setup used"
    )]
    Srs { expected: String, got: String },
    #[error(
        "the circuit needs an srs of k = {expected}, this one has k = {got}; use the srs that setup used"
    )]
    K { expected: u32, got: u32 },
    #[error("the circuit has no witness; assign one with `gen-witness`")]
    Witness,
    #[error("the witness has {got} {what}, the circuit {limit}; this is a bug, report it")]
    Fit { what: &'static str, limit: usize, got: usize },
    #[error("circuit: {0}")]
    Codec(#[from] CodecError),
    #[error("public values: {0}")]
    Instance(VerifyError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    CircuitParams(#[from] FitError),
    #[error(
        "proving takes {needed} MiB, {whose} {limit}; allow more, or calibrate with --max-memory or a smaller --max-logrows"
    )]
    Memory { needed: u64, whose: &'static str, limit: u64 },
    #[error("proving failed: {0}")]
    Prover(#[from] ProverError),
    #[error(
        "this circuit has three challenge phases, which halo2's prover does not know; use our own prover, or generate settings with --two-phases"
    )]
    Phases,
    #[error(
        "halo2's prover does not tell how it blinds columns, which proofs for what is committed take; leave --prover stock out"
    )]
    StockCommitted,
    #[error(
        "the circuit's weights are committed; name the opening, made by `commit`, with --opening-path"
    )]
    NoOpening,
    #[error("the circuit's weights are fixed, so that there is no commitment to them")]
    FixedWeights,
    #[error(
        "the circuit's {of} are committed; name the opening, made by `commit --of {of}`, with --{of}-opening"
    )]
    NoTensorOpening { of: &'static str },
    #[error("the circuit's {of} are not committed; leave their opening out")]
    Uncommitted { of: &'static str },
    #[error(transparent)]
    Committed(VerifyError),
    #[error("{0}")]
    Opening(Box<OpeningError>),
    #[error("commitment: {0}")]
    Commitment(Box<CommitmentError>),
    #[error(
        "weight {value} in column {column}, row {row} does not fit {bits} bits; compile the circuit again"
    )]
    WeightRange { column: usize, row: usize, value: i64, bits: u8 },
    #[error("proving failed: {source}; run `mock` to see which constraint is at fault")]
    Halo2 { source: halo2_proofs::plonk::Error },
    #[error(
        "the proof came out wrong ({0}): the witness does not satisfy the circuit; run `mock` to see which constraint is at fault"
    )]
    Unsatisfied(VerifyError),
}

/// Who computes the proof. Both follow one protocol; one verifier accepts both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProverKind {
    /// This workspace's prover.
    #[default]
    Own,
    /// Halo2's, several times slower; to compare with.
    Stock,
}

/// How to prove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProveOptions {
    /// Who computes the proof.
    pub prover: ProverKind,
    /// Bytes that the process may take; less than the proof needs is refused before the work.
    pub max_memory: Option<u64>,
}

/// A proof, and how long it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Proved {
    /// The proof.
    pub file: ProofFile,
    /// Wall seconds of each step of our prover, in order.
    pub seconds: Vec<(&'static str, f64)>,
}

/// Proves that the circuit's witness satisfies it with these public values.
///
/// # Errors
/// As [`prove_with`].
pub fn prove<G: GadgetSet>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    statement: &Statement,
    instance: &[Fr],
    srs: &Srs,
    rng: impl RngCore + CryptoRng + Send,
) -> Result<ProofFile, ProveError> {
    Ok(prove_with(key, circuit, statement, instance, srs, ProveOptions::default(), rng)?.file)
}

/// Proves that the circuit's witness satisfies it with these public values, with options.
///
/// The result was verified: a bad witness gives a worthless proof, which only the verifier notices.
///
/// # Errors
/// [`ProveError`] if circuit, key and SRS do not belong together or the witness is not one.
pub fn prove_with<G: GadgetSet>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    statement: &Statement,
    instance: &[Fr],
    srs: &Srs,
    options: ProveOptions,
    rng: impl RngCore + CryptoRng + Send,
) -> Result<Proved, ProveError> {
    prove_committed(key, circuit, statement, instance, srs, Openings::default(), options, rng)
}

/// As [`prove_with`], for a circuit whose weights, inputs or outputs are committed: of what the openings open.
///
/// # Errors
/// [`ProveError`] if circuit, key, SRS and openings do not belong together or the witness is not one.
#[allow(clippy::too_many_arguments)] // what a proof is made of
pub fn prove_committed<G: GadgetSet>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    statement: &Statement,
    instance: &[Fr],
    srs: &Srs,
    openings: Openings<'_>,
    options: ProveOptions,
    mut rng: impl RngCore + CryptoRng + Send,
) -> Result<Proved, ProveError> {
    // 1. Everything belongs together.
    belong_together(key, circuit, statement, srs)?;
    let verifying = key.verifying_key();
    let layout = Layout::number(circuit.params());
    let committed = openings.check(verifying, circuit, &layout)?;
    let linker = verifying
        .committed()
        .map(|key| Linker::new(verifying.relations(), openings.opened(), key.blinding(), &mut rng));
    check_fit(circuit, &layout)?;
    // 2. The public values are ones of this statement.
    check_instance(verifying.statement(), instance).map_err(ProveError::Instance)?;
    // 3. The proof, on a thread of the pool: one outside would keep the pool's spinning while it works.
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    absorb_key(&mut transcript, &verifying.digest())?;
    for digest in committed.commitments().digests().into_iter().flatten() {
        absorb_commitment(&mut transcript, &digest)?;
    }
    let linker = linker.as_ref();
    let Report { quotient_blinded, seconds } = rayon::scope(|_| match options.prover {
        ProverKind::Own => {
            own(verifying, circuit, instance, srs, linker, options, rng, &mut transcript)
        }
        ProverKind::Stock if linker.is_some() => Err(ProveError::StockCommitted),
        ProverKind::Stock if layout.three_phases() => Err(ProveError::Phases),
        ProverKind::Stock => {
            let halo2 = stock::proving_key(verifying, circuit)?;
            stock::prove(&halo2, circuit, instance, srs, rng, &mut transcript)
                .map_err(|source| ProveError::Halo2 { source })?;
            Ok(Report { quotient_blinded: false, seconds: vec![] })
        }
    })?;
    let proof = transcript.finalize();
    // 4. It convinces.
    let accepted = VerifyOptions::allowing_insecure_srs();
    let of = committed.commitments();
    verify_committed(verifying, srs.verifier(), of, instance, &proof, accepted).map_err(
        |error| match error {
            // All but the link convinced.
            VerifyError::Link => ProveError::Opening(Box::new(OpeningError::Damaged)),
            error => ProveError::Unsatisfied(error),
        },
    )?;
    let file = ProofFile::new(verifying, instance, &proof, quotient_blinded)
        .map_err(ProveError::Instance)?
        .for_committed(of);
    Ok(Proved { file, seconds })
}

/// Circuit, statement, key and SRS belong together.
pub(crate) fn belong_together<G: GadgetSet>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    statement: &Statement,
    srs: &Srs,
) -> Result<(), ProveError> {
    let verifying = key.verifying_key();
    if verifying.gadgets() != G::NAME {
        let (expected, got) = (G::NAME, verifying.gadgets());
        return Err(ProveError::Gadgets { expected, got });
    }
    check(key.circuit_digest(), circuit_digest(circuit, statement)?, |expected, got| {
        ProveError::Circuit { expected, got }
    })?;
    // The key may say what it likes of itself: what is proved must be this circuit's statement.
    if let Some(field) = difference(verifying.statement(), statement) {
        return Err(ProveError::Statement { field });
    }
    check(verifying.srs_digest(), srs.digest(), |expected, got| ProveError::Srs { expected, got })?;
    let expected = circuit.params().k;
    if srs.k() != expected {
        return Err(ProveError::K { expected, got: srs.k() });
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)] // what a proof is made of
fn own<G: GadgetSet>(
    verifying: &VerifyingKey,
    circuit: &ProvennCircuit<G>,
    instance: &[Fr],
    srs: &Srs,
    linker: Option<&Linker<'_>>,
    options: ProveOptions,
    rng: impl RngCore + CryptoRng + Send,
    transcript: &mut impl TranscriptWrite<G1Affine, Challenge255<G1Affine>>,
) -> Result<Report, ProveError> {
    let advice = columns(circuit, linker);
    let assignment = provenn_prover::Assignment {
        instance: &circuit.params().by_instance_column(instance),
        advice,
    };
    let report = write(verifying, circuit, assignment, srs, options, rng, &mut *transcript)?;
    if let Some(linker) = linker {
        linker.write(transcript)?;
    }
    Ok(report)
}

/// The columns of each phase, as an honest prover has them.
pub(crate) fn columns<'a, G: GadgetSet>(
    circuit: &'a ProvennCircuit<G>,
    linker: Option<&'a Linker<'_>>,
) -> impl FnMut(u8, &[Fr]) -> Vec<Values<'a>> {
    let layout = Layout::number(circuit.params());
    move |phase, challenges| {
        if phase == 0 {
            let columns = circuit.first_columns(&layout).unwrap_or_default();
            let columns = columns.into_iter().map(Values::from);
            let Some(linker) = linker else { return columns.collect() };
            let columns = columns.enumerate();
            return columns.map(|(at, column)| linker.column(at, column, challenges)).collect();
        }
        let drawn = Challenges::drawn(challenges);
        let columns = circuit.later_columns(&layout, phase, &drawn);
        let columns = columns.into_iter().map(Values::from);
        let Some(linker) = linker else { return columns.collect() };
        // Without a first-phase column halo2 has one of its own.
        let places = (0..layout.second).filter(|at| layout.phase(*at) == phase);
        let places = places.map(|at| layout.first.max(1) + at);
        places.zip(columns).map(|(at, column)| linker.column(at, column, challenges)).collect()
    }
}

/// Writes a proof of these columns, whatever they are.
pub(crate) fn write<'a, G: GadgetSet>(
    verifying: &VerifyingKey,
    circuit: &ProvennCircuit<G>,
    assignment: provenn_prover::Assignment<'_, impl FnMut(u8, &[Fr]) -> Vec<Values<'a>>>,
    srs: &Srs,
    options: ProveOptions,
    rng: impl RngCore + CryptoRng + Send,
    transcript: &mut impl TranscriptWrite<G1Affine, Challenge255<G1Affine>>,
) -> Result<Report, ProveError> {
    // The row after the last active one is filled too: it closes the lookups.
    let usable = circuit.params().active_rows() + 1;
    let (fixed, moves) = key_columns(circuit, usable)?;
    let bases = Bases::new(srs.powers(), srs.lagrange())?;
    let prover = Prover::new(verifying.halo2(), fixed, &moves, &bases)?;
    let terms = circuit.params().terms_per_helper;
    let limit = memory::limit(&prover, terms, options.max_memory)?;
    let beside = prover.bytes_of_quotient();
    let left = move || limit.saturating_sub(memory::held()).saturating_sub(beside);
    let prover = prover.with_memory_left(left);
    Ok(prover.prove(assignment, rng, transcript)?)
}

/// The first thing that differs.
fn difference(key: &Statement, circuit: &Statement) -> Option<&'static str> {
    let fields = [
        ("params", key.params == circuit.params),
        ("model", key.model == circuit.model),
        ("settings", key.settings == circuit.settings),
        ("visibility of inputs", key.input_visibility == circuit.input_visibility),
        ("visibility of outputs", key.output_visibility == circuit.output_visibility),
        ("public inputs", key.inputs == circuit.inputs),
        ("public outputs", key.outputs == circuit.outputs),
        ("contents", key == circuit),
    ];
    fields.into_iter().find(|(_, equal)| !equal).map(|(field, _)| field)
}

/// Halo2's prover panics on a cell outside the columns or rows.
fn check_fit<G: GadgetSet>(
    circuit: &ProvennCircuit<G>,
    layout: &Layout<G>,
) -> Result<(), ProveError> {
    let witness = circuit.first_phase().ok_or(ProveError::Witness)?;
    let (columns, rows) = (layout.first, circuit.params().active_rows() + 1);
    let longest = witness.iter().map(Vec::len).max().unwrap_or(0);
    for (what, limit, got) in [("columns", columns, witness.len()), ("rows", rows, longest)] {
        if got > limit {
            return Err(ProveError::Fit { what, limit, got });
        }
    }
    Ok(())
}

fn check(
    expected: [u8; 32],
    got: [u8; 32],
    error: impl FnOnce(String, String) -> ProveError,
) -> Result<(), ProveError> {
    if expected == got {
        return Ok(());
    }
    Err(error(hex::encode(expected), hex::encode(got)))
}
