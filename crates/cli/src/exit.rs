//! What the process returns.

use crate::usage::UsageError;
use provenn::{Error, ErrorKind};
use std::io;
use std::process::ExitCode;

/// Shown at the end of `--help`, and in the manual.
pub(crate) const EXIT_CODES: &str = "Exit codes:
  0    done; for `verify` and `verify-claim`, the proofs are valid
  1    the proof is not valid, settings say another thing than its key, or a constraint does not hold
  2    the arguments are wrong
  3    a file or its contents are wrong, or cannot be read or written
  101  an error of this program";

/// The proof does not prove what it should.
pub(crate) const INVALID: u8 = 1;
/// The arguments are wrong.
pub(crate) const USAGE: u8 = 2;
/// A file or its contents are wrong.
pub(crate) const FILES: u8 = 3;
/// A panic.
pub(crate) const INTERNAL: u8 = 101;

/// The code of an error; `None` if all that happened is that nobody reads any more.
pub(crate) fn code(error: &anyhow::Error) -> Option<ExitCode> {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        let error = cause.downcast_ref::<io::Error>();
        error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return None;
    }
    Some(ExitCode::from(error.chain().find_map(of_cause).unwrap_or(FILES)))
}

fn of_cause(cause: &(dyn std::error::Error + 'static)) -> Option<u8> {
    if cause.is::<UsageError>() {
        return Some(USAGE);
    }
    match cause.downcast_ref::<Error>()?.kind() {
        ErrorKind::Verify => Some(FILES),
        ErrorKind::Invalid | ErrorKind::Mock => Some(INVALID),
        _ => None,
    }
}
