//! The search for low cost: from precision that errs little down to coarser, as long as the error keeps its limit.
//!
//! Of bits and S, error and cost are taken to be monotone: what is coarser in both than something that errs too much is
//! not looked at. For each pair, t is the least of those whose layouts are about the cheapest, found by walking from where
//! the last pair had it; below it, tables are longer and smooth functions nearer, which is tried only where that helps.

use super::candidate::Candidate;
use super::judge::{Judge, Planned};
use super::options::PAYS;
use super::tries::{Tries, plan_all};
use crate::{Error, Unmet};
use provenn_fixed_point::Settings;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Bits of activations, the finest first.
const BITS: [u32; 5] = [18, 16, 15, 14, 13];
/// S, the finest first.
const SHIFTS: [u32; 4] = [16, 14, 13, 12];
/// Bits and S that are gone up to while the error keeps no limit.
const LADDER: [(u32, u32); 5] = [(18, 18), (18, 20), (20, 20), (22, 20), (22, 24)];
/// t.
const LOW_BITS: RangeInclusive<u32> = 5..=13;
/// The t of the yardstick: that of smooth functions much nearer than is usual.
const FINE_LOW_BITS: u32 = 7;
/// A finer t has to make errors smaller by this factor: else it is not tables that err.
const HELPS: f64 = 0.9;

/// Bits and S.
type Pair = (u32, u32);

/// A search on its way.
pub(super) struct Descent<'j, 'm> {
    judge: &'j Judge<'m>,
    base: &'j Settings,
    tried: Vec<Candidate>,
    failure: Option<Error>,
    /// Pairs that err too much at any t.
    coarse: Vec<Pair>,
    /// The t at which the last pair was cheapest.
    low_bits: u32,
}

/// What became of a pair.
enum Outcome {
    /// It keeps the limits.
    Kept,
    /// It errs too much.
    Errs,
    /// It is no cheaper than what does, or has no layout, or needs too much memory.
    Idle,
}

/// Everything worth comparing.
pub(super) fn descent(
    judge: &Judge<'_>,
    settings: &Settings,
    tries: &mut Tries<'_>,
) -> Result<Vec<Candidate>, Error> {
    let mut descent = Descent {
        judge,
        base: settings,
        tried: vec![],
        failure: None,
        coarse: vec![],
        low_bits: settings.low_bits,
    };
    descent.run(tries);
    if descent.tried.is_empty() {
        return Err(descent.failure.unwrap_or(Error::Calibrate(Unmet::Choices)));
    }
    Ok(descent.tried)
}

impl Descent<'_, '_> {
    fn run(&mut self, tries: &mut Tries<'_>) {
        let args = &self.base.run_args;
        let (bits, shifts) = (args.bits.map(|b| vec![b]), args.shift.map(|s| vec![s]));
        let (bits, shifts) = (bits.unwrap_or(BITS.into()), shifts.unwrap_or(SHIFTS.into()));
        let (Some(&finest), Some(&widest)) = (bits.first(), shifts.first()) else { return };
        let pairs: Vec<Pair> =
            bits.iter().flat_map(|&b| shifts.iter().map(move |&s| (b, s))).collect();
        tries.expect(pairs.len());
        // What a sane error is told by.
        self.measure_at((finest, widest), args.low_bits.unwrap_or(FINE_LOW_BITS));
        let mut kept = false;
        for pair in pairs {
            kept |= self.pair(pair);
            tries.did(1);
        }
        if kept || args.bits.is_some() || args.shift.is_some() {
            return;
        }
        tries.expect(LADDER.len());
        for pair in LADDER {
            if !kept {
                kept = self.pair(pair);
            }
            tries.did(1);
        }
    }

    /// Whether a pair keeps the limits at some t.
    fn pair(&mut self, (bits, shift): Pair) -> bool {
        if self.coarse.iter().any(|&(b, s)| b >= bits && s >= shift) {
            return false;
        }
        match self.outcome((bits, shift)) {
            Outcome::Kept => true,
            Outcome::Idle => false,
            Outcome::Errs => {
                self.coarse.push((bits, shift));
                false
            }
        }
    }

    fn outcome(&mut self, pair: Pair) -> Outcome {
        let mut planned = self.walk(pair);
        let costs = planned.values().map(|one| one.cost.objective());
        let cheapest = costs.fold(f64::INFINITY, f64::min);
        // The shortest pieces of those that cost as little.
        let cheap = planned.iter().find(|(_, one)| one.cost.objective() * PAYS <= cheapest);
        let Some((&cheap, _)) = cheap else { return Outcome::Idle };
        self.low_bits = cheap;
        let least = *self.low_bits_range().start();
        let mut last = f64::INFINITY;
        for low_bits in (least..=cheap).rev() {
            let one = match planned.remove(&low_bits) {
                Some(one) => one,
                None => match self.judge.planned(&self.at(pair, low_bits)) {
                    Ok(one) => one,
                    Err(error) => {
                        self.failure = Some(error);
                        return Outcome::Idle;
                    }
                },
            };
            let least = self.least();
            if least.is_some_and(|least| one.cost.objective() >= least * PAYS) {
                return Outcome::Idle;
            }
            let (error, fits) = match self.judge.measured(one) {
                Ok(candidate) => {
                    let fits = self.judge.options.fits(&candidate.cost);
                    let error = candidate.error;
                    self.tried.push(candidate);
                    (error, fits)
                }
                Err(error) => {
                    self.failure = Some(error);
                    return Outcome::Idle;
                }
            };
            if error <= self.judge.options.limit(&self.tried) {
                return if fits { Outcome::Kept } else { Outcome::Idle };
            }
            if error > last * HELPS {
                return Outcome::Errs;
            }
            last = error;
        }
        Outcome::Errs
    }

    /// Layouts by t, around the t that is cheapest.
    fn walk(&mut self, pair: Pair) -> BTreeMap<u32, Planned> {
        let range = self.low_bits_range();
        let start = self.low_bits.clamp(*range.start(), *range.end());
        let mut planned = BTreeMap::new();
        let near = start.saturating_sub(1).max(*range.start())..=(start + 1).min(*range.end());
        self.plan(pair, near, &mut planned);
        if planned.is_empty() {
            self.plan(pair, range.clone(), &mut planned);
        }
        let cost = |planned: &BTreeMap<u32, Planned>, at: u32| {
            planned.get(&at).map_or(f64::INFINITY, |one| one.cost.objective())
        };
        let mut at = start;
        for by in [1_i32, -1] {
            while let Some(next) = at.checked_add_signed(by).filter(|next| range.contains(next)) {
                if !planned.contains_key(&next) {
                    self.plan(pair, next..=next, &mut planned);
                }
                if cost(&planned, next) >= cost(&planned, at) {
                    break;
                }
                at = next;
            }
        }
        planned
    }

    fn plan(&mut self, pair: Pair, all: RangeInclusive<u32>, planned: &mut BTreeMap<u32, Planned>) {
        let settings: Vec<Settings> = all.clone().map(|low_bits| self.at(pair, low_bits)).collect();
        for (low_bits, one) in all.zip(plan_all(self.judge, &settings)) {
            match one {
                Ok(one) => {
                    planned.insert(low_bits, one);
                }
                Err(error) => self.failure = Some(error),
            }
        }
    }

    fn measure_at(&mut self, pair: Pair, low_bits: u32) {
        match self.judge.judge(&self.at(pair, low_bits)) {
            Ok(candidate) => self.tried.push(candidate),
            Err(error) => self.failure = Some(error),
        }
    }

    fn at(&self, (bits, shift): Pair, low_bits: u32) -> Settings {
        Settings { bits, shift, low_bits, ..self.base.clone() }
    }

    fn low_bits_range(&self) -> RangeInclusive<u32> {
        self.base.run_args.low_bits.map_or(LOW_BITS, |t| t..=t)
    }

    /// The least objective of what keeps the limits.
    fn least(&self) -> Option<f64> {
        let options = self.judge.options;
        let limit = options.limit(&self.tried);
        let kept = self.tried.iter().filter(|c| c.error <= limit && options.fits(&c.cost));
        kept.map(|c| c.cost.objective()).min_by(f64::total_cmp)
    }
}
