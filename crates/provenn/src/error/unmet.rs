//! What was asked of calibration and cannot be had.

use thiserror::Error;

/// Why calibration chose nothing.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum Unmet {
    /// No S, t and bits are left to choose from.
    #[error("the run arguments leave nothing to try")]
    Choices,
    /// Nothing can be laid out.
    #[error("the model has no candidate")]
    Candidates,
    /// Memory.
    #[error("no settings prove within {}; the least is {} (modelled)", mebibytes(*limit), mebibytes(*least))]
    Memory {
        /// Bytes allowed.
        limit: f64,
        /// The least that a candidate takes.
        least: f64,
    },
    /// The error on the data.
    #[error(
        "no settings reach an error of {limit:e} on the data; the best reach {least:.3e}, at a modelled {prove_seconds:.2} CPU seconds per proof; raise --max-error or the limits"
    )]
    Error {
        /// The error allowed.
        limit: f64,
        /// The least that a candidate has.
        least: f64,
        /// What a proof of that candidate takes, modelled.
        prove_seconds: f64,
    },
    /// Rows.
    #[error("no settings fit 2^{limit} rows; the least is {flag} {least}")]
    Rows {
        /// The largest k allowed.
        limit: u32,
        /// The argument that says so.
        flag: &'static str,
        /// The least k that fits.
        least: u32,
    },
    /// All limits together.
    #[error("no settings fit the limits")]
    Limits,
}

fn mebibytes(bytes: f64) -> String {
    format!("{:.0} MiB", bytes / f64::from(1 << 20))
}
