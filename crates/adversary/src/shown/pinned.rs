//! A transcript whose challenges do not depend on what is written, and that keeps what is written.

use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::transcript::{EncodedChallenge, Transcript, TranscriptWrite};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::io;

/// What a proof consists of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item {
    /// A commitment.
    Point(G1Affine),
    /// An evaluation or a response.
    Scalar(Fr),
}

/// The transcript.
#[derive(Debug)]
pub struct Pinned {
    challenges: ChaCha20Rng,
    /// The proof.
    pub items: Vec<Item>,
    /// The challenges drawn.
    pub drawn: Vec<Fr>,
}

impl Pinned {
    /// Equal seeds give equal challenges.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let challenges = ChaCha20Rng::seed_from_u64(seed);
        Pinned { challenges, items: vec![], drawn: vec![] }
    }
}

/// A challenge.
#[derive(Debug)]
pub struct Given(Fr);

impl EncodedChallenge<G1Affine> for Given {
    type Input = Fr;
    fn new(input: &Fr) -> Self {
        Given(*input)
    }
    fn get_scalar(&self) -> Fr {
        self.0
    }
}

impl Transcript<G1Affine, Given> for Pinned {
    fn squeeze_challenge(&mut self) -> Given {
        let challenge = Fr::random(&mut self.challenges);
        self.drawn.push(challenge);
        Given(challenge)
    }
    // What both sides know is no part of the proof.
    fn common_point(&mut self, _: G1Affine) -> io::Result<()> {
        Ok(())
    }
    fn common_scalar(&mut self, _: Fr) -> io::Result<()> {
        Ok(())
    }
}

impl TranscriptWrite<G1Affine, Given> for Pinned {
    fn write_point(&mut self, point: G1Affine) -> io::Result<()> {
        self.items.push(Item::Point(point));
        Ok(())
    }
    fn write_scalar(&mut self, scalar: Fr) -> io::Result<()> {
        self.items.push(Item::Scalar(scalar));
        Ok(())
    }
}
