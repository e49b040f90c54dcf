//! Proofs of whatever columns one likes, over whatever back end (feature `testing`): what a prover who lies would write, and
//! what an honest one shows.

use crate::commit::{hide, show_ranges};
use crate::key_columns::key_columns;
use crate::link::Linker;
use crate::opening::Opening;
use crate::openings::Openings;
use crate::prove::{ProveError, ProveOptions, columns, write};
use crate::proving_key::ProvingKey;
use crate::ranges::Ranges;
use crate::setup::{SetupError, weights_digest};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::transcript::{
    Blake2bWrite, Challenge255, EncodedChallenge, TranscriptWrite, TranscriptWriterBuffer,
};
use provenn_gadgets::{GadgetSet, Layout, ProvennCircuit};
use provenn_kzg_srs::Srs;
use provenn_prover::backend::{Fourier, Msm};
use provenn_prover::{Assignment, Bases, Prover, Report, Values};
use provenn_verifier::commitment::{Commitment, CommitmentFile};
use provenn_verifier::link::Relation;
use provenn_verifier::transcript::{absorb_commitment, absorb_key};
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
    let assignment =
        Assignment { instance: &circuit.params().by_instance_column(instance), advice };
    let options = ProveOptions::default();
    write(verifying, circuit, assignment, srs, options, rng, &mut transcript)?;
    Ok(transcript.finalize())
}

/// As [`write_proof`], of a circuit with committed columns: columns are committed to as they are, and what is shown of them is that these relations to
/// what the openings open hold.
///
/// # Errors
/// [`ProveError`] if the columns are not as many as the circuit has, or the key is of fixed weights.
#[allow(clippy::too_many_arguments)] // what a proof is made of
pub fn write_committed_proof<G: GadgetSet>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    instance: &[Fr],
    srs: &Srs,
    openings: Openings<'_>,
    relations: &[Relation],
    mut advice: impl FnMut(u8, &[Fr]) -> Vec<Vec<Fr>>,
    mut rng: impl RngCore + CryptoRng + Send,
) -> Result<Vec<u8>, ProveError> {
    let verifying = key.verifying_key();
    let blinding = verifying.committed().ok_or(ProveError::FixedWeights)?.blinding();
    let bases = Bases::new(srs.powers(), srs.lagrange())?;
    let opened = openings.opened();
    let linker = Linker::new(relations, opened, blinding, &mut rng).of_values(&bases);
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    absorb_key(&mut transcript, &verifying.digest())?;
    let weights = openings.weights.map(Opening::commitment_digest);
    let tensors = [openings.inputs, openings.outputs].into_iter().flatten();
    let tensors = tensors.map(|opening| opening.commitment().digest());
    for digest in weights.into_iter().chain(tensors) {
        absorb_commitment(&mut transcript, &digest)?;
    }
    let layout = Layout::<G>::number(circuit.params());
    let advice = |phase: u8, challenges: &[Fr]| {
        let places: Vec<usize> = match phase {
            0 => (0..layout.first.max(1)).collect(),
            _ => (0..layout.second).filter(|at| layout.phase(*at) == phase).collect(),
        };
        let first = if phase == 0 { 0 } else { layout.first.max(1) };
        let columns = advice(phase, challenges).into_iter().map(Values::from);
        let linked = places.into_iter().zip(columns);
        linked.map(|(at, column)| linker.column(first + at, column, challenges)).collect()
    };
    let assignment =
        Assignment { instance: &circuit.params().by_instance_column(instance), advice };
    let options = ProveOptions::default();
    write(verifying, circuit, assignment, srs, options, rng, &mut transcript)?;
    linker.write(&mut transcript)?;
    Ok(transcript.finalize())
}

/// A proof of a circuit's witness as an honest prover writes it, by other sums of points and into any transcript; nothing is
/// checked and nothing verified. Of committed columns the link's random values are drawn before all others.
///
/// # Errors
/// [`ProveError`] if the circuit is not the key's.
#[allow(clippy::too_many_arguments)] // what a proof is made of
pub fn write_shown<G: GadgetSet, E: EncodedChallenge<G1Affine>>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    instance: &[Fr],
    bases: &Bases<'_>,
    openings: Openings<'_>,
    (msm, fourier): (Box<dyn Msm>, Box<dyn Fourier>),
    mut rng: impl RngCore + CryptoRng,
    transcript: &mut impl TranscriptWrite<G1Affine, E>,
) -> Result<Report, ProveError> {
    let verifying = key.verifying_key();
    let linker = verifying
        .committed()
        .map(|key| Linker::new(verifying.relations(), openings.opened(), key.blinding(), &mut rng));
    let (fixed, moves) = key_columns(circuit, circuit.params().active_rows() + 1)?;
    let prover = Prover::new(verifying.halo2(), fixed, &moves, bases)?.with_backend(msm, fourier);
    let advice = columns(circuit, linker.as_ref());
    let assignment =
        Assignment { instance: &circuit.params().by_instance_column(instance), advice };
    let report = prover.prove(assignment, rng, &mut *transcript)?;
    linker.iter().try_for_each(|linker| linker.write(transcript))?;
    Ok(report)
}

/// A commitment to a circuit's weights, of which no range is shown.
///
/// # Errors
/// [`ProveError`] if the key is of fixed weights.
pub fn commit_unchecked<G: GadgetSet>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    srs: &Srs,
    rng: impl RngCore + CryptoRng,
) -> Result<(Commitment, Opening), ProveError> {
    let (verifying, weights) = (key.verifying_key(), &circuit.assignment().committed);
    let bases = Bases::new(srs.powers(), srs.lagrange())?;
    let opening = hide(verifying, weights, &bases, rng);
    let commitment = opening
        .commitment(verifying, weights_digest(weights))
        .map_err(|error| ProveError::Opening(Box::new(error)))?;
    Ok((commitment, opening))
}

/// The circuit that shows the ranges of a circuit's weights, with whatever weights in it and the limbs of whatever others.
///
/// # Errors
/// [`SetupError`] if the circuit does not say how many bits each weight has.
pub fn weight_ranges<G: GadgetSet>(
    circuit: &ProvennCircuit<G>,
    columns: [&[Vec<i64>]; 2],
) -> Result<ProvennCircuit<G>, SetupError> {
    let bits = &circuit.assignment().weight_bits;
    Ok(Ranges::<G>::of(circuit.params(), bits)?.forged(bits, columns))
}

/// A commitment to whatever weights, with a proof of whatever columns of [`weight_ranges`]; nothing is checked.
///
/// # Errors
/// [`ProveError`] if these are not as many columns as the circuit has.
pub fn write_commitment<G: GadgetSet>(
    key: &ProvingKey,
    weights: &[Vec<i64>],
    ranges: &ProvennCircuit<G>,
    srs: &Srs,
    mut rng: impl RngCore + CryptoRng + Send,
) -> Result<(CommitmentFile, Opening), ProveError> {
    let verifying = key.verifying_key();
    let committed = verifying.committed().ok_or(ProveError::FixedWeights)?;
    let of_ranges = committed.ranges().ok_or(ProveError::FixedWeights)?;
    let bases = Bases::new(srs.powers(), srs.lagrange())?;
    let opening = hide(verifying, weights, &bases, &mut rng);
    let commitment = opening
        .commitment(verifying, weights_digest(weights))
        .map_err(|error| ProveError::Opening(Box::new(error)))?;
    let (relations, blinding) = (of_ranges.relations(), committed.blinding());
    let opened = opening.opened();
    let linker = Linker::new(relations, opened, blinding, &mut rng).of_values(&bases);
    let options = ProveOptions::default();
    let proof = show_ranges(of_ranges, &commitment, ranges, &linker, srs, options, rng)?;
    Ok((CommitmentFile::new(commitment, proof), opening))
}
