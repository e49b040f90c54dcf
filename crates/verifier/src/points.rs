//! Points as halo2 writes them raw: affine coordinates, each 32 bytes, little-endian Montgomery form.
//!
//! Halo2's own `read_raw` does not check that a point lies on its curve; everything here does.

use halo2_proofs::halo2curves::bn256::{G1Affine, G2, G2Affine};
use halo2_proofs::halo2curves::group::cofactor::CofactorGroup;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::halo2curves::serde::SerdeObject;

/// Bytes of a point of the first group.
pub const G1_BYTES: usize = 64;
/// Bytes of a point of the second group.
pub const G2_BYTES: usize = 128;

/// A point of the first group: on the curve, not the identity.
#[must_use]
pub fn g1(bytes: &[u8]) -> Option<G1Affine> {
    G1Affine::from_raw_bytes(bytes).filter(|p| !bool::from(p.is_identity()))
}

/// A point of the second group: on the curve, of the right order, not the identity.
#[must_use]
pub fn g2(bytes: &[u8]) -> Option<G2Affine> {
    G2Affine::from_raw_bytes(bytes).filter(is_of_order)
}

/// Whether a point of the second curve is of the right order, and not the identity.
pub(crate) fn is_of_order(p: &G2Affine) -> bool {
    !bool::from(p.is_identity()) && bool::from(G2::from(*p).is_torsion_free())
}

/// The generators must be the standard ones.
///
/// # Errors
/// Which one is not.
pub fn generators(g: &G1Affine, g2: &G2Affine) -> Result<(), &'static str> {
    if *g != G1Affine::generator() {
        return Err("its first power is not the generator of the first group");
    }
    if *g2 != <G2Affine as PrimeCurveAffine>::generator() {
        return Err("its g2 is not the generator of the second group");
    }
    Ok(())
}
