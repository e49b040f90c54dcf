//! What the key fixes, evaluated once for all forgeries of a circuit.

use crate::assignment::Assignment;
use crate::bus::{BusTerm, Numerator};
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Integers};
use crate::columns::Challenges;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::CircuitParams;
use crate::program::implied_copies;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Circuit, ConstraintSystem, Expression};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A named polynomial that must vanish on every row.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) name: String,
    /// Its gadget, by number among those that have constraints.
    pub(super) gadget: usize,
    /// Its number among the gadget's of this name.
    pub(super) at: usize,
    pub(super) polynomial: Expression<Fr>,
    /// The later column that it defines.
    pub(super) defines: Option<usize>,
    /// The first-phase columns that it reads.
    reads: BTreeSet<usize>,
}

/// Where each tuple is counted: a first-phase column and a row.
pub(super) type Counters = HashMap<Vec<i64>, (usize, usize)>;

#[derive(Clone, Debug)]
pub(super) struct Key<G: GadgetSet> {
    pub(super) params: CircuitParams,
    pub(super) layout: Layout<G>,
    pub(super) assignment: Assignment,
    pub(super) constraints: Vec<Constraint>,
    pub(super) copies: Vec<(CellRef, CellRef)>,
    pub(super) challenges: Challenges<Fr>,
    /// Everything on the bus.
    pub(super) terms: Vec<BusTerm>,
    /// Of the tables that the key fixes.
    pub(super) counters: Counters,
    /// Fixed columns of field elements.
    pub(super) field_columns: BTreeMap<usize, Vec<Fr>>,
}

impl<G: GadgetSet> Key<G> {
    pub(super) fn new(circuit: &ProvennCircuit<G>) -> Self {
        let challenge =
            |i: u64| (Fr::from(0x9e37_79b9_7f4a_7c15 ^ i).square() + Fr::from(i)).square();
        let params = circuit.params().clone();
        let layout = Layout::number(&params);
        let assignment = circuit.assignment().clone();
        let mut copies = assignment.copies.clone();
        copies.extend(implied_copies(&layout, &assignment.steps));
        let terms = layout.terms();
        let mut counters = HashMap::new();
        let fixed = terms.iter().filter(|term| term.first_columns().next().is_none());
        let rows = params.active_rows();
        count_at(&mut counters, fixed, rows, Integers(&assignment.fixed), |_, _| 0);
        Key {
            constraints: constraints(circuit, &layout),
            copies,
            challenges: Challenges::all([1, 2, 3, 4, 5].map(challenge)),
            terms,
            counters,
            field_columns: layout.field_columns(rows, &assignment).into_iter().collect(),
            params,
            layout,
            assignment,
        }
    }

    /// First-phase columns that count lookups.
    pub(super) fn counts(&self) -> BTreeSet<usize> {
        let counts = self.terms.iter().filter_map(|term| match term.numerator {
            Numerator::Count(column) => Some(column),
            Numerator::One | Numerator::Weight(_) | Numerator::WeightSum(_) => None,
        });
        counts.collect()
    }

    /// Constraints that define a later cell from a first-phase column.
    pub(super) fn readers(&self, column: usize) -> impl Iterator<Item = (&Expression<Fr>, usize)> {
        self.constraints
            .iter()
            .filter(move |c| c.reads.contains(&column))
            .filter_map(|c| c.defines.map(|defined| (&c.polynomial, defined)))
    }

    /// The challenges in the order of their creation.
    pub(super) fn challenge(&self, index: usize) -> Fr {
        let Challenges { sigma, rho, alpha, beta, tau } = self.challenges;
        [sigma, rho, alpha, beta, tau][index]
    }
}

/// Adds where the tuples of these terms are counted, the first place of each.
pub(super) fn count_at<'a>(
    counters: &mut Counters,
    terms: impl Iterator<Item = &'a BusTerm>,
    rows: usize,
    fixed: Integers<'_>,
    first: impl Fn(usize, usize) -> i64,
) {
    let mut tuple = vec![];
    for term in terms {
        let Numerator::Count(column) = term.numerator else { continue };
        for row in 0..rows {
            term.read(row, fixed, &first, &mut tuple);
            counters.entry(tuple.clone()).or_insert((column, row));
        }
    }
}

fn constraints<G: GadgetSet>(circuit: &ProvennCircuit<G>, layout: &Layout<G>) -> Vec<Constraint> {
    let mut meta = ConstraintSystem::default();
    let config = ProvennCircuit::<G>::configure_with_params(&mut meta, circuit.params().clone());
    let mut defined = config.defined.into_iter();
    let mut constraints: Vec<Constraint> = vec![];
    // Every gadget that has any has a gate of its own.
    for (gadget, gate) in meta.gates().iter().enumerate() {
        let start = constraints.len();
        for (i, polynomial) in gate.polynomials().iter().cloned().enumerate() {
            let name = gate.constraint_name(i).to_owned();
            let at = constraints[start..].iter().filter(|before| before.name == name).count();
            let (reads, defines) = (reads(&polynomial, layout.first), defined.next().flatten());
            constraints.push(Constraint { name, gadget, at, polynomial, defines, reads });
        }
    }
    constraints
}

fn reads(polynomial: &Expression<Fr>, first_phase: usize) -> BTreeSet<usize> {
    let none = || BTreeSet::new();
    let join = |mut a: BTreeSet<usize>, b: BTreeSet<usize>| {
        a.extend(b);
        a
    };
    polynomial.evaluate(
        &|_| none(),
        &|_| none(),
        &|_| none(),
        &|query| Some(query.column_index()).filter(|&c| c < first_phase).into_iter().collect(),
        &|_| none(),
        &|_| none(),
        &|a| a,
        &join,
        &join,
        &|a, _| a,
    )
}
