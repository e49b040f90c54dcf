//! Structured reference strings, in every format.

use crate::honest::{Honest, allow};
use provenn::{Srs, VerifierSrs};
use std::path::Path;

pub(crate) fn srs(honest: &Honest, path: &Path) {
    let _ = Srs::read(path);
    if let Ok(srs) = VerifierSrs::read(path) {
        let (own, key) = (&honest.fixed.srs, honest.fixed.key.verifying_key());
        let other = srs.s_g2() != own.verifier().s_g2();
        let taken = || provenn::verify_proof(&honest.proof, key, &srs, allow()).is_ok();
        assert!(!(other && taken()), "another secret");
    }
}
