//! What was measured, as tables.

use crate::case::Measured;
use std::fmt::Write;

/// By model: ours; ours and halo2's with two phases; ours on one thread; the floor.
type Row = [Measured; 5];

/// Ours against halo2's and the floor.
pub(crate) fn comparison(rows: &[Row]) -> String {
    let mut text = String::from(
        "| model | k | phases | CPU s | two phases: k | CPU s | stock | ratio | floor | over floor | peak MiB | stock | ratio |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    for [own, two, stock, _, floor] in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.3} | {} | {:.3} | {:.3} | {:.1}× | {:.3} | {:.1}× | {:.0} | {:.0} | {:.2} |",
            own.model,
            own.k,
            own.phases,
            own.seconds,
            two.k,
            two.seconds,
            stock.seconds,
            stock.seconds / two.seconds,
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
    let Some([_, _, _, first, _]) = rows.first() else { return String::new() };
    let mut text = String::from("| model |");
    for (step, _) in &first.steps {
        let _ = write!(text, " {step} |");
    }
    let _ = writeln!(text, " all with checks |\n|---|{}---|", "---|".repeat(first.steps.len()));
    for [_, _, _, steps, _] in rows {
        let _ = write!(text, "| {} |", steps.model);
        for (_, seconds) in &steps.steps {
            let _ = write!(text, " {:.1} |", seconds * 1e3);
        }
        let _ = writeln!(text, " {:.1} |", steps.seconds * 1e3);
    }
    text
}
