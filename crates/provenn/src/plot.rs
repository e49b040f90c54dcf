//! Axes and frames of the pictures: titles, ticks at round numbers, linear or logarithmic, as SVG.

use provenn_escape::markup;
use std::fmt::Write;

/// From values to places along one side of a picture.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    title: &'static str,
    logarithmic: bool,
    /// Ends, as logarithms to base 10 where it is logarithmic.
    lo: f64,
    hi: f64,
    /// Places of the ends.
    from: f64,
    to: f64,
}

/// Ticks aimed at along an axis.
const TICKS: f64 = 6.0;

impl Axis {
    /// A linear axis over the values, with a little room at the ends.
    pub(crate) fn linear(
        title: &'static str,
        values: impl Iterator<Item = f64>,
        places: (f64, f64),
    ) -> Self {
        let (lo, hi) = ends(values.filter(|v| v.is_finite()));
        let room = if lo < hi { (hi - lo) * 0.03 } else { lo.abs().max(1.0) / 2.0 };
        let (lo, hi, (from, to)) = (lo - room, hi + room, places);
        Axis { title, logarithmic: false, lo, hi, from, to }
    }

    /// Counts from 0.
    pub(crate) fn counts(title: &'static str, most: f64, places: (f64, f64)) -> Self {
        let (from, to) = places;
        Axis { title, logarithmic: false, lo: 0.0, hi: most.max(1.0) * 1.12, from, to }
    }

    /// An axis for rows of names, which the caller writes: no ticks and no title.
    pub(crate) fn rows((from, to): (f64, f64)) -> Self {
        Axis { title: "", logarithmic: false, lo: 0.0, hi: 0.0, from, to }
    }

    /// A logarithmic axis over the positive values.
    pub(crate) fn logarithmic(
        title: &'static str,
        values: impl Iterator<Item = f64>,
        places: (f64, f64),
    ) -> Self {
        let (lo, hi) = ends(values.filter(|&v| v > 0.0 && v.is_finite()).map(f64::log10));
        let room = ((hi - lo) * 0.05).max(0.1);
        let (lo, hi, (from, to)) = (lo - room, hi + room, places);
        Axis { title, logarithmic: true, lo, hi, from, to }
    }

    /// The place of a value; what lies beyond an end, as zero on a logarithmic axis, stands at the end.
    pub(crate) fn at(&self, value: f64) -> f64 {
        let scaled = if self.logarithmic { value.max(f64::MIN_POSITIVE).log10() } else { value };
        let share = (scaled.clamp(self.lo, self.hi) - self.lo) / (self.hi - self.lo);
        self.from + share * (self.to - self.from)
    }

    /// Round values within the axis.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        if self.lo >= self.hi {
            return vec![];
        }
        match self.logarithmic {
            true if self.hi - self.lo > 0.7 => self.powers(),
            // Within a decade even steps are as round.
            true => steps(10_f64.powf(self.lo), 10_f64.powf(self.hi)),
            false => steps(self.lo, self.hi),
        }
    }

    fn powers(&self) -> Vec<f64> {
        let decades = self.hi - self.lo;
        let every = (decades / (2.0 * TICKS)).ceil().max(1.0);
        let between: &[f64] = match decades {
            d if d > 3.0 => &[1.0],
            d if d > 1.5 => &[1.0, 3.0],
            _ => &[1.0, 2.0, 3.0, 5.0, 7.0],
        };
        let mut ticks = vec![];
        let mut exponent = self.lo.floor();
        while exponent <= self.hi {
            let inside = |tick: &f64| (self.lo..=self.hi).contains(&tick.log10());
            ticks.extend(between.iter().map(|m| m * 10_f64.powf(exponent)).filter(inside));
            exponent += every;
        }
        ticks
    }
}

/// Round values from one end to the other, evenly spaced.
fn steps(lo: f64, hi: f64) -> Vec<f64> {
    let rough = (hi - lo) / TICKS;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power);
    let step = step.into_iter().find(|&step| step >= rough).unwrap_or(rough);
    let mut ticks = vec![];
    let mut at = (lo / step).ceil();
    while at * step <= hi {
        ticks.push(at * step);
        at += 1.0;
    }
    ticks
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (lo, hi) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (lo.min(v), hi.max(v)));
    if lo <= hi { (lo, hi) } else { (0.0, 0.0) }
}

/// A number as short as it reads well.
pub(crate) fn short(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-3..1e5).contains(&size) {
        let text = format!("{value:.1e}");
        return text.replace(".0e", "e");
    }
    let text = format!("{value:.4}");
    match text.trim_end_matches('0').trim_end_matches('.') {
        "-0" => "0".into(),
        short => short.into(),
    }
}

/// A picture's head, its title, and both axes with ticks, grid and titles. The caller ends it with `</svg>`.
pub(crate) fn frame((width, height): (f64, f64), title: &str, x: &Axis, y: &Axis) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{:.1}\" y=\"20\" font-size=\"13\" font-weight=\"bold\">{}</text>\n",
        x.from.min(x.to),
        markup(title)
    );
    for tick in x.ticks() {
        let at = x.at(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} {:.1}V{:.1}\" stroke=\"#ddd\"/><path d=\"M{at:.1} {:.1}v5\" stroke=\"black\"/><text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            y.from,
            y.to,
            y.from,
            y.from + 17.0,
            short(tick)
        );
    }
    for tick in y.ticks() {
        let at = y.at(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M{:.1} {at:.1}H{:.1}\" stroke=\"#ddd\"/><path d=\"M{:.1} {at:.1}h-5\" stroke=\"black\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            x.from,
            x.to,
            x.from,
            x.from - 8.0,
            at + 4.0,
            short(tick)
        );
    }
    let middle = |axis: &Axis| (axis.from + axis.to) / 2.0;
    let _ = writeln!(
        svg,
        "<path d=\"M{:.1} {:.1}V{:.1}H{:.1}\" fill=\"none\" stroke=\"black\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
         <text transform=\"translate(14 {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        x.from,
        y.to,
        y.from,
        x.to,
        middle(x),
        y.from + 36.0,
        x.title,
        middle(y),
        y.title
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let axis = Axis::logarithmic("", [0.013, 0.5].into_iter(), (0.0, 100.0));
        let shown: Vec<_> = axis.ticks().into_iter().map(short).collect();
        assert_eq!(shown, ["0.03", "0.1", "0.3"]);
        let axis = Axis::logarithmic("", [1e-9, 2e2].into_iter(), (0.0, 100.0));
        assert!((5..=13).contains(&axis.ticks().len()), "{:?}", axis.ticks());
        let axis = Axis::linear("", [-3.0, 11.0].into_iter(), (0.0, 100.0));
        assert_eq!(axis.ticks(), [0.0, 5.0, 10.0]);
        let axis = Axis::linear("", [4.0, 4.0].into_iter(), (0.0, 100.0));
        assert!(axis.ticks().len() >= 3 && (axis.at(4.0) - 50.0).abs() < 1e-9);
        assert_eq!(Axis::linear("", std::iter::empty(), (0.0, 1.0)).at(0.0), 0.5);
    }

    #[test]
    fn numbers_are_short() {
        let all = [0.0, 1e-3, 0.25, 12.0, 2e-4, 1.3e7].map(short);
        assert_eq!(all, ["0", "0.001", "0.25", "12", "2e-4", "1.3e7"]);
    }
}
