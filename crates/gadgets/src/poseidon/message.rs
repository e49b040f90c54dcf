//! Integers as a message, and its digest.
//!
//! Elements of w bits, which is the least of 8, 16, 32 and 64 whose two's complement holds what they may be, are packed
//! into field elements, `Σ_j x_j·2^(w·j)` with signs: sums of ⌊253/w⌋ or fewer are distinct and far from wrapping. The
//! sponge begins with a tag in the capacity: the name of this hash, w and the number of elements. Each permutation takes
//! in two packed elements, zeros behind the end; the digest is the first element of the rate after the last one.

use super::{RATE, State, permute};
use crate::field::from_signed;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use thiserror::Error;

/// Bits that packed elements have together, at most.
const PACKED_BITS: u32 = 253;
/// Widths of elements.
const WIDTHS: [u32; 4] = [8, 16, 32, 64];
/// The name and version of this hash, which its tags begin with.
const NAME: &[u8; 14] = b"provenn hash 1";
/// Most elements of a message.
pub const MOST_ELEMENTS: u64 = 1 << 40;

/// The form of a message: how many elements, of how many bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    elements: usize,
    width: u32,
}

/// Why there is no digest.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[allow(missing_docs)] // the messages say what the fields are
pub enum MessageError {
    #[error("expected {expected} elements to hash, got {got}")]
    Length { expected: usize, got: usize },
    #[error("element {index} is {got}, which {width} bits do not hold")]
    Element { index: usize, got: i64, width: u32 },
}

impl Message {
    /// So many elements from `lo` to `hi`; `None` of more than can be said in a tag.
    #[must_use]
    pub fn of(elements: usize, lo: i64, hi: i64) -> Option<Self> {
        let holds = |width: &u32| fits(lo, *width) && fits(hi, *width);
        let width = WIDTHS.into_iter().find(holds)?;
        let count = u64::try_from(elements).ok()?;
        (count <= MOST_ELEMENTS).then_some(Message { elements, width })
    }

    /// How many elements.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.elements
    }

    /// w: bits of an element.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Elements that are packed into one.
    #[must_use]
    pub fn per_packed(&self) -> usize {
        (PACKED_BITS / self.width) as usize
    }

    /// How often the state is permuted.
    #[must_use]
    pub fn permutations(&self) -> usize {
        self.elements.div_ceil(RATE * self.per_packed()).max(1)
    }

    /// Elements that all permutations take in, the zeros behind the message's end included.
    #[must_use]
    pub fn padded(&self) -> usize {
        self.permutations() * RATE * self.per_packed()
    }

    /// What the tag says of this message.
    #[must_use]
    pub fn tag(&self) -> i64 {
        // 40 bits and 7.
        let count = i64::try_from(self.elements).unwrap_or(i64::MAX);
        count.saturating_mul(1 << 8) | i64::from(self.width)
    }

    /// The digest of integers.
    ///
    /// # Errors
    /// [`MessageError`] if they are not as many as this message has, or one is too wide.
    pub fn digest(&self, integers: &[i64]) -> Result<Fr, MessageError> {
        let &Message { elements, width } = self;
        if integers.len() != elements {
            return Err(MessageError::Length { expected: elements, got: integers.len() });
        }
        let wide = integers.iter().position(|x| !fits(*x, width));
        if let Some(index) = wide {
            return Err(MessageError::Element { index, got: integers[index], width });
        }
        let base = base(width);
        let pack = |chunk: &[i64]| {
            chunk.iter().rev().fold(Fr::ZERO, |packed, x| packed * base + from_signed(*x))
        };
        let packed: Vec<Fr> = integers.chunks(self.per_packed()).map(pack).collect();
        Ok(sponge(self.tag(), &packed))
    }
}

/// The digest of field elements, as of other digests: no message of integers has it.
#[must_use]
pub fn digest_of_digests(digests: &[Fr]) -> Fr {
    let tag = i64::try_from(digests.len()).map_or(i64::MAX, |count| count.saturating_mul(1 << 8));
    sponge(tag, digests)
}

/// 2^w.
#[must_use]
pub fn base(width: u32) -> Fr {
    Fr::from(2).pow([u64::from(width)])
}

/// What a tag's capacity is, beside what it says of the message.
#[must_use]
pub fn domain() -> Fr {
    let name =
        NAME.iter().fold(Fr::ZERO, |name, byte| name * Fr::from(256) + Fr::from(u64::from(*byte)));
    name * base(64)
}

fn sponge(tag: i64, packed: &[Fr]) -> Fr {
    let mut state: State = [domain() + from_signed(tag), Fr::ZERO, Fr::ZERO];
    let mut blocks = packed.chunks(RATE);
    let mut block = blocks.next().unwrap_or_default();
    loop {
        for (element, taken) in state[1..].iter_mut().zip(block) {
            *element += taken;
        }
        permute(&mut state);
        match blocks.next() {
            Some(next) => block = next,
            None => return state[1],
        }
    }
}

/// Whether two's complement of so many bits holds an integer.
fn fits(x: i64, width: u32) -> bool {
    let most = i64::MAX >> (64 - width);
    (-most - 1..=most).contains(&x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(elements: usize, lo: i64, hi: i64) -> Message {
        Message::of(elements, lo, hi).unwrap()
    }

    #[test]
    fn widths_hold_their_intervals() {
        for (lo, hi, width, per_packed) in [
            (0, 127, 8, 31),
            (-128, 127, 8, 31),
            (0, 128, 16, 15),
            (-129, 0, 16, 15),
            (-32_768, 32_767, 16, 15),
            (0, 1 << 15, 32, 7),
            (i64::from(i32::MIN), i64::from(i32::MAX), 32, 7),
            (0, 1 << 31, 64, 3),
            (i64::MIN, i64::MAX, 64, 3),
        ] {
            let of = message(1, lo, hi);
            assert_eq!((of.width(), of.per_packed()), (width, per_packed), "{lo} to {hi}");
        }
        if let Ok(beyond) = usize::try_from(MOST_ELEMENTS + 1) {
            assert_eq!(Message::of(beyond, 0, 1), None);
        }
    }

    #[test]
    fn digests_tell_messages_apart() {
        let of = |elements: usize, hi: i64, integers: &[i64]| {
            message(elements, 0, hi).digest(integers).unwrap()
        };
        let digests = [
            of(0, 1, &[]),
            of(1, 1, &[0]),
            of(2, 1, &[0, 0]),
            of(2, 255, &[0, 0]),
            of(2, 1, &[0, 1]),
            of(2, 1, &[1, 0]),
            of(2, 1, &[-1, 1]),
            of(63, 1, &[0; 63]),
            of(62, 1, &[0; 62]),
            digest_of_digests(&[]),
            digest_of_digests(&[Fr::ZERO]),
            digest_of_digests(&[Fr::ZERO; 2]),
        ];
        for (i, one) in digests.iter().enumerate() {
            assert!(!digests[..i].contains(one), "{i}");
        }
    }

    #[test]
    fn what_is_no_such_message_is_refused() {
        let of = message(2, -128, 127);
        assert_eq!(of.digest(&[1]), Err(MessageError::Length { expected: 2, got: 1 }));
        let error = MessageError::Element { index: 1, got: 128, width: 8 };
        assert_eq!(of.digest(&[-128, 128]), Err(error));
        assert!(message(1, i64::MIN, i64::MAX).digest(&[i64::MIN]).is_ok());
    }

    /// Two packed elements to a permutation, by hand.
    #[test]
    fn the_sponge_is_the_permutation() {
        let integers: Vec<i64> = (0..70).map(|x| x - 30).collect();
        let of = message(70, -30, 39);
        assert_eq!((of.permutations(), of.padded()), (2, 124));
        let pack = |from: usize, to: usize| {
            let mut packed = Fr::ZERO;
            let mut weight = Fr::ONE;
            for x in &integers[from..to] {
                packed += weight * from_signed(*x);
                weight *= Fr::from(256);
            }
            packed
        };
        let mut state = [domain() + Fr::from(70 * 256 + 8), pack(0, 31), pack(31, 62)];
        permute(&mut state);
        state[1] += pack(62, 70);
        permute(&mut state);
        assert_eq!(of.digest(&integers).unwrap(), state[1]);
    }
}
