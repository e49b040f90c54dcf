//! A whole number for each whole number x of an interval, growing with x; and lines that give it exactly.
//!
//! Rounding a product in float32, halves to even, is no linear function: close to a half the product may have been
//! rounded onto it. But it grows with x, and so is settled by the least x of each of its values. A line whose floor
//! meets all of these is the function, whatever the arithmetic was. Where there is none, ties are too many: halves go
//! down for odd and up for even numbers, and two lines, one for either, meet them.

use crate::convert::{exponent, integer, power_of_two};
use crate::quant_graph::Interval;

/// Values of a function, at most.
const MOST: u64 = 1 << 18;

/// A function of an interval that grows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stairs {
    domain: Interval,
    /// The value of the interval's least number.
    pub(super) first: i64,
    /// The least numbers whose value is greater than `first` by at least 1, 2, …
    pub(super) risers: Vec<i64>,
}

/// `⌊(weight·x + bias)/2^bits⌋`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) weight: i64,
    pub(super) bias: i64,
}

impl Stairs {
    /// Of a function that grows; `None` where it has too many values.
    pub(super) fn of(domain: Interval, f: impl Fn(i64) -> i64) -> Option<Self> {
        let (first, last) = (f(domain.lo), f(domain.hi));
        if last < first || first.abs_diff(last) > MOST {
            return None;
        }
        let mut risers: Vec<i64> = vec![];
        for value in first + 1..=last {
            let (mut below, mut at) =
                (risers.last().map_or(domain.lo, |riser| riser - 1), domain.hi);
            // f(below) < value <= f(at)
            while at.abs_diff(below) > 1 {
                let middle = below + (at - below) / 2;
                if f(middle) < value {
                    below = middle;
                } else {
                    at = middle;
                }
            }
            risers.push(at);
        }
        Some(Stairs { domain, first, risers })
    }

    /// The greatest value.
    pub(super) fn last(&self) -> i64 {
        self.first + crate::convert::count(self.risers.len())
    }

    /// What a line must meet; at the ends too, unless results are cut there anyway.
    fn demands(&self, cut: Interval) -> impl Iterator<Item = Demand> + '_ {
        let Interval { lo, hi } = self.domain;
        let least = (self.first > cut.lo).then_some(Demand::AtLeast(self.first, lo));
        let most = (self.last() < cut.hi).then_some(Demand::Below(self.last() + 1, hi));
        let risers = (self.first + 1..).zip(&self.risers).flat_map(|(value, &riser)| {
            [Demand::AtLeast(value, riser), Demand::Below(value, riser - 1)]
        });
        least.into_iter().chain(risers).chain(most)
    }

    /// The line whose floor, cut to an interval, is the function, of about this slope; `half` is the bias that is
    /// preferred.
    pub(super) fn line(&self, cut: Interval, slope: f64, bits: u32, half: i64) -> Option<Line> {
        line(&self.demands(cut).collect::<Vec<_>>(), slope, bits, half)
    }

    /// Two lines whose floors, each cut to `parts` of the interval, add up to the function less one: for its even
    /// values and for its odd ones.
    pub(super) fn lines(
        &self,
        cut: Interval,
        slope: f64,
        bits: u32,
        half: i64,
    ) -> Option<[Line; 2]> {
        let of = |parity: i64| {
            // At the ends, where other values stand, the nearest of this parity.
            let ends = [self.domain.lo, self.domain.hi];
            let own = self.demands(cut).filter_map(|demand| match demand {
                Demand::AtLeast(value, x) if is(value, parity) || x == ends[0] => {
                    Some(Demand::AtLeast((value - parity).div_euclid(2), x))
                }
                Demand::Below(value, x) if is(value, parity) || x == ends[1] => {
                    Some(Demand::Below((value - parity + 1).div_euclid(2), x))
                }
                Demand::AtLeast(..) | Demand::Below(..) => None,
            });
            line(&own.collect::<Vec<_>>(), slope / 2.0, bits, half)
        };
        Some([of(0)?, of(1)?])
    }
}

/// What the floor of a line must be at a place.
#[derive(Clone, Copy)]
enum Demand {
    AtLeast(i64, i64),
    Below(i64, i64),
}

fn is(value: i64, parity: i64) -> bool {
    (value - parity).rem_euclid(2) == 0
}

/// What the two of [`Stairs::lines`] are cut to.
pub(super) fn parts(cut: Interval) -> [Interval; 2] {
    [0, 1].map(|parity| Interval {
        lo: (cut.lo - parity).div_euclid(2),
        hi: (cut.hi - parity).div_euclid(2),
    })
}

/// The line whose floor meets all demands.
///
/// A bias must be at least `value·2^bits − weight·x`, or less than that: by how much the least exceeds the most is
/// convex in the weight, so that going downhill finds a weight where there is one.
fn line(demands: &[Demand], slope: f64, bits: u32, half: i64) -> Option<Line> {
    let about = slope * power_of_two(exponent(bits));
    let about = integer(about.ceil()).filter(|about| (0..1 << 58).contains(about))?;
    let ends = |weight: i64| {
        let weight = i128::from(weight);
        let start = |value: i64, x: i64| (i128::from(value) << bits) - weight * i128::from(x);
        let (mut least, mut most): (Option<i128>, Option<i128>) = (None, None);
        for &demand in demands {
            match demand {
                Demand::AtLeast(value, x) => least = least.max(Some(start(value, x))),
                Demand::Below(value, x) => {
                    let end = start(value, x) - 1;
                    most = Some(most.map_or(end, |most| most.min(end)));
                }
            }
        }
        // Where one side is open, any bias beyond the other will do.
        let (low, high) = (least.or(most), most.or(least));
        (low.unwrap_or(half.into()), high.unwrap_or(half.into()))
    };
    let excess = |weight: i64| {
        let (least, most) = ends(weight);
        least - most
    };
    let mut weight = about;
    if excess(about) > 0 {
        let (mut from, mut to) = (0, 2 * about + 2);
        while from < to {
            let middle = from + (to - from) / 2;
            let here = excess(middle);
            if here <= 0 {
                (from, to) = (middle, middle);
            } else if excess(middle + 1) < here {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        weight = from;
    }
    let (least, most) = ends(weight);
    if least > most {
        return None;
    }
    let half = i128::from(half);
    let bias = if least <= half && half <= most { half } else { least + (most - least) / 2 };
    Some(Line { weight, bias: i64::try_from(bias).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::{real, single};

    fn floor(line: Line, x: i64, bits: u32) -> i64 {
        (line.weight * x + line.bias) >> bits
    }

    fn check(
        interval: Interval,
        f: impl Fn(i64) -> i64 + Copy,
        margin: i64,
        slope: f64,
        bits: u32,
    ) -> [bool; 2] {
        let stairs = Stairs::of(interval, f).unwrap();
        let cut = Interval { lo: stairs.first - margin, hi: stairs.last() + margin };
        let [evens, odds] = parts(cut);
        let one = stairs.line(cut, slope, bits, 0);
        let two = stairs.lines(cut, slope, bits, 0);
        for x in interval.lo..=interval.hi {
            if let Some(line) = one {
                assert_eq!(floor(line, x, bits).clamp(cut.lo, cut.hi), f(x), "{x} by one line");
            }
            if let Some([even, odd]) = two {
                let e = floor(even, x, bits).clamp(evens.lo, evens.hi);
                let o = floor(odd, x, bits).clamp(odds.lo, odds.hi);
                assert_eq!(e + o + 1, f(x), "{x} by two lines");
            }
        }
        [one.is_some(), two.is_some()]
    }

    #[test]
    fn ties_need_two_lines() {
        let interval = Interval { lo: -50, hi: 61 };
        let even = |x: i64| integer((real(x) / 4.0).round_ties_even()).unwrap();
        assert_eq!(check(interval, even, 0, 0.25, 12), [false, true]);
        assert_eq!(check(interval, even, 3, 0.25, 12), [false, true]);
        let down = |x: i64| x.div_euclid(4);
        assert_eq!(check(interval, down, 2, 0.25, 12), [true, true]);
        let once = |x: i64| x.clamp(-3, 7);
        assert_eq!(check(interval, once, 0, 1.0, 12), [true, true]);
    }

    #[test]
    fn products_of_float32_are_met_to_the_last_bit() {
        for factor in [0.003_917_3_f32, 0.000_731_9, 0.019_6, 0.011_764_706] {
            let reach = integer((128.0 / f64::from(factor)).floor()).unwrap() + 7;
            let f = move |x: i64| {
                let rounded = (single(real(x)) * factor).round_ties_even();
                integer(f64::from(rounded.clamp(-128.0, 127.0))).unwrap()
            };
            let found = check(Interval { lo: -reach, hi: reach }, f, 0, f64::from(factor), 40);
            assert!(found[0] || found[1], "{factor}");
        }
    }
}
