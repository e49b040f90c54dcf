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

/// Whether the proof's quotient is blinded.
pub(crate) fn blinding(output: &Output, prover: ProverKind, quotient_blinded: bool) {
    if let Some(text) = provenn::blinding_warning(prover, quotient_blinded) {
        output.warn(text);
    }
}
