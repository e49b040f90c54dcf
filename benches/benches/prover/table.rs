//! What was measured, as tables.

use crate::case::Measured;
use std::fmt::Write;

/// By model: ours, halo2's, one thread, the floor.
type Row = [Measured; 4];

/// Ours against halo2's and the floor.
pub(crate) fn comparison(rows: &[Row]) -> String {
    let mut text = String::from(
        "| model | k | CPU s | stock | ratio | floor | over floor | peak MiB | stock | ratio |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    for [own, stock, _, floor] in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {:.3} | {:.3} | {:.1}× | {:.3} | {:.1}× | {:.0} | {:.0} | {:.2} |",
            own.model,
            own.k,
            own.seconds,
            stock.seconds,
            stock.seconds / own.seconds,
            floor.seconds,
            own.seconds / floor.seconds,
            mib(own.peak_bytes),
            mib(stock.peak_bytes),
            own.peak_bytes as f64 / stock.peak_bytes as f64
        );
    }
    text
}

/// Milliseconds by step on one thread.
pub(crate) fn breakdown(rows: &[Row]) -> String {
    let Some([_, _, first, _]) = rows.first() else { return String::new() };
    let mut text = String::from("| model |");
    for (step, _) in &first.steps {
        let _ = write!(text, " {step} |");
    }
    let _ = writeln!(text, " all with checks |\n|---|{}---|", "---|".repeat(first.steps.len()));
    for [_, _, steps, _] in rows {
        let _ = write!(text, "| {} |", steps.model);
        for (_, seconds) in &steps.steps {
            let _ = write!(text, " {:.1} |", seconds * 1e3);
        }
        let _ = writeln!(text, " {:.1} |", steps.seconds * 1e3);
    }
    text
}
