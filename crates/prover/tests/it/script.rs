//! A transcript whose challenges do not depend on what is written, and that keeps what is written;
//! generators whose values are chosen.

use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptWrite};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{self, CryptoRng, RngCore, SeedableRng};
use std::io;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Item {
    CommonScalar(Fr),
    Point(G1Affine),
    Scalar(Fr),
    Challenge,
}

#[derive(Debug)]
pub(crate) struct Script {
    rng: ChaCha20Rng,
    pub(crate) items: Vec<Item>,
}

impl Script {
    pub(crate) fn new() -> Self {
        Script { rng: ChaCha20Rng::seed_from_u64(99), items: vec![] }
    }
}

#[derive(Debug)]
pub(crate) struct Drawn(Fr);

impl EncodedChallenge<G1Affine> for Drawn {
    type Input = Fr;
    fn new(input: &Fr) -> Self {
        Drawn(*input)
    }
    fn get_scalar(&self) -> Fr {
        self.0
    }
}

impl Transcript<G1Affine, Drawn> for Script {
    fn squeeze_challenge(&mut self) -> Drawn {
        self.items.push(Item::Challenge);
        Drawn(Fr::random(&mut self.rng))
    }
    fn common_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.write_point(point)
    }
    fn common_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.items.push(Item::CommonScalar(scalar));
        Ok(())
    }
}

impl TranscriptWrite<G1Affine, Drawn> for Script {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.items.push(Item::Point(point));
        Ok(())
    }
    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.items.push(Item::Scalar(scalar));
        Ok(())
    }
}

/// Zeros for so many field elements, random ones after; counts them.
#[derive(Debug)]
pub(crate) struct ZerosThen {
    pub(crate) zeros: usize,
    pub(crate) drawn: usize,
    pub(crate) rng: ChaCha20Rng,
}

impl ZerosThen {
    pub(crate) fn new(zeros: usize, seed: u64) -> Self {
        ZerosThen { zeros, drawn: 0, rng: ChaCha20Rng::seed_from_u64(seed) }
    }
}

impl CryptoRng for ZerosThen {}

impl RngCore for ZerosThen {
    fn next_u32(&mut self) -> u32 {
        self.next_u64() as u32
    }
    fn next_u64(&mut self) -> u64 {
        // Eight to a field element.
        self.drawn += 1;
        if self.drawn <= 8 * self.zeros { 0 } else { self.rng.next_u64() }
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next_u64().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}
