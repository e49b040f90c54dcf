//! Non-negative least squares on relative errors, and how well predictions rank.

use crate::case::Measured;
use std::fmt::Write;

/// Prediction against measurement, for the weights in use and for those fitted now.
pub(crate) fn report(measured: &[Measured]) -> String {
    let mut text = String::from(
        "| model | target | k | prove CPU s | modelled | fitted | peak MiB | modelled | fitted |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    let seconds: Vec<f64> = measured.iter().map(|m| m.proofs.seconds).collect();
    let bytes: Vec<f64> = measured.iter().map(|m| m.proofs.peak_bytes as f64).collect();
    let seconds_features: Vec<&[f64]> =
        measured.iter().map(|m| m.plan.seconds_features.as_slice()).collect();
    let bytes_features: Vec<&[f64]> =
        measured.iter().map(|m| m.plan.bytes_features.as_slice()).collect();
    let by_seconds = fit(&seconds_features, &seconds);
    let by_bytes = fit(&bytes_features, &bytes);
    let fitted_seconds: Vec<f64> = seconds_features.iter().map(|f| dot(&by_seconds, f)).collect();
    let fitted_bytes: Vec<f64> = bytes_features.iter().map(|f| dot(&by_bytes, f)).collect();
    let mib = |bytes: f64| bytes / f64::from(1 << 20);
    for (i, m) in measured.iter().enumerate() {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.2} | {:.2} | {:.2} | {:.0} | {:.0} | {:.0} |",
            m.model,
            m.target(),
            m.plan.k,
            m.proofs.seconds,
            m.plan.modelled_seconds,
            fitted_seconds[i],
            mib(m.proofs.peak_bytes as f64),
            mib(m.plan.modelled_bytes),
            mib(fitted_bytes[i])
        );
    }
    let modelled_seconds: Vec<f64> = measured.iter().map(|m| m.plan.modelled_seconds).collect();
    let modelled_bytes: Vec<f64> = measured.iter().map(|m| m.plan.modelled_bytes).collect();
    for (name, predicted, actual) in [
        ("seconds, as modelled", &modelled_seconds, &seconds),
        ("seconds, fitted now", &fitted_seconds, &seconds),
        ("bytes, as modelled", &modelled_bytes, &bytes),
        ("bytes, fitted now", &fitted_bytes, &bytes),
    ] {
        let mut off: Vec<f64> =
            predicted.iter().zip(actual).map(|(p, a)| (p / a - 1.0).abs()).collect();
        off.sort_by(f64::total_cmp);
        let _ = writeln!(
            text,
            "{name}: rank correlation {:.3}, median error {:.0} %, largest {:.0} %",
            rank_correlation(predicted, actual),
            off[off.len() / 2] * 100.0,
            off[off.len() - 1] * 100.0
        );
    }
    let shown =
        |weights: &[f64]| weights.iter().map(|w| format!("{w:.2e}")).collect::<Vec<_>>().join(", ");
    let (seconds, bytes) = (shown(&by_seconds), shown(&by_bytes));
    let _ = writeln!(text, "fitted SECONDS: [{seconds}]\nfitted BYTES: [{bytes}]");
    text
}

fn dot(weights: &[f64], features: &[f64]) -> f64 {
    weights.iter().zip(features).map(|(w, f)| w * f).sum()
}

/// Weights w ≥ 0 that make Σ (w·f / y − 1)² least, one coordinate after the other.
fn fit(features: &[&[f64]], y: &[f64]) -> Vec<f64> {
    let count = features.first().map_or(0, |f| f.len());
    let rows: Vec<Vec<f64>> =
        features.iter().zip(y).map(|(f, y)| f.iter().map(|v| v / y).collect()).collect();
    let mut weights = vec![0.0; count];
    for _ in 0..20_000 {
        for j in 0..count {
            let (mut above, mut below) = (0.0, 0.0);
            for row in &rows {
                let rest = dot(&weights, row) - weights[j] * row[j];
                above += row[j] * (1.0 - rest);
                below += row[j] * row[j];
            }
            weights[j] = if below > 0.0 { f64::max(above / below, 0.0) } else { 0.0 };
        }
    }
    weights
}

/// Spearman's ρ: Pearson's correlation of ranks.
fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let covariance: f64 = a.iter().zip(&b).map(|(x, y)| (x - mean) * (y - mean)).sum();
    let spread = |r: &[f64]| r.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
    covariance / (spread(&a) * spread(&b)).sqrt()
}

/// Ranks from 0; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .map(|v| {
            let below = values.iter().filter(|w| *w < v).count() as f64;
            let equal = values.iter().filter(|w| *w == v).count() as f64;
            below + (equal - 1.0) / 2.0
        })
        .collect()
}
