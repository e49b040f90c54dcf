//! One axis of a `Resize`: where each place of the result lies in what is given, and what weighs there.
//!
//! Places are computed in `f32`, as models are run: at ties the last bit decides which neighbour is nearest.

use crate::evaluate::precision::count as double;
use crate::import::reason::Reason;

/// How places of the result are mapped to what is given.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Coordinates {
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    AlignCorners,
    Asymmetric,
    TfHalfPixelForNn,
    /// Of a region, beyond which a value stands.
    Crop,
}

/// Which neighbour is the nearest.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Nearest {
    RoundPreferFloor,
    RoundPreferCeil,
    Floor,
    Ceil,
    /// Before version 11: the lower one, or the upper one where the result is smaller.
    Simple,
}

/// What weighs how much.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Filter {
    Nearest(Nearest),
    Linear { antialias: bool, exclude_outside: bool },
    Cubic { a: f64, antialias: bool, exclude_outside: bool },
}

pub(super) struct Axis {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) scale: f32,
    /// Start and end of what is shown, as parts of the whole.
    pub(super) region: (f32, f32),
}

#[expect(clippy::cast_precision_loss, reason = "models are run with places in f32")]
fn single(count: usize) -> f32 {
    count as f32
}

/// A number as a position of `count`, the nearest where it lies beyond.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is brought between 0 and a count first"
)]
fn place(value: f64, count: usize) -> usize {
    value.max(0.0).min(double(count.saturating_sub(1))) as usize
}

impl Axis {
    pub(super) fn unchanged(extent: usize) -> Self {
        Axis { from: extent, to: extent, scale: 1.0, region: (0.0, 1.0) }
    }

    /// Scales to the whole part of the product.
    pub(super) fn scale(&mut self, scale: f32) -> Result<(), Reason> {
        self.to = extent(f64::from((scale * single(self.from)).floor()))?;
        self.scale = scale;
        Ok(())
    }

    /// Scales to the nearest of the product.
    pub(super) fn scale_rounded(&mut self, scale: f32) -> Result<(), Reason> {
        self.to = extent(f64::from((scale * single(self.from) + 0.5).floor()))?;
        self.scale = scale;
        Ok(())
    }

    pub(super) fn fit(&mut self, to: usize) {
        self.to = to;
        self.scale = single(to) / single(self.from);
    }

    /// Whether the scale leads to the extent, with nothing cut off.
    pub(super) fn is_whole(&self) -> bool {
        (f64::from(self.scale) * double(self.from) - double(self.to)).abs() < 1e-4
    }

    pub(super) fn is_unchanged(&self, coordinates: Coordinates) -> bool {
        let whole = coordinates != Coordinates::Crop || self.region == (0.0, 1.0);
        whole && self.from == self.to && (self.scale - 1.0).abs() < 1e-6
    }

    /// Where a place of the result lies.
    fn origin(&self, at: usize, coordinates: Coordinates) -> f32 {
        let (x, from, to) = (single(at), single(self.from), single(self.to));
        match coordinates {
            Coordinates::HalfPixel => (x + 0.5) / self.scale - 0.5,
            Coordinates::HalfPixelSymmetric => {
                let adjustment = to / (self.scale * from);
                from / 2.0 * (1.0 - adjustment) + (x + 0.5) / self.scale - 0.5
            }
            Coordinates::PytorchHalfPixel if self.to > 1 => (x + 0.5) / self.scale - 0.5,
            Coordinates::AlignCorners if self.to > 1 => x * (from - 1.0) / (to - 1.0),
            Coordinates::PytorchHalfPixel | Coordinates::AlignCorners => 0.0,
            Coordinates::Asymmetric => x / self.scale,
            Coordinates::TfHalfPixelForNn => (x + 0.5) / self.scale,
            Coordinates::Crop => {
                let (start, end) = self.region;
                match self.to > 1 {
                    true => start * (from - 1.0) + (x * (end - start) * (from - 1.0)) / (to - 1.0),
                    false => 0.5 * (start + end) * (from - 1.0),
                }
            }
        }
    }

    /// By place of the result, whether it lies within what is given.
    pub(super) fn inside(&self, coordinates: Coordinates) -> Vec<bool> {
        let last = single(self.from.saturating_sub(1));
        let inside = |at: usize| {
            let origin = self.origin(at, coordinates);
            coordinates != Coordinates::Crop || (0.0..=last).contains(&origin)
        };
        (0..self.to).map(inside).collect()
    }

    /// By place of the result, the nearest that is given.
    pub(super) fn nearest(&self, coordinates: Coordinates, nearest: Nearest) -> Vec<usize> {
        let nearest = |at: usize| {
            let x = self.origin(at, coordinates);
            let chosen = match nearest {
                Nearest::RoundPreferFloor if x - x.floor() <= 0.5 => x.floor(),
                Nearest::RoundPreferFloor => x.ceil(),
                Nearest::RoundPreferCeil if x - x.floor() < 0.5 => x.floor(),
                Nearest::RoundPreferCeil | Nearest::Ceil => x.ceil(),
                Nearest::Simple if self.scale < 1.0 => x.ceil(),
                Nearest::Floor | Nearest::Simple => x.floor(),
            };
            place(f64::from(chosen), self.from)
        };
        (0..self.to).map(nearest).collect()
    }

    /// `[to, from]`: how much each element given weighs in each of the result.
    pub(super) fn weights(&self, coordinates: Coordinates, filter: Filter) -> Vec<f32> {
        let (reach, antialias, exclude_outside) = match filter {
            Filter::Nearest(_) => (1.0, false, false),
            Filter::Linear { antialias, exclude_outside } => (1.0, antialias, exclude_outside),
            Filter::Cubic { antialias, exclude_outside, .. } => (2.0, antialias, exclude_outside),
        };
        // Smoothing spreads the filter over what one place of the result stands for.
        let squeeze = if antialias { f64::from(self.scale).min(1.0) } else { 1.0 };
        let last = double(self.from.saturating_sub(1));
        let mut all = Vec::with_capacity(self.to.saturating_mul(self.from));
        for at in 0..self.to {
            let origin = f64::from(self.origin(at, coordinates));
            let mut row = vec![0.0_f64; self.from];
            let first = (origin - reach / squeeze).floor();
            let end = (origin + reach / squeeze).ceil();
            let mut total = 0.0;
            let mut tap = first.max(-2.0 * last - 4.0);
            while tap <= end.min(3.0 * last + 4.0) {
                let weight = filter.at((tap - origin) * squeeze);
                let outside = tap < 0.0 || tap > last;
                if weight != 0.0 && !(outside && exclude_outside) {
                    total += weight;
                    row.get_mut(place(tap, self.from)).into_iter().for_each(|w| *w += weight);
                }
                tap += 1.0;
            }
            if total == 0.0 {
                total = 1.0;
            }
            all.extend(row.into_iter().map(|weight| short(weight / total)));
        }
        all
    }
}

impl Filter {
    /// The weight of what lies so far away.
    fn at(self, distance: f64) -> f64 {
        let x = distance.abs();
        match self {
            Filter::Nearest(_) => 0.0,
            Filter::Linear { .. } => (1.0 - x).max(0.0),
            Filter::Cubic { a, .. } if x <= 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            Filter::Cubic { a, .. } if x < 2.0 => ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a,
            Filter::Cubic { .. } => 0.0,
        }
    }
}

/// A product as an extent.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is checked to be a count"
)]
fn extent(value: f64) -> Result<usize, Reason> {
    let fits = (0.0..=double(1 << 40)).contains(&value);
    if fits { Ok(value as usize) } else { Err(Reason(format!("{value} is no extent"))) }
}

#[expect(clippy::cast_possible_truncation, reason = "weights are f32")]
fn short(value: f64) -> f32 {
    value as f32
}
