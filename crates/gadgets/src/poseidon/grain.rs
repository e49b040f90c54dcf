//! Where Poseidon's constants come from: the generator of the paper, a shift register of 80 bits whose output is
//! shrunk (Grassi et al., *Poseidon*, appendices E and F). Nobody chose them, and nobody has to copy them.

use super::{FULL_ROUNDS, PARTIAL_ROUNDS, WIDTH};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{Field, FromUniformBytes, PrimeField};

/// Bits of the register.
const BITS: usize = 80;
/// Bits that are discarded at first.
const WARM_UP: usize = 160;
/// Bits of the modulus.
const MODULUS_BITS: usize = Fr::NUM_BITS as usize;
/// Where the register feeds back from.
const TAPS: [usize; 6] = [62, 51, 38, 23, 13, 0];

/// The register, its oldest bit first.
pub(super) struct Grain([bool; BITS]);

impl Grain {
    /// The register for x^5 over a prime field.
    pub(super) fn new() -> Self {
        // Field, S-box, bits of the modulus, elements of the state, rounds; then ones.
        let description = [
            (1, 2),
            (0, 4),
            (MODULUS_BITS, 12),
            (WIDTH, 12),
            (FULL_ROUNDS, 10),
            (PARTIAL_ROUNDS, 10),
        ];
        let bits = description.into_iter().flat_map(|(value, length)| {
            (0..length).rev().map(move |bit: usize| value >> bit & 1 == 1)
        });
        let mut register = [true; BITS];
        for (cell, bit) in register.iter_mut().zip(bits) {
            *cell = bit;
        }
        let mut grain = Grain(register);
        (0..WARM_UP).for_each(|_| _ = grain.clock());
        grain
    }

    fn clock(&mut self) -> bool {
        let bit = TAPS.iter().fold(false, |bit, &tap| bit ^ self.0[tap]);
        self.0.rotate_left(1);
        self.0[BITS - 1] = bit;
        bit
    }

    /// The second of the next two bits of which the first is set.
    fn bit(&mut self) -> bool {
        loop {
            let (first, second) = (self.clock(), self.clock());
            if first {
                return second;
            }
        }
    }

    /// As many bits as the modulus has, the highest first; in bytes, the lowest first.
    fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for at in (0..MODULUS_BITS).rev() {
            bytes[at / 8] |= u8::from(self.bit()) << (at % 8);
        }
        bytes
    }

    /// The next integer below the modulus.
    pub(super) fn below_modulus(&mut self) -> Fr {
        loop {
            if let Some(value) = Option::from(Fr::from_repr(self.bytes())) {
                return value;
            }
        }
    }

    /// The next integer, reduced.
    fn reduced(&mut self) -> Fr {
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(&self.bytes());
        Fr::from_uniform_bytes(&wide)
    }

    /// A Cauchy matrix `1/(x_i + y_j)`: the first of distinct numbers with no sum of zero.
    pub(super) fn matrix(&mut self) -> [[Fr; WIDTH]; WIDTH] {
        loop {
            let numbers: [Fr; 2 * WIDTH] = std::array::from_fn(|_| self.reduced());
            let distinct = (1..numbers.len()).all(|i| !numbers[..i].contains(&numbers[i]));
            if !distinct {
                continue;
            }
            let (x, y) = numbers.split_at(WIDTH);
            let sums: [[Fr; WIDTH]; WIDTH] =
                std::array::from_fn(|i| std::array::from_fn(|j| x[i] + y[j]));
            if sums.iter().flatten().all(|sum| *sum != Fr::ZERO) {
                return sums.map(|row| row.map(|sum| sum.invert().unwrap_or(Fr::ZERO)));
            }
        }
    }
}
