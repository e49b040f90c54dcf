//! Tables that were made already: steps of a recurrence have the same functions, over the same ranges.

use super::family::Family;
use super::smooth_function::Smooth;
use crate::quant_graph::{Interval, Piecewise};
use std::collections::HashMap;

/// The tables made last, among which one is looked for.
const LAST: usize = 32;

/// What was made.
#[derive(Debug, Default)]
pub(super) struct Made {
    tables: Vec<(Family, Interval, u32, Piecewise)>,
    smooth: HashMap<SmoothKey, SmoothTable>,
}

/// The table of a smooth function with what is known of it.
#[derive(Clone, Debug)]
pub(super) struct SmoothTable {
    pub(super) inner: Piecewise,
    /// Constants on both sides.
    pub(super) below: i64,
    pub(super) above: i64,
    /// How far it is from its function.
    pub(super) error: f64,
}

/// Everything that a smooth table is a function of: the function by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SmoothKey {
    function: &'static str,
    reals: [u64; 6],
    beyond: [bool; 2],
    ends: (i64, i64),
    between: bool,
    format: (u32, u32),
}

impl SmoothKey {
    /// The key of a function that has a name.
    pub(super) fn of(smooth: &Smooth<'_>, ends: (i64, i64), format: (u32, u32)) -> Option<Self> {
        let reals = [
            smooth.active.0,
            smooth.active.1,
            smooth.segment,
            smooth.step,
            smooth.limits.0,
            smooth.limits.1,
        ];
        let (function, between) = (smooth.name?, smooth.between);
        let (reals, beyond) = (reals.map(f64::to_bits), smooth.beyond());
        Some(SmoothKey { function, reals, beyond, ends, between, format })
    }
}

impl Made {
    /// The family's table for highs; `None` beyond `i64`.
    pub(super) fn table(
        &mut self,
        family: &Family,
        highs: Interval,
        low_bits: u32,
    ) -> Option<Piecewise> {
        let known = self.tables.iter().rev().take(LAST);
        let mut same =
            known.filter(|(of, range, t, _)| (*range, *t) == (highs, low_bits) && of == family);
        if let Some((.., table)) = same.next() {
            return Some(table.clone());
        }
        let table = family.table(highs, low_bits)?;
        self.tables.push((family.clone(), highs, low_bits, table.clone()));
        Some(table)
    }

    /// The table of a smooth function, made if it was not.
    pub(super) fn smooth(
        &mut self,
        key: Option<SmoothKey>,
        make: impl FnOnce() -> Option<SmoothTable>,
    ) -> Option<SmoothTable> {
        let Some(key) = key else { return make() };
        if let Some(known) = self.smooth.get(&key) {
            return Some(known.clone());
        }
        let made = make()?;
        self.smooth.insert(key, made.clone());
        Some(made)
    }
}
