//! Harness for the four duties of a gadget (feature `testing`).
//!
//! It evaluates every named constraint and every copy on explicit columns, with chosen challenges, so a
//! test can say *which* constraint catches a forgery. A dishonest prover may recompute whatever depends
//! on a forged cell; [`Subject::forge_first`] does that, [`Subject::forge_second`] changes one cell alone.

use crate::assignment::{Assignment, FirstPhase};
use crate::circuit::ProvennCircuit;
use crate::columns::Challenges;
use crate::field::from_signed;
use crate::layout::{Cell, Column, Layout};
use crate::second_phase::{implied_copies, second_phase};
use crate::shape::Shape;
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Circuit, ConstraintSystem};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// A circuit with all its columns, honest or forged.
#[derive(Clone, Debug)]
pub struct Subject {
    shape: Shape,
    layout: Layout,
    assignment: Assignment,
    /// First-phase columns.
    pub first: FirstPhase,
    /// Public values.
    pub instance: Vec<i64>,
    challenges: Challenges<Fr>,
    second: Vec<Vec<Fr>>,
}

/// A name for every way a column can be wrong.
pub type Violations = BTreeSet<String>;

impl Subject {
    /// All columns of an honest circuit, with fixed pseudo-random challenges.
    ///
    /// # Panics
    /// If the circuit has no witness.
    #[must_use]
    #[allow(clippy::expect_used)] // a harness reports by panicking
    pub fn new(circuit: &ProvennCircuit, instance: &[i64]) -> Self {
        let challenge =
            |i: u64| (Fr::from(0x9e37_79b9_7f4a_7c15 ^ i).square() + Fr::from(i)).square();
        let challenges = Challenges {
            sigma: challenge(1),
            rho: challenge(2),
            alpha: challenge(3),
            beta: challenge(4),
        };
        let shape = circuit.shape().clone();
        let mut subject = Subject {
            layout: Layout::new(&shape),
            assignment: circuit.assignment().clone(),
            first: circuit.first_phase().expect("a circuit with a witness").clone(),
            instance: instance.to_vec(),
            second: vec![],
            challenges,
            shape,
        };
        subject.finish();
        subject
    }

    /// The numbered columns.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The key's part.
    #[must_use]
    pub fn assignment(&self) -> &Assignment {
        &self.assignment
    }

    /// Recomputes the second phase from the first.
    pub fn finish(&mut self) {
        self.second = second_phase(
            &self.shape,
            &self.layout,
            &self.assignment,
            &self.first,
            &self.instance,
            &self.challenges,
        );
    }

    /// With one first-phase cell changed by `delta` and everything after it recomputed.
    #[must_use]
    pub fn forge_first(&self, column: usize, row: usize, delta: i64) -> Self {
        let mut forged = self.clone();
        if forged.first[column].len() <= row {
            forged.first[column].resize(row + 1, 0);
        }
        forged.first[column][row] = forged.first[column][row].wrapping_add(delta);
        forged.finish();
        forged
    }

    /// With one second-phase cell changed by `delta`, nothing recomputed.
    #[must_use]
    pub fn forge_second(&self, column: usize, row: usize, delta: Fr) -> Self {
        let mut forged = self.clone();
        forged.second[column][row] += delta;
        forged
    }

    /// Overwrites a second-phase cell.
    pub fn set_second(&mut self, column: usize, row: usize, value: Fr) {
        self.second[column][row] = value;
    }

    /// A second-phase value.
    #[must_use]
    pub fn second(&self, column: usize, row: usize) -> Fr {
        self.second[column][row]
    }

    fn value(&self, cell: Cell) -> Fr {
        let small = |columns: &[Vec<i64>], c: usize| {
            from_signed(columns.get(c).and_then(|v| v.get(cell.row)).copied().unwrap_or(0))
        };
        match cell.column {
            Column::Fixed(c) => self.fixed(c, cell.row),
            Column::First(c) => small(&self.first, c),
            Column::Second(c) => self.second[c].get(cell.row).copied().unwrap_or(Fr::zero()),
            Column::Instance => from_signed(self.instance.get(cell.row).copied().unwrap_or(0)),
        }
    }

    fn fixed(&self, column: usize, row: usize) -> Fr {
        let active = self.shape.active_rows();
        let structural = [
            (self.layout.active, row < active),
            (self.layout.first_row, row == 0),
            (self.layout.last_row, row == active),
        ];
        if let Some((_, set)) = structural.iter().find(|(c, _)| *c == column) {
            return Fr::from(u64::from(*set));
        }
        from_signed(
            self.assignment.fixed.get(column).and_then(|c| c.get(row)).copied().unwrap_or(0),
        )
    }

    /// Names of all constraints that do not hold; copies appear as `copy`.
    #[must_use]
    pub fn violations(&self) -> Violations {
        let mut meta = ConstraintSystem::default();
        let _ = ProvennCircuit::configure_with_params(&mut meta, self.shape.clone());
        let rows = self.shape.active_rows() + 1;
        let challenge = [
            self.challenges.sigma,
            self.challenges.rho,
            self.challenges.alpha,
            self.challenges.beta,
        ];
        // Advice columns are numbered first phase first.
        let firsts = self.layout.first.max(1);
        let mut found: Violations = meta
            .gates()
            .par_iter()
            .flat_map_iter(|gate| {
                gate.polynomials().iter().enumerate().map(move |(i, p)| (gate, i, p))
            })
            .filter_map(|(gate, i, polynomial)| {
                let broken = (0..rows).any(|row| {
                    let at = |rotation: i32| {
                        usize::try_from(i64::try_from(row).unwrap_or(0) + i64::from(rotation))
                            .unwrap_or(0)
                    };
                    let value = polynomial.evaluate(
                        &|constant| constant,
                        &|_| Fr::zero(),
                        &|query| self.fixed(query.column_index(), at(query.rotation().0)),
                        &|query| {
                            let (index, row) = (query.column_index(), at(query.rotation().0));
                            let column = if index < firsts {
                                Column::First(index)
                            } else {
                                Column::Second(index - firsts)
                            };
                            self.value(Cell { column, row })
                        },
                        &|_| Fr::zero(),
                        &|c| challenge[c.index()],
                        &|a| -a,
                        &|a, b| a + b,
                        &|a, b| a * b,
                        &|a, s| a * s,
                    );
                    value != Fr::zero()
                });
                broken.then(|| gate.constraint_name(i).to_owned())
            })
            .collect();
        let implied = implied_copies(&self.layout, &self.assignment.steps);
        if self
            .assignment
            .copies
            .iter()
            .chain(&implied)
            .any(|&(a, b)| self.value(a) != self.value(b))
        {
            found.insert("copy".into());
        }
        found
    }
}

/// Duty 2: every listed first-phase cell is bound. Each is changed by +1, −1, a power of two and a
/// pseudo-random amount, with everything downstream recomputed.
///
/// # Panics
/// Naming the first cell that can be changed unnoticed.
pub fn every_first_cell_is_bound(subject: &Subject, cells: &[(usize, usize)]) {
    assert!(subject.violations().is_empty(), "honest columns violate {:?}", subject.violations());
    for &(column, row) in cells {
        for delta in [1, -1, 1 << 20, 0x5851_f42d_4c95] {
            let forged = subject.forge_first(column, row, delta);
            assert!(
                !forged.violations().is_empty(),
                "first-phase column {column} row {row} accepts a change by {delta}"
            );
        }
    }
}

/// Duty 2 for the second phase: every cell of every listed column on active rows.
///
/// # Panics
/// Naming the first cell that can be changed unnoticed.
pub fn every_second_cell_is_bound(subject: &Subject, cells: &[(usize, usize)]) {
    for &(column, row) in cells {
        for delta in [Fr::one(), -Fr::one(), subject.challenges.alpha] {
            let forged = subject.forge_second(column, row, delta);
            assert!(
                !forged.violations().is_empty(),
                "second-phase column {column} row {row} accepts a change"
            );
        }
    }
}

/// Duty 4: the forgery is caught by `constraint` and by nothing else, so removing it would let it pass.
///
/// # Panics
/// If the forgery passes, or if another constraint catches it too.
pub fn only_caught_by(forged: &Subject, constraint: &str) {
    assert_eq!(forged.violations(), Violations::from([constraint.to_owned()]));
}
