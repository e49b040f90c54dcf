//! BLAKE2b-256, under a name for what is hashed.

use crate::kind::Kind;
use blake2b_simd::{Params, State};
use std::io::{self, Write};

/// BLAKE2b-256 of bytes, with a personalisation that says what they are (at most 16 bytes).
#[must_use]
pub fn digest(personal: &[u8; 16], bytes: &[u8]) -> [u8; 32] {
    let hash = Params::new().hash_length(32).personal(personal).hash(bytes);
    first_32(hash.as_bytes())
}

/// The digest of a payload, while it is read or written.
pub(crate) struct PayloadDigest(State);

impl PayloadDigest {
    pub(crate) fn new() -> Self {
        PayloadDigest(Params::new().hash_length(32).personal(b"provenn artefact").to_state())
    }

    pub(crate) fn finish(mut self, kind: Kind, bytes: u64) -> [u8; 32] {
        self.0.update(&kind.version().to_le_bytes());
        self.0.update(&kind.code().to_le_bytes());
        self.0.update(&bytes.to_le_bytes());
        first_32(self.0.finalize().as_bytes())
    }
}

impl Write for PayloadDigest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn first_32(bytes: &[u8]) -> [u8; 32] {
    std::array::from_fn(|i| bytes.get(i).copied().unwrap_or(0))
}
