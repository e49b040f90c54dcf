//! Points as halo2 writes them raw: affine coordinates, each 32 bytes, little-endian Montgomery form.
//!
//! Halo2's own `read_raw` does not check that a point lies on its curve; everything here does.

use halo2_proofs::halo2curves::bn256::{G1Affine, G2, G2Affine};
use halo2_proofs::halo2curves::group::cofactor::CofactorGroup;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;
use rayon::prelude::*;
use std::io::{self, Read};

/// Bytes of a point of the first group.
pub(crate) const G1_BYTES: usize = 64;
/// Bytes of a point of the second group.
pub(crate) const G2_BYTES: usize = 128;
/// Points read at a time.
const CHUNK: usize = 1 << 14;

/// A point of the first group: on the curve, not the identity.
pub(crate) fn g1(bytes: &[u8]) -> Option<G1Affine> {
    G1Affine::from_raw_bytes(bytes).filter(|p| !bool::from(p.is_identity()))
}

/// A point of the second group: on the curve, of the right order, not the identity.
pub(crate) fn g2(bytes: &[u8]) -> Option<G2Affine> {
    let p = G2Affine::from_raw_bytes(bytes)?;
    (!bool::from(p.is_identity()) && bool::from(G2::from(p).is_torsion_free())).then_some(p)
}

/// Reads `n` points of the first group; the error is the index of the first invalid one.
pub(crate) fn read_g1s(
    reader: &mut impl Read,
    n: usize,
) -> io::Result<Result<Vec<G1Affine>, usize>> {
    let mut points = Vec::with_capacity(n);
    let mut buffer = vec![0; G1_BYTES * CHUNK.min(n)];
    while points.len() < n {
        let count = CHUNK.min(n - points.len());
        let bytes = buffer.get_mut(..count * G1_BYTES).unwrap_or_default();
        reader.read_exact(bytes)?;
        let read: Vec<Option<G1Affine>> = bytes.par_chunks_exact(G1_BYTES).map(g1).collect();
        for point in read {
            match point {
                Some(point) => points.push(point),
                None => return Ok(Err(points.len())),
            }
        }
    }
    Ok(Ok(points))
}

/// Reads one point of the second group; the inner `None` means invalid.
pub(crate) fn read_g2(reader: &mut impl Read) -> io::Result<Option<G2Affine>> {
    let mut bytes = [0; G2_BYTES];
    reader.read_exact(&mut bytes)?;
    Ok(g2(&bytes))
}
