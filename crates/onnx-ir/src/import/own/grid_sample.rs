//! `GridSample` at constant places: every element of the result is a sum of elements by constant weights.

use tract_onnx::prelude::DatumType;

use super::gather_nd::coordinates;
use super::maker::Maker;
use super::site::Site;
use crate::evaluate::precision::count as double;
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More weights than this are better refused than laid out.
const MOST_WEIGHTS: usize = 1 << 22;

#[derive(Clone, Copy, PartialEq)]
enum Filter {
    Nearest,
    Linear,
    Cubic,
}

#[derive(Clone, Copy, PartialEq)]
enum Padding {
    Zeros,
    Border,
    Reflection,
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (data, grid) = (site.shape(0)?, site.shape(1)?);
    let rank = data.len();
    let fits = grid.len() == rank
        && rank > 2
        && grid.first() == data.first()
        && grid.last().copied() == rank.checked_sub(2);
    if !fits {
        return Err("its grid does not fit its data".into());
    }
    let places = grid.get(1..rank - 1).unwrap_or(&[]);
    Ok(vec![(site.kind(0)?, [data.get(..2).unwrap_or(&[]), places].concat())])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let filter = match site.word("mode", "linear") {
        "nearest" => Filter::Nearest,
        "linear" | "bilinear" => Filter::Linear,
        "cubic" | "bicubic" => Filter::Cubic,
        other => return Err(Reason(format!("its mode {other} is unknown"))),
    };
    let padding = match site.word("padding_mode", "zeros") {
        "zeros" => Padding::Zeros,
        "border" => Padding::Border,
        "reflection" => Padding::Reflection,
        other => return Err(Reason(format!("its padding_mode {other} is unknown"))),
    };
    let aligned = site.int("align_corners", 0) != 0;
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let data = site.shape(0)?.to_vec();
    let (&[batch, channels], spatial) =
        data.split_first_chunk::<2>().ok_or("it has no channels")?;
    let grid = site.numbers(1)?.ok_or("its grid is missing")?;
    let plane: usize = spatial.iter().product();
    let places: usize = shape.iter().skip(2).product();
    let count = batch.checked_mul(plane).and_then(|count| count.checked_mul(places));
    if count.is_none_or(|count| count > MOST_WEIGHTS) {
        return Err(Reason(format!("{places} places of {plane} elements take too many weights")));
    }
    if grid.iter().any(|place| !place.is_finite()) {
        return Err("its grid has places that are no numbers".into());
    }
    // [batch, plane, places]
    let mut weights = vec![0.0_f32; batch * plane * places];
    for (at, place) in grid.chunks_exact(spatial.len()).enumerate() {
        let (image, at) = (at / places.max(1), at % places.max(1));
        // The grid names the last axis first.
        let axes = spatial.iter().zip(place.iter().rev());
        let taps: Vec<Vec<(usize, f64)>> = axes
            .map(|(&extent, &place)| {
                Line { extent, aligned, padding }.taps(f64::from(place), filter)
            })
            .collect();
        let counts: Vec<usize> = taps.iter().map(Vec::len).collect();
        for combination in 0..counts.iter().product() {
            let (mut source, mut weight) = (0, 1.0);
            for ((taps, chosen), extent) in
                taps.iter().zip(coordinates(combination, &counts)).zip(spatial)
            {
                let (tap, part) = taps.get(chosen).copied().unwrap_or((0, 0.0));
                source = source * extent + tap;
                weight *= part;
            }
            let to = (image * plane + source) * places + at;
            weights.get_mut(to).into_iter().for_each(|w| *w += short(weight));
        }
    }
    let x = maker.input(0)?;
    let x = maker.reshape("planes", x, &[batch, channels, plane])?;
    let weights = maker.constant("weights", &[batch, plane, places], weights)?;
    let y = maker.push("sampled", Op::MatMul, &[x, weights])?;
    Ok(vec![maker.reshape("shaped", y, &shape)?])
}

/// One spatial axis.
#[derive(Clone, Copy)]
struct Line {
    extent: usize,
    aligned: bool,
    padding: Padding,
}

impl Line {
    /// What a place between -1 and 1 reads, and how much each weighs; nothing beyond the axis.
    fn taps(self, place: f64, filter: Filter) -> Vec<(usize, f64)> {
        let extent = double(self.extent);
        let x = match self.aligned {
            true => (place + 1.0) / 2.0 * (extent - 1.0),
            false => ((place + 1.0) * extent - 1.0) / 2.0,
        };
        // The place itself is brought inside, except for cubics, whose taps are.
        let x = if filter == Filter::Cubic { x } else { self.inside(x) };
        let floor = x.floor();
        let ratio = x - floor;
        let taps: Vec<(f64, f64)> = match filter {
            Filter::Nearest => vec![(even(x), 1.0)],
            Filter::Linear => vec![(floor, 1.0 - ratio), (floor + 1.0, ratio)],
            Filter::Cubic => {
                (-1..=2).map(|at| (floor + f64::from(at), cubic(f64::from(at) - ratio))).collect()
            }
        };
        let within = |(at, weight): (f64, f64)| {
            let at = if filter == Filter::Cubic { self.inside(at) } else { at };
            let inside = (0.0..=extent - 1.0).contains(&at) && weight != 0.0;
            inside.then(|| (position(at), weight))
        };
        taps.into_iter().filter_map(within).collect()
    }

    fn inside(self, x: f64) -> f64 {
        let last = double(self.extent) - 1.0;
        match self.padding {
            Padding::Zeros => x,
            Padding::Border => x.max(0.0).min(last),
            Padding::Reflection => {
                let (low, high) = if self.aligned { (0.0, last) } else { (-0.5, last + 0.5) };
                let range = high - low;
                if range <= 0.0 {
                    return 0.0;
                }
                let from = (x - low).rem_euclid(2.0 * range);
                let back = if from > range { 2.0 * range - from } else { from };
                (low + back).max(0.0).min(last)
            }
        }
    }
}

/// To the nearest, of two the even one.
fn even(x: f64) -> f64 {
    x.round_ties_even()
}

fn cubic(distance: f64) -> f64 {
    const A: f64 = -0.75;
    let x = distance.abs();
    match x {
        x if x <= 1.0 => ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0,
        x if x < 2.0 => ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A,
        _ => 0.0,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value lies on an axis"
)]
fn position(at: f64) -> usize {
    at as usize
}

#[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
fn short(value: f64) -> f32 {
    value as f32
}
