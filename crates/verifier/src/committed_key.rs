//! What a key with committed columns holds beside its own commitments: the points of the blinding rows, and for weights the key of the
//! circuit that shows them to be in range.
//!
//! In the key's payload: the points (32 bytes each, compressed), length of the other key's payload (4, little-endian; 0 if no
//! weights are committed), that payload. Both follow from the SRS and from where how many bits of weights stand, and from no weight.

use crate::constraints::{ConstraintsError, MAX_COMMITMENTS};
use crate::link::BlindingRows;
use crate::transcript::{POINT_BYTES, decode_point};
use crate::verifying_key::{KeyError, VerifyingKey};
use halo2_proofs::halo2curves::bn256::G1Affine;
use halo2_proofs::halo2curves::group::GroupEncoding;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use provenn_gadgets::params::UNUSABLE_ROWS;
use provenn_gadgets::{CircuitParams, GadgetSet, Layout, Statement};

/// The part of a verifying key that concerns what is committed.
#[derive(Clone, Debug)]
pub struct CommittedKey {
    blinding: BlindingRows,
    ranges: Option<Box<VerifyingKey>>,
}

impl CommittedKey {
    /// From the points of the blinding rows and, where weights are committed, the key of the circuit of ranges.
    #[must_use]
    pub fn new(blinding: BlindingRows, ranges: Option<VerifyingKey>) -> Self {
        CommittedKey { blinding, ranges: ranges.map(Box::new) }
    }

    /// The points of the blinding rows.
    #[must_use]
    pub fn blinding(&self) -> &BlindingRows {
        &self.blinding
    }

    /// The key of the circuit that shows weights to be in range, if any are committed.
    #[must_use]
    pub fn ranges(&self) -> Option<&VerifyingKey> {
        self.ranges.as_deref()
    }

    /// That it is one of a circuit with these parameters and over this SRS.
    ///
    /// # Errors
    /// [`KeyError`] naming what does not fit.
    pub(crate) fn check<G: GadgetSet>(
        &self,
        params: &CircuitParams,
        srs_digest: [u8; 32],
    ) -> Result<(), KeyError> {
        let columns = Layout::<G>::number(params).committed_columns;
        if columns > MAX_COMMITMENTS {
            return Err(ConstraintsError::Commitments { got: columns }.into());
        }
        let malformed = KeyError::Malformed { what: "key of weights' ranges" };
        if !params.commits() || self.ranges.is_some() != params.commits_weights() {
            return Err(malformed);
        }
        let Some(ranges) = &self.ranges else { return Ok(()) };
        let Statement { params: own, inputs, outputs, .. } = ranges.statement();
        let none = inputs.is_empty() && outputs.is_empty() && !own.commits();
        if own.weight_range_columns != columns || own.k != params.k || !none {
            return Err(malformed);
        }
        if ranges.srs_digest() != srs_digest {
            return Err(KeyError::Malformed { what: "srs of its weights' ranges" });
        }
        Ok(())
    }

    pub(crate) fn write(&self, payload: &mut Vec<u8>) -> Result<(), KeyError> {
        for point in &self.blinding {
            payload.extend_from_slice(point.to_bytes().as_ref());
        }
        let ranges = self.ranges.as_ref().map(|key| key.to_bytes()).unwrap_or_default();
        let length = u32::try_from(ranges.len());
        let length = length.map_err(|_| KeyError::Malformed { what: "key of weights' ranges" })?;
        payload.extend(length.to_le_bytes());
        payload.extend_from_slice(ranges);
        Ok(())
    }

    /// Reads it from the end of a key's payload, trusting nothing in it.
    pub(crate) fn read<G: GadgetSet>(bytes: &[u8]) -> Result<Self, KeyError> {
        let truncated = KeyError::Truncated { what: "points of blinding rows" };
        let (points, rest) =
            bytes.split_at_checked(UNUSABLE_ROWS * POINT_BYTES).ok_or(truncated)?;
        let mut blinding = [G1Affine::default(); UNUSABLE_ROWS];
        let encoded = points.as_chunks::<POINT_BYTES>().0.iter().enumerate();
        for (point, (index, bytes)) in blinding.iter_mut().zip(encoded) {
            let decoded = decode_point(bytes).filter(|point| !bool::from(point.is_identity()));
            *point = decoded.ok_or(KeyError::Point { what: "blinding row", index })?;
        }
        let what = "key of weights' ranges";
        let (length, ranges) = rest.split_first_chunk().ok_or(KeyError::Truncated { what })?;
        if usize::try_from(u32::from_le_bytes(*length)).ok() != Some(ranges.len()) {
            return Err(KeyError::Truncated { what });
        }
        let ranges = (!ranges.is_empty()).then(|| VerifyingKey::of_ranges::<G>(ranges));
        Ok(CommittedKey::new(blinding, ranges.transpose()?))
    }
}
