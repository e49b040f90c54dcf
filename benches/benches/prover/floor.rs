//! Commitments by the best public multi-scalar multiplication of small signed scalars.

use ark_bn254::{Fq, Fr, G1Affine, G1Projective};
use ark_ec::VariableBaseMSM;
use ark_ff::PrimeField;
use halo2_proofs::halo2curves::bn256;
use halo2_proofs::halo2curves::ff::PrimeField as _;

/// The points for arkworks.
pub(crate) fn bases(points: &[bn256::G1Affine]) -> Vec<G1Affine> {
    let coordinate = |x: &bn256::Fq| Fq::from_le_bytes_mod_order(&x.to_repr());
    points.iter().map(|p| G1Affine::new_unchecked(coordinate(&p.x), coordinate(&p.y))).collect()
}

/// A commitment to a column.
pub(crate) fn commit(column: &[i64], bases: &[G1Affine]) -> G1Projective {
    let scalars: Vec<Fr> = column.iter().map(|x| Fr::from(*x)).collect();
    G1Projective::msm_unchecked(&bases[..scalars.len()], &scalars)
}
