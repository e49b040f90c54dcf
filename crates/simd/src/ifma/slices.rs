//! Slices, eight elements at a time; what is left over is filled up.

use super::lanes::Lanes;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;

/// Replaces eight elements by what `f` makes of them and of eight others.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn each(values: &mut [Fr], others: &[Fr], f: impl Fn(Lanes<Fr>, Lanes<Fr>) -> Lanes<Fr>) {
    let (eights, rest) = values.as_chunks_mut::<8>();
    let (other_eights, other_rest) = others.as_chunks::<8>();
    for (values, others) in eights.iter_mut().zip(other_eights) {
        let out = f(Lanes::load(values.each_ref()), Lanes::load(others.each_ref()));
        out.store(values.each_mut());
    }
    if !rest.is_empty() {
        let (mut filled, mut others) = ([Fr::ZERO; 8], [Fr::ZERO; 8]);
        filled[..rest.len()].copy_from_slice(rest);
        others[..other_rest.len()].copy_from_slice(other_rest);
        f(Lanes::load(filled.each_ref()), Lanes::load(others.each_ref())).store(filled.each_mut());
        rest.copy_from_slice(&filled[..rest.len()]);
    }
}

#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn multiply(values: &mut [Fr], factors: &[Fr]) {
    each(values, factors, |a, b| a.times(&b).less(1));
}

#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn scale(values: &mut [Fr], factor: &Fr) {
    let factor = Lanes::splat(factor);
    let (eights, rest) = values.as_chunks_mut::<8>();
    for values in eights {
        Lanes::load(values.each_ref()).times(&factor).less(1).store(values.each_mut());
    }
    let mut filled = [Fr::ZERO; 8];
    filled[..rest.len()].copy_from_slice(rest);
    Lanes::load(filled.each_ref()).times(&factor).less(1).store(filled.each_mut());
    rest.copy_from_slice(&filled[..rest.len()]);
}

#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn add_scaled(values: &mut [Fr], others: &[Fr], factor: &Fr) {
    let factor = Lanes::splat(factor);
    // Less than p + 2·p.
    each(values, others, |a, b| a.plus(&b.times(&factor)).carried().less(2).less(1));
}

#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn horner(values: &mut [Fr], factor: &Fr, others: &[Fr]) {
    let factor = Lanes::splat(factor);
    each(values, others, |a, b| a.times(&factor).plus(&b).carried().less(2).less(1));
}
