//! Every column of a circuit as strips of panels, one panel a bank.

use super::ink::Ink;
use crate::compiled::CompiledCircuit;
use crate::stand::{StandingBlock, StandingHash, StandingRange};
use provenn_gadgets::families::Hash;
use provenn_gadgets::layout::Family;
use provenn_gadgets::{Column, Gadget, GadgetSet, Step};
use std::iter;
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
fn held<'a>(blocks: impl Iterator<Item = &'a StandingBlock>, bank: usize) -> Vec<Held> {
    let segments = blocks.flat_map(|block| block.segments.iter().map(move |s| (block, s)));
    let here = segments.filter(|(_, segment)| segment.bank == bank);
    let held = |(block, segment): (&StandingBlock, &crate::rows::Segment)| Held {
        tensor: block.tensor.0,
        rows: segment.row..segment.row + segment.rows,
    };
    here.map(held).collect()
}

/// Tensors of whose values a bank shows ranges.
fn ranges(ranges: &[StandingRange], bank: usize) -> Vec<Held> {
    let held = |range: &StandingRange| {
        let (tensor, limbs) = (range.tensor.0, range.place.limbs);
        let here = range.place.segments.iter().filter(|segment| segment.bank == bank);
        let rows = here.map(|segment| segment.row..segment.row + segment.rows * limbs);
        rows.map(|rows| Held { tensor, rows }).collect::<Vec<_>>()
    };
    ranges.iter().flat_map(held).collect()
}

/// Rows that a gadget fills, and the tensors that it holds.
type Use = (Vec<Range<usize>>, Vec<Held>);

/// Whose rows a step fills.
type Fills = fn(&Step) -> Option<(usize, Range<usize>)>;

fn used<G: GadgetSet>(circuit: &CompiledCircuit<G>, family: Family, index: usize) -> Use {
    let (active, steps) = (circuit.params().active_rows(), &circuit.assignment().steps);
    let tensors = |held: Vec<Held>| (held.iter().map(|held| held.rows.clone()).collect(), held);
    let steps = |rows: Fills| {
        let rows = steps.iter().filter_map(rows).filter(|(of, _)| *of == index);
        (rows.map(|(_, rows)| rows).collect(), vec![])
    };
    match family {
        Family::Activation => {
            tensors(held(circuit.standing.activation.iter().map(|of| &of.block), index))
        }
        Family::Maximum => {
            tensors(held(circuit.standing.maximum.iter().map(|of| &of.block), index))
        }
        Family::Range => tensors(ranges(&circuit.standing.range, index)),
        Family::Fingerprint => tensors(held(circuit.standing.plain.iter(), index)),
        Family::Linear => steps(|step| match *step {
            Step::Linear { bank, start, end } => Some((bank, start..end)),
            Step::Arithmetic { .. } | Step::Committed { .. } | Step::Copy { .. } => None,
        }),
        Family::Committed => steps(|step| match *step {
            Step::Committed { bank, start, end } => Some((bank, start..end)),
            Step::Arithmetic { .. } | Step::Linear { .. } | Step::Copy { .. } => None,
        }),
        Family::Arithmetic => steps(|step| match *step {
            Step::Arithmetic { bank, row, .. } => Some((bank, row..row + 1)),
            Step::Committed { .. } | Step::Linear { .. } | Step::Copy { .. } => None,
        }),
        Family::Boundary => {
            let runs = circuit.standing.boundary.iter().filter(|standing| standing.bank == index);
            (runs.map(|s| s.row..s.row + s.run.length).collect(), vec![])
        }
        Family::Memory => {
            let behind = circuit.params().plain_banks;
            let segments = circuit.standing.plain.iter().flat_map(|block| &block.segments);
            let rows = segments.filter(|segment| segment.bank >= behind);
            (rows.map(|s| s.row..s.row + s.rows).collect(), vec![])
        }
        Family::Occurrences => {
            let lists = circuit.standing.lists.iter().map(|list| &list.place);
            let indices = lists.clone().map(|place| place.row..place.row + place.length);
            let keys = lists.flat_map(|place| &place.keys);
            let keys = keys.map(|&(_, row, count)| row..row + count);
            (indices.chain(keys).collect(), vec![])
        }
        Family::Hash => {
            let here = circuit.standing.hashed.iter().filter(|of| of.bank == index);
            let held = |of: &StandingHash| Held {
                tensor: of.of.tensor.0,
                rows: of.row..of.row + G::Hash::rows(of.of.message),
            };
            tensors(here.map(held).collect())
        }
        Family::CommittedTensors => {
            let held = circuit.standing.committed_tensors.iter().map(|id| Held {
                tensor: id.0,
                rows: 0..circuit.graph().tensors[id.0].len().min(active),
            });
            tensors(held.collect())
        }
        Family::Table => {
            let rows = circuit.tables.rows().saturating_sub(index * active).min(active);
            (iter::once(0..rows).collect(), vec![])
        }
        Family::WeightRanges | Family::Lookups => (iter::once(0..active).collect(), vec![]),
    }
}

/// A gadget's columns: fixed ones where they are not zero, others where they are in use.
fn panel<G: GadgetSet>(
    circuit: &CompiledCircuit<G>,
    title: String,
    gadget: &dyn Gadget,
    (rows, held): Use,
) -> Panel {
    let layout = circuit.layout();
    let strip = |role: provenn_gadgets::gadget::Role| {
        let fixed = role.columns.iter().filter_map(|column| match *column {
            Column::Fixed(c) => circuit.assignment().fixed.get(c),
            Column::First(_) | Column::Second(_) | Column::Instance => None,
        });
        let (ink, rows) = match *role.columns.first()? {
            Column::Fixed(_) => (Ink::Fixed, filled(&fixed.collect::<Vec<_>>())),
            Column::First(_) => (Ink::First, rows.clone()),
            Column::Second(column) if layout.phase(column) < 2 => (Ink::Second, rows.clone()),
            Column::Second(_) => (Ink::Third, rows.clone()),
            Column::Instance => (Ink::Instance, rows.clone()),
        };
        Some(Strip { role: role.name.into(), ink, columns: role.columns.len(), rows })
    };
    let strips = gadget.roles().into_iter().filter_map(strip).collect();
    Panel { title, strips, held }
}

/// All columns in reading order: public values, control, then every gadget's.
pub(super) fn panels<G: GadgetSet>(circuit: &CompiledCircuit<G>) -> Vec<Panel> {
    let params = circuit.params();
    let active = params.active_rows();
    let public: usize = circuit.statement().shown().filter_map(|shown| shown.values()).sum();
    let bare = |title: &str, strips| Panel { title: title.into(), strips, held: vec![] };
    let mut panels = vec![
        bare(
            "public",
            vec![run(
                "public values",
                Ink::Instance,
                params.instance_columns(),
                0..public.min(active),
            )],
        ),
        bare(
            "control",
            vec![
                run("active", Ink::Fixed, 1, 0..active),
                run("first row", Ink::Fixed, 1, 0..1),
                run("last row", Ink::Fixed, 1, active..active + 1),
            ],
        ),
    ];
    for (family, gadgets) in circuit.layout().families() {
        for (index, gadget) in gadgets.into_iter().enumerate() {
            let name = gadget.name();
            let title = match family {
                Family::Linear if index < params.sigma_weight_banks => {
                    format!("{name} {index} (σ)")
                }
                Family::Committed if index < params.committed_sigma_banks => {
                    format!("{name} {index} (σ)")
                }
                Family::Linear | Family::Committed => format!("{name} {index} (ρ)"),
                Family::Memory
                | Family::Occurrences
                | Family::WeightRanges
                | Family::CommittedTensors
                | Family::Lookups => name.to_owned(),
                Family::Activation
                | Family::Maximum
                | Family::Range
                | Family::Fingerprint
                | Family::Boundary
                | Family::Arithmetic
                | Family::Hash
                | Family::Table => format!("{name} {index}"),
            };
            panels.push(panel(circuit, title, gadget, used(circuit, family, index)));
        }
    }
    panels
}
