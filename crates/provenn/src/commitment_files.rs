//! Files of commitments: what a verifier is handed beside key and SRS.

use crate::Error;
use provenn_verifier::{
    Commitment, CommitmentFile, Commitments, ProofFileError, TensorCommitment, VerifierSrs,
    VerifyOptions, VerifyingKey,
};
use std::path::{Path, PathBuf};

/// What a commitment to weights is called.
pub(crate) const WEIGHTS_COMMITMENT: &str = "commitment.pf";
/// What a commitment to inputs is called.
pub(crate) const INPUTS_COMMITMENT: &str = "inputs.pf";
/// What a commitment to outputs is called.
pub(crate) const OUTPUTS_COMMITMENT: &str = "outputs.pf";

/// Files of commitments, as [`Commitments`] names what they hold.
#[derive(Clone, Debug, Default)]
pub struct CommitmentPaths {
    /// To weights.
    pub weights: Option<PathBuf>,
    /// To inputs.
    pub inputs: Option<PathBuf>,
    /// To outputs.
    pub outputs: Option<PathBuf>,
}

/// What such files hold.
pub(crate) struct CommitmentFiles {
    weights: Option<CommitmentFile>,
    inputs: Option<TensorCommitment>,
    outputs: Option<TensorCommitment>,
}

impl CommitmentPaths {
    pub(crate) fn read(&self) -> Result<CommitmentFiles, Error> {
        let tensors = |path: &Option<PathBuf>| path.as_deref().map(TensorCommitment::read);
        Ok(CommitmentFiles {
            weights: self.weights.as_deref().map(CommitmentFile::read).transpose()?,
            inputs: tensors(&self.inputs).transpose()?,
            outputs: tensors(&self.outputs).transpose()?,
        })
    }
}

impl CommitmentFiles {
    /// The commitment to weights, if there is one, whose ranges hold.
    pub(crate) fn checked_weights(
        &self,
        key: &VerifyingKey,
        srs: &VerifierSrs,
        options: VerifyOptions,
    ) -> Result<Option<Commitment>, Error> {
        let checked = self.weights.as_ref().map(|file| file.check(key, srs, options));
        Ok(checked.transpose()?)
    }

    /// All of them, with weights that were checked.
    pub(crate) fn commitments<'a>(&'a self, weights: Option<&'a Commitment>) -> Commitments<'a> {
        Commitments { weights, inputs: self.inputs.as_ref(), outputs: self.outputs.as_ref() }
    }

    /// That they are a key's.
    pub(crate) fn check(&self, key: &VerifyingKey, srs: &VerifierSrs) -> Result<(), Error> {
        // Who trusts the SRS is a verifier's question.
        let weights = self.checked_weights(key, srs, VerifyOptions::allowing_insecure_srs())?;
        let given = self.commitments(weights.as_ref()).check_given(key);
        Ok(given.map_err(ProofFileError::from)?)
    }

    /// Writes them into a folder, under the names that `commit` gives them.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        if let Some(weights) = &self.weights {
            weights.write(&folder.join(WEIGHTS_COMMITMENT))?;
        }
        for (tensors, name) in
            [(&self.inputs, INPUTS_COMMITMENT), (&self.outputs, OUTPUTS_COMMITMENT)]
        {
            tensors.as_ref().map_or(Ok(()), |tensors| tensors.write(&folder.join(name)))?;
        }
        Ok(())
    }
}
