//! The system's randomness, for a step that ends at its next draw once its caller has gone.
//!
//! The prover draws blinding for every column and between its phases, and has no other words on its way.

use crate::work::end_if;
use provenn::rand_core::{CryptoRng, Error, OsRng, RngCore};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The system's generator.
pub(crate) struct Randomness {
    stop: Arc<AtomicBool>,
}

impl Randomness {
    pub(crate) fn new(stop: Arc<AtomicBool>) -> Self {
        Randomness { stop }
    }
}

impl RngCore for Randomness {
    fn next_u32(&mut self) -> u32 {
        end_if(&self.stop);
        OsRng.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        end_if(&self.stop);
        OsRng.next_u64()
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        end_if(&self.stop);
        OsRng.fill_bytes(dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), Error> {
        end_if(&self.stop);
        OsRng.try_fill_bytes(dest)
    }
}

impl CryptoRng for Randomness {}
