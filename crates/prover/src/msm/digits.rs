//! Signed digits of scalars (Booth's recoding): window w of width c has the digit
//! `bits[cw - 1 .. cw + c]` rounded up and halved, less 2^c if its top bit is set.

use crate::field::Limbs;

/// A scalar that digits are taken of: a sign and a magnitude.
pub(super) trait Scalar: Sync {
    /// Bits of the magnitude.
    fn bit_length(&self) -> u32;
    /// `count` bits of the magnitude (16 at most) from position `from` on.
    fn bits(&self, from: u32, count: u32) -> u32;
    /// Whether the base is subtracted.
    fn is_negative(&self) -> bool;

    /// Digit of a window: magnitude 0 to 2^(width - 1), and whether it is subtracted.
    fn digit(&self, window: u32, width: u32) -> (u32, bool) {
        let bits = match window {
            0 => self.bits(0, width) << 1,
            _ => self.bits(window * width - 1, width + 1),
        };
        let rounded = bits.div_ceil(2);
        let below = bits >> width != 0;
        let magnitude = if below { (1 << width) - rounded } else { rounded };
        (magnitude, below != self.is_negative())
    }
}

/// The low bits of a word.
fn low(word: u64, count: u32) -> u32 {
    u32::try_from(word & ((1 << count) - 1)).unwrap_or(u32::MAX)
}

impl Scalar for i64 {
    fn bit_length(&self) -> u32 {
        u64::BITS - self.unsigned_abs().leading_zeros()
    }
    fn bits(&self, from: u32, count: u32) -> u32 {
        low(self.unsigned_abs().checked_shr(from).unwrap_or(0), count)
    }
    fn is_negative(&self) -> bool {
        *self < 0
    }
}

impl Scalar for Limbs {
    fn bit_length(&self) -> u32 {
        let top = (0..4).rev().zip(self.iter().rev()).find(|(_, limb)| **limb != 0);
        top.map_or(0, |(i, limb)| 64 * i + u64::BITS - limb.leading_zeros())
    }
    fn bits(&self, from: u32, count: u32) -> u32 {
        let limb = |i: u32| self.get(i as usize).copied().unwrap_or(0);
        let (i, shift) = (from / 64, from % 64);
        let here = limb(i) >> shift;
        let above = if shift == 0 { 0 } else { limb(i + 1) << (64 - shift) };
        low(here | above, count)
    }
    fn is_negative(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_make_up_the_scalar() {
        for x in [0, 1, -1, 77, -12345, i64::MAX, i64::MIN, 1 << 40, -(1 << 33) + 5] {
            for width in 2..=14 {
                let windows = (x.bit_length() + 1).div_ceil(width);
                let sum: i128 = (0..windows)
                    .map(|window| {
                        let (magnitude, below) = x.digit(window, width);
                        assert!(magnitude <= 1 << (width - 1));
                        let digit = i128::from(magnitude) << (window * width);
                        if below { -digit } else { digit }
                    })
                    .sum();
                assert_eq!(sum, i128::from(x));
                let limbs = [x.unsigned_abs(), 0, 0, 0];
                assert_eq!(limbs.digit(0, width).0, x.digit(0, width).0);
            }
        }
        assert_eq!([0, 0, 3, 0].bit_length(), 130);
        assert_eq!([1 << 63, 1, 0, 0].bits(62, 4), 0b0110);
    }
}
