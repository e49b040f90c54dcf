//! Interval analysis: what is proven about a tensor from the intervals of its operands.

mod maximum;

use crate::convert::{count, index};
use crate::interval::Wide;
use crate::quant_graph::{Coefficients, Interval, Linear, QuantGraph, QuantOp, Source, TensorId};
use crate::round::rescale;

/// Intervals of earlier tensors.
fn of(graph: &QuantGraph, id: TensorId) -> Option<Interval> {
    graph.tensors.get(id.0).map(|t| t.interval)
}

/// The proven interval of `y + bias`: over every element, and for `Conv` over every partial sum of its
/// border, where any tap of the kernel and the bias may be absent.
///
/// `None` where `y`, with bias or without, could reach 2^62, or an operand does not exist.
pub(crate) fn accumulator(
    graph: &QuantGraph,
    linear: &Linear,
    bias: &[i64],
    len: usize,
) -> Option<Interval> {
    let with_bias = |y: Wide, at: usize| {
        let per_channel = bias.len().checked_sub(1).map_or(1, |_| len / bias.len()).max(1);
        y.plus(Interval::point(bias.get(at / per_channel).copied().unwrap_or(0)).into())
    };
    let mut hull: Option<Wide> = None;
    let mut cover = |y: Wide| hull = Some(hull.map_or(y, |h| h.hull(y)));
    match linear {
        Linear::Dense { input, weights } => {
            let x = of(graph, *input)?;
            let k = graph.tensors.get(input.0)?.len().max(1);
            for (n, row) in weights.chunks(k).enumerate() {
                let y = sum(row, x)?.below_limit()?;
                cover(with_bias(y, n)?);
            }
        }
        Linear::Conv { input, kernel, kernel_shape: [o, c, kh, kw], .. } => {
            let x = of(graph, *input)?;
            let taps = kh * kw;
            for channel in 0..*o {
                let mut y = Wide::ZERO;
                for tap in 0..taps {
                    let column = kernel.get(channel * c * taps..(channel + 1) * c * taps)?;
                    let mut present = Wide::ZERO;
                    for &weight in column.iter().skip(tap).step_by(taps) {
                        present = present.plus(Wide::scaled(weight, x))?;
                    }
                    y = y.plus(present.optional())?;
                }
                cover(y.below_limit()?);
                // One bias per channel or per element: either way those of this channel.
                let per_channel = bias.len() / o.max(&1);
                for &bias in bias.get(channel * per_channel..(channel + 1) * per_channel)? {
                    cover(y.plus(Interval::point(bias).into())?);
                }
            }
        }
        Linear::MatMul { a, b, multiplier } => {
            let k = *graph.tensors.get(a.0)?.shape.get(1)?;
            let y = Wide::product(of(graph, *a)?, of(graph, *b)?)
                .times(count(k))?
                .times(*multiplier)?;
            spread(y.below_limit()?, bias, &mut cover)?;
        }
        Linear::Product { a, b, multiplier } => {
            let (x, z) = (of(graph, *a)?, of(graph, *b)?);
            let mut y = Wide::product(x, z);
            if a == b {
                // A square: never negative.
                let largest = i128::from(x.lo.min(0)).pow(2).max(i128::from(x.hi.max(0)).pow(2));
                y = Wide { lo: 0, hi: largest };
                if x.lo > 0 || x.hi < 0 {
                    y = Wide::product(x, x);
                    y.lo = y.lo.max(0);
                }
            }
            spread(y.times(*multiplier)?.below_limit()?, bias, &mut cover)?;
        }
        Linear::Combine { terms } => {
            // What is the same for every element is summed once.
            let (mut same, mut each) = (Wide::ZERO, vec![]);
            for (tensor, coefficients) in terms {
                let x = of(graph, *tensor)?;
                match coefficients {
                    Coefficients::Scalar(c) => same = same.plus(Wide::scaled(*c, x))?,
                    Coefficients::PerElement(c) => each.push((x, c)),
                }
            }
            let uniform = each.is_empty() && bias.is_empty();
            for at in 0..if uniform { len.min(1) } else { len } {
                let mut y = same;
                for (x, c) in &each {
                    y = y.plus(Wide::scaled(*c.get(at)?, *x))?;
                }
                cover(with_bias(y.below_limit()?, at)?);
            }
        }
    }
    hull.unwrap_or(Wide::ZERO).accumulator()
}

/// The same `y` everywhere, each bias in turn.
fn spread(y: Wide, bias: &[i64], cover: &mut impl FnMut(Wide)) -> Option<()> {
    if bias.is_empty() {
        cover(y);
    }
    for &bias in bias {
        cover(y.plus(Interval::point(bias).into())?);
    }
    Some(())
}

fn sum(weights: &[i64], x: Interval) -> Option<Wide> {
    weights.iter().try_fold(Wide::ZERO, |y, &weight| y.plus(Wide::scaled(weight, x)))
}

/// The interval of `q` for accumulators in `y`.
pub(crate) fn rescaled(y: Interval, shift: u32) -> Interval {
    Interval { lo: rescale(y.lo, shift), hi: rescale(y.hi, shift) }
}

/// The proven interval of a tensor made by `op`; `None` where it could exceed 64 bits or `op` is malformed.
///
/// An input's interval is enforced, not derived: `enforced` is returned for it.
pub(crate) fn derived(graph: &QuantGraph, op: &QuantOp, enforced: Interval) -> Option<Interval> {
    match op {
        QuantOp::Input { .. } => Some(enforced),
        QuantOp::View { sources, map } => {
            let mut hull: Option<Interval> = None;
            let mut used = vec![false; sources.len()];
            for source in map {
                let here = match *source {
                    Source::Constant(value) => Interval::point(value),
                    Source::Element { source, .. } if *used.get(index(source))? => continue,
                    Source::Element { source, .. } => {
                        *used.get_mut(index(source))? = true;
                        of(graph, *sources.get(index(source))?)?
                    }
                };
                hull = Some(hull.map_or(here, |h| h.hull(here)));
            }
            Some(hull.unwrap_or(Interval::point(0)))
        }
        QuantOp::Exact { terms } => {
            if let Some(interval) = maximum::interval(graph, terms) {
                return Some(interval);
            }
            let mut y = Wide::ZERO;
            for (tensor, c) in terms {
                y = y.plus(Wide::scaled(*c, of(graph, *tensor)?))?;
            }
            y.accumulator()
        }
        QuantOp::Rescale { accumulator, function, .. } => {
            function.range(rescaled(*accumulator, graph.shift), graph.low_bits)
        }
    }
}
