//! Key generation. Deterministic: the same circuit and SRS give the same bytes.

use crate::codec::{self, CodecError};
use crate::constraints::{ConstraintsError, constraint_system};
use crate::proving_key::ProvingKey;
use crate::verifying_key::{KeyError, VerifyingKey};
use blake2b_simd::Params;
use halo2_proofs::plonk::keygen_pk2;
use provenn_gadgets::{ProvennCircuit, Statement};
use provenn_kzg_srs::Srs;
use thiserror::Error;

/// Why no keys were made.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum SetupError {
    #[error(
        "the circuit needs an srs of k = {expected}, this one has k = {found}; {}",
        crate::setup::advice(*expected, *found)
    )]
    K { expected: u32, found: u32 },
    #[error("the statement is of another circuit; compile the circuit again")]
    Statement,
    #[error(
        "the circuit does not fit its shape: {what} {found}, {limit} at most; this is a bug, report it"
    )]
    Fit { what: &'static str, limit: usize, found: usize },
    #[error("circuit: {0}")]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Constraints(#[from] ConstraintsError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("key generation failed: {source}; this is a bug, report it")]
    Halo2 { source: halo2_proofs::plonk::Error },
}

pub(crate) fn advice(expected: u32, found: u32) -> String {
    if found < expected {
        format!("run `get-srs --logrows {expected}`")
    } else {
        format!("truncate it with `get-srs --logrows {expected} --srs-path` first")
    }
}

/// Makes the keys of a circuit. Both keep the mark of an insecure SRS.
///
/// # Errors
/// [`SetupError`] if circuit, statement and SRS do not belong together.
pub fn setup(
    circuit: &ProvennCircuit,
    statement: &Statement,
    srs: &Srs,
) -> Result<ProvingKey, SetupError> {
    let k = circuit.shape().k;
    if circuit.shape() != &statement.shape {
        return Err(SetupError::Statement);
    }
    if srs.k() != k {
        return Err(SetupError::K { expected: k, found: srs.k() });
    }
    check_fit(circuit)?;
    let halo2 =
        keygen_pk2(srs.params(), circuit, false).map_err(|source| SetupError::Halo2 { source })?;
    let vk = halo2.get_vk();
    let commitments = (vk.fixed_commitments().clone(), vk.permutation().commitments().clone());
    let verifying = VerifyingKey::new(statement.clone(), srs.origin(), srs.digest(), commitments)?;
    if verifying.halo2().transcript_repr() != vk.transcript_repr() {
        return Err(KeyError::Version.into());
    }
    Ok(ProvingKey::new(verifying, circuit_digest(circuit)?, halo2))
}

/// Halo2 panics on a cell outside the rows.
fn check_fit(circuit: &ProvennCircuit) -> Result<(), SetupError> {
    let cs = constraint_system(circuit.shape())?;
    let rows = (1_usize << circuit.shape().k).saturating_sub(cs.blinding_factors() + 1);
    let assignment = circuit.assignment();
    let cells = assignment.copies.iter().flat_map(|(left, right)| [left.row + 1, right.row + 1]);
    let most = |numbers: &mut dyn Iterator<Item = usize>| numbers.max().unwrap_or(0);
    let needs = [
        ("fixed columns", cs.num_fixed_columns(), assignment.fixed.len()),
        ("rows of fixed values", rows, most(&mut assignment.fixed.iter().map(Vec::len))),
        ("rows of copies", rows, most(&mut { cells })),
    ];
    for (what, limit, found) in needs {
        if found > limit {
            return Err(SetupError::Fit { what, limit, found });
        }
    }
    Ok(())
}

/// Digest of what a circuit's keys depend on: shape, fixed values, copies, second-phase program.
///
/// # Errors
/// [`CodecError`] if the parts cannot be encoded.
pub fn circuit_digest(circuit: &ProvennCircuit) -> Result<[u8; 32], CodecError> {
    let mut state = Params::new().hash_length(32).personal(b"provenn circuit ").to_state();
    let assignment = circuit.assignment();
    let shape = codec::encode(circuit.shape())?;
    let copies = codec::encode(&assignment.copies)?;
    let steps = codec::encode(&assignment.steps)?;
    for part in [shape, copies, steps] {
        state.update(&(part.len() as u64).to_le_bytes());
        state.update(&part);
    }
    let mut bytes = vec![];
    for column in &assignment.fixed {
        bytes.clear();
        bytes.extend_from_slice(&(column.len() as u64).to_le_bytes());
        bytes.extend(column.iter().flat_map(|value| value.to_le_bytes()));
        state.update(&bytes);
    }
    let hash = state.finalize();
    Ok(std::array::from_fn(|i| hash.as_bytes().get(i).copied().unwrap_or(0)))
}
