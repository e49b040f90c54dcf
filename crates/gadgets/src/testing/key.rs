//! What the key fixes, evaluated once for all forgeries of a circuit.

use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::columns::Challenges;
use crate::gadget_set::GadgetSet;
use crate::layout::{Cell, Layout};
use crate::second_phase::implied_copies;
use crate::shape::Shape;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Circuit, ConstraintSystem, Expression};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A named polynomial that must vanish on every row.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    pub(super) name: String,
    pub(super) polynomial: Expression<Fr>,
    /// The second-phase column that it defines (digests and helpers).
    pub(super) defines: Option<usize>,
    /// The first-phase columns that it reads.
    reads: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Key<G: GadgetSet> {
    pub(super) shape: Shape,
    pub(super) layout: Layout<G>,
    pub(super) assignment: Assignment,
    pub(super) constraints: Vec<Constraint>,
    pub(super) copies: Vec<(Cell, Cell)>,
    pub(super) challenges: Challenges<Fr>,
    /// First-phase cell that counts each tuple.
    pub(super) counters: HashMap<[i64; 4], (usize, usize)>,
}

impl<G: GadgetSet> Key<G> {
    pub(super) fn new(circuit: &ProvennCircuit<G>) -> Self {
        let challenge =
            |i: u64| (Fr::from(0x9e37_79b9_7f4a_7c15 ^ i).square() + Fr::from(i)).square();
        let shape = circuit.shape().clone();
        let layout = Layout::number(&shape);
        let assignment = circuit.assignment().clone();
        let mut copies = assignment.copies.clone();
        copies.extend(implied_copies(&layout, &assignment.steps));
        let mut counters = HashMap::new();
        let fixed = |column: usize, row: usize| {
            assignment.fixed.get(column).and_then(|c| c.get(row)).copied().unwrap_or(0)
        };
        for table in &layout.table {
            for row in 0..shape.active_rows() {
                let tuple = table.tuple.map(|column| fixed(column, row));
                counters.entry(tuple).or_insert((table.multiplicity, row));
            }
        }
        Key {
            constraints: constraints(&shape, &layout),
            copies,
            challenges: Challenges::all([1, 2, 3, 4, 5].map(challenge)),
            counters,
            shape,
            layout,
            assignment,
        }
    }

    /// Constraints that define a second-phase cell from a first-phase column.
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

fn constraints<G: GadgetSet>(shape: &Shape, layout: &Layout<G>) -> Vec<Constraint> {
    let mut meta = ConstraintSystem::default();
    let _ = ProvennCircuit::<G>::configure_with_params(&mut meta, shape.clone());
    // Constraints of one name appear bank after bank.
    let plain = |of: fn(&crate::layout::PlainColumns) -> Option<usize>| {
        layout.plain.iter().filter_map(of).collect::<Vec<_>>().into_iter()
    };
    let mut columns: BTreeMap<&str, std::vec::IntoIter<usize>> = BTreeMap::new();
    let ys: Vec<_> = layout.activation.iter().map(|bank| bank.digest_y).collect();
    let outputs: Vec<_> = layout.activation.iter().map(|bank| bank.digest_a).collect();
    columns.insert("activation/digest_y", ys.into_iter());
    columns.insert("activation/digest_a", outputs.into_iter());
    let borders: Vec<_> = layout.border.iter().map(|bank| bank.digest).collect();
    columns.insert("border/digest", borders.into_iter());
    columns.insert("plain/digest", plain(|bank| Some(bank.digest)));
    columns.insert("plain/digest_rho", plain(|bank| bank.digest_rho));
    columns.insert("plain/digest_scaled", plain(|bank| bank.digest_scaled));
    columns.insert("plain/digest_product", plain(|bank| bank.digest_product));
    columns.insert("logup/helper", layout.helper.clone().into_iter());
    let mut constraints = vec![];
    for gate in meta.gates() {
        for (i, polynomial) in gate.polynomials().iter().enumerate() {
            let name = gate.constraint_name(i).to_owned();
            let defines = columns.get_mut(name.as_str()).and_then(Iterator::next);
            let (polynomial, reads) = (polynomial.clone(), reads(polynomial, layout.first));
            constraints.push(Constraint { name, polynomial, defines, reads });
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
