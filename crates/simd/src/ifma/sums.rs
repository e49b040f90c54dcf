//! Sums of products, reduced once for many: a product alone is half of a multiplication and its reduction the other.

use super::lanes::Lanes;
use super::modulus::{MASK, Modulus};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64,
    _mm512_or_si512, _mm512_set1_epi64, _mm512_setr_epi64, _mm512_setzero_si512, _mm512_slli_epi64,
    _mm512_srli_epi64,
};
use std::marker::PhantomData;

/// Products that a sum takes: it is less than 256·p², which over 2^256 is less than 84·p; limbs, ten parts of a
/// product each, keep within 64 bits.
pub(super) const MOST: usize = 1 << 8;

/// Σ a·b in ten limbs that are not normal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wide<M>([__m512i; 10], PhantomData<M>);

impl<M: Modulus> Wide<M> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn zero() -> Self {
        Wide([_mm512_setzero_si512(); 10], PhantomData)
    }

    /// Adds a·b, both normal and at most p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_product(&mut self, a: &Lanes<M>, b: &Lanes<M>) {
        let t = &mut self.0;
        for (i, b) in b.limbs().iter().enumerate() {
            for (j, a) in a.limbs().iter().enumerate() {
                t[i + j] = _mm512_madd52lo_epu64(t[i + j], *a, *b);
                t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], *a, *b);
            }
        }
    }

    /// Adds c·b for integers c of 52 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_multiple(&mut self, c: __m512i, b: &Lanes<M>) {
        let t = &mut self.0;
        for (i, b) in b.limbs().iter().enumerate() {
            t[i] = _mm512_madd52lo_epu64(t[i], c, *b);
            t[i + 1] = _mm512_madd52hi_epu64(t[i + 1], c, *b);
        }
    }

    /// The sum over 2^256, normal and less than 2·p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn reduced(&self) -> Lanes<M> {
        let mut t = self.0;
        let mask = all(MASK);
        for i in 0..5 {
            let mut m = _mm512_madd52lo_epu64(
                _mm512_setzero_si512(),
                _mm512_and_si512(t[i], mask),
                all(M::NEGATIVE_INVERSE),
            );
            if i == 4 {
                // 2^256 alone.
                m = _mm512_and_si512(m, all((1 << 48) - 1));
            }
            for (j, p) in M::P.iter().enumerate() {
                t[i + j] = _mm512_madd52lo_epu64(t[i + j], m, all(*p));
                t[i + j + 1] = _mm512_madd52hi_epu64(t[i + j + 1], m, all(*p));
            }
            if i < 4 {
                t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64::<52>(t[i]));
            }
        }
        // The lowest 48 bits of what is left are zero.
        for i in 4..9 {
            t[i + 1] = _mm512_add_epi64(t[i + 1], _mm512_srli_epi64::<52>(t[i]));
            t[i] = _mm512_and_si512(t[i], mask);
        }
        let mut out = [_mm512_setzero_si512(); 5];
        for i in 0..5 {
            let high = _mm512_slli_epi64::<4>(t[5 + i]);
            // The top limb is what it is.
            let high = if i == 4 { high } else { _mm512_and_si512(high, mask) };
            out[i] = _mm512_or_si512(_mm512_srli_epi64::<48>(t[4 + i]), high);
        }
        Lanes::new(out).reduce()
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn all(x: u64) -> __m512i {
    _mm512_set1_epi64(x.cast_signed())
}

/// What is added to an integer so that it has no sign.
const OFFSET: i64 = 1 << 51;

/// Integers that are no less than -2^51 and less than 2^51, and 2^51 more.
#[inline]
#[target_feature(enable = "avx512f")]
fn unsigned(x: &[i64; 8]) -> __m512i {
    let x = _mm512_setr_epi64(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);
    _mm512_add_epi64(x, _mm512_set1_epi64(OFFSET))
}

/// 2^256: an element c is held as c·2^256, an integer as itself.
fn two_256() -> Fr {
    Fr::from_raw([0, 0, 0, 1]) * Fr::from(1 << 32).square()
}

/// The sum of eight lanes that are less than 2·p.
#[target_feature(enable = "avx512f,avx512ifma")]
fn across(lanes: &Lanes<Fr>) -> Fr {
    let mut out = [Fr::ZERO; 8];
    lanes.less(1).store(out.each_mut());
    out.iter().sum()
}

/// Σ values[i]·others[i]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn dot(values: &[Fr], others: &[Fr]) -> Fr {
    let mut total = Lanes::zero();
    let (eights, rest) = values.as_chunks::<8>();
    let (other_eights, other_rest) = others.as_chunks::<8>();
    for (eights, others) in eights.chunks(MOST).zip(other_eights.chunks(MOST)) {
        let mut sum = Wide::zero();
        for (a, b) in eights.iter().zip(others) {
            sum.add_product(&Lanes::load(a.each_ref()), &Lanes::load(b.each_ref()));
        }
        // Less than 4·p, then than 2·p.
        total = sum.reduced().plus(&total).reduce();
    }
    across(&total) + rest.iter().zip(other_rest).map(|(a, b)| a * b).sum::<Fr>()
}

/// Σ (integers[i] + 2^51)·elements[i]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn dot_integers(integers: &[i64], elements: &[Fr]) -> Fr {
    let mut total = Lanes::zero();
    let (eights, rest) = integers.as_chunks::<8>();
    let (element_eights, element_rest) = elements.as_chunks::<8>();
    for (eights, elements) in eights.chunks(MOST).zip(element_eights.chunks(MOST)) {
        let mut sum = Wide::zero();
        for (c, element) in eights.iter().zip(elements) {
            sum.add_multiple(unsigned(c), &Lanes::load(element.each_ref()));
        }
        total = sum.reduced().plus(&total).reduce();
    }
    let total = across(&total) * two_256();
    let unsigned = |c: &i64| Fr::from(c.wrapping_add(OFFSET).cast_unsigned());
    total + rest.iter().zip(element_rest).map(|(c, element)| unsigned(c) * element).sum::<Fr>()
}

/// `out[i] += constant + Σ_t c_t·elements_t[i] + Σ_t c_t·(integers_t[i] + 2^51)`, for up to [`MOST`] terms together and
/// slices of equal lengths, a multiple of eight.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn combine(
    out: &mut [Fr],
    elements: &[(&[Fr], Fr)],
    integers: &[(&[i64], Fr)],
    constant: &Fr,
) {
    let of_elements: Vec<Lanes<Fr>> = elements.iter().map(|(_, c)| Lanes::splat(c)).collect();
    let scaled = integers.iter().map(|(_, c)| Lanes::splat(&(c * two_256())));
    let of_integers: Vec<Lanes<Fr>> = scaled.collect();
    let constant = Lanes::splat(constant);
    for (at, out) in out.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        let mut sum = Wide::zero();
        for ((values, _), c) in elements.iter().zip(&of_elements) {
            sum.add_product(&Lanes::load(values.as_chunks::<8>().0[at].each_ref()), c);
        }
        for ((values, _), c) in integers.iter().zip(&of_integers) {
            sum.add_multiple(unsigned(&values.as_chunks::<8>().0[at]), c);
        }
        // Less than 2·p + p + p.
        let sum = sum.reduced().plus(&Lanes::load(out.each_ref())).plus(&constant).carried();
        sum.less(2).less(1).store(out.each_mut());
    }
}
