//! Data on the command line: a file, standard input, or the numbers themselves.

use crate::files::from_stdin;
use provenn::DataSource;
use std::path::Path;

/// `{…}` and `[…]` are JSON, `-` is standard input, everything else names a file, after `@` if need be.
pub(crate) fn data_source(text: &str) -> Result<DataSource, String> {
    if text.trim_start().starts_with(['{', '[']) {
        return Ok(DataSource::Inline(text.into()));
    }
    let name = text.strip_prefix('@').unwrap_or(text);
    if name.trim().is_empty() {
        return Err(
            "names no file; give a file, `-` for standard input, or JSON such as [[1, 2, 3]]"
                .into(),
        );
    }
    if is_numbers(name) && !Path::new(name).exists() {
        return Err(format!(
            "there is no file of this name; numbers go into brackets: -D '[[{name}]]'"
        ));
    }
    Ok(DataSource::File(from_stdin(name)?))
}

fn is_numbers(text: &str) -> bool {
    let mut parts = text.split([',', ' ']).filter(|part| !part.is_empty()).peekable();
    parts.peek().is_some() && parts.all(|part| part.parse::<f64>().is_ok())
}
