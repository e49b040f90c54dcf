//! The report for a terminal.

use super::{Histogram, OutputError, Pair, QuantizationError};
use crate::plural;
use provenn_escape::plain;
use std::fmt::{Display, Formatter, Result};

/// Columns of the longest bar.
const BAR: usize = 40;
/// Flips that are listed.
const FLIPS: usize = 10;

impl Display for QuantizationError {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "{}", plural(self.observations, "observation"))?;
        for output in &self.outputs {
            summary(f, output)?;
            histogram(f, &output.histogram)?;
        }
        writeln!(
            f,
            "\n{:<36}{:<14}{:>11}{:>11}{:>9}{:>11}{:>11}",
            "layer", "operator", "mean", "max", "units", "expected", "bound"
        )?;
        for layer in &self.layers {
            writeln!(
                f,
                "{:<36}{:<14}{:>11.2e}{:>11.2e}{:>9.1}{:>11.2e}{:>11.2e}",
                tail(&plain(&layer.node), 35),
                plain(&layer.onnx_op),
                layer.mean,
                layer.max,
                layer.max_units,
                layer.expected,
                layer.worst_case
            )?;
        }
        for saturation in &self.saturation {
            writeln!(f, "saturated {saturation}")?;
        }
        let Some(task) = &self.task else { return Ok(()) };
        if let Some(agreement) = task.agreement {
            writeln!(f, "\nsame class: {:.4} of the observations", agreement)?;
        }
        for (name, pair) in [("accuracy", task.accuracy), ("auc", task.auc), ("rmse", task.rmse)] {
            if let Some(Pair { float, quantised }) = pair {
                writeln!(f, "{name}: float {float:.6}, quantised {quantised:.6}")?;
            }
        }
        for flip in task.flips.iter().take(FLIPS) {
            let label = flip.label.map_or_else(String::new, |label| format!(", label {label}"));
            writeln!(
                f,
                "observation {}: class {} became {}{label}",
                flip.observation, flip.float, flip.quantised
            )?;
        }
        if task.flips.len() > FLIPS {
            writeln!(f, "and {} more", task.flips.len() - FLIPS)?;
        }
        Ok(())
    }
}

fn summary(f: &mut Formatter<'_>, output: &OutputError) -> Result {
    writeln!(
        f,
        "\noutput `{}`: values up to {:.4}, steps of {:.2e}",
        plain(&output.name),
        output.magnitude,
        output.step
    )?;
    writeln!(f, "{:<12}{:>12}{:>12}{:>12}{:>12}", "error", "mean", "median", "p99", "max")?;
    for (name, s) in [("absolute", output.absolute), ("relative", output.relative)] {
        writeln!(
            f,
            "{name:<12}{:>12.3e}{:>12.3e}{:>12.3e}{:>12.3e}",
            s.mean, s.median, s.p99, s.max
        )?;
    }
    writeln!(f, "bias {:.3e}, mean squared {:.3e}", output.bias, output.mean_squared)
}

fn histogram(f: &mut Formatter<'_>, histogram: &Histogram) -> Result {
    let most = histogram.counts.iter().copied().max().unwrap_or(0).max(1);
    writeln!(f, "{:>10}  output values with errors of this size", "error from")?;
    if histogram.zeros > 0 {
        writeln!(f, "{:>10}  {} exact", "0", histogram.zeros)?;
    }
    for (edges, &count) in histogram.edges.windows(2).zip(&histogram.counts) {
        let eighths = count * BAR * 8 / most;
        let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
        writeln!(f, "{:>10.1e}  {}{rest} {count}", edges[0], "█".repeat(eighths / 8))?;
    }
    Ok(())
}

/// The last `most` characters: the telling part of a node's name.
pub(super) fn tail(name: &str, most: usize) -> String {
    let count = name.chars().count();
    if count <= most {
        return name.to_owned();
    }
    format!("…{}", name.chars().skip(count + 1 - most).collect::<String>())
}
