//! Elements in memory to lanes and back.
#![allow(unsafe_code, reason = "loads and stores of whole elements, argued for below")]

use super::lanes::Lanes;
use super::modulus::{MASK, Modulus};
use std::arch::x86_64::{
    __m256i, __m512i, _mm256_loadu_si256, _mm256_storeu_si256, _mm512_and_si512,
    _mm512_castsi256_si512, _mm512_castsi512_si256, _mm512_extracti64x4_epi64, _mm512_inserti64x4,
    _mm512_or_si512, _mm512_permutex2var_epi64, _mm512_set1_epi64, _mm512_setr_epi64,
    _mm512_shuffle_i64x2, _mm512_slli_epi64, _mm512_srli_epi64, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi64,
};

/// Whether an element's memory is its four limbs, so that whatever is read is initialised and what
/// is written makes an element. A type of 32 bytes and alignment 8 has no room beside `[u64; 4]`,
/// which is what the two fields hold; a test looks at the order of limbs.
const fn is_four_limbs<M>() -> bool {
    size_of::<M>() == 32 && align_of::<M>() == 8
}

#[target_feature(enable = "avx512f")]
fn read<M: Modulus>(element: &M) -> __m512i {
    const { assert!(is_four_limbs::<M>()) };
    let address: *const __m256i = std::ptr::from_ref(element).cast();
    // SAFETY: reads the 32 bytes that the reference stands for; they are four integers, by the
    // assertion; the load needs no alignment.
    _mm512_castsi256_si512(unsafe { _mm256_loadu_si256(address) })
}

#[target_feature(enable = "avx512f")]
fn write<M: Modulus>(element: &mut M, limbs: __m256i) {
    const { assert!(is_four_limbs::<M>()) };
    let address: *mut __m256i = std::ptr::from_mut(element).cast();
    // SAFETY: writes the 32 bytes that the reference stands for; four integers are an element, by
    // the assertion; the store needs no alignment.
    unsafe { _mm256_storeu_si256(address, limbs) };
}

/// Two elements side by side.
#[inline]
#[target_feature(enable = "avx512f")]
fn both<M: Modulus>(low: &M, high: &M) -> __m512i {
    _mm512_inserti64x4::<1>(read(low), _mm512_castsi512_si256(read(high)))
}

impl<M: Modulus> Lanes<M> {
    /// Eight elements.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn load(e: [&M; 8]) -> Self {
        let (a, b) = (both(e[0], e[2]), both(e[1], e[3]));
        let (c, d) = (both(e[4], e[6]), both(e[5], e[7]));
        let (low_ab, low_cd) = (_mm512_unpacklo_epi64(a, b), _mm512_unpacklo_epi64(c, d));
        let (high_ab, high_cd) = (_mm512_unpackhi_epi64(a, b), _mm512_unpackhi_epi64(c, d));
        let limbs = [
            _mm512_shuffle_i64x2::<0x88>(low_ab, low_cd),
            _mm512_shuffle_i64x2::<0x88>(high_ab, high_cd),
            _mm512_shuffle_i64x2::<0xdd>(low_ab, low_cd),
            _mm512_shuffle_i64x2::<0xdd>(high_ab, high_cd),
        ];
        let mask = _mm512_set1_epi64(MASK.cast_signed());
        Lanes::new([
            _mm512_and_si512(limbs[0], mask),
            _mm512_and_si512(
                _mm512_or_si512(
                    _mm512_srli_epi64::<52>(limbs[0]),
                    _mm512_slli_epi64::<12>(limbs[1]),
                ),
                mask,
            ),
            _mm512_and_si512(
                _mm512_or_si512(
                    _mm512_srli_epi64::<40>(limbs[1]),
                    _mm512_slli_epi64::<24>(limbs[2]),
                ),
                mask,
            ),
            _mm512_and_si512(
                _mm512_or_si512(
                    _mm512_srli_epi64::<28>(limbs[2]),
                    _mm512_slli_epi64::<36>(limbs[3]),
                ),
                mask,
            ),
            _mm512_srli_epi64::<16>(limbs[3]),
        ])
    }

    /// Eight elements, from lanes that are less than p with limbs of 52 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn store(self, out: [&mut M; 8]) {
        let l = self.limbs();
        let limbs = [
            _mm512_or_si512(l[0], _mm512_slli_epi64::<52>(l[1])),
            _mm512_or_si512(_mm512_srli_epi64::<12>(l[1]), _mm512_slli_epi64::<40>(l[2])),
            _mm512_or_si512(_mm512_srli_epi64::<24>(l[2]), _mm512_slli_epi64::<28>(l[3])),
            _mm512_or_si512(_mm512_srli_epi64::<36>(l[3]), _mm512_slli_epi64::<16>(l[4])),
        ];
        let even =
            (_mm512_unpacklo_epi64(limbs[0], limbs[1]), _mm512_unpacklo_epi64(limbs[2], limbs[3]));
        let odd =
            (_mm512_unpackhi_epi64(limbs[0], limbs[1]), _mm512_unpackhi_epi64(limbs[2], limbs[3]));
        let first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
        let last = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
        let [a, b, c, d, e, f, g, h] = out;
        put(a, c, _mm512_permutex2var_epi64(even.0, first, even.1));
        put(b, d, _mm512_permutex2var_epi64(odd.0, first, odd.1));
        put(e, g, _mm512_permutex2var_epi64(even.0, last, even.1));
        put(f, h, _mm512_permutex2var_epi64(odd.0, last, odd.1));
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn put<M: Modulus>(low: &mut M, high: &mut M, pair: __m512i) {
    write(low, _mm512_castsi512_si256(pair));
    write(high, _mm512_extracti64x4_epi64::<1>(pair));
}
