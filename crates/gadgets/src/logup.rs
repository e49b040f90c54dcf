//! Lookups by logarithmic derivatives.
//!
//! # Statement
//! Every looked-up tuple, in every active row, is a row of the fixed tables:
//! `Σ_lookups 1/(α − f) = Σ_table m_t/(α − t)`, with f, t tuples folded by β
//! (Haböck, "Multivariate lookups based on logarithmic derivatives", 2022, Lemma 5).
//! A tag inside the tuple separates tables that share the argument: `f = v0 + β·v1 + β²·v2 + β³·tag`.
//!
//! # Constraints
//! * `logup/helper` (degree 3, 4 or 5): with one, two or three fractions `n_i/d_i` per column, as the shape has it,
//!   `active·(H·d1·d2·d3 − (n1·d2·d3 + n2·d1·d3 + n3·d1·d2)) = 0`; n = 1 for a lookup, −m for a table row.
//! * `logup/sum` (degree 2): `active·(Z' − Z − Σ H) = 0`
//! * `logup/first`, `logup/last` (degree 2): Z = 0 on the first row and after the last active one.
//!
//! # Layout
//! Lookups: per activation bank and lane, the limbs of r, then l, then (h, slope, base, tag). Tables: fixed
//! columns of any number of banks, so that no table sets k. The first row of the first bank is the *zero row*:
//! h = slope = base = 0 under tag 0, which no table has. Lanes of activations that hold nothing have tag 0 and look
//! it up, and zeros of the range tables for their limbs; table rows beyond the last table repeat it with m = 0.
//!
//! # Soundness
//! f and m are committed before α and β. By the lemma the rational functions agree at a random α only if
//! every f occurs among the t, since fewer than p lookups are made; folding by a random β keeps distinct tuples distinct.
//! If some d vanishes the helper is free, which happens with probability (lookups + table rows)/p.
//!
//! # Completeness
//! The witness step checks that every tuple is in its table before committing.
//!
//! # Cost
//! One second-phase cell per one to three lookups, one small cell per table row, one running sum.

use crate::columns::{Challenges, Columns, Query};
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::shape::Shape;
use halo2_proofs::arithmetic::Field;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{ConstraintSystem, Expression};

/// Tag of the table of border positions: any h, output 0. Circuits have it where borders stand in lanes.
pub const GAP: i64 = 63;
/// Tag of the first function table; the range table of width w has tag w.
pub const FUNCTION: i64 = 64;

/// A term of a tuple: an advice or fixed column, or a constant.
#[derive(Clone, Copy, Debug)]
enum Term {
    First(usize),
    Fixed(usize),
    Constant(i64),
}

/// One fraction: a lookup (numerator 1) or a table row (numerator −m).
#[derive(Clone, Debug)]
struct Fraction {
    tuple: [Term; 4],
    multiplicity: Option<usize>,
}

fn fractions<G: GadgetSet>(layout: &Layout<G>, shape: &Shape) -> Vec<Fraction> {
    let zero = Term::Constant(0);
    let lookup = |tuple| Fraction { tuple, multiplicity: None };
    let range = |column, width: u32| {
        lookup([Term::First(column), zero, zero, Term::Constant(i64::from(width))])
    };
    let widths = shape.remainder_limbs();
    let mut all = vec![];
    for bank in &layout.activation {
        for lane in 0..shape.lanes {
            for (limb, &width) in bank.remainder.iter().zip(&widths) {
                all.push(range(limb[lane], width));
            }
            all.push(range(bank.low[lane], shape.low_bits));
            all.push(lookup([
                Term::First(bank.high[lane]),
                Term::First(bank.slope[lane]),
                Term::First(bank.base[lane]),
                Term::Fixed(bank.tag[lane]),
            ]));
        }
    }
    all.extend(layout.table.iter().map(|table| Fraction {
        tuple: table.tuple.map(Term::Fixed),
        multiplicity: Some(table.multiplicity),
    }));
    all
}

/// Creates the constraints.
pub(crate) fn configure<G: GadgetSet>(
    meta: &mut ConstraintSystem<Fr>,
    columns: &Columns,
    layout: &Layout<G>,
    shape: &Shape,
) {
    let Some(running_sum) = layout.running_sum else { return };
    let all = fractions(layout, shape);
    meta.create_gate("logup", |meta| {
        let mut q = Query { meta, columns };
        let Challenges { alpha, beta, .. } = q.challenges();
        let active = q.fixed(layout.active);
        let mut constraints = vec![];
        let mut total = Expression::Constant(Fr::zero());
        for (&helper, chunk) in layout.helper.iter().zip(all.chunks(shape.terms_per_helper.get())) {
            let (mut numerator, mut denominator): (Option<Expression<Fr>>, Option<Expression<Fr>>) =
                (None, None);
            for fraction in chunk {
                let d = alpha.clone() - folded(&mut q, &beta, &fraction.tuple);
                let n = match fraction.multiplicity {
                    Some(m) => -q.first(m),
                    None => Expression::Constant(Fr::one()),
                };
                (numerator, denominator) = match (numerator, denominator) {
                    (Some(sum), Some(product)) => {
                        let one = fraction.multiplicity.is_none();
                        let added = if one { product.clone() } else { n * product.clone() };
                        (Some(sum * d.clone() + added), Some(product * d))
                    }
                    _ => (Some(n), Some(d)),
                };
            }
            let h = q.second(helper);
            total = total + h.clone();
            if let (Some(n), Some(d)) = (numerator, denominator) {
                constraints.push(("logup/helper", active.clone() * (h * d - n)));
            }
        }
        let (z, next) = (q.second(running_sum), q.second_next(running_sum));
        let (first, last) = (q.fixed(layout.first_row), q.fixed(layout.last_row));
        constraints.push(("logup/sum", active * (next - z.clone() - total)));
        constraints.push(("logup/first", first * z.clone()));
        constraints.push(("logup/last", last * z));
        constraints
    });
}

fn folded(q: &mut Query<'_, '_>, beta: &Expression<Fr>, tuple: &[Term; 4]) -> Expression<Fr> {
    let mut terms = vec![];
    let mut power: Option<Expression<Fr>> = None;
    for term in tuple {
        let value = match *term {
            Term::First(c) => Some(q.first(c)),
            Term::Fixed(c) => Some(q.fixed(c)),
            Term::Constant(0) => None,
            Term::Constant(v) => Some(Expression::Constant(from_signed(v))),
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

/// Computes the helper columns and the running sum.
pub(crate) fn columns<G: GadgetSet>(
    layout: &Layout<G>,
    shape: &Shape,
    challenges: &Challenges<Fr>,
    fixed: &(impl Fn(usize, usize) -> i64 + Sync),
    first: &(impl Fn(usize, usize) -> i64 + Sync),
) -> Vec<(usize, Vec<Fr>)> {
    use rayon::prelude::*;
    let Some(running_sum) = layout.running_sum else { return vec![] };
    let all = fractions(layout, shape);
    let rows = shape.active_rows();
    let beta = challenges.beta;
    let powers = [Fr::one(), beta, beta.square(), beta.square() * beta];
    let value = |term: Term, row| match term {
        Term::First(c) => first(c, row),
        Term::Fixed(c) => fixed(c, row),
        Term::Constant(v) => v,
    };
    let mut result: Vec<(usize, Vec<Fr>)> = layout
        .helper
        .par_iter()
        .zip(all.par_chunks(shape.terms_per_helper.get()))
        .map(|(&helper, chunk)| {
            let mut column = vec![Fr::zero(); rows + 1];
            for fraction in chunk {
                let mut inverses: Vec<Fr> = (0..rows)
                    .map(|row| {
                        let mut f = challenges.alpha;
                        for (&term, power) in fraction.tuple.iter().zip(&powers) {
                            let v = value(term, row);
                            if v != 0 {
                                f -= from_signed(v) * power;
                            }
                        }
                        f
                    })
                    .collect();
                invert(&mut inverses);
                for (row, inverse) in inverses.into_iter().enumerate() {
                    match fraction.multiplicity {
                        Some(m) => {
                            let m = first(m, row);
                            if m != 0 {
                                column[row] -= from_signed(m) * inverse;
                            }
                        }
                        None => column[row] += inverse,
                    }
                }
            }
            (helper, column)
        })
        .collect();
    let mut sum = vec![Fr::zero(); rows + 1];
    for row in 0..rows {
        sum[row + 1] = result.iter().fold(sum[row], |acc, (_, column)| acc + column[row]);
    }
    result.push((running_sum, sum));
    result
}

/// Inverts all elements with one field inversion (Montgomery's trick); zeros stay zero.
fn invert(values: &mut [Fr]) {
    let mut prefix = Vec::with_capacity(values.len());
    let mut acc = Fr::one();
    for v in values.iter() {
        prefix.push(acc);
        if !bool::from(v.is_zero()) {
            acc *= v;
        }
    }
    let mut inverse = acc.invert().unwrap_or(Fr::zero());
    for (v, p) in values.iter_mut().zip(prefix).rev() {
        if !bool::from(v.is_zero()) {
            let old = *v;
            *v = inverse * p;
            inverse *= old;
        }
    }
}
