//! The search for low cost: from precision that errs little down to coarser, as long as the error keeps its limit.
//!
//! Bits of activations go down first, then S, the bits of weights. Error and cost are taken to be monotone in each: a
//! step that errs too much ends its way down, and no way is gone whose end is hardly cheaper than its beginning. At each
//! step t is the least of those whose layouts are about the cheapest, found by walking from where the last step had it;
//! below it, tables are longer and smooth functions nearer, which is tried only where that helps.

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
/// The t of the yardstick: smooth functions are much nearer than they need be.
const FINE_LOW_BITS: u32 = 7;
/// Costs that differ by less than this factor are the same.
const ABOUT: f64 = 0.99;
/// A finer t has to make errors smaller by this factor: else it is not tables that err.
const HELPS: f64 = 0.9;

/// Bits and S.
type Pair = (u32, u32);

/// A search on its way.
struct Descent<'j, 'm> {
    judge: &'j Judge<'m>,
    base: &'j Settings,
    tried: Vec<Candidate>,
    failure: Option<Error>,
    /// The t at which the last step was cheapest.
    low_bits: u32,
}

/// Everything worth comparing.
pub(super) fn descent(
    judge: &Judge<'_>,
    settings: &Settings,
    tries: &mut Tries<'_>,
) -> Result<Vec<Candidate>, Error> {
    let low_bits = settings.low_bits;
    let mut descent = Descent { judge, base: settings, tried: vec![], failure: None, low_bits };
    descent.run(tries);
    if descent.tried.is_empty() {
        return Err(descent.failure.unwrap_or(Error::Calibrate(Unmet::Choices)));
    }
    Ok(descent.tried)
}

impl Descent<'_, '_> {
    fn run(&mut self, tries: &mut Tries<'_>) {
        let args = &self.base.run_args;
        let (given_bits, given_shift) = (args.bits, args.shift);
        let all_bits = given_bits.map_or(BITS.to_vec(), |bits| vec![bits]);
        let shifts = given_shift.map_or(SHIFTS.to_vec(), |shift| vec![shift]);
        let (Some(&bits), Some(&shift)) = (all_bits.first(), shifts.first()) else { return };
        tries.coming(all_bits.len() + shifts.len());
        // What a sane error is told by: fine precision, and the usual one in case that errs less.
        for &bits in all_bits.iter().take(2) {
            self.measure_at((bits, shift), args.low_bits.unwrap_or(FINE_LOW_BITS));
        }
        let mut kept = self.step((bits, shift)).then_some((bits, shift));
        tries.did(1);
        if kept.is_none() && given_bits.is_none() && given_shift.is_none() {
            tries.coming(LADDER.len());
            kept = LADDER.into_iter().find(|pair| self.step(*pair));
            tries.did(LADDER.len());
        }
        // Where nothing keeps the limits, memory may still be what is short.
        let (mut bits, shift) = kept.unwrap_or((bits, shift));
        let coarser = all_bits.into_iter().filter(|of| *of < bits).map(|bits| (bits, shift));
        if let Some((least, _)) = self.down(&coarser.collect::<Vec<_>>(), kept.is_some(), tries) {
            bits = least;
        }
        let coarser = shifts.into_iter().filter(|of| *of < shift).map(|shift| (bits, shift));
        self.down(&coarser.collect::<Vec<_>>(), kept.is_some(), tries);
    }

    /// Goes down steps, the finest first, as long as they keep the limits, and past those that do not where nothing
    /// before did; the last that does.
    fn down(&mut self, steps: &[Pair], kept: bool, tries: &mut Tries<'_>) -> Option<Pair> {
        let count = steps.len();
        let mut last = None;
        if kept && !steps.last().is_some_and(|end| self.pays(*end)) {
            tries.did(count);
            return None;
        }
        for &pair in steps {
            if self.step(pair) {
                last = Some(pair);
            } else if kept || last.is_some() {
                break;
            }
        }
        tries.did(count);
        last
    }

    /// Whether a step has a layout that is cheaper than what keeps the limits by what precision is given up for.
    fn pays(&mut self, (bits, shift): Pair) -> bool {
        // Tables of fewer bits are cheapest with fewer low ones.
        let fewer = BITS[0].saturating_sub(bits) / 2;
        let (least, most) = self.low_bits_range().into_inner();
        let low_bits = self.low_bits.saturating_sub(fewer).clamp(least, most);
        let mut planned = BTreeMap::new();
        self.plan((bits, shift), low_bits..=low_bits, &mut planned);
        let least = self.least();
        planned.values().any(|one| least.is_none_or(|least| one.cost.objective() < least * PAYS))
    }

    /// Whether a step keeps the limits at some t.
    fn step(&mut self, pair: Pair) -> bool {
        let mut planned = self.walk(pair);
        let Some(cheap) = cheap(&planned) else { return false };
        self.low_bits = cheap;
        let mut last = f64::INFINITY;
        for low_bits in (*self.low_bits_range().start()..=cheap).rev() {
            let planned = match planned.remove(&low_bits) {
                Some(one) => Ok(one),
                None => self.judge.planned(&self.at(pair, low_bits)),
            };
            let measured = planned.and_then(|one| {
                // Dearer than what does: not this way.
                match self.least() {
                    Some(least) if one.cost.objective() > least => Ok(None),
                    Some(_) | None => self.judge.measured(one).map(Some),
                }
            });
            let candidate = match measured {
                Ok(Some(candidate)) => candidate,
                Ok(None) => return false,
                Err(error) => {
                    self.failure = Some(error);
                    return false;
                }
            };
            let (error, fits) = (candidate.error, self.judge.options.fits(&candidate.cost));
            self.tried.push(candidate);
            if error <= self.judge.options.limit(&self.tried) {
                return fits;
            }
            if error > last * HELPS {
                return false;
            }
            last = error;
        }
        false
    }

    /// Layouts by t, around the t that is cheapest.
    fn walk(&mut self, pair: Pair) -> BTreeMap<u32, Planned> {
        let range = self.low_bits_range();
        let (least, most) = (*range.start(), *range.end());
        let start = self.low_bits.clamp(least, most);
        let mut planned = BTreeMap::new();
        self.plan(pair, start.saturating_sub(1).max(least)..=(start + 1).min(most), &mut planned);
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
                // What is hardly cheaper is not looked for.
                if cost(&planned, next) >= cost(&planned, at) * PAYS {
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
        let kept = cheap(planned);
        let others = planned.iter_mut().filter(|(low_bits, _)| Some(**low_bits) != kept);
        others.for_each(|(_, one)| one.lighten());
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

/// The t of the shortest pieces among those whose layouts cost as little as any.
fn cheap(planned: &BTreeMap<u32, Planned>) -> Option<u32> {
    let costs = planned.values().map(|one| one.cost.objective());
    let cheapest = costs.fold(f64::INFINITY, f64::min);
    let cheap = planned.iter().find(|(_, one)| one.cost.objective() * ABOUT <= cheapest);
    cheap.map(|(&low_bits, _)| low_bits)
}
