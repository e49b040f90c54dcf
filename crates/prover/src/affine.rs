//! Points in affine form.

use halo2_proofs::halo2curves::bn256::{G1, G1Affine};
use halo2_proofs::halo2curves::group::Curve;

/// Affine forms by one inversion.
pub(crate) fn normalise(points: &[G1]) -> Vec<G1Affine> {
    let mut affine = vec![G1Affine::default(); points.len()];
    G1::batch_normalize(points, &mut affine);
    affine
}
