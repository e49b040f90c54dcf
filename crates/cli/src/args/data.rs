//! Data on the command line: a file, standard input, or the numbers themselves.

use crate::files::from_stdin;
use provenn::DataSource;
use std::convert::Infallible;

/// `{…}` and `[…]` are JSON, `-` is standard input, everything else names a file, after `@` if need be.
#[allow(clippy::unnecessary_wraps)] // the form that argument parsers have
pub(crate) fn data_source(text: &str) -> Result<DataSource, Infallible> {
    if text.trim_start().starts_with(['{', '[']) {
        return Ok(DataSource::Inline(text.into()));
    }
    from_stdin(text.strip_prefix('@').unwrap_or(text)).map(DataSource::File)
}
