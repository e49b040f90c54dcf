//! What to say where no settings keep a limit on rows: the least limit that some keep.

use super::grid;
use super::judge::Judge;
use crate::{Error, Unmet};
use provenn_circuit::CompileError;
use provenn_fixed_point::Settings;

/// Limits that are tried, at most.
const MOST: u32 = 22;

/// An error of the search, with the least k that the model can have where a limit on k caused it.
pub(super) fn explained(judge: &Judge<'_>, settings: &Settings, error: Error) -> Error {
    let args = &settings.run_args;
    let (Error::Compile(CompileError::TooLarge { .. }), Some((flag, limit))) = (
        &error,
        args.logrows.map(|k| ("--logrows", k)).or(args.max_logrows.map(|k| ("--max-logrows", k))),
    ) else {
        return error;
    };
    let fits = |k: &u32| {
        let judge = judge.with_rows(*k);
        grid::fits(&judge, settings)
    };
    match (limit.saturating_add(1)..=MOST).find(fits) {
        Some(least) => Error::Calibrate(Unmet::Rows { limit, flag, least }),
        None => error,
    }
}
