//! What a proof's committed columns are, by whose they are: all that a verifier names beside the key.

use crate::commitment::Commitment;
use crate::link::BlindingRows;
use crate::tensor_commitment::TensorCommitment;
use crate::verify::VerifyError;
use crate::verifying_key::VerifyingKey;
use halo2_proofs::halo2curves::bn256::G1Affine;
use provenn_gadgets::TensorForm;

/// Commitments to weights, inputs and outputs: those that the key's statement asks for, and no others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Commitments<'a> {
    /// To weights.
    pub weights: Option<&'a Commitment>,
    /// To inputs.
    pub inputs: Option<&'a TensorCommitment>,
    /// To outputs.
    pub outputs: Option<&'a TensorCommitment>,
}

impl<'a> Commitments<'a> {
    /// To weights alone.
    #[must_use]
    pub fn of_weights(weights: &'a Commitment) -> Self {
        Commitments { weights: Some(weights), ..Commitments::default() }
    }

    /// Digests of weights', inputs' and outputs' commitment.
    #[must_use]
    pub fn digests(&self) -> [Option<[u8; 32]>; 3] {
        [
            self.weights.map(Commitment::digest),
            self.inputs.map(TensorCommitment::digest),
            self.outputs.map(TensorCommitment::digest),
        ]
    }

    /// That they are those of a key, and all of them.
    ///
    /// # Errors
    /// [`VerifyError`] naming the one that is missing, too many, or another's.
    pub fn check(&self, key: &VerifyingKey) -> Result<(), VerifyError> {
        self.check_given(key)?;
        let params = &key.statement().params;
        // A key of ranges is for no proof but that of a commitment, which is checked with it.
        let weights = params.commits_weights() || params.weight_range_columns > 0;
        if weights && self.weights.is_none() {
            return Err(VerifyError::NoCommitment);
        }
        let [inputs, outputs] = key.statement().committed_tensors();
        for (of, form, given) in
            [("inputs", inputs, self.inputs), ("outputs", outputs, self.outputs)]
        {
            if form.is_some() && given.is_none() {
                return Err(VerifyError::NoTensors { of });
            }
        }
        Ok(())
    }

    /// That those that are there are a key's.
    ///
    /// # Errors
    /// [`VerifyError`] naming the one that is too many, or another's.
    pub fn check_given(&self, key: &VerifyingKey) -> Result<(), VerifyError> {
        if let Some(weights) = self.weights {
            if !key.statement().params.commits_weights() {
                return Err(VerifyError::FixedWeights);
            }
            if weights.key_digest() != key.digest() {
                let [expected, got] = [key.digest(), weights.key_digest()].map(hex::encode);
                return Err(VerifyError::OtherCommitment { expected, got });
            }
        }
        let [inputs, outputs] = key.statement().committed_tensors();
        for (of, form, given) in
            [("inputs", inputs, self.inputs), ("outputs", outputs, self.outputs)]
        {
            if let Some(given) = given {
                let form = form.ok_or(VerifyError::Uncommitted { of })?;
                check_tensors(of, given, &form, key)?;
            }
        }
        Ok(())
    }

    /// For a link over these blinding rows.
    pub(crate) fn linked(self, blinding: &BlindingRows) -> Linked<'_> {
        let mut points = self.weights.map(|of| of.points().to_vec()).unwrap_or_default();
        for tensors in [self.inputs, self.outputs].into_iter().flatten() {
            points.extend_from_slice(tensors.points());
        }
        Linked { digests: self.digests().into_iter().flatten().collect(), points, blinding }
    }
}

fn check_tensors(
    of: &'static str,
    got: &TensorCommitment,
    expected: &TensorForm,
    key: &VerifyingKey,
) -> Result<(), VerifyError> {
    let other = |what, [expected, got]: [String; 2]| {
        Err(VerifyError::OtherTensors { of, what, expected, got })
    };
    if got.srs_digest() != key.srs_digest() {
        return other("srs", [key.srs_digest(), got.srs_digest()].map(hex::encode));
    }
    if got.form().k != expected.k {
        return other("k =", [expected.k, got.form().k].map(|k| k.to_string()));
    }
    if got.form() != expected {
        let lengths = |form: &TensorForm| format!("{:?}", form.lengths);
        return other("tensors of lengths", [expected, got.form()].map(lengths));
    }
    Ok(())
}

/// What proofs' columns are linked to.
pub(crate) struct Linked<'a> {
    /// Absorbed before anything is drawn, in order.
    pub(crate) digests: Vec<[u8; 32]>,
    /// By committed column: weights, inputs, outputs.
    pub(crate) points: Vec<G1Affine>,
    pub(crate) blinding: &'a BlindingRows,
}
