//! The report as one HTML page with its pictures inside.

use super::{OutputError, QuantizationError};
use provenn_escape::markup;
use std::fmt::Write;

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 260.0;
const EDGE: f64 = 44.0;

impl QuantizationError {
    /// A page that needs no other file.
    #[must_use]
    pub fn html(&self, title: &str) -> String {
        let title = markup(title);
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\n\
             <style>body{{font-family:sans-serif;margin:2em;max-width:70em}}table{{border-collapse:collapse}}\
             td,th{{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:right}}\
             td:first-child,th:first-child{{text-align:left}}svg{{margin:.5em}}</style>\n\
             <h1>{title}</h1>\n<p>{} observations.</p>\n",
            self.observations
        );
        for output in &self.outputs {
            page.push_str(&of_output(output));
        }
        page.push_str(&self.of_layers());
        page.push_str(&self.of_task());
        if !self.saturation.is_empty() {
            page.push_str("<h2>Saturation</h2>\n<ul>\n");
            for saturation in &self.saturation {
                let _ = writeln!(page, "<li>{}</li>", markup(&saturation.to_string()));
            }
            page.push_str("</ul>\n");
        }
        page.push_str("</html>\n");
        page
    }

    fn of_layers(&self) -> String {
        let mut text = String::from(
            "<h2>Layers</h2>\n<table><tr><th>node<th>operator<th>mean<th>rms<th>max<th>max, units<th>expected<th>bound</tr>\n",
        );
        for layer in &self.layers {
            let _ = writeln!(
                text,
                "<tr><td>{}<td>{}<td>{:.2e}<td>{:.2e}<td>{:.2e}<td>{:.1}<td>{:.2e}<td>{:.2e}</tr>",
                markup(&layer.node),
                markup(&layer.onnx_op),
                layer.mean,
                layer.rms,
                layer.max,
                layer.max_units,
                layer.expected,
                layer.worst_case
            );
        }
        text.push_str("</table>\n");
        let bars: Vec<(String, f64)> =
            self.layers.iter().map(|l| (l.node.clone(), l.rms)).collect();
        text.push_str(&chart("root-mean-square error per layer", &bars));
        text
    }

    fn of_task(&self) -> String {
        let Some(task) = &self.task else { return String::new() };
        let mut text = String::from("<h2>Task</h2>\n");
        if let Some(agreement) = task.agreement {
            let _ = writeln!(text, "<p>Same class for {agreement:.4} of the observations.</p>");
        }
        text.push_str("<table><tr><th>score<th>float<th>quantised</tr>\n");
        for (name, pair) in [("accuracy", task.accuracy), ("auc", task.auc), ("rmse", task.rmse)] {
            if let Some(pair) = pair {
                let _ = writeln!(
                    text,
                    "<tr><td>{name}<td>{:.6}<td>{:.6}</tr>",
                    pair.float, pair.quantised
                );
            }
        }
        text.push_str("</table>\n");
        if !task.flips.is_empty() {
            text.push_str(
                "<h3>Flips</h3>\n<table><tr><th>observation<th>float<th>quantised<th>label</tr>\n",
            );
            for flip in &task.flips {
                let label = flip.label.map_or_else(String::new, |label| label.to_string());
                let _ = writeln!(
                    text,
                    "<tr><td>{}<td>{}<td>{}<td>{label}</tr>",
                    flip.observation, flip.float, flip.quantised
                );
            }
            text.push_str("</table>\n");
        }
        text
    }
}

fn of_output(output: &OutputError) -> String {
    let mut text = format!(
        "<h2>Output {}</h2>\n<p>Values up to {:.4}, steps of {:.2e}; bias {:.3e}, mean squared error {:.3e}.</p>\n\
         <table><tr><th>error<th>mean<th>median<th>p99<th>max</tr>\n",
        markup(&output.name),
        output.magnitude,
        output.step,
        output.bias,
        output.mean_squared
    );
    for (name, s) in [("absolute", output.absolute), ("relative", output.relative)] {
        let _ = writeln!(
            text,
            "<tr><td>{name}<td>{:.3e}<td>{:.3e}<td>{:.3e}<td>{:.3e}</tr>",
            s.mean, s.median, s.p99, s.max
        );
    }
    text.push_str("</table>\n");
    #[allow(clippy::cast_precision_loss)] // counts
    let bars: Vec<(String, f64)> = output
        .histogram
        .edges
        .windows(2)
        .zip(&output.histogram.counts)
        .map(|(edges, &count)| (format!("{:.1e} to {:.1e}", edges[0], edges[1]), count as f64))
        .collect();
    text.push_str(&chart("absolute errors, logarithmic bins", &bars));
    text.push_str(&scatter(&output.points));
    text
}

/// Bars side by side, each with its name and value as a tooltip.
fn chart(title: &str, bars: &[(String, f64)]) -> String {
    let most = bars.iter().map(|b| b.1).fold(f64::MIN_POSITIVE, f64::max);
    #[allow(clippy::cast_precision_loss)] // a count
    let width = (WIDTH - 2.0 * EDGE) / bars.len().max(1) as f64;
    let mut svg = frame(title);
    let mut x = EDGE;
    for (name, value) in bars {
        let height = (value / most).max(0.0) * (HEIGHT - 2.0 * EDGE);
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"#4878a8\"><title>{}: {value:.3e}</title></rect>",
            HEIGHT - EDGE - height,
            (width - 1.0).max(0.5),
            markup(name)
        );
        x += width;
    }
    if let (Some(first), Some(last)) = (bars.first(), bars.last()) {
        let y = HEIGHT - EDGE + 16.0;
        let _ = writeln!(
            svg,
            "<text x=\"{EDGE}\" y=\"{y}\">{}</text><text x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text><text x=\"4\" y=\"{}\">{most:.1e}</text>",
            markup(&first.0),
            WIDTH - EDGE,
            markup(&last.0),
            EDGE - 4.0
        );
    }
    svg + "</svg>\n"
}

/// Float across, quantised upwards; exact points lie on the diagonal.
fn scatter(points: &[(f64, f64)]) -> String {
    let all = || points.iter().flat_map(|&(f, q)| [f, q]);
    let (lo, hi) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let (lo, hi) = if lo < hi { (lo, hi) } else { (lo - 0.5, lo + 0.5) };
    let x = |v: f64| EDGE + (v - lo) / (hi - lo) * (WIDTH - 2.0 * EDGE);
    let y = |v: f64| HEIGHT - EDGE - (v - lo) / (hi - lo) * (HEIGHT - 2.0 * EDGE);
    let mut svg = frame("float (across) and quantised (up)");
    let _ = writeln!(
        svg,
        "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#bbb\"/>",
        x(lo),
        y(lo),
        x(hi),
        y(hi)
    );
    for &(float, quantised) in points {
        let _ = writeln!(
            svg,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"1.5\" fill=\"#c33\"/>",
            x(float),
            y(quantised)
        );
    }
    svg + "</svg>\n"
}

fn frame(title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" font-size=\"10\">\
         <text x=\"{EDGE}\" y=\"20\" font-size=\"12\">{}</text>\
         <path d=\"M{EDGE} {EDGE}V{}H{}\" fill=\"none\" stroke=\"#999\"/>\n",
        markup(title),
        HEIGHT - EDGE,
        WIDTH - EDGE
    )
}
