//! Commitments of a run: to whatever the circuit has committed.

use super::{Folder, OF_INPUTS, OF_OUTPUTS, OF_WEIGHTS};
use crate::Error;
use crate::workflow;
use provenn_circuit::{CompiledCircuit, Witness};
use provenn_kzg_srs::Srs;
use provenn_proof::{Opening, Openings, ProvingKey, TensorOpening};
use rand_core::{CryptoRng, RngCore};

/// What was committed to, in a run's folder.
#[derive(Debug, Default)]
pub(super) struct Committed {
    weights: Option<Opening>,
    inputs: Option<TensorOpening>,
    outputs: Option<TensorOpening>,
}

impl Committed {
    pub(super) fn openings(&self) -> Openings<'_> {
        let Committed { weights, inputs, outputs } = self;
        Openings { weights: weights.as_ref(), inputs: inputs.as_ref(), outputs: outputs.as_ref() }
    }
}

/// Commits to whatever a circuit has committed.
pub(super) fn commit(
    compiled: &CompiledCircuit,
    key: &ProvingKey,
    srs: &Srs,
    witness: &Witness,
    folder: &Folder,
    mut rng: impl RngCore + CryptoRng + Send,
) -> Result<Committed, Error> {
    let out = |name: &str| folder.path().join(name);
    let mut committed = Committed::default();
    if compiled.params().commits_weights() {
        let (commitment, opening) = workflow::commit(compiled, key, srs, &mut rng)?;
        let [secret, public] = OF_WEIGHTS;
        folder.written(secret, opening.write(&out(secret)))?;
        folder.written(public, commitment.write(&out(public)))?;
        committed.weights = Some(opening);
    }
    let [inputs, outputs] = compiled.statement().committed_tensors();
    let sides = [
        (inputs, witness.inputs(), OF_INPUTS, &mut committed.inputs),
        (outputs, witness.outputs(), OF_OUTPUTS, &mut committed.outputs),
    ];
    for (form, tensors, [secret, public], committed) in sides {
        if form.is_some() {
            let opening = workflow::commit_tensors(tensors, srs, &mut rng)?;
            folder.written(secret, opening.write(&out(secret)))?;
            folder.written(public, opening.commitment().write(&out(public)))?;
            *committed = Some(opening);
        }
    }
    Ok(committed)
}
