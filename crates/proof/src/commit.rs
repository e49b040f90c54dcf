//! Committing to weights: hiding commitments to their columns, and a proof that all of them are in range.

use crate::link::{Linker, Opened};
use crate::opening::Opening;
use crate::prove::{ProveError, ProveOptions, belong_together, write};
use crate::proving_key::ProvingKey;
use crate::ranges::Ranges;
use crate::setup::weights_digest;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::transcript::{Blake2bWrite, Challenge255, TranscriptWriterBuffer};
use provenn_gadgets::{Assignment, Challenges, GadgetSet, Layout, ProvennCircuit, Statement};
use provenn_kzg_srs::Srs;
use provenn_prover::{Bases, Values};
use provenn_verifier::VerifyingKey;
use provenn_verifier::commitment::{Commitment, CommitmentFile};
use provenn_verifier::transcript::{absorb_commitment, absorb_key};
use provenn_verifier::verify::VerifyOptions;
use rand_core::{CryptoRng, RngCore};

/// A commitment to a circuit's weights, for anybody, and what opens it, for provers.
///
/// # Errors
/// [`ProveError`] if circuit, key and SRS do not belong together, weights are not committed, or one is out of range.
pub fn commit<G: GadgetSet>(
    key: &ProvingKey,
    circuit: &ProvennCircuit<G>,
    statement: &Statement,
    srs: &Srs,
    options: ProveOptions,
    mut rng: impl RngCore + CryptoRng + Send,
) -> Result<(CommitmentFile, Opening), ProveError> {
    belong_together(key, circuit, statement, srs)?;
    let verifying = key.verifying_key();
    let committed_key = verifying.committed().ok_or(ProveError::FixedWeights)?;
    let of_ranges = committed_key.ranges().ok_or(ProveError::FixedWeights)?;
    let Assignment { committed: weights, weight_bits: bits, .. } = circuit.assignment();
    let ranges = Ranges::<G>::of(circuit.params(), bits)?;
    let ranges = ranges.witnessed(bits, weights).map_err(|(column, row)| {
        let at = |columns: &[Vec<i64>]| columns.get(column)?.get(row).copied();
        let bits = bits.get(column).and_then(|column| column.get(row)).copied().unwrap_or(0);
        ProveError::WeightRange { column, row, value: at(weights).unwrap_or(0), bits }
    })?;
    // 1. The commitment.
    let bases = Bases::new(srs.powers(), srs.lagrange())?;
    let opening = hide(verifying, weights, &bases, &mut rng);
    let commitment = opening
        .commitment(verifying, weights_digest(weights))
        .map_err(|error| ProveError::Opening(Box::new(error)))?;
    // 2. All weights are in range.
    let (relations, blinding) = (of_ranges.relations(), committed_key.blinding());
    let linker = Linker::new(relations, opening.opened(), blinding, &mut rng);
    let proof = show_ranges(of_ranges, &commitment, &ranges, &linker, srs, options, &mut rng)?;
    let file = CommitmentFile::new(commitment, proof);
    // 3. It convinces.
    let accepted = VerifyOptions::allowing_insecure_srs();
    file.check(verifying, srs.verifier(), accepted)
        .map_err(|error| ProveError::Commitment(Box::new(error)))?;
    Ok((file, opening))
}

/// Commits to weights.
pub(crate) fn hide(
    key: &VerifyingKey,
    weights: &[Vec<i64>],
    bases: &Bases<'_>,
    rng: impl RngCore + CryptoRng,
) -> Opening {
    let columns: Vec<&[i64]> = weights.iter().map(Vec::as_slice).collect();
    let Opened { points, tails } = Opened::hiding(&columns, bases, rng);
    Opening::new(key, weights_digest(weights), points, tails)
}

/// The proof that weights are in range, linked to their commitment.
pub(crate) fn show_ranges<G: GadgetSet>(
    key: &VerifyingKey,
    commitment: &Commitment,
    ranges: &ProvennCircuit<G>,
    linker: &Linker<'_>,
    srs: &Srs,
    options: ProveOptions,
    rng: impl RngCore + CryptoRng + Send,
) -> Result<Vec<u8>, ProveError> {
    let mut transcript = Blake2bWrite::<_, G1Affine, Challenge255<_>>::init(vec![]);
    absorb_key(&mut transcript, &key.digest())?;
    absorb_commitment(&mut transcript, &commitment.digest())?;
    let layout = Layout::number(ranges.params());
    let advice = |phase: u8, challenges: &[Fr]| -> Vec<Values<'_>> {
        if phase > 0 {
            let challenges = Challenges::drawn(challenges);
            let columns = ranges.later_columns(&layout, phase, &challenges);
            return columns.into_iter().map(Values::from).collect();
        }
        let columns = ranges.first_columns(&layout).unwrap_or_default().into_iter().enumerate();
        columns.map(|(at, values)| linker.column(at, values.into(), challenges)).collect()
    };
    let assignment = provenn_prover::Assignment { instance: &[&[]], advice };
    write(key, ranges, assignment, srs, options, rng, &mut transcript)?;
    linker.write(&mut transcript)?;
    Ok(transcript.finalize())
}
