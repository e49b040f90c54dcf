//! Every column of a circuit as strips of panels, one panel a bank.

use super::ink::Ink;
use crate::compiled::CompiledCircuit;
use crate::stand::StandingBlock;
use provenn_gadgets::layout::Numbers;
use provenn_gadgets::{GadgetSet, LinearIdentity, Step};
use std::ops::Range;

/// Columns of one role side by side.
pub(super) struct Strip {
    pub(super) role: String,
    pub(super) ink: Ink,
    pub(super) columns: usize,
    /// Rows that hold something.
    pub(super) rows: Vec<Range<usize>>,
}

/// A run of rows that holds a tensor, across the strips of the first phase.
pub(super) struct Held {
    pub(super) tensor: usize,
    pub(super) rows: Range<usize>,
}

/// A bank, or columns that belong together.
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) strips: Vec<Strip>,
    pub(super) held: Vec<Held>,
}

fn strip(role: &str, ink: Ink, columns: usize, rows: &[Range<usize>]) -> Strip {
    Strip { role: role.into(), ink, columns, rows: rows.to_vec() }
}

fn run(role: &str, ink: Ink, columns: usize, rows: Range<usize>) -> Strip {
    Strip { role: role.into(), ink, columns, rows: vec![rows] }
}

/// Rows where any of some fixed columns is not zero.
fn filled(columns: &[&Vec<i64>]) -> Vec<Range<usize>> {
    let rows = columns.iter().map(|c| c.len()).max().unwrap_or(0);
    let mut runs: Vec<Range<usize>> = vec![];
    for row in 0..rows {
        if columns.iter().all(|c| c.get(row).is_none_or(|&v| v == 0)) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if run.end == row => run.end += 1,
            _ => runs.push(row..row + 1),
        }
    }
    runs
}

/// Tensors that stand in a bank.
fn held(blocks: &[StandingBlock], bank: usize) -> Vec<Held> {
    let segments = blocks.iter().flat_map(|block| block.segments.iter().map(move |s| (block, s)));
    let here = segments.filter(|(_, segment)| segment.bank == bank);
    let held = |(block, segment): (&StandingBlock, &crate::rows::Segment)| Held {
        tensor: block.tensor.0,
        rows: segment.row..segment.row + segment.rows,
    };
    here.map(held).collect()
}

/// All columns in reading order: public values, control, banks, engines, glue, borders, lookups.
pub(super) fn panels<G: GadgetSet>(circuit: &CompiledCircuit<G>) -> Vec<Panel> {
    let (layout, shape, steps) = (circuit.layout(), circuit.shape(), &circuit.assignment().steps);
    let fixed = |columns: &[usize]| {
        let columns: Vec<_> = columns.iter().map(|&c| &circuit.assignment().fixed[c]).collect();
        filled(&columns)
    };
    let later = |column: usize| match layout.phase(column) {
        0 | 1 => Ink::Second,
        _ => Ink::Third,
    };
    let (active, lanes) = (shape.active_rows(), shape.lanes);
    let public = circuit.statement().inputs.iter().chain(&circuit.statement().outputs);
    let public: usize = public.map(|t| t.shape.iter().product::<usize>()).sum();
    let bare = |title: &str, strips| Panel { title: title.into(), strips, held: vec![] };
    let mut panels = vec![
        bare("public", vec![run("public values", Ink::Instance, 1, 0..public)]),
        bare(
            "control",
            vec![
                run("active", Ink::Fixed, 1, 0..active),
                run("first row", Ink::Fixed, 1, 0..1),
                run("last row", Ink::Fixed, 1, active..active + 1),
            ],
        ),
    ];
    for (i, bank) in layout.activation.iter().enumerate() {
        let held = held(&circuit.standing.activation, i);
        let rows: Vec<_> = held.iter().map(|h| h.rows.clone()).collect();
        let mut strips = vec![
            strip("tag", Ink::Fixed, lanes, &fixed(&bank.tag)),
            strip("offset", Ink::Fixed, lanes, &fixed(&bank.offset)),
            strip("step", Ink::Fixed, 1, &fixed(&[bank.step])),
        ];
        strips.extend(bank.turn.map(|turn| strip("turn", Ink::Fixed, 1, &fixed(&[turn]))));
        let limbs = bank.remainder.len() * lanes;
        for (role, columns) in [
            ("remainder", limbs),
            ("low", lanes),
            ("high", lanes),
            ("slope", lanes),
            ("base", lanes),
        ] {
            strips.push(strip(role, Ink::First, columns, &rows));
        }
        strips.push(strip("digest of sums", later(bank.digest_y), 1, &rows));
        strips.push(strip("digest of values", later(bank.digest_a), 1, &rows));
        panels.push(Panel { title: format!("activation {i}"), strips, held });
    }
    for (i, bank) in layout.plain.iter().enumerate() {
        let held = held(&circuit.standing.plain, i);
        let rows: Vec<_> = held.iter().map(|h| h.rows.clone()).collect();
        let mut strips = vec![strip("step", Ink::Fixed, 1, &fixed(&[bank.step]))];
        strips.extend(bank.turn.map(|turn| strip("turn", Ink::Fixed, 1, &fixed(&[turn]))));
        if !bank.coefficient.is_empty() {
            let rows = fixed(&bank.coefficient);
            strips.push(strip("coefficient", Ink::Fixed, lanes, &rows));
        }
        strips.push(strip("cells", Ink::First, lanes, &rows));
        let digests = [
            ("digest in σ", Some(bank.digest)),
            ("digest in ρ", bank.digest_rho),
            ("weighted digest", bank.digest_scaled),
            ("digest of products", bank.digest_product),
        ];
        for (role, column) in digests {
            strips.extend(column.map(|column| strip(role, later(column), 1, &rows)));
        }
        panels.push(Panel { title: format!("plain {i}"), strips, held });
    }
    // How many columns an engine takes is the gadget's own business: it is asked for one more.
    let mut numbers = Numbers::default();
    G::Linear::allocate(&mut numbers, shape.engine_lanes, false);
    let counts = [numbers.fixed.one(), numbers.first.one(), numbers.second.one()];
    let last = if layout.border.is_empty() { Ink::Second } else { Ink::Third };
    for i in 0..layout.engine.len() {
        let runs = steps.iter().filter_map(|step| match *step {
            Step::Linear { engine, start, end } => (engine == i).then_some(start..end),
            Step::Glue { .. } | Step::Copy { .. } => None,
        });
        let rows: Vec<_> = runs.collect();
        let kinds = [("weights", Ink::Fixed), ("integers", Ink::First), ("inputs and sums", last)];
        let strips = kinds.into_iter().zip(counts).filter(|(_, count)| *count > 0);
        let challenge = if i < shape.sigma_engines { 'σ' } else { 'ρ' };
        panels.push(Panel {
            title: format!("engine {i} ({challenge})"),
            strips: strips.map(|((role, ink), n)| strip(role, ink, n, &rows)).collect(),
            held: vec![],
        });
    }
    for (i, bank) in layout.glue.iter().enumerate() {
        let rows = steps.iter().filter_map(|step| match *step {
            Step::Glue { bank, row, .. } => (bank == i).then_some(row..row + 1),
            Step::Linear { .. } | Step::Copy { .. } => None,
        });
        let rows: Vec<_> = rows.collect();
        let coefficients = bank.coefficient.len() + usize::from(bank.tau.is_some());
        let strips = vec![
            strip("coefficients", Ink::Fixed, coefficients, &rows),
            strip("operands, result", later(bank.value[0]), bank.value.len(), &rows),
        ];
        panels.push(Panel { title: format!("glue {i}"), strips, held: vec![] });
    }
    for (i, bank) in layout.border.iter().enumerate() {
        let runs = circuit.standing.dropped.iter().filter(|standing| standing.bank == i);
        let rows: Vec<_> = runs.map(|s| s.row..s.row + s.run.length).collect();
        let strips = vec![
            strip("step", Ink::Fixed, 1, &fixed(&[bank.step])),
            strip("dropped coefficients", later(bank.value), 1, &rows),
            strip("digest", later(bank.digest), 1, &rows),
        ];
        panels.push(Panel { title: format!("border {i}"), strips, held: vec![] });
    }
    for (i, bank) in layout.table.iter().enumerate() {
        let rows = 0..circuit.tables.rows().saturating_sub(i * active).min(active);
        let strips = vec![
            run("table", Ink::Fixed, bank.tuple.len(), rows.clone()),
            run("multiplicity", Ink::First, 1, rows),
        ];
        panels.push(Panel { title: format!("table {i}"), strips, held: vec![] });
    }
    if let (Some(&helper), Some(sum)) = (layout.helper.first(), layout.running_sum) {
        let helpers = layout.helper.len();
        let strips = vec![
            run("sums of inverses", later(helper), helpers, 0..active),
            run("running sum", later(sum), 1, 0..active + 1),
        ];
        panels.push(Panel { title: "lookups".into(), strips, held: vec![] });
    }
    panels
}
