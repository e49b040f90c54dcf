//! Where each gadget's columns stand: the one place that knows the order of columns.

use crate::assignment::Assignment;
use crate::bus::BusTerm;
use crate::column::{Column, Integers, Numbers};
use crate::columns::Numbered;
use crate::committed::{CommittedWeights, Link};
use crate::committed_tensors::CommittedTensors;
use crate::families::{
    Activation, Arithmetic, Boundary, Fingerprint, Hash, LookupArgument, Maximum, Memory,
    Occurrences, Range,
};
use crate::gadget::Gadget;
use crate::gadget_set::{GadgetSet, Standard};
use crate::linear::LinearIdentity;
use crate::params::CircuitParams;
use crate::table::TableBank;
use crate::weight_ranges::WeightRanges;
use halo2_proofs::halo2curves::bn256::Fr;

/// What gadgets there are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Rescaling and a function.
    Activation,
    /// The largest of a window's elements, and a function of it.
    Maximum,
    /// Values in a range.
    Range,
    /// Cells and their fingerprints.
    Fingerprint,
    /// Fixed weights times inputs.
    Linear,
    /// Committed weights times inputs.
    Committed,
    /// Coefficients that convolutions drop.
    Boundary,
    /// Arithmetic on fingerprints.
    Arithmetic,
    /// Values found by their keys.
    Memory,
    /// Where keys occur.
    Occurrences,
    /// Ranges of committed weights.
    WeightRanges,
    /// Digests of tensors.
    Hash,
    /// Tensors in commitments of their own.
    CommittedTensors,
    /// Lookup tables.
    Table,
    /// What balances the bus.
    Lookups,
}

/// All columns of parameters.
#[derive(Clone, Debug)]
pub struct Layout<G: GadgetSet = Standard> {
    /// Number of instance columns.
    pub instance: usize,
    /// Number of fixed columns.
    pub fixed: usize,
    /// Number of first-phase advice columns.
    pub first: usize,
    /// Number of later advice columns.
    pub second: usize,
    /// Number of columns of committed weights.
    pub committed_columns: usize,
    /// Fixed: 1 on the rows where constraints act.
    pub active: usize,
    /// Fixed: 1 on row 0.
    pub first_row: usize,
    /// Fixed: 1 on the row after the last active one.
    pub last_row: usize,
    /// Activation banks, those of the parameters's first format first.
    pub activation: Vec<G::Activation>,
    /// Maximum banks, those of the parameters' first kind first.
    pub maximum: Vec<G::Maximum>,
    /// Range banks.
    pub range: Vec<G::Range>,
    /// Plain banks; then those of memories: entries, and keys and values in turn.
    pub plain: Vec<G::Fingerprint>,
    /// Banks of weights: the σ ones, then the ρ ones.
    pub linear: Vec<G::Linear>,
    /// Banks of committed weights: the σ ones, then the ρ ones.
    pub committed: Vec<CommittedWeights>,
    /// Boundary banks.
    pub boundary: Vec<G::Boundary>,
    /// Arithmetic banks.
    pub arithmetic: Vec<G::Arithmetic>,
    /// Entries and lookups of memories, which stand in plain banks, if there are any.
    pub memory: Option<G::Memory>,
    /// Where keys occur, if anything asks for it.
    pub occurrences: Option<G::Occurrences>,
    /// Ranges of weights, in the circuit that shows these of committed ones.
    pub weight_ranges: Option<WeightRanges>,
    /// Hash banks.
    pub hash: Vec<G::Hash>,
    /// Tensors in commitments of their own, if there are any.
    pub committed_tensors: Option<CommittedTensors>,
    /// Table banks.
    pub table: Vec<TableBank>,
    /// What balances the bus, if anything is on it.
    pub lookups: Option<G::Lookups>,
    /// How many terms the bus has.
    pub bus: usize,
    /// By later column: whether it is committed before σ.
    early: Vec<bool>,
}

impl Layout {
    /// Numbers the columns of `params` with the standard gadgets.
    #[must_use]
    pub fn new(params: &CircuitParams) -> Self {
        Self::number(params)
    }
}

impl<G: GadgetSet> Layout<G> {
    /// Numbers the columns of `params`.
    #[must_use]
    pub fn number(params: &CircuitParams) -> Self {
        let mut numbers = Numbers::default();
        let [active, first_row, last_row] = numbers.fixed.array();
        // Columns of the second of three phases stand before those of the third.
        let boundary = G::Boundary::allocate(&mut numbers, params);
        let occurrences =
            (params.occurrence_banks > 0).then(|| G::Occurrences::allocate(&mut numbers, params));
        let formats = params.formats.iter();
        let activation = formats.flat_map(|format| std::iter::repeat_n(format, format.banks));
        let activation = activation
            .map(|format| G::Activation::allocate(&mut numbers, format, params.turns()))
            .collect();
        let kinds = params.maxima.iter();
        let maximum = kinds.flat_map(|kind| std::iter::repeat_n(kind, kind.banks));
        let maximum =
            maximum.map(|kind| G::Maximum::allocate(&mut numbers, kind, params.turns())).collect();
        let range = params.ranges.iter();
        let range = range.flat_map(|banks| std::iter::repeat_n(banks, banks.banks));
        let range = range.map(|banks| G::Range::allocate(&mut numbers, banks)).collect();
        let plain = G::Fingerprint::allocate(&mut numbers, params);
        let memory = (params.entry_banks > 0).then(|| {
            let (_, of_memory) = plain.split_at(params.plain_banks);
            let (entries, lookups) = of_memory.split_at(params.entry_banks);
            let entries: Vec<&[usize]> = entries.iter().map(Fingerprint::cells).collect();
            let pairs = lookups.as_chunks::<2>().0.iter();
            let lookups: Vec<[&[usize]; 2]> =
                pairs.map(|[keys, values]| [keys.cells(), values.cells()]).collect();
            G::Memory::allocate(&mut numbers, &entries, &lookups)
        });
        let linear = (0..params.sigma_weight_banks + params.rho_weight_banks)
            .map(|i| {
                G::Linear::allocate(
                    &mut numbers,
                    params.weight_lanes,
                    i >= params.sigma_weight_banks,
                )
            })
            .collect();
        let rho = |bank: usize| bank >= params.committed_sigma_banks;
        let committed = (0..params.committed_sigma_banks + params.committed_rho_banks)
            .map(|bank| CommittedWeights::allocate(&mut numbers, params.weight_lanes, rho(bank)))
            .collect();
        let arithmetic = (0..params.arithmetic_banks)
            .map(|_| G::Arithmetic::allocate(&mut numbers, params))
            .collect();
        let weight_ranges = (params.weight_range_columns > 0)
            .then(|| WeightRanges::allocate(&mut numbers, params.weight_range_columns));
        let hash = (0..params.hash_banks).map(|_| G::Hash::allocate(&mut numbers)).collect();
        let committed_tensors = (params.committed_tensor_columns > 0)
            .then(|| CommittedTensors::allocate(&mut numbers, params.committed_tensor_columns));
        let table = (0..params.table_banks).map(|_| TableBank::allocate(&mut numbers)).collect();
        let mut layout = Layout {
            instance: params.instance_columns(),
            fixed: 0,
            first: 0,
            second: 0,
            committed_columns: 0,
            active,
            first_row,
            last_row,
            activation,
            maximum,
            range,
            plain,
            linear,
            committed,
            boundary,
            arithmetic,
            memory,
            occurrences,
            weight_ranges,
            hash,
            committed_tensors,
            table,
            lookups: None,
            bus: 0,
            early: vec![],
        };
        let terms = layout.terms();
        layout.bus = terms.len();
        if !terms.is_empty() {
            layout.lookups = Some(G::Lookups::allocate(&mut numbers, terms, params));
        }
        layout.fixed = numbers.fixed.given();
        layout.first = numbers.first.given();
        layout.second = numbers.second.given();
        layout.committed_columns = numbers.committed.given();
        let mut early = vec![false; layout.second];
        for column in layout.gadgets().flat_map(Gadget::before_sigma) {
            early[column] = true;
        }
        layout.early = early;
        layout
    }

    /// Every gadget by family, in the order of constraints.
    #[must_use]
    pub fn families(&self) -> [(Family, Vec<&dyn Gadget>); 15] {
        fn all<T: Gadget>(of: &[T]) -> Vec<&dyn Gadget> {
            of.iter().map(|gadget| gadget as &dyn Gadget).collect()
        }
        let Layout { activation, range, plain, linear, boundary, arithmetic, .. } = self;
        let Layout { committed, memory, occurrences, weight_ranges, hash, .. } = self;
        let Layout { maximum, committed_tensors, table, lookups, .. } = self;
        [
            (Family::Activation, all(activation)),
            (Family::Maximum, all(maximum)),
            (Family::Range, all(range)),
            (Family::Fingerprint, all(plain)),
            (Family::Linear, all(linear)),
            (Family::Committed, all(committed)),
            (Family::Boundary, all(boundary)),
            (Family::Arithmetic, all(arithmetic)),
            (Family::Memory, all(memory.as_slice())),
            (Family::Occurrences, all(occurrences.as_slice())),
            (Family::WeightRanges, all(weight_ranges.as_slice())),
            (Family::Hash, all(hash)),
            (Family::CommittedTensors, all(committed_tensors.as_slice())),
            (Family::Table, all(table)),
            (Family::Lookups, all(lookups.as_slice())),
        ]
    }

    /// Every gadget, in the order of its constraints.
    pub fn gadgets(&self) -> impl Iterator<Item = &dyn Gadget> {
        self.families().into_iter().flat_map(|(_, gadgets)| gadgets)
    }

    /// What the combined weights of every bank have to be, in the order of banks.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        self.committed.iter().map(CommittedWeights::link).collect()
    }

    /// Fixed columns of field elements.
    #[must_use]
    pub fn field_columns(&self, rows: usize, assignment: &Assignment) -> Vec<(usize, Vec<Fr>)> {
        let fixed = Integers(&assignment.fixed);
        self.gadgets().flat_map(|gadget| gadget.field_columns(rows, fixed)).collect()
    }

    /// Everything on the bus.
    #[must_use]
    pub fn terms(&self) -> Vec<BusTerm> {
        let mut terms = vec![];
        self.gadgets().for_each(|gadget| gadget.terms(&mut terms));
        terms
    }

    /// Whether some later columns are committed before σ, and all others in a third phase.
    #[must_use]
    pub fn three_phases(&self) -> bool {
        self.early.contains(&true)
    }

    /// The phase of a later column, counted from 0: 1, or with early ones 2 for all but these.
    #[must_use]
    pub fn phase(&self, second: usize) -> u8 {
        let early = self.early.get(second).is_some_and(|early| *early);
        if early || !self.three_phases() { 1 } else { 2 }
    }

    /// Columns that copies may touch, in the order they join the permutation argument: the instance columns first.
    #[must_use]
    pub fn equality_columns(&self) -> Vec<Column> {
        let copied = self.gadgets().flat_map(Gadget::copied);
        std::iter::repeat_n(Column::Instance, self.instance).chain(copied).collect()
    }

    pub(crate) fn numbered(&self, rows: usize) -> Numbered {
        Numbered {
            fixed: self.fixed,
            first: self.first,
            early: self.early.clone(),
            copied: self.equality_columns(),
            rows: rows.max(1),
        }
    }
}
