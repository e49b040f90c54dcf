//! The points of a raw file, checked by all processors.

use halo2_proofs::halo2curves::bn256::{G1Affine, G2Affine};
use provenn_verifier::points::{G1_BYTES, G2_BYTES, g1, g2};
use rayon::prelude::*;
use std::io::{self, Read};

/// Points read at a time.
const CHUNK: usize = 1 << 14;

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
