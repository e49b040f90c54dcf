//! How a function's operand is cut into parts, each with segments of one width.
//!
//! Where a function bends, segments must be narrow; where it is straight, they may be wide. A table has segments of one
//! width, so an operand that meets both is cut:
//!
//! ```text
//! f(x) = f(a_0) + Σ (f(clip(x, a_j, a_(j+1))) − f(a_j))
//! ```
//!
//! where all but one of the summands are constant. Parts begin and end at integers of the operand that are multiples of
//! their segments, so that they meet without gap or overlap.

/// Operand integers from `from` to `to`, in segments of 2^`log` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) log: u32,
}

impl Part {
    pub(super) fn segments(&self) -> i64 {
        (self.to - self.from) >> self.log
    }
}

/// Cells that cover the operand before any is cut.
const CELLS: i64 = 16;
/// Cells are cut no further where they have fewer segments than this.
const FEW: i64 = 32;
/// No more parts than this are merged.
const MOST: usize = 256;

/// Parts that cover `from..=to`, if [a, b] needs segments of at most 2^`width(a, b)`, and a part takes `cost` rows.
pub(super) fn parts(
    (from, to): (i64, i64),
    width: &impl Fn(i64, i64) -> u32,
    cost: &impl Fn(&Part) -> i64,
) -> Vec<Part> {
    let mut size = 1;
    while (to - from) / size >= CELLS {
        size *= 2;
    }
    let mut cells = vec![];
    let mut at = from.div_euclid(size) * size;
    while at < to || cells.is_empty() {
        cut(cell(at, size, width), width, &mut cells);
        at += size;
    }
    // What no operand reaches is no part.
    cells.retain(|cell| cell.to >= from && cell.from <= to);
    merge(cells, cost)
}

/// The cell of `size` integers from `at` on.
fn cell(at: i64, size: i64, width: &impl Fn(i64, i64) -> u32) -> Part {
    let log = width(at, at + size).min(size.trailing_zeros());
    Part { from: at, to: at + size, log }
}

/// Halves a cell as long as that saves segments.
fn cut(whole: Part, width: &impl Fn(i64, i64) -> u32, cells: &mut Vec<Part>) {
    let size = (whole.to - whole.from) / 2;
    let worth = whole.segments() > FEW && cells.len() < MOST;
    let halves = [whole.from, whole.from + size];
    if worth {
        let [a, b] = halves.map(|at| cell(at, size, width));
        if (a.segments() + b.segments()) * 4 <= whole.segments() * 3 || a.log != b.log {
            cut(a, width, cells);
            cut(b, width, cells);
            return;
        }
    }
    cells.push(whole);
}

/// Joins neighbours as long as that saves rows.
fn merge(mut cells: Vec<Part>, cost: &impl Fn(&Part) -> i64) -> Vec<Part> {
    loop {
        let joined = |pair: &[Part]| {
            let (first, last) = (pair.first()?, pair.last()?);
            let both = Part { from: first.from, to: last.to, log: first.log.min(last.log) };
            Some((both, cost(first).saturating_add(cost(last)).saturating_sub(cost(&both))))
        };
        let pairs = cells.windows(2).enumerate();
        let gains = pairs.filter_map(|(at, pair)| Some((at, joined(pair)?)));
        let best = gains.max_by_key(|(at, (_, gain))| (*gain, usize::MAX - at));
        let Some((at, (both, _))) = best.filter(|(_, (_, gain))| *gain >= 0) else { return cells };
        cells.splice(at..at + 2, [both]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_meet_and_their_segments_fit() {
        // As narrow as the distance from zero asks, as for a logarithm.
        let width = |a: i64, _: i64| (a.max(1) / 64).max(1).ilog2();
        for range in [(3, 70_000), (1, 17), (1000, 1001), (5, 5)] {
            let parts = parts(range, &width, &|part| part.segments() + 40);
            assert!(parts[0].from <= range.0 && range.1 <= parts[parts.len() - 1].to);
            assert!(parts.windows(2).all(|pair| pair[0].to == pair[1].from));
            for part in &parts {
                assert!(part.log <= width(part.from, part.to), "{part:?}");
                assert_eq!(
                    (part.from >> part.log << part.log, part.to >> part.log << part.log),
                    (part.from, part.to)
                );
            }
            let segments: i64 = parts.iter().map(Part::segments).sum();
            assert!(segments < 2000 && parts.len() < 12, "{segments} in {}", parts.len());
        }
    }

    #[test]
    fn an_even_function_is_one_part() {
        assert_eq!(parts((-5000, 5000), &|_, _| 3, &|part| part.segments() + 40).len(), 1);
    }
}
