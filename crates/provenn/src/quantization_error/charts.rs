//! The report's pictures: how often errors are how large, values against values, errors by layer.

use super::{Histogram, LayerError};
use crate::plot::{Axis, frame, short};
use provenn_escape::markup;
use std::fmt::Write;

const SIZE: (f64, f64) = (680.0, 330.0);
/// Places of the axes' ends: x from left to right, y from the bottom up.
const X: (f64, f64) = (76.0, 664.0);
const Y: (f64, f64) = (282.0, 34.0);
/// Height of a layer's bar, and letters of its name.
const BAR: f64 = 18.0;
const NAME: usize = 38;

/// Bars over bins of equal width on a logarithmic axis, each with its count.
pub(super) fn histogram(histogram: &Histogram) -> String {
    let Histogram { zeros, edges, counts } = histogram;
    if edges.is_empty() {
        return format!("<p>All {zeros} values are exact.</p>\n");
    }
    #[allow(clippy::cast_precision_loss)] // a count
    let height = |count: usize| count as f64;
    let most = counts.iter().copied().max().map_or(0.0, height);
    let x = Axis::logarithmic("absolute error", edges.iter().copied(), X);
    let y = Axis::counts("output values", most, Y);
    let title = match zeros {
        0 => "How large the errors are".to_owned(),
        zeros => format!("How large the errors are ({zeros} values without error not drawn)"),
    };
    let mut svg = frame(SIZE, &title, &x, &y);
    for (edges, &count) in edges.windows(2).zip(counts) {
        let (left, right, top) = (x.at(edges[0]), x.at(edges[1]), y.at(height(count)));
        let _ = writeln!(
            svg,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#4878a8\" stroke=\"white\"><title>{} to {}: {count}</title></rect>",
            right - left,
            Y.0 - top,
            short(edges[0]),
            short(edges[1])
        );
        if count > 0 {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"9\" text-anchor=\"middle\">{}</text>",
                (left + right) / 2.0,
                top - 3.0,
                thousands(count)
            );
        }
    }
    svg + "</svg>\n"
}

/// A count that fits above a bar.
fn thousands(count: usize) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..10_000_000 => format!("{}k", (count + 500) / 1000),
        _ => format!("{}M", (count + 500_000) / 1_000_000),
    }
}

/// Float across, quantised upwards; exact points lie on the diagonal.
pub(super) fn scatter(points: &[(f64, f64)]) -> String {
    let all = || points.iter().flat_map(|&(float, quantised)| [float, quantised]);
    let x = Axis::linear("float output", all(), X);
    let y = Axis::linear("quantised output", all(), Y);
    let title = "Quantised against float outputs; exact ones lie on the line";
    let mut svg = frame(SIZE, title, &x, &y);
    let _ = writeln!(
        svg,
        "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#777\" stroke-dasharray=\"4 3\"/>",
        X.0, Y.0, X.1, Y.1
    );
    for &(float, quantised) in points {
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2\" fill=\"none\" stroke=\"#a33\"/>",
            x.at(float),
            y.at(quantised)
        );
    }
    svg + "</svg>\n"
}

/// A bar per layer with its name: root-mean-square error, and the largest as a tick.
pub(super) fn layers(layers: &[LayerError]) -> String {
    if layers.is_empty() {
        return String::new();
    }
    #[allow(clippy::cast_precision_loss)] // a count
    let bottom = 40.0 + layers.len() as f64 * BAR;
    let letters = layers.iter().map(|l| l.node.chars().count().min(NAME)).max().unwrap_or(0);
    #[allow(clippy::cast_precision_loss)] // a count
    let left = 24.0 + letters as f64 * 6.4;
    let x = Axis::logarithmic(
        "error: bar root-mean-square, line and number largest (logarithmic)",
        layers.iter().flat_map(|l| [l.rms, l.max]),
        (left, X.1 - 60.0),
    );
    let y = Axis::rows((bottom, 34.0));
    let mut svg = frame((SIZE.0, bottom + 48.0), "Errors by layer", &x, &y);
    let mut top = 38.0;
    for layer in layers {
        let (rms, max) = (x.at(layer.rms), x.at(layer.max));
        let name = super::text::tail(&layer.node, NAME);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{left}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"#4878a8\"/>\
             <path d=\"M{max:.1} {top:.1}v{:.1}\" stroke=\"black\" stroke-width=\"2\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" font-size=\"10\">{}</text>",
            left - 8.0,
            top + 11.0,
            markup(&name),
            rms - left,
            BAR - 5.0,
            BAR - 5.0,
            max.max(rms) + 6.0,
            top + 10.0,
            short(layer.max)
        );
        top += BAR;
    }
    svg + "</svg>\n"
}
