//! What the user asks of calibration.

use super::candidate::Candidate;
use crate::{Error, SettingsProblem, Unmet};
use provenn_circuit::Cost;
use provenn_fixed_point::Settings;
use serde::{Deserialize, Serialize};

/// What calibration aims at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Least modelled proving time at a sane error: at most half as much again as the least error that weights
    /// of S = 16 and activations of 18 bits reach.
    #[default]
    Resources,
    /// Least error that fits the memory of this machine.
    Accuracy,
}

/// How the outputs' distance from the float model is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Largest |quantised − float|.
    #[default]
    Max,
    /// Mean |quantised − float|.
    Mean,
    /// Sum of |quantised − float| over sum of |float|.
    Relative,
    /// Share of observations whose largest output is another.
    Top1,
}

/// Aim and limits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalibrationOptions {
    /// What to aim at within the limits.
    pub target: Target,
    /// The cheapest candidate whose error on all data is at most this; replaces the target.
    pub max_error: Option<f64>,
    /// What errors are measured by.
    pub metric: Metric,
    /// Rows are at most 2^this.
    pub max_logrows: Option<u32>,
    /// Modelled memory at the peak of proving is at most this many GiB.
    pub max_memory_gib: Option<f64>,
    /// Input scales to try; those of the run arguments, or the usual ones, if there are none.
    pub input_scales: Vec<i32>,
}

/// Errors within this factor of the least count as sane.
const SANE: f64 = 1.5;
/// A change of nodes' bits that makes the error smaller by less than this factor is not worth an entry in the settings.
const WORTH: f64 = 0.98;
/// Precision that is given up has to make the cost smaller by this factor: of few per cent the cost model is not sure.
pub(super) const PAYS: f64 = 0.96;
/// And that of single nodes by this one: each is an entry in the settings.
const NODES_PAY: f64 = 0.92;
/// Errors below this share of the outputs' magnitude are below what f32 resolves.
const FLOAT: f64 = 1.0 / ((1 << 20) as f64);

impl CalibrationOptions {
    /// Options that aim at a target, without limits.
    #[must_use]
    pub fn aiming_at(target: Target) -> Self {
        CalibrationOptions { target, ..Self::default() }
    }

    /// The settings that searches start from. They record the limit on rows, which compiling keeps.
    pub(super) fn starts(&self, settings: &Settings) -> Vec<Settings> {
        let mut settings = settings.clone();
        settings.run_args.max_logrows = self.max_logrows;
        if self.input_scales.is_empty() {
            return vec![settings];
        }
        let scales = self.input_scales.iter();
        scales
            .map(|&scale| {
                let mut settings = settings.clone();
                settings.run_args.input_scale = Some(scale);
                settings
            })
            .collect()
    }

    /// Whether the limits can be kept at all.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), Error> {
        let failed = |problem: SettingsProblem| Err(problem.of("calibrate-settings"));
        if let Some(error) = self.max_error
            && !(error.is_finite() && error >= 0.0)
        {
            return failed(SettingsProblem::MaxError { got: error });
        }
        if let Some(gib) = self.max_memory_gib
            && !(gib.is_finite() && gib > 0.0)
        {
            return failed(SettingsProblem::MaxMemory { got: gib });
        }
        if let (Some(given), Some(most)) = (settings.run_args.logrows, self.max_logrows)
            && given > most
        {
            return failed(SettingsProblem::Logrows { got: given, most });
        }
        Ok(())
    }

    /// Bytes that proving may take: the limit, or what the machine has.
    fn memory(&self) -> f64 {
        match (self.max_memory_gib, self.target) {
            (Some(gib), _) => gib * f64::from(1 << 30),
            (None, Target::Accuracy) => machine_memory().unwrap_or(f64::INFINITY),
            (None, Target::Resources) => f64::INFINITY,
        }
    }

    /// The best candidate by what is known of each.
    pub(super) fn choose_now(&self, tried: &[Candidate]) -> Result<Candidate, Error> {
        self.choose(tried, |candidate| Ok(candidate.clone()))
    }

    /// Whether bits are spent on error, rather than saved for cost.
    pub(super) fn spends(&self) -> bool {
        self.max_error.is_none() && self.target == Target::Accuracy
    }

    /// Whether proving has the memory that it may take.
    pub(super) fn fits(&self, cost: &Cost) -> bool {
        cost.prove_bytes <= self.memory()
    }

    /// The error that candidates may have.
    pub(super) fn limit(&self, tried: &[Candidate]) -> f64 {
        self.max_error.unwrap_or_else(|| self.sane(&tried.iter().collect::<Vec<_>>()))
    }

    /// Whether a change pays.
    pub(super) fn improves(&self, changed: &Candidate, current: &Candidate, limit: f64) -> bool {
        let resolved = current.magnitude * FLOAT;
        self.may_improve(&changed.cost, current)
            && if self.spends() {
                current.error > resolved && changed.error < current.error * WORTH
            } else {
                changed.error <= limit
            }
    }

    /// Whether it may pay, whatever its error.
    pub(super) fn may_improve(&self, changed: &Cost, current: &Candidate) -> bool {
        self.fits(changed)
            && (self.spends() || changed.objective() < current.cost.objective() * NODES_PAY)
    }

    /// The best candidate; `confirm` measures one on all data.
    pub(super) fn choose<C: AsRef<Candidate>>(
        &self,
        tried: &[Candidate],
        confirm: impl Fn(&Candidate) -> Result<C, Error>,
    ) -> Result<C, Error> {
        let memory = self.memory();
        let fitting: Vec<&Candidate> =
            tried.iter().filter(|c| c.cost.prove_bytes <= memory).collect();
        let Some(frugal) = by(tried, |c| c.cost.prove_bytes) else {
            return Err(Unmet::Candidates.into());
        };
        if fitting.is_empty() {
            return Err(Unmet::Memory { limit: memory, least: frugal.cost.prove_bytes }.into());
        }
        let mut affordable: Vec<&Candidate> = match self.max_error {
            Some(limit) => fitting.iter().copied().filter(|c| c.error <= limit).collect(),
            None => {
                let limit = self.sane(&fitting);
                fitting.iter().copied().filter(|c| c.error <= limit).collect()
            }
        };
        affordable.sort_by(|a, b| a.cost.objective().total_cmp(&b.cost.objective()));
        if self.max_error.is_none() {
            nearest_first(&mut affordable);
        }
        let mut best = None;
        for candidate in affordable {
            let confirmed = confirm(candidate)?;
            if self.max_error.is_none_or(|limit| confirmed.as_ref().error <= limit) {
                return Ok(confirmed);
            }
            best = nearer(best, confirmed);
        }
        // Nothing keeps the bound: say what can be had.
        if let Some(nearest) = fitting.iter().min_by(|a, b| a.error.total_cmp(&b.error)) {
            best = nearer(best, confirm(nearest)?);
        }
        Err(match (best, self.max_error) {
            (Some(best), Some(limit)) => {
                let Candidate { error: least, cost, .. } = best.as_ref();
                Unmet::Error { limit, least: *least, prove_seconds: cost.prove_seconds }
            }
            _ => Unmet::Limits,
        }
        .into())
    }

    /// The largest error that the target accepts.
    fn sane(&self, fitting: &[&Candidate]) -> f64 {
        let floor = fitting.iter().map(|c| c.magnitude).fold(0.0, f64::max) * FLOAT;
        let least = |usual: bool| {
            let counted = fitting.iter().filter(|c| !usual || c.usual());
            counted.map(|c| c.error).fold(f64::INFINITY, f64::min)
        };
        match self.target {
            Target::Accuracy => least(false).max(floor),
            Target::Resources => {
                let usual = least(true);
                let least = if usual.is_finite() { usual } else { least(false) };
                (least * SANE).max(floor)
            }
        }
    }
}

/// Of those that are about as cheap as the first, the one of the least error goes first.
fn nearest_first(by_cost: &mut [&Candidate]) {
    let Some(least) = by_cost.first().map(|first| first.cost.objective()) else { return };
    let about = by_cost.iter().take_while(|c| c.cost.objective() * PAYS <= least);
    let nearest = about.enumerate().min_by(|(_, a), (_, b)| a.error.total_cmp(&b.error));
    if let Some(at) = nearest.map(|(at, _)| at) {
        by_cost[..=at].rotate_right(1);
    }
}

fn nearer<C: AsRef<Candidate>>(best: Option<C>, other: C) -> Option<C> {
    match best {
        Some(best) if best.as_ref().error <= other.as_ref().error => Some(best),
        _ => Some(other),
    }
}

fn by(tried: &[Candidate], key: impl Fn(&Candidate) -> f64) -> Option<&Candidate> {
    tried.iter().min_by(|a, b| key(a).total_cmp(&key(b)))
}

/// Four fifths of the machine's memory, where the system says how much it has.
fn machine_memory() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024.0 * 0.8)
}
