//! What a prover should know of its own secrets, although the proof is sound.

use provenn_proof::ProverKind;

/// A proof over an SRS without a power beyond the rows is sound, but its quotient is not blinded.
#[must_use]
pub fn blinding_warning(prover: ProverKind, quotient_blinded: bool) -> Option<&'static str> {
    if quotient_blinded {
        return None;
    }
    Some(match prover {
        ProverKind::Stock => {
            "halo2's prover does not blind the proof's quotient; this program's own does, leave --prover stock out"
        }
        ProverKind::Own => {
            "the proof's quotient is not blinded, which needs one power of the srs beyond its rows; take a larger srs with `get-srs --from`"
        }
    })
}
