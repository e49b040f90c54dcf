//! The halo2 columns behind numbers, and short names for querying them.

use crate::column::{CellRef, Column};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{
    Advice, Any, Challenge, Column as Halo2Column, ConstraintSystem, Expression, FirstPhase, Fixed,
    Instance, SecondPhase, ThirdPhase, VirtualCells,
};
use halo2_proofs::poly::Rotation;

/// The challenges, drawn after the first phase is committed; with columns that are committed between ρ and σ, all but ρ after these.
#[derive(Clone, Copy, Debug)]
pub struct Challenges<T> {
    /// σ: position within a row run.
    pub sigma: T,
    /// ρ: the second axis (channels, tokens).
    pub rho: T,
    /// α: the point of the logarithmic derivative.
    pub alpha: T,
    /// β: folds tuples.
    pub beta: T,
    /// τ: image rows; without boundary terms nothing uses it.
    pub tau: T,
}

impl<T: Copy + Default> Challenges<T> {
    /// All of them, in the order in which the columns' allocation makes the challenges.
    #[must_use]
    pub fn all([sigma, rho, alpha, beta, tau]: [T; 5]) -> Self {
        Challenges { sigma, rho, alpha, beta, tau }
    }

    /// Those that are drawn so far, in the same order; zero stands for those that are not, and nothing that is
    /// computed now uses them.
    #[must_use]
    pub fn drawn(values: &[T]) -> Self {
        let [sigma, rho, alpha, beta, tau] =
            std::array::from_fn(|i| values.get(i).copied().unwrap_or_default());
        Challenges { sigma, rho, alpha, beta, tau }
    }
}

/// Halo2's columns, numbered as in a layout.
#[derive(Clone, Debug)]
pub struct Columns {
    /// Fixed columns.
    pub fixed: Vec<Halo2Column<Fixed>>,
    /// First-phase advice.
    pub first: Vec<Halo2Column<Advice>>,
    /// Later advice.
    pub second: Vec<Halo2Column<Advice>>,
    /// The instance columns: public values stand in one after the other.
    pub instance: Vec<Halo2Column<Instance>>,
    /// How many of these stand in each.
    rows: usize,
    /// The challenges.
    pub challenges: Challenges<Challenge>,
}

/// Which columns there are.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    pub(crate) fixed: usize,
    pub(crate) first: usize,
    /// By later column: whether it is committed before σ.
    pub(crate) early: Vec<bool>,
    /// Those that copies may touch.
    pub(crate) copied: Vec<Column>,
    /// Rows that hold public values.
    pub(crate) rows: usize,
}

impl Columns {
    /// Allocates columns and challenges: with early columns, all challenges but ρ are drawn after those, and all other
    /// later columns follow.
    pub(crate) fn allocate(meta: &mut ConstraintSystem<Fr>, numbered: &Numbered) -> Self {
        let Numbered { fixed, first: firsts, early, copied, rows } = numbered;
        let three = early.contains(&true);
        let first: Vec<_> = (0..*firsts).map(|_| meta.advice_column_in(FirstPhase)).collect();
        if *firsts == 0 {
            // Halo2 wants a column in each phase before a challenge of that phase.
            let _ = meta.advice_column_in(FirstPhase);
        }
        let second = early
            .iter()
            .map(|early| match three && !early {
                false => meta.advice_column_in(SecondPhase),
                true => meta.advice_column_in(ThirdPhase),
            })
            .collect();
        let late = |meta: &mut ConstraintSystem<Fr>| match three {
            true => meta.challenge_usable_after(SecondPhase),
            false => meta.challenge_usable_after(FirstPhase),
        };
        let sigma = late(meta);
        let rho = meta.challenge_usable_after(FirstPhase);
        let (alpha, beta) = (late(meta), late(meta));
        let tau = if three { late(meta) } else { sigma };
        let challenges = Challenges { sigma, rho, alpha, beta, tau };
        let instances = copied.iter().filter(|column| **column == Column::Instance);
        let columns = Columns {
            fixed: (0..*fixed).map(|_| meta.fixed_column()).collect(),
            first,
            second,
            instance: instances.map(|_| meta.instance_column()).collect(),
            rows: *rows,
            challenges,
        };
        for column in &columns.instance {
            meta.enable_equality(*column);
        }
        for &column in copied.iter().filter(|column| **column != Column::Instance) {
            meta.enable_equality(columns.place(CellRef { column, row: 0 }).0);
        }
        columns
    }

    /// The halo2 column behind a logical cell, and its row there.
    #[must_use]
    pub fn place(&self, CellRef { column, row }: CellRef) -> (Halo2Column<Any>, usize) {
        match column {
            Column::Fixed(i) => (self.fixed[i].into(), row),
            Column::First(i) => (self.first[i].into(), row),
            Column::Second(i) => (self.second[i].into(), row),
            Column::Instance => (self.instance[row / self.rows].into(), row % self.rows),
        }
    }
}

/// Queries inside a gate, by column numbers.
#[derive(Debug)]
pub struct Query<'a, 'm> {
    pub(crate) meta: &'a mut VirtualCells<'m, Fr>,
    pub(crate) columns: &'a Columns,
}

impl Query<'_, '_> {
    /// A fixed cell on this row.
    pub fn fixed(&mut self, i: usize) -> Expression<Fr> {
        self.meta.query_fixed(self.columns.fixed[i], Rotation::cur())
    }
    /// A first-phase cell on this row.
    pub fn first(&mut self, i: usize) -> Expression<Fr> {
        self.meta.query_advice(self.columns.first[i], Rotation::cur())
    }
    /// A second-phase cell on this row.
    pub fn second(&mut self, i: usize) -> Expression<Fr> {
        self.meta.query_advice(self.columns.second[i], Rotation::cur())
    }
    /// A second-phase cell on the next row.
    pub fn second_next(&mut self, i: usize) -> Expression<Fr> {
        self.meta.query_advice(self.columns.second[i], Rotation::next())
    }
    /// The challenges.
    #[must_use]
    pub fn challenges(&self) -> Challenges<Expression<Fr>> {
        let c = self.columns.challenges;
        Challenges {
            sigma: c.sigma.expr(),
            rho: c.rho.expr(),
            alpha: c.alpha.expr(),
            beta: c.beta.expr(),
            tau: c.tau.expr(),
        }
    }
}

/// `Σ_j point^j·terms[j] + point^len·tail`, by Horner's rule.
#[must_use]
pub fn horner(
    point: &Expression<Fr>,
    terms: impl DoubleEndedIterator<Item = Expression<Fr>>,
    tail: Option<Expression<Fr>>,
) -> Expression<Fr> {
    terms
        .rev()
        .fold(tail, |acc, term| {
            Some(match acc {
                Some(acc) => term + point.clone() * acc,
                None => term,
            })
        })
        .unwrap_or(Expression::Constant(Fr::zero()))
}
