//! Key generation. Deterministic: the same circuit and SRS give the same bytes.

use crate::key_columns::{FitError, key_columns};
use crate::proving_key::ProvingKey;
use crate::ranges::Ranges;
use blake2b_simd::{Params, State};
use halo2_proofs::halo2curves::bn256::G1Affine;
use halo2_proofs::plonk::Circuit;
use provenn_artefact::codec::{self, CodecError};
use provenn_gadgets::params::UNUSABLE_ROWS;
use provenn_gadgets::{GadgetSet, ProvennCircuit, Statement};
use provenn_kzg_srs::Srs;
use provenn_prover::{Bases, ProverError, key_commitments};
use provenn_verifier::CommittedKey;
use provenn_verifier::constraints::{ConstraintsError, constraint_system};
use provenn_verifier::verifying_key::{Commitments, KeyError, VerifyingKey};
use thiserror::Error;

/// Why no keys were made.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
#[non_exhaustive]
pub enum SetupError {
    #[error(
        "the circuit needs an srs of k = {expected}, this one has k = {got}; run `get-srs --logrows {expected}`"
    )]
    K { expected: u32, got: u32 },
    #[error("the statement is of another circuit; compile the circuit again")]
    Statement,
    #[error(
        "the circuit does not say how many bits each committed weight has; this is a bug, report it"
    )]
    WeightBits,
    #[error(transparent)]
    Fit(#[from] FitError),
    #[error("circuit: {0}")]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Constraints(#[from] ConstraintsError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("key generation failed: {0}; this is a bug, report it")]
    Prover(#[from] ProverError),
}

/// Makes the keys of a circuit.
///
/// # Errors
/// [`SetupError`] if circuit, statement and SRS do not belong together.
pub fn setup<G: GadgetSet>(
    circuit: &ProvennCircuit<G>,
    statement: &Statement,
    srs: &Srs,
) -> Result<ProvingKey, SetupError> {
    let k = circuit.params().k;
    if circuit.params() != &statement.params {
        return Err(SetupError::Statement);
    }
    if srs.k() != k {
        return Err(SetupError::K { expected: k, got: srs.k() });
    }
    // Only the key's part of the circuit: keys must not depend on a witness.
    let circuit = circuit.without_witnesses();
    let bases = Bases::new(srs.powers(), srs.lagrange())?;
    let committed =
        (statement.params.commits()).then(|| committed_key(&circuit, srs, &bases)).transpose()?;
    let commitments = commitments(&circuit, &bases)?;
    let verifying =
        VerifyingKey::new::<G>(statement.clone(), srs.digest(), commitments, committed)?;
    Ok(ProvingKey::new(verifying, circuit_digest(&circuit, statement)?))
}

fn commitments<G: GadgetSet>(
    circuit: &ProvennCircuit<G>,
    bases: &Bases<'_>,
) -> Result<Commitments, SetupError> {
    let cs = constraint_system::<G>(circuit.params())?;
    let usable = bases.n().saturating_sub(cs.blinding_factors() + 1);
    let (fixed, moves) = key_columns(circuit, usable)?;
    let columns = cs.permutation().get_columns().len();
    Ok(key_commitments(&fixed, &moves, columns, bases)?)
}

/// What a key holds of what is committed; of weights it depends on where how many bits of them stand.
fn committed_key<G: GadgetSet>(
    circuit: &ProvennCircuit<G>,
    srs: &Srs,
    bases: &Bases<'_>,
) -> Result<CommittedKey, SetupError> {
    let ranges = || -> Result<VerifyingKey, SetupError> {
        let ranges = Ranges::<G>::of(circuit.params(), &circuit.assignment().weight_bits)?;
        let ranges = ranges.circuit();
        let statement = Statement { params: ranges.params().clone(), ..Statement::default() };
        let commitments = commitments(ranges, bases)?;
        Ok(VerifyingKey::new::<G>(statement, srs.digest(), commitments, None)?)
    };
    let ranges = circuit.params().commits_weights().then(ranges).transpose()?;
    let blinding: Option<&[G1Affine; UNUSABLE_ROWS]> = bases.lagrange().last_chunk();
    Ok(CommittedKey::new(*blinding.ok_or(SetupError::WeightBits)?, ranges))
}

/// Digest of committed weights, by which an opening knows its own: as secret as they are.
pub(crate) fn weights_digest(weights: &[Vec<i64>]) -> [u8; 32] {
    let mut state = Params::new().hash_length(32).personal(b"provenn weights ").to_state();
    weights.iter().for_each(|column| absorb(column, &mut state));
    first_32(&state)
}

/// Digest of committed columns, whatever zeros they end in: as secret as they are.
pub(crate) fn columns_digest(columns: &[&[i64]]) -> [u8; 32] {
    let mut state = Params::new().hash_length(32).personal(b"provenn columns ").to_state();
    for column in columns {
        let end = column.iter().rposition(|value| *value != 0).map_or(0, |last| last + 1);
        absorb(column.get(..end).unwrap_or_default(), &mut state);
    }
    first_32(&state)
}

fn first_32(state: &State) -> [u8; 32] {
    let hash = state.finalize();
    std::array::from_fn(|i| hash.as_bytes().get(i).copied().unwrap_or(0))
}

/// A column's length, the bytes that its widest value takes, and that many of each value.
fn absorb(column: &[i64], state: &mut State) {
    // What is negative is as wide as its complement; one bit more for the sign.
    let bits = column.iter().fold(0, |bits, &value| bits | (value ^ (value >> 63)));
    let width = ((i64::BITS - bits.leading_zeros() + 1).div_ceil(u8::BITS)) as usize;
    let mut bytes = Vec::with_capacity(16 + column.len() * width);
    bytes.extend_from_slice(&(column.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&(width as u64).to_le_bytes());
    for value in column {
        bytes.extend(value.to_le_bytes().get(..width).unwrap_or_default());
    }
    state.update(&bytes);
}

/// Digest of what a circuit's keys depend on: name of the gadget set, statement, fixed values, copies, second-phase program, and where how many bits of
/// committed weights stand.
///
/// # Errors
/// [`CodecError`] if the parts cannot be encoded.
pub fn circuit_digest<G: GadgetSet>(
    circuit: &ProvennCircuit<G>,
    statement: &Statement,
) -> Result<[u8; 32], CodecError> {
    let mut state = Params::new().hash_length(32).personal(b"provenn circuit ").to_state();
    let assignment = circuit.assignment();
    let params = codec::encode(circuit.params())?;
    let statement = codec::encode(statement)?;
    let copies = codec::encode(&assignment.copies)?;
    let steps = codec::encode(&assignment.steps)?;
    for part in [G::NAME.as_bytes().to_vec(), params, statement, copies, steps] {
        state.update(&(part.len() as u64).to_le_bytes());
        state.update(&part);
    }
    for column in &assignment.fixed {
        absorb(column, &mut state);
    }
    for bits in &assignment.weight_bits {
        state.update(&(bits.len() as u64).to_le_bytes());
        state.update(bits);
    }
    Ok(first_32(&state))
}
