//! The report as one HTML page with its pictures inside.

use super::charts;
use super::{OutputError, QuantizationError};
use crate::plural;
use provenn_escape::markup;
use std::fmt::Write;

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
             <h1>{title}</h1>\n<p>{}.</p>\n",
            plural(self.observations, "observation")
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
        text.push_str(&charts::layers(&self.layers));
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
    text.push_str(&charts::histogram(&output.histogram));
    text.push_str(&charts::scatter(&output.points));
    text
}
