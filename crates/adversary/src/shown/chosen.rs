//! A generator whose field elements are given one by one.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, Error, RngCore, SeedableRng};

/// An element is drawn as 512 bits, which are reduced.
const WORDS: usize = 8;

/// The generator: given values, then random ones.
#[derive(Debug)]
pub struct Chosen {
    /// All values so far, those that were drawn beyond the given ones among them.
    pub values: Vec<Fr>,
    words: usize,
    beyond: ChaCha20Rng,
}

impl Chosen {
    /// These values, and then ones from a seed.
    #[must_use]
    pub fn new(values: Vec<Fr>, seed: u64) -> Self {
        Chosen { values, words: 0, beyond: ChaCha20Rng::seed_from_u64(seed) }
    }

    /// How many elements were drawn.
    #[must_use]
    pub fn drawn(&self) -> usize {
        assert_eq!(self.words % WORDS, 0, "field elements are all that is drawn");
        self.words / WORDS
    }
}

impl CryptoRng for Chosen {}

impl RngCore for Chosen {
    fn next_u32(&mut self) -> u32 {
        panic!("field elements are all that is drawn")
    }
    fn next_u64(&mut self) -> u64 {
        let (element, word) = (self.words / WORDS, self.words % WORDS);
        self.words += 1;
        if element == self.values.len() {
            self.values.push(Fr::random(&mut self.beyond));
        }
        let bytes = self.values[element].to_repr();
        let bytes = bytes.get(8 * word..8 * word + 8);
        bytes.map_or(0, |bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }
    fn fill_bytes(&mut self, _: &mut [u8]) {
        panic!("field elements are all that is drawn")
    }
    fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), Error> {
        panic!("field elements are all that is drawn")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_is_drawn() {
        let given = [Fr::from(3), -Fr::one(), Fr::zero()];
        let mut chosen = Chosen::new(given.to_vec(), 1);
        assert_eq!([(); 3].map(|()| Fr::random(&mut chosen)), given);
        let beyond = Fr::random(&mut chosen);
        assert_eq!((chosen.values[3], chosen.drawn()), (beyond, 4));
    }
}
