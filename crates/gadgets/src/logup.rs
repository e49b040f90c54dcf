//! Lookups by logarithmic derivatives.
//!
//! # Statement
//! The bus is balanced: `Σ n/(α − f) = 0` over all [terms](crate::bus) of all active rows. With n = 1 for what is looked
//! up and −m for a table's row that is `Σ_lookups 1/(α − f) = Σ_table m_t/(α − t)`: every tuple that is looked up, in
//! every active row, is a row of the tables (Haböck, "Multivariate lookups based on logarithmic derivatives", 2022,
//! Lemma 5).
//!
//! # Constraints
//! * `logup/helper` (degree 3, 4 or 5): with one, two or three fractions `n_i/d_i` per column, as the parameters have it,
//!   `active·(H·d1·d2·d3 − (n1·d2·d3 + n2·d1·d3 + n3·d1·d2)) = 0`.
//! * `logup/sum` (degree 2): `active·(Z' − Z − Σ H) = 0`
//! * `logup/first`, `logup/last` (degree 2): Z = 0 on the first row and after the last active one.
//!
//! # Soundness
//! f and m are committed before α and β. By the lemma the rational functions agree at a random α only if
//! every f occurs among the t, since fewer than p lookups are made; folding by a random β keeps distinct tuples distinct.
//! Where numerators are weights, at every pole they sum to zero but with the same probability: weights are committed before α and
//! β too.
//! If some d vanishes the helper is free, which happens with probability (lookups + table rows)/p.
//!
//! # Completeness
//! The witness step checks that every tuple is in its table before committing.
//!
//! # Cost
//! One second-phase cell per one to three lookups, one small cell per table row, one running sum.

use crate::bus::{BusTerm, Numerator, Value};
use crate::cells::Cells;
use crate::column::{Column, Numbers};
use crate::columns::{Challenges, Query};
use crate::families::LookupArgument;
use crate::field::from_signed;
use crate::gadget::{Constraint, Gadget, Known, On, Role};
use crate::inverses::inverses;
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;

/// Rows whose helpers are summed up together.
const BLOCK: usize = 64;

/// The lookup argument of [`crate::Standard`].
#[derive(Clone, Debug)]
pub struct LogUp {
    /// What is to be balanced.
    pub terms: Vec<BusTerm>,
    /// Terms per helper column.
    pub per_helper: usize,
    /// Second phase: sums of fractions.
    pub helper: Vec<usize>,
    /// Second phase: running sum over the helpers.
    pub running_sum: usize,
}

impl LogUp {
    /// Helper columns and the terms of each.
    fn chunks(&self) -> impl Iterator<Item = (usize, &[BusTerm])> {
        self.helper.iter().copied().zip(self.terms.chunks(self.per_helper))
    }
}

/// A sum of fractions, as numerator and denominator; nothing without terms.
#[must_use]
pub fn sum_of_fractions(
    q: &mut Query<'_, '_>,
    terms: &[BusTerm],
) -> Option<(Expression<Fr>, Expression<Fr>)> {
    let Challenges { alpha, beta, .. } = q.challenges();
    let mut sum: Option<(Expression<Fr>, Expression<Fr>)> = None;
    for term in terms {
        let d = alpha.clone() - folded(q, &beta, term);
        let n = match term.numerator {
            Numerator::One => None,
            Numerator::Count(m) => Some(-q.first(m)),
            Numerator::Weight(w) => Some(q.second(w)),
            Numerator::WeightSum(x) => Some(-q.second(x)),
        };
        sum = Some(match (sum, n) {
            (None, n) => (n.unwrap_or(Expression::Constant(Fr::one())), d),
            (Some((numerator, product)), None) => {
                (numerator * d.clone() + product.clone(), product * d)
            }
            (Some((numerator, product)), Some(n)) => {
                (numerator * d.clone() + n * product.clone(), product * d)
            }
        });
    }
    sum
}

fn folded(q: &mut Query<'_, '_>, beta: &Expression<Fr>, term: &BusTerm) -> Expression<Fr> {
    let mut terms = vec![];
    let mut power: Option<Expression<Fr>> = None;
    for value in term.folded() {
        let value = match *value {
            Value::First(c) => Some(q.first(c)),
            Value::Fixed(c) => Some(q.fixed(c)),
            Value::Constant(0) => None,
            Value::Constant(v) => Some(Expression::Constant(from_signed(v))),
        };
        if let Some(value) = value {
            terms.push(match &power {
                Some(power) => value * power.clone(),
                None => value,
            });
        }
        power = Some(match power {
            Some(power) => power * beta.clone(),
            None => beta.clone(),
        });
    }
    terms.into_iter().reduce(|a, b| a + b).unwrap_or(Expression::Constant(Fr::zero()))
}

/// A sum of fractions on every active row, and zero after them.
#[must_use]
pub fn fractions(known: &Known<'_>, terms: &[BusTerm]) -> Vec<Fr> {
    let mut column = vec![Fr::zero(); known.rows + 1];
    for term in terms {
        for (row, (sum, inverse)) in column.iter_mut().zip(inverses(known, term)).enumerate() {
            match term.numerator {
                Numerator::One => *sum += inverse,
                Numerator::Count(m) => {
                    let m = known.first.at(m, row);
                    if m != 0 {
                        *sum -= from_signed(m) * inverse;
                    }
                }
                Numerator::Weight(w) => *sum += early(known, w, row) * inverse,
                Numerator::WeightSum(x) => *sum -= early(known, x, row) * inverse,
            }
        }
    }
    column
}

/// A cell that was committed between ρ and the other challenges.
fn early(known: &Known<'_>, column: usize, row: usize) -> Fr {
    let cell = known.early.get(column).and_then(|column| column.get(row));
    cell.copied().unwrap_or(Fr::zero())
}

impl Gadget for LogUp {
    fn name(&self) -> &'static str {
        "logup"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::second("sums of inverses", &self.helper),
            Role::second("running sum", &[self.running_sum]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let mut constraints = vec![];
        let mut total = Expression::Constant(Fr::zero());
        for (helper, terms) in self.chunks() {
            let sum = sum_of_fractions(q, terms);
            let h = q.second(helper);
            total = total + h.clone();
            if let Some((n, d)) = sum {
                constraints.push(Constraint::defining("logup/helper", helper, h * d - n));
            }
        }
        let (z, next) = (q.second(self.running_sum), q.second_next(self.running_sum));
        let sum = next - z.clone() - total;
        constraints.push(Constraint::defining("logup/sum", self.running_sum, sum));
        constraints.push(Constraint::on("logup/first", On::First, z.clone()));
        constraints.push(Constraint::on("logup/last", On::Last, z));
        constraints
    }

    fn copied(&self) -> Vec<Column> {
        vec![]
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![self.running_sum]
    }

    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        use rayon::prelude::*;
        let helpers = self.helper.par_iter().zip(self.terms.par_chunks(self.per_helper));
        helpers.map(|(&helper, terms)| (helper, fractions(known, terms))).collect()
    }
}

impl LookupArgument for LogUp {
    fn allocate(numbers: &mut Numbers, terms: Vec<BusTerm>, params: &CircuitParams) -> Self {
        let per_helper = params.terms_per_helper.get();
        LogUp {
            helper: numbers.second.many(terms.len().div_ceil(per_helper)),
            running_sum: numbers.second.one(),
            per_helper,
            terms,
        }
    }

    fn factors(&self) -> usize {
        self.helper.len()
    }

    fn accumulate(&self, rows: usize, cells: &mut impl Cells) {
        cells.set(self.running_sum, 0, Fr::zero());
        for start in (0..rows).step_by(BLOCK) {
            // Column by column: they stand in memory so.
            let mut sums = [Fr::zero(); BLOCK];
            let block = start..rows.min(start + BLOCK);
            for &helper in &self.helper {
                sums.iter_mut()
                    .zip(block.clone())
                    .for_each(|(sum, row)| *sum += cells.get(helper, row));
            }
            for (row, sum) in block.zip(sums) {
                let before = cells.get(self.running_sum, row);
                cells.set(self.running_sum, row + 1, before + sum);
            }
        }
    }
}
