//! What the quotient divides: all constraints, combined with powers of y in the protocol's order.
//!
//! `Σ y^i·e_i` is sorted by degree. Products that share a factor (most share the fixed column of
//! active rows) are joined, `a·b + a·c = a·(b + c)`, and what they multiply is split by degree
//! again: everything linear under that factor becomes one linear part of one product. A factor of
//! many columns is kept apart.

use super::expression::{Arena, ProductId, Source, Sum, SumId};
use crate::key::Prover;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::plonk::{Any, Column as Halo2Column};
use std::collections::{BTreeMap, HashMap};

/// The challenges that constraints depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Challenges<'c> {
    pub(crate) circuit: &'c [Fr],
    pub(crate) beta: Fr,
    pub(crate) gamma: Fr,
    pub(crate) y: Fr,
}

/// The source of a column.
pub(crate) fn source(column: Halo2Column<Any>) -> Source {
    match column.column_type() {
        Any::Advice(_) => Source::Advice(column.index()),
        Any::Fixed => Source::Fixed(column.index()),
        Any::Instance => Source::Instance(column.index()),
    }
}

impl Prover<'_> {
    /// The numerator in parts that add up to it.
    pub(super) fn numerator(&self, challenges: &Challenges<'_>) -> (Arena, Vec<Part>) {
        let mut arena = Arena::default();
        let mut total = Sum::default();
        // From the last constraint backwards, so that powers of y rise.
        let mut power = Fr::ONE;
        let constraints = self.permutation_constraints(&mut arena, challenges);
        for constraint in constraints.iter().rev() {
            total.add(constraint, power);
            power *= challenges.y;
        }
        let gates = self.cs().gates().iter().flat_map(|gate| gate.polynomials());
        for polynomial in gates.collect::<Vec<_>>().into_iter().rev() {
            arena.expand(polynomial, power, challenges.circuit, &mut total);
            power *= challenges.y;
        }
        let parts = parts(&mut arena, &total);
        (arena, parts)
    }

    /// The permutation argument's constraints, in order.
    fn permutation_constraints(&self, arena: &mut Arena, c: &Challenges<'_>) -> Vec<Sum> {
        let columns = self.cs().permutation().get_columns();
        let sets = columns.len().div_ceil(self.set_size());
        let product = |set, rotation| Sum::column(Source::Product(set), rotation);
        let mut constraints = vec![];
        if sets > 0 {
            // l_0·(1 - Z_0)
            let mut one_minus = Sum::constant(Fr::ONE);
            one_minus.add(&product(0, 0), -Fr::ONE);
            constraints.push(arena.multiply(Sum::column(Source::First, 0), one_minus));
            // l_last·(Z^2 - Z)
            let mut bit = arena.multiply(product(sets - 1, 0), product(sets - 1, 0));
            bit.add(&product(sets - 1, 0), -Fr::ONE);
            constraints.push(arena.multiply(Sum::column(Source::Last, 0), bit));
        }
        // l_0·(Z_i - Z_(i-1)(ω^last·X))
        for set in 1..sets {
            let mut step = product(set, 0);
            step.add(&product(set - 1, self.last_rotation()), -Fr::ONE);
            constraints.push(arena.multiply(Sum::column(Source::First, 0), step));
        }
        // l_active·(Z(ω·X)·Π (v + β·σ + γ) - Z·Π (v + β·δ^j·X + γ))
        let mut identity = c.beta;
        for (set, chunk) in columns.chunks(self.set_size()).enumerate() {
            let (mut left, mut right) = (Sum::constant(Fr::ONE), Sum::constant(Fr::ONE));
            for (i, column) in chunk.iter().enumerate() {
                let mut value = Sum::column(source(*column), 0);
                value.constant = c.gamma;
                let mut plain = value.clone();
                plain.x = identity;
                let index = set * self.set_size() + i;
                if self.moves(index) {
                    value.add(&Sum::column(Source::Permuted(index), 0), c.beta);
                } else {
                    value = plain.clone();
                }
                left = arena.multiply(left, value);
                right = arena.multiply(right, plain);
                identity *= Fr::DELTA;
            }
            let mut step = arena.multiply(left, product(set, 1));
            let stay = arena.multiply(right, product(set, 0));
            step.add(&stay, -Fr::ONE);
            constraints.push(arena.multiply(Sum::column(Source::Active, 0), step));
        }
        constraints
    }

    /// The rotation from the first row to the one after the usable ones.
    pub(crate) fn last_rotation(&self) -> i32 {
        i32::try_from(self.blinding_rows()).unwrap_or(i32::MAX).saturating_neg()
    }
}

/// `factor·body`, or the body alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) factor: Option<Sum>,
    pub(super) body: Sum,
    /// The body is zero on the domain where its factor is not: products are computed so.
    pub(super) vanishes: bool,
}

/// From so many columns on, a part's factor is multiplied after the division.
const APART: usize = 12;

/// Sorts a sum by degree, joining products by common factors first.
fn parts(arena: &mut Arena, total: &Sum) -> Vec<Part> {
    let mut uses: HashMap<SumId, usize> = HashMap::new();
    for product in total.products.keys() {
        let (a, b) = arena.factors(*product);
        *uses.entry(a).or_default() += 1;
        *uses.entry(b).or_default() += usize::from(a != b);
    }
    // Common factor to what it multiplies.
    let mut joined: BTreeMap<SumId, Sum> = BTreeMap::new();
    for (product, coefficient) in &total.products {
        let (a, b) = arena.factors(*product);
        let (factor, other) = if uses.get(&b) > uses.get(&a) { (b, a) } else { (a, b) };
        joined.entry(factor).or_default().add(arena.sum(other), *coefficient);
    }
    let mut parts = vec![];
    let mut by_degree: BTreeMap<usize, Sum> = BTreeMap::new();
    let linear = Sum { products: BTreeMap::new(), ..total.clone() };
    by_degree.entry(arena.sum_degree(&linear)).or_default().add(&linear, Fr::ONE);
    for (factor, body) in joined {
        let factor = arena.sum(factor).clone();
        let linear = arena.sum_degree(&factor) == 1;
        let by_degrees = split(arena, &body);
        // Nothing but the permutation argument is multiplied with it.
        let vanishes = factor == Sum::column(Source::Active, 0) && by_degrees.len() == 1;
        for (degree, body) in by_degrees {
            if linear && degree > 1 && arena.queries(&body) >= APART {
                parts.push(Part { factor: Some(factor.clone()), body, vanishes });
                continue;
            }
            let mut product = Sum::default();
            arena.add_product(&mut product, Fr::ONE, factor.clone(), body);
            by_degree.entry(arena.sum_degree(&product)).or_default().add(&product, Fr::ONE);
        }
    }
    let alone = by_degree.into_values().filter(|sum| !sum.is_zero());
    parts.extend(alone.map(|body| Part { factor: None, body, vanishes: false }));
    // The last part's remainder is what the others leave: this saves most where most is computed.
    let apart = parts.iter().filter(|part| part.factor.is_some() && !part.vanishes);
    let largest = apart.map(|part| part.body.products.len()).max();
    let at = parts.iter().position(|part| {
        part.factor.is_some() && !part.vanishes && Some(part.body.products.len()) == largest
    });
    if let Some(at) = at {
        let part = parts.remove(at);
        parts.push(part);
    }
    parts
}

/// The parts of a sum by degree; constants go with what is linear.
fn split(arena: &Arena, sum: &Sum) -> BTreeMap<usize, Sum> {
    let mut parts: BTreeMap<usize, Sum> = BTreeMap::new();
    let linear = Sum { products: BTreeMap::new(), ..sum.clone() };
    if !linear.is_zero() {
        parts.insert(arena.sum_degree(&linear), linear);
    }
    for (product, coefficient) in &sum.products {
        let part = parts.entry(arena.degree(*product)).or_default();
        let _: Option<Fr> = part.products.insert(ProductId::from(*product), *coefficient);
    }
    parts
}
