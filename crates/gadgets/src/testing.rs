//! Harness for the four duties of a gadget (feature `testing`).
//!
//! It evaluates every named constraint and every copy on explicit columns, with chosen challenges, so a
//! test can say *which* constraint catches a forgery. A dishonest prover recomputes whatever depends on a
//! forged cell ([`Subject::finish`]), counts the lookups anew ([`Subject::repair_multiplicities`]), puts
//! field elements where integers belong ([`Subject::set_field`]) and may pin single second-phase cells
//! ([`Subject::pin`]).

mod activation;
mod arithmetic;
mod bound;
mod boundary;
mod duties;
mod fingerprint;
mod gradients;
mod hash;
mod key;
mod linear;
mod lookups;
mod maximum;
mod memory;
mod occurrences;
mod polynomials;
mod prover;
mod range;
mod rank;
mod registers;

pub use activation::activation_conforms;
pub use arithmetic::arithmetic_conforms;
pub use bound::Bound;
pub use boundary::boundary_conforms;
pub use duties::{every_first_cell_is_bound, every_second_cell_is_bound, only_caught_by};
pub use fingerprint::fingerprint_conforms;
pub use hash::hash_conforms;
pub use linear::linear_identity_conforms;
pub use lookups::lookup_argument_conforms;
pub use maximum::maximum_conforms;
pub use memory::memory_conforms;
pub use occurrences::occurrences_conform;
pub use polynomials::Polynomial;
pub use range::range_conforms;
pub use rank::{Demanded, Rank, Unknown};
pub use registers::registrations_hold;

use crate::assignment::{Assignment, BoundaryValues, FirstPhase};
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, Integers};
use crate::columns::Challenges;
use crate::field::{from_signed, to_signed};
use crate::gadget_set::{GadgetSet, Standard};
use crate::layout::Layout;
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;
use key::{Constraint, Key};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A circuit with all its columns, honest or forged.
#[derive(Clone, Debug)]
pub struct Subject<G: GadgetSet = Standard> {
    key: Arc<Key<G>>,
    /// First-phase columns.
    pub first: FirstPhase,
    /// Coefficients that convolutions drop.
    pub boundary: Vec<BoundaryValues>,
    /// Public values that are integers; in place of digests there are zeros.
    pub instance: Vec<i64>,
    /// Public values that are none: digests, by row.
    pub digests: BTreeMap<usize, Fr>,
    /// First-phase cells that hold no small integer.
    field: BTreeMap<(usize, usize), Fr>,
    /// Second-phase cells that the prover chose.
    pinned: BTreeMap<(usize, usize), Fr>,
    second: Vec<Vec<Fr>>,
}

/// Everything that a gadget set owes: what gadgets register is true, and each family's contract and duties.
///
/// # Panics
/// Naming what does not hold.
pub fn gadget_set_conforms<G: GadgetSet>() {
    registrations_hold::<G>();
    linear_identity_conforms::<G>();
    activation_conforms::<G>();
    maximum_conforms::<G>();
    range_conforms::<G>();
    fingerprint_conforms::<G>();
    arithmetic_conforms::<G>();
    boundary_conforms::<G>();
    memory_conforms::<G>();
    occurrences_conform::<G>();
    hash_conforms::<G>();
    lookup_argument_conforms::<G>();
}

/// A name for every way a column can be wrong.
pub type Violations = BTreeSet<String>;

impl<G: GadgetSet> Subject<G> {
    /// All columns of an honest circuit, with fixed pseudo-random challenges.
    ///
    /// # Panics
    /// If the circuit has no witness.
    #[must_use]
    #[allow(clippy::expect_used)] // a harness reports by panicking
    pub fn new(circuit: &ProvennCircuit<G>, instance: &[Fr]) -> Self {
        let mut subject = Subject {
            key: Arc::new(Key::new(circuit)),
            first: circuit.first_phase().expect("a circuit with a witness").clone(),
            boundary: circuit.boundary().to_vec(),
            instance: instance.iter().map(|&value| to_signed(value).unwrap_or(0)).collect(),
            digests: (instance.iter().copied().enumerate())
                .filter(|(_, value)| to_signed(*value).is_none())
                .collect(),
            field: BTreeMap::new(),
            pinned: BTreeMap::new(),
            second: vec![],
        };
        subject.finish();
        subject
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> &CircuitParams {
        &self.key.params
    }

    /// The numbered columns.
    #[must_use]
    pub fn layout(&self) -> &Layout<G> {
        &self.key.layout
    }

    /// The key's part.
    #[must_use]
    pub fn assignment(&self) -> &Assignment {
        &self.key.assignment
    }

    /// The challenges.
    #[must_use]
    pub fn challenges(&self) -> Challenges<Fr> {
        self.key.challenges
    }

    /// Every pair of cells that must be equal, those that the program implies included.
    #[must_use]
    pub fn copies(&self) -> &[(CellRef, CellRef)] {
        &self.key.copies
    }

    /// A first-phase integer.
    #[must_use]
    pub fn first(&self, column: usize, row: usize) -> i64 {
        Integers(&self.first).at(column, row)
    }

    /// Overwrites a first-phase integer; nothing is recomputed before [`Subject::finish`].
    pub fn set_first(&mut self, column: usize, row: usize, value: i64) {
        if self.first[column].len() <= row {
            self.first[column].resize(row + 1, 0);
        }
        self.first[column][row] = value;
    }

    /// A fixed integer (structural columns excepted).
    #[must_use]
    pub fn fixed_integer(&self, column: usize, row: usize) -> i64 {
        Integers(&self.key.assignment.fixed).at(column, row)
    }

    /// A second-phase value.
    #[must_use]
    pub fn second(&self, column: usize, row: usize) -> Fr {
        self.second[column][row]
    }

    /// With one second-phase cell changed by `delta`, nothing recomputed.
    #[must_use]
    pub fn forge_second(&self, column: usize, row: usize, delta: Fr) -> Self {
        let mut forged = self.clone();
        forged.second[column][row] += delta;
        forged
    }

    /// What a cell holds.
    #[must_use]
    pub fn value(&self, cell: CellRef) -> Fr {
        match cell.column {
            Column::Fixed(c) => self.fixed(c, cell.row),
            Column::First(c) => match self.field.get(&(c, cell.row)) {
                Some(value) => *value,
                None => from_signed(self.first(c, cell.row)),
            },
            Column::Second(c) => self.second[c].get(cell.row).copied().unwrap_or(Fr::zero()),
            Column::Instance => self.public_value(cell.row),
        }
    }

    /// A public value.
    #[must_use]
    pub fn public_value(&self, row: usize) -> Fr {
        let integer = || from_signed(self.instance.get(row).copied().unwrap_or(0));
        self.digests.get(&row).copied().unwrap_or_else(integer)
    }

    /// All public values.
    #[must_use]
    pub fn public_values(&self) -> Vec<Fr> {
        (0..self.instance.len()).map(|row| self.public_value(row)).collect()
    }

    fn fixed(&self, column: usize, row: usize) -> Fr {
        let (active, layout) = (self.key.params.active_rows(), &self.key.layout);
        let structural = [
            (layout.active, row < active),
            (layout.first_row, row == 0),
            (layout.last_row, row == active),
        ];
        if let Some((_, set)) = structural.iter().find(|(c, _)| *c == column) {
            return Fr::from(u64::from(*set));
        }
        match self.key.field_columns.get(&column) {
            Some(values) => values.get(row).copied().unwrap_or(Fr::zero()),
            None => from_signed(self.fixed_integer(column, row)),
        }
    }

    fn evaluate(&self, polynomial: &Expression<Fr>, row: usize) -> Fr {
        // Advice columns are numbered first phase first.
        let firsts = self.key.layout.first.max(1);
        let at = |rotation: i32| {
            usize::try_from(i64::try_from(row).unwrap_or(0) + i64::from(rotation)).unwrap_or(0)
        };
        polynomial.evaluate(
            &|constant| constant,
            &|_| Fr::zero(),
            &|query| self.fixed(query.column_index(), at(query.rotation().0)),
            &|query| {
                let (index, row) = (query.column_index(), at(query.rotation().0));
                let column = match index.checked_sub(firsts) {
                    None => Column::First(index),
                    Some(index) => Column::Second(index),
                };
                self.value(CellRef { column, row })
            },
            &|_| Fr::zero(),
            &|c| self.key.challenge(c.index()),
            &|a| -a,
            &|a, b| a + b,
            &|a, b| a * b,
            &|a, s| a * s,
        )
    }

    fn broken_copies(&self) -> impl Iterator<Item = (CellRef, CellRef)> + '_ {
        self.key.copies.iter().copied().filter(|&(a, b)| self.value(a) != self.value(b))
    }

    /// Names of all constraints that do not hold; copies appear as `copy`.
    #[must_use]
    pub fn violations(&self) -> Violations {
        let rows = self.key.params.active_rows() + 1;
        let mut found: Violations = self
            .key
            .constraints
            .iter()
            .filter(|c| self.is_violated(c, rows))
            .map(|c| c.name.clone())
            .collect();
        if self.broken_copies().next().is_some() {
            found.insert("copy".into());
        }
        found
    }

    fn is_violated(&self, constraint: &Constraint, rows: usize) -> bool {
        (0..rows).any(|row| self.evaluate(&constraint.polynomial, row) != Fr::zero())
    }

    /// Whether every constraint and copy holds; stops at the first that does not.
    #[must_use]
    pub fn holds(&self) -> bool {
        // The last row closes the lookups: most forgeries show there.
        self.broken_copies().next().is_none() && self.holds_near(self.key.params.active_rows())
    }

    /// [`Subject::holds`], looking at this row and the ones before it first.
    fn holds_near(&self, row: usize) -> bool {
        let zero = |p: &Expression<Fr>, row| self.evaluate(p, row) == Fr::zero();
        (0..=row)
            .rev()
            .chain(row + 1..=self.key.params.active_rows())
            .all(|row| self.key.constraints.iter().all(|c| zero(&c.polynomial, row)))
            && self.broken_copies().next().is_none()
    }
}
