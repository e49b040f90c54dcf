//! What was measured, as tables.

use crate::case::{Circuit, Measured};
use std::fmt::Write;

/// What was measured of one model.
pub(crate) struct Row {
    pub(crate) model: String,
    /// As the planner chooses.
    pub(crate) circuit: Circuit,
    pub(crate) own: Measured,
    /// With the same settings, the most that halo2's prover knows.
    pub(crate) two_phases: Circuit,
    pub(crate) own_two_phases: Measured,
    pub(crate) stock: Measured,
    /// Ours on one thread.
    pub(crate) steps: Measured,
    pub(crate) floor: Measured,
}

/// Ours against halo2's and the floor.
pub(crate) fn comparison(rows: &[Row]) -> String {
    let mut text = String::from(
        "| model | k | phases | CPU s | two phases: k | CPU s | stock | ratio | floor | over floor | peak MiB | stock | ratio |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    for Row { model, circuit, own, two_phases, own_two_phases, stock, floor, .. } in rows {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.3} | {} | {:.3} | {:.3} | {:.1}× | {:.3} | {:.1}× | {:.0} | {:.0} | {:.2} |",
            model,
            circuit.k,
            circuit.phases,
            own.seconds,
            two_phases.k,
            own_two_phases.seconds,
            stock.seconds,
            stock.seconds / own_two_phases.seconds,
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
    let Some(first) = rows.first() else { return String::new() };
    let mut text = String::from("| model |");
    for (step, _) in &first.steps.steps {
        let _ = write!(text, " {step} |");
    }
    let _ =
        writeln!(text, " all with checks |\n|---|{}---|", "---|".repeat(first.steps.steps.len()));
    for Row { model, steps, .. } in rows {
        let _ = write!(text, "| {model} |");
        for (_, seconds) in &steps.steps {
            let _ = write!(text, " {:.1} |", seconds * 1e3);
        }
        let _ = writeln!(text, " {:.1} |", steps.seconds * 1e3);
    }
    text
}
