//! Candidates tried side by side, and how many are still to come.

use super::Progress;
use super::candidate::Candidate;
use super::judge::{Judge, Planned};
use crate::Error;
use provenn_circuit::Cost;
use provenn_fixed_point::Settings;
use rayon::prelude::*;

/// How far a search is.
pub(super) struct Tries<'p> {
    done: usize,
    total: usize,
    progress: Progress<'p>,
}

impl<'p> Tries<'p> {
    pub(super) fn new(progress: Progress<'p>) -> Self {
        Tries { done: 0, total: 0, progress }
    }

    /// So many more may come.
    pub(super) fn coming(&mut self, more: usize) {
        self.total += more;
    }

    /// So many were tried, or need not be.
    pub(super) fn did(&mut self, count: usize) {
        self.done = (self.done + count).min(self.total);
        (self.progress)(self.done, self.total);
    }
}

/// Judges all, both cores busy, results in order; and the last failure.
pub(super) fn try_all(
    judge: &Judge<'_>,
    settings: Vec<Settings>,
    tries: &mut Tries<'_>,
) -> (Vec<Candidate>, Option<Error>) {
    try_where(judge, settings, tries, &|_| true)
}

/// The same of those whose cost is worth a measurement.
pub(super) fn try_where(
    judge: &Judge<'_>,
    settings: Vec<Settings>,
    tries: &mut Tries<'_>,
    worth: &(impl Fn(&Cost) -> bool + Sync),
) -> (Vec<Candidate>, Option<Error>) {
    let (mut tried, mut failure) = (vec![], None);
    let batch = rayon::current_num_threads().max(1) * 2;
    for chunk in settings.chunks(batch) {
        let judged = chunk.par_iter().map(|settings| judge.judge_where(settings, worth));
        let results: Vec<_> = judged.collect();
        for result in results {
            match result {
                Ok(candidate) => tried.extend(candidate),
                Err(error) => failure = Some(error),
            }
        }
        tries.did(chunk.len());
    }
    (tried, failure)
}

/// Lays out all, without measuring them.
pub(super) fn plan_all(judge: &Judge<'_>, settings: &[Settings]) -> Vec<Result<Planned, Error>> {
    settings.par_iter().map(|settings| judge.planned(settings)).collect()
}
