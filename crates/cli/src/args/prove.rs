//! How to prove.

use crate::usage::UsageError;
use clap::{Args, ValueEnum};
use provenn::{ProveOptions, ProverKind};

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProverArgument {
    /// This program's own.
    Own,
    /// Halo2's, several times slower; the same verifier accepts both.
    Stock,
}

/// How to prove.
#[derive(Args, Debug)]
pub(crate) struct ProveArguments {
    /// Which prover computes the proof.
    #[arg(long, value_enum, value_name = "PROVER", default_value = "own")]
    prover: ProverArgument,
    /// GiB that the process may take; less memory costs time, and what is too little is refused before the work.
    #[arg(long, value_name = "GIB", value_parser = gib)]
    max_memory: Option<u64>,
}

impl ProveArguments {
    pub(crate) fn options(&self) -> Result<ProveOptions, UsageError> {
        if let (ProverArgument::Stock, Some(_)) = (self.prover, self.max_memory) {
            return Err(UsageError::new(
                "--max-memory limits this program's own prover, --prover stock takes what it takes; drop one of them".into(),
            ));
        }
        let prover = match self.prover {
            ProverArgument::Own => ProverKind::Own,
            ProverArgument::Stock => ProverKind::Stock,
        };
        Ok(ProveOptions { prover, max_memory: self.max_memory })
    }
}

/// Bytes from a number of GiB.
fn gib(text: &str) -> Result<u64, String> {
    let number: f64 = text.parse().map_err(|_| format!("`{text}` is not a number of GiB"))?;
    let bytes = (number * f64::from(1 << 30)).ceil();
    // Up to 2^53 every integer is a float.
    if !(1.0..=9_007_199_254_740_992.0).contains(&bytes) {
        return Err(format!("`{text}` is not a positive number of GiB"));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
    Ok(bytes as u64)
}
