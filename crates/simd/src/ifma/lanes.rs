//! Eight elements of a field, limb by limb.
//!
//! *Limbs* are normal if they are 0 to 2^52 - 1; multiplication needs that of its operands. Sums and
//! differences leave limbs as they fall, signed, until [`Lanes::carry`]. *Bounds* on what the limbs
//! stand for are multiples of p, written where they are made; five limbs hold 84·p.

use super::modulus::{MASK, Modulus};
use std::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask, _mm512_cmplt_epi64_mask,
    _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_mask_blend_epi64, _mm512_or_si512,
    _mm512_permutex2var_epi64, _mm512_set1_epi64, _mm512_setr_epi64, _mm512_setzero_si512,
    _mm512_shuffle_i64x2, _mm512_slli_epi64, _mm512_srai_epi64, _mm512_srli_epi64,
    _mm512_sub_epi64, _mm512_unpackhi_epi64, _mm512_unpacklo_epi64, _mm512_xor_si512,
};
use std::marker::PhantomData;

/// Which of eight lanes, lowest first.
pub(super) type Which = u8;

/// Eight elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lanes<M>([__m512i; 5], PhantomData<M>);

#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn all(x: u64) -> __m512i {
    _mm512_set1_epi64(x.cast_signed())
}

impl<M: Modulus> Lanes<M> {
    #[inline]
    pub(super) fn new(limbs: [__m512i; 5]) -> Self {
        Lanes(limbs, PhantomData)
    }

    #[inline]
    pub(super) fn limbs(&self) -> &[__m512i; 5] {
        &self.0
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn zero() -> Self {
        Lanes::new([_mm512_setzero_si512(); 5])
    }

    /// The same element in all lanes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn splat(element: &M) -> Self {
        Lanes::load([element; 8])
    }

    /// `times`·p in all lanes, limbs not normal.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn multiple(times: u64) -> Self {
        Lanes::new([0, 1, 2, 3, 4].map(|i: usize| all(times * M::P[i])))
    }

    /// a·b/2^256: less than 2·p if a·b is less than 5·p². Both normal, as the result.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn times(&self, other: &Self) -> Self {
        let t = self.reduced(other, 48);
        // Shifted by 48 bits: the higher limbs by four bits to the left.
        Lanes::new([
            _mm512_add_epi64(_mm512_srli_epi64::<48>(t[0]), _mm512_slli_epi64::<4>(t[1])),
            _mm512_slli_epi64::<4>(t[2]),
            _mm512_slli_epi64::<4>(t[3]),
            _mm512_slli_epi64::<4>(t[4]),
            _mm512_slli_epi64::<4>(t[5]),
        ])
        .carried_unsigned()
    }

    /// a·b/2^260: less than 2·p if a·b is less than 84·p². Both normal; limbs of the result are
    /// less than 2^58.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn times_root(&self, root: &Self) -> Self {
        let t = self.reduced(root, 52);
        let carry = _mm512_srli_epi64::<52>(t[0]);
        Lanes::new([_mm512_add_epi64(t[1], carry), t[2], t[3], t[4], t[5]])
    }

    /// a·b plus multiples of p, without the 208 low bits that they cancel; the lowest `last` bits of
    /// what is left are zero too. Limb by limb (Montgomery, "Modular multiplication without trial
    /// division", 1985).
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn reduced(&self, other: &Self, last: u32) -> [__m512i; 6] {
        let zero = _mm512_setzero_si512();
        let (a, b) = (&self.0, &other.0);
        let inverse = all(M::NEGATIVE_INVERSE);
        let p = [all(M::P[0]), all(M::P[1]), all(M::P[2]), all(M::P[3]), all(M::P[4])];
        let mut t = [zero; 6];
        for (i, b) in b.iter().enumerate() {
            if i > 0 {
                let carry = _mm512_srli_epi64::<52>(t[0]);
                t = [_mm512_add_epi64(t[1], carry), t[2], t[3], t[4], t[5], zero];
            }
            for j in 0..5 {
                t[j] = _mm512_madd52lo_epu64(t[j], a[j], *b);
            }
            let mut m = _mm512_madd52lo_epu64(zero, t[0], inverse);
            if i == 4 && last < 52 {
                m = _mm512_and_si512(m, all((1 << last) - 1));
            }
            for j in 0..5 {
                t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], a[j], *b);
            }
            for j in 0..5 {
                t[j] = _mm512_madd52lo_epu64(t[j], m, p[j]);
                t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], m, p[j]);
            }
        }
        t
    }

    /// a + b, limb by limb.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut out = *self;
        for (out, b) in out.0.iter_mut().zip(&other.0) {
            *out = _mm512_add_epi64(*out, *b);
        }
        out
    }

    /// a - b, limb by limb.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn minus(&self, other: &Self) -> Self {
        let mut out = *self;
        for (out, b) in out.0.iter_mut().zip(&other.0) {
            *out = _mm512_sub_epi64(*out, *b);
        }
        out
    }

    /// a + `times`·p, limb by limb.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn plus_multiple(&self, times: u64) -> Self {
        self.plus(&Lanes::multiple(times))
    }

    /// Normal limbs of what is not negative.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn carried(mut self) -> Self {
        let mask = all(MASK);
        for i in 0..4 {
            let carry = _mm512_srai_epi64::<52>(self.0[i]);
            self.0[i] = _mm512_and_si512(self.0[i], mask);
            self.0[i + 1] = _mm512_add_epi64(self.0[i + 1], carry);
        }
        self
    }

    /// Normal limbs where none is negative and any has up to 64 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn carried_unsigned(mut self) -> Self {
        let mask = all(MASK);
        for i in 0..4 {
            let carry = _mm512_srli_epi64::<52>(self.0[i]);
            self.0[i] = _mm512_and_si512(self.0[i], mask);
            self.0[i + 1] = _mm512_add_epi64(self.0[i + 1], carry);
        }
        self
    }

    /// From limbs as they fall and a value of 0 to 84·p to normal ones and a value less than 2·p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn reduce(self) -> Self {
        let zero = _mm512_setzero_si512();
        let normal = self.carried();
        let quotient = _mm512_madd52hi_epu64(zero, normal.0[4], all(M::QUOTIENT));
        let quotient = _mm512_srli_epi64::<45>(quotient);
        let mut multiple = [zero; 5];
        for i in 0..5 {
            multiple[i] = _mm512_madd52lo_epu64(multiple[i], quotient, all(M::P[i]));
            if i < 4 {
                multiple[i + 1] = _mm512_madd52hi_epu64(multiple[i + 1], quotient, all(M::P[i]));
            }
        }
        normal.minus(&Lanes::new(multiple)).carried()
    }

    /// a - `times`·p where that is not negative; normal limbs if a has them.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn less(&self, times: u64) -> Self {
        let lower = self.minus(&Lanes::multiple(times)).carried();
        let negative = _mm512_cmplt_epi64_mask(lower.0[4], _mm512_setzero_si512());
        lower.or(self, negative)
    }

    /// This, and other values in some lanes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn or(&self, other: &Self, which: Which) -> Self {
        let mut out = *self;
        for (out, b) in out.0.iter_mut().zip(&other.0) {
            *out = _mm512_mask_blend_epi64(which, *out, *b);
        }
        out
    }

    /// The lanes that are zero in all limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn zeros(&self) -> Which {
        let low = _mm512_or_si512(self.0[0], self.0[1]);
        let high = _mm512_or_si512(self.0[2], self.0[3]);
        let any = _mm512_or_si512(_mm512_or_si512(low, high), self.0[4]);
        _mm512_cmpeq_epi64_mask(any, _mm512_setzero_si512())
    }

    /// The lanes that are p, in normal limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn zero_modulo(&self) -> Which {
        self.equal(&Lanes::multiple(1))
    }

    /// The lanes that agree in all limbs.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn equal(&self, other: &Self) -> Which {
        let mut out = *self;
        for (out, b) in out.0.iter_mut().zip(&other.0) {
            *out = _mm512_xor_si512(*out, *b);
        }
        out.zeros()
    }
}

/// Element j of vector i becomes element i of vector j.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn transpose<M: Modulus>(v: &mut [Lanes<M>; 8]) {
    for limb in 0..5 {
        let mut pairs = [_mm512_setzero_si512(); 8];
        for i in 0..4 {
            pairs[2 * i] = _mm512_unpacklo_epi64(v[2 * i].0[limb], v[2 * i + 1].0[limb]);
            pairs[2 * i + 1] = _mm512_unpackhi_epi64(v[2 * i].0[limb], v[2 * i + 1].0[limb]);
        }
        // Pairs of elements 2q and 2q + 1 of vectors 2i and 2i + 1 to fours of vectors.
        let (even, odd) = (
            _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13),
            _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15),
        );
        for parity in 0..2 {
            let (a, b) = (pairs[parity], pairs[2 + parity]);
            let (c, d) = (pairs[4 + parity], pairs[6 + parity]);
            let low =
                (_mm512_permutex2var_epi64(a, even, b), _mm512_permutex2var_epi64(c, even, d));
            let high = (_mm512_permutex2var_epi64(a, odd, b), _mm512_permutex2var_epi64(c, odd, d));
            v[parity].0[limb] = _mm512_shuffle_i64x2::<0x44>(low.0, low.1);
            v[2 + parity].0[limb] = _mm512_shuffle_i64x2::<0x44>(high.0, high.1);
            v[4 + parity].0[limb] = _mm512_shuffle_i64x2::<0xee>(low.0, low.1);
            v[6 + parity].0[limb] = _mm512_shuffle_i64x2::<0xee>(high.0, high.1);
        }
    }
}
