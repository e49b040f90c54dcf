//! Edits of files that know nothing of what they edit.

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// A stranger who edits bytes.
#[derive(Debug)]
pub struct Editor(ChaCha20Rng);

impl Editor {
    /// Edits that a seed chooses.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Editor(ChaCha20Rng::seed_from_u64(seed))
    }

    /// A number below `n`, or 0.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.next_u64() % n.max(1) as u64).unwrap()
    }

    /// A number as large, as small or as negative as they come.
    pub(crate) fn number(&mut self) -> u64 {
        let numbers = [0, 1, u64::MAX, 1 << 63, i64::MAX as u64, 1 << 32, 0x7fff_ffff];
        numbers[self.below(numbers.len())]
    }

    /// One to four edits.
    #[must_use]
    pub fn edited(&mut self, original: &[u8]) -> Vec<u8> {
        let mut bytes = original.to_vec();
        for _ in 0..1 + self.below(4) {
            self.edit(&mut bytes);
        }
        bytes
    }

    /// One.
    pub(crate) fn edit(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(16)).min(bytes.len());
        match self.below(8) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = self.0.next_u32().to_le_bytes()[0],
            2 => {
                let number = self.number().to_le_bytes();
                let width = [1, 2, 4, 8][self.below(4)].min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&number[..width]);
            }
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..end)),
            5 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            6 => {
                let to = self.below(bytes.len());
                let part = bytes[at..end].to_vec();
                let until = (to + part.len()).min(bytes.len());
                bytes.splice(to..until, part);
            }
            // Decimal digits, of which JSON has many.
            _ => {
                let digits = bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit());
                let digits: Vec<usize> = digits.map(|(at, _)| at).collect();
                if !digits.is_empty() {
                    let at = digits[self.below(digits.len())];
                    bytes[at] = b"0123456789-e."[self.below(13)];
                }
            }
        }
    }
}
