//! What a user should know although the command succeeds.

use crate::output::Output;
use provenn::{Imprecision, ProverKind, Saturation};

/// One warning per node.
pub(crate) fn saturation(output: &Output, saturation: &[Saturation]) {
    for node in saturation {
        output.warn(&node.to_string());
    }
}

/// One warning per output or column that is lost.
pub(crate) fn imprecision(output: &Output, imprecise: &[Imprecision]) {
    for lost in imprecise {
        output.warn(&lost.to_string());
    }
}

/// A proof over an SRS without a power beyond the rows is sound, but its quotient is not blinded.
pub(crate) fn blinding(output: &Output, prover: ProverKind, quotient_blinded: bool) {
    if quotient_blinded {
        return;
    }
    output.warn(match prover {
        ProverKind::Stock => {
            "halo2's prover does not blind the proof's quotient; this program's own does, leave --prover stock out"
        }
        ProverKind::Own => {
            "the proof's quotient is not blinded, which needs one power of the srs beyond its rows; take a larger srs with `get-srs --from`"
        }
    });
}
