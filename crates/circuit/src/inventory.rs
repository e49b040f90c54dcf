//! What a circuit consists of, for those who audit it: where each tensor stands, what is looked up for it, and tables.

use crate::compiled::CompiledCircuit;
use crate::draw::held;
use crate::stand::{StandingActivations, StandingMaxima};
use provenn_fixed_point::TensorId;
use provenn_gadgets::bus::{BusTerm, Numerator, Value};
use provenn_gadgets::table::{FUNCTION, GAP};
use provenn_gadgets::{Gadget, GadgetSet};
use serde::Serialize;

/// Rows of a bank that hold a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The bank, as the drawing calls it.
    pub bank: String,
    /// How many rows.
    pub rows: usize,
}

/// Terms on the bus that positions of a tensor have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BusCounts {
    /// Limbs that are looked up in range tables.
    pub range_lookups: usize,
    /// Highs that are looked up in a function's table.
    pub function_lookups: usize,
    /// Entries of memories.
    pub memory_entries: usize,
    /// Pairs of key and value that are looked up in memories.
    pub memory_lookups: usize,
    /// Indices of lists whose occurrences are counted.
    pub list_indices: usize,
    /// Keys of such lists.
    pub list_keys: usize,
}

/// One tensor's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TensorInventory {
    /// Where it stands, bank by bank; a view stands nowhere, nor does what is folded into its readers.
    pub places: Vec<Place>,
    /// Its function's table, by position in [`Inventory::tables`].
    pub table: Option<usize>,
    /// What is looked up for it.
    pub bus: BusCounts,
}

/// What a lookup table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// 0 … 2^bits − 1.
    Range {
        /// Bits of a limb.
        bits: u32,
    },
    /// Highs of what convolutions drop.
    Boundary,
    /// A function: slope and base for each high.
    Function,
}

/// A lookup table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableInventory {
    /// What it is.
    pub kind: TableKind,
    /// Its tag on the bus.
    pub tag: i64,
    /// The key of its first row.
    pub first: i64,
    /// How many rows.
    pub rows: usize,
    /// How many tensors' function it is.
    pub readers: usize,
}

/// A circuit's parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// By tensor of the graph.
    pub tensors: Vec<TensorInventory>,
    /// In the order of their rows, behind the one row of zeros.
    pub tables: Vec<TableInventory>,
    /// Pairs of equal cells that the key holds, beside those of operands and inputs of its program.
    pub copies: usize,
    /// Steps of the later phases' program: rows of arithmetic, runs of weights, copied inputs.
    pub steps: usize,
}

/// Lookups per row of a bank: of limbs in range tables, and of what a fixed tag names.
fn lookups(gadget: &dyn Gadget) -> (usize, usize) {
    let mut terms = vec![];
    gadget.terms(&mut terms);
    let looked_up = |term: &&BusTerm| term.numerator == Numerator::One;
    let ranges = terms.iter().filter(looked_up).filter(|t| matches!(t.tag(), Value::Constant(_)));
    let ranges = ranges.count();
    (ranges, terms.iter().filter(looked_up).count() - ranges)
}

impl<G: GadgetSet> CompiledCircuit<G> {
    /// Where everything stands, and what is looked up for it.
    #[must_use]
    pub fn inventory(&self) -> Inventory {
        let none = TensorInventory { places: vec![], table: None, bus: BusCounts::default() };
        let mut tensors = vec![none; self.graph().tensors.len()];
        for (bank, tensor, rows) in held(self) {
            let places = &mut tensors[tensor].places;
            match places.iter_mut().find(|place| place.bank == bank) {
                Some(place) => place.rows += rows,
                None => places.push(Place { bank, rows }),
            }
        }
        let tables = self.count_tables(&mut tensors);
        self.count_lookups(&mut tensors);
        let assignment = self.assignment();
        let (copies, steps) = (assignment.copies.len(), assignment.steps.len());
        Inventory { tensors, tables, copies, steps }
    }

    fn count_tables(&self, tensors: &mut [TensorInventory]) -> Vec<TableInventory> {
        let table = |(tag, first, rows)| TableInventory {
            kind: match u32::try_from(tag) {
                Ok(bits) if tag < GAP => TableKind::Range { bits },
                Ok(_) | Err(_) if tag < FUNCTION => TableKind::Boundary,
                Ok(_) | Err(_) => TableKind::Function,
            },
            tag,
            first,
            rows,
            readers: 0,
        };
        let mut tables: Vec<TableInventory> = self.tables.spans().map(table).collect();
        for (at, tensor) in tensors.iter_mut().enumerate() {
            let Some(tag) = self.tables.tag(TensorId(at)) else { continue };
            tensor.table = tables.iter().position(|table| table.tag == tag);
            if let Some(table) = tensor.table.and_then(|at| tables.get_mut(at)) {
                table.readers += 1;
            }
        }
        tables
    }

    fn count_lookups(&self, tensors: &mut [TensorInventory]) {
        let (layout, params, standing) = (self.layout(), self.params(), &self.standing);
        for StandingActivations { lanes, block, .. } in &standing.activation {
            let bank = block.segments.first().and_then(|s| layout.activation.get(s.bank));
            let (ranges, functions) = bank.map_or((0, 0), |bank| lookups(bank));
            let positions = block.layout.planes * block.layout.length;
            let bus = &mut tensors[block.tensor.0].bus;
            bus.range_lookups += positions * (ranges / lanes);
            bus.function_lookups += positions * (functions / lanes);
        }
        for StandingMaxima { kind, lanes, block, .. } in &standing.maximum {
            let bank = block.segments.first().and_then(|s| layout.maximum.get(s.bank));
            let (ranges, tagged) = bank.map_or((0, 0), |bank| lookups(bank));
            let positions = block.layout.planes * block.layout.length;
            let bus = &mut tensors[block.tensor.0].bus;
            bus.range_lookups += positions * (ranges / lanes);
            // Without a function, limbs whose tag says whether a window stands there.
            match kind.function {
                true => bus.function_lookups += positions * (tagged / lanes),
                false => bus.range_lookups += positions * (tagged / lanes),
            }
        }
        for range in &standing.range {
            let positions = range.layout.planes * range.layout.length;
            tensors[range.tensor.0].bus.range_lookups += positions * range.place.limbs;
        }
        for block in &standing.plain {
            let bank = block.segments.first().map_or(0, |segment| segment.bank);
            let Some(of_memory) = bank.checked_sub(params.plain_banks) else { continue };
            let bus = &mut tensors[block.tensor.0].bus;
            match of_memory.checked_sub(params.entry_banks) {
                None => bus.memory_entries += block.layout.elements(),
                // Keys and values in turn: a pair is counted where its value stands.
                Some(pair) if pair % 2 == 1 => bus.memory_lookups += block.layout.elements(),
                Some(_) => {}
            }
        }
        for list in &standing.lists {
            let bus = &mut tensors[list.indices.0].bus;
            bus.list_indices += list.place.length;
            bus.list_keys += list.place.keys.iter().map(|(_, _, count)| count).sum::<usize>();
        }
    }
}
