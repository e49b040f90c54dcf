//! Reading proof bytes so that each value has one encoding.
//!
//! Halo2's Blake2b transcript refuses scalars that are not below the modulus and x-coordinates that
//! are not below theirs, but decompression ignores the infinity bit of a point with x ≠ 0, so that
//! one proof has many byte strings that verify. Here a point must re-encode to the bytes it was
//! read from. The hashing is halo2's own.

use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::PrimeField;
use halo2_proofs::halo2curves::group::GroupEncoding;
use halo2_proofs::transcript::{
    Blake2bRead, Challenge255, EncodedChallenge, Transcript, TranscriptRead, TranscriptReadBuffer,
};
use std::io;

/// Bytes of a compressed point.
pub const POINT_BYTES: usize = 32;

/// Why the transcript stopped reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The bytes ended at this offset inside a value.
    Truncated(usize),
    /// No value, or not its one encoding, stands at this offset.
    Encoding(usize),
}

/// A Blake2b transcript over proof bytes.
#[derive(Debug)]
pub struct StrictRead<'a> {
    hash: Blake2bRead<io::Empty, G1Affine, Challenge255<G1Affine>>,
    bytes: &'a [u8],
    offset: usize,
    malformed: Option<Malformed>,
    points: Vec<G1Affine>,
    challenges: Vec<Fr>,
}

impl<'a> StrictRead<'a> {
    /// A transcript that reads all of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        StrictRead {
            hash: Blake2bRead::init(io::empty()),
            bytes,
            offset: 0,
            malformed: None,
            points: vec![],
            challenges: vec![],
        }
    }

    /// Bytes not read yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.offset
    }

    /// Why reading stopped, if it did.
    #[must_use]
    pub fn malformed(&self) -> Option<Malformed> {
        self.malformed
    }

    /// All points read so far, in order.
    #[must_use]
    pub fn points(&self) -> &[G1Affine] {
        &self.points
    }

    /// All challenges drawn so far, in order.
    #[must_use]
    pub fn challenges(&self) -> &[Fr] {
        &self.challenges
    }

    fn take<T>(&mut self, decode: impl FnOnce(&[u8; 32]) -> Option<T>) -> io::Result<T> {
        let rest = self.bytes.get(self.offset..).unwrap_or_default();
        let Some(bytes) = rest.first_chunk::<32>() else {
            self.malformed = Some(Malformed::Truncated(self.bytes.len()));
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let Some(value) = decode(bytes) else {
            self.malformed = Some(Malformed::Encoding(self.offset));
            return Err(io::ErrorKind::InvalidData.into());
        };
        self.offset += 32;
        Ok(value)
    }
}

/// The point with exactly this compressed encoding.
#[must_use]
pub fn decode_point(bytes: &[u8; POINT_BYTES]) -> Option<G1Affine> {
    let mut encoding = <G1Affine as GroupEncoding>::Repr::default();
    encoding.as_mut().copy_from_slice(bytes);
    let point = Option::<G1Affine>::from(G1Affine::from_bytes(&encoding))?;
    (point.to_bytes().as_ref() == bytes).then_some(point)
}

/// The scalar with exactly this little-endian encoding.
#[must_use]
pub fn decode_scalar(bytes: &[u8; 32]) -> Option<Fr> {
    Fr::from_repr(*bytes).into()
}

/// Hashes the digest of a verifying key, as two scalars of 16 bytes each, before anything else: halo2 hashes
/// its own key alone, so that a finished proof would also be one for a key with another statement or SRS.
///
/// # Errors
/// Whatever the transcript reports.
pub fn absorb_key<E: EncodedChallenge<G1Affine>>(
    transcript: &mut impl Transcript<G1Affine, E>,
    digest: &[u8; 32],
) -> io::Result<()> {
    absorb(transcript, digest)
}

/// Hashes the digest of a commitment in the same way, right after the key's: whatever is drawn afterwards is drawn after the
/// committed columns are fixed, and a proof is for one commitment.
///
/// # Errors
/// Whatever the transcript reports.
pub fn absorb_commitment<E: EncodedChallenge<G1Affine>>(
    transcript: &mut impl Transcript<G1Affine, E>,
    digest: &[u8; 32],
) -> io::Result<()> {
    absorb(transcript, digest)
}

fn absorb<E: EncodedChallenge<G1Affine>>(
    transcript: &mut impl Transcript<G1Affine, E>,
    digest: &[u8; 32],
) -> io::Result<()> {
    for half in digest.as_chunks::<16>().0 {
        transcript.common_scalar(Fr::from_u128(u128::from_le_bytes(*half)))?;
    }
    Ok(())
}

impl Transcript<G1Affine, Challenge255<G1Affine>> for StrictRead<'_> {
    fn squeeze_challenge(&mut self) -> Challenge255<G1Affine> {
        let challenge = self.hash.squeeze_challenge();
        self.challenges.push(challenge.get_scalar());
        challenge
    }
    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.hash.common_point(point)
    }
    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.hash.common_scalar(scalar)
    }
}

impl TranscriptRead<G1Affine, Challenge255<G1Affine>> for StrictRead<'_> {
    fn read_point(&mut self) -> io::Result<G1Affine> {
        let point = self.take(decode_point)?;
        self.common_point(point)?;
        self.points.push(point);
        Ok(point)
    }
    fn read_scalar(&mut self) -> io::Result<Fr> {
        let scalar = self.take(decode_scalar)?;
        self.common_scalar(scalar)?;
        Ok(scalar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;

    #[test]
    fn the_infinity_bit_of_a_finite_point_is_refused() {
        let mut bytes: [u8; 32] = G1Affine::generator().to_bytes().as_ref().try_into().unwrap();
        assert_eq!(decode_point(&bytes), Some(G1Affine::generator()));
        bytes[31] |= 0x80;
        // Halo2 takes it for the generator.
        let mut encoding = <G1Affine as GroupEncoding>::Repr::default();
        encoding.as_mut().copy_from_slice(&bytes);
        assert_eq!(G1Affine::from_bytes(&encoding).unwrap(), G1Affine::generator());
        assert_eq!(decode_point(&bytes), None);
    }

    #[test]
    fn the_identity_has_one_encoding() {
        let mut bytes = [0; 32];
        bytes[31] = 0x80;
        assert_eq!(decode_point(&bytes), Some(G1Affine::identity()));
        bytes[31] = 0xc0;
        assert_eq!(decode_point(&bytes), None);
    }

    #[test]
    fn a_scalar_of_at_least_the_modulus_is_refused() {
        let mut bytes = (-Fr::one()).to_repr();
        assert_eq!(decode_scalar(&bytes), Some(-Fr::one()));
        bytes[0] += 1;
        assert_eq!(decode_scalar(&bytes), None);
        assert_eq!(decode_scalar(&[255; 32]), None);
    }
}
