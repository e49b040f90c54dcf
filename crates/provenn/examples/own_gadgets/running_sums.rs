//! Running sums: every column of the lookup argument adds up its own fractions, row by row.
//!
//! # Statement
//! The bus is balanced: `Σ n/(α − f) = 0` over all terms of all active rows.
//!
//! # Constraints
//! * `sums/step` (degree 3, 4 or 5): with one, two or three fractions n_i/d_i per column, as the parameters have it,
//!   `active·((Z' − Z)·d1·d2·d3 − (n1·d2·d3 + n2·d1·d3 + n3·d1·d2)) = 0`
//! * `sums/first` (degree 2): Z = 0 on the first row, for each column.
//! * `sums/last` (degree 2): Σ Z = 0 after the last active row.
//!
//! # Soundness
//! Unless some d vanishes, each Z ends as the sum of its fractions; the rest is LogUp's argument.
//!
//! # Completeness
//! The columns are determined by the terms.
//!
//! # Cost
//! One column less than LogUp, and every column is opened at the next row.

use provenn_gadgets::families::LookupArgument;
use provenn_gadgets::gadget::{On, Role};
use provenn_gadgets::logup::{fractions, sum_of_fractions};
use provenn_gadgets::{
    BusTerm, Cells, CircuitParams, Column, Constraint, Fr, Gadget, Known, Numbers, Query,
};

/// The gadget.
#[derive(Clone, Debug)]
pub(crate) struct RunningSums {
    terms: Vec<BusTerm>,
    per_column: usize,
    sum: Vec<usize>,
}

impl Gadget for RunningSums {
    fn name(&self) -> &'static str {
        "running sums"
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::second("sums", &self.sum)]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let mut constraints = vec![];
        let mut total = None;
        for (&sum, terms) in self.sum.iter().zip(self.terms.chunks(self.per_column)) {
            let Some((n, d)) = sum_of_fractions(q, terms) else { continue };
            let (z, next) = (q.second(sum), q.second_next(sum));
            let step = (next - z.clone()) * d - n;
            constraints.push(Constraint::defining("sums/step", sum, step));
            constraints.push(Constraint::on("sums/first", On::First, z.clone()));
            total = Some(match total {
                Some(total) => total + z,
                None => z,
            });
        }
        constraints.extend(total.map(|total| Constraint::on("sums/last", On::Last, total)));
        constraints
    }

    fn copied(&self) -> Vec<Column> {
        vec![]
    }

    fn opened_next(&self) -> Vec<usize> {
        self.sum.clone()
    }

    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let columns = self.sum.iter().zip(self.terms.chunks(self.per_column));
        let sums = columns.map(|(&column, terms)| {
            let mut sum = Fr::zero();
            let before = fractions(known, terms).into_iter().map(|fraction| {
                let before = sum;
                sum += fraction;
                before
            });
            (column, before.collect())
        });
        sums.collect()
    }
}

impl LookupArgument for RunningSums {
    fn allocate(numbers: &mut Numbers, terms: Vec<BusTerm>, params: &CircuitParams) -> Self {
        let per_column = params.terms_per_helper.get();
        let sum = numbers.second.many(terms.len().div_ceil(per_column));
        RunningSums { terms, per_column, sum }
    }

    fn factors(&self) -> usize {
        self.sum.len()
    }

    fn accumulate(&self, _: usize, _: &mut impl Cells) {
        // Each column follows from the terms alone.
    }
}
