//! Constraints as sums of products, every distinct part once.
//!
//! A [`Sum`] is linear in columns, in X and in products; a product is of two sums. Challenges are
//! numbers by now, so that whatever is linear falls together: a Horner lane of hundreds of columns
//! becomes one linear part.

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::plonk::Expression;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A polynomial by its place in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Source {
    /// A fixed column.
    Fixed(usize),
    /// An advice column.
    Advice(usize),
    /// An instance column.
    Instance(usize),
    /// σ of a permuted column.
    Permuted(usize),
    /// A permutation product.
    Product(usize),
    /// 1 on the first row.
    First,
    /// 1 on the row after the usable ones.
    Last,
    /// 1 on the usable rows.
    Active,
}

/// Number of a sum in its arena.
pub(crate) type SumId = usize;
/// Number of a product in its arena.
pub(crate) type ProductId = usize;

/// `Σ c·column(ω^r·X) + x·X + constant + Σ c·product`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Sum {
    pub(crate) columns: BTreeMap<(Source, i32), Fr>,
    pub(crate) x: Fr,
    pub(crate) constant: Fr,
    pub(crate) products: BTreeMap<ProductId, Fr>,
}

impl Sum {
    pub(crate) fn column(source: Source, rotation: i32) -> Self {
        Sum { columns: BTreeMap::from([((source, rotation), Fr::ONE)]), ..Sum::default() }
    }

    pub(crate) fn constant(constant: Fr) -> Self {
        Sum { constant, ..Sum::default() }
    }

    pub(crate) fn is_zero(&self) -> bool {
        *self == Sum::default()
    }

    /// The number that it is, if it is one.
    fn as_constant(&self) -> Option<Fr> {
        let constant = self.columns.is_empty() && self.products.is_empty() && self.x == Fr::ZERO;
        constant.then_some(self.constant)
    }

    /// Adds `factor·other`.
    pub(crate) fn add(&mut self, other: &Sum, factor: Fr) {
        self.x += other.x * factor;
        self.constant += other.constant * factor;
        other.columns.iter().for_each(|(key, c)| add_to(&mut self.columns, *key, *c * factor));
        other.products.iter().for_each(|(key, c)| add_to(&mut self.products, *key, *c * factor));
    }
}

/// Adds to an entry; no entry is zero.
fn add_to<K: Ord>(map: &mut BTreeMap<K, Fr>, key: K, value: Fr) {
    use std::collections::btree_map::Entry;
    match map.entry(key) {
        Entry::Vacant(entry) if value != Fr::ZERO => {
            entry.insert(value);
        }
        Entry::Vacant(_) => {}
        Entry::Occupied(mut entry) => {
            *entry.get_mut() += value;
            if *entry.get() == Fr::ZERO {
                entry.remove();
            }
        }
    }
}

/// All sums and products.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    sums: Vec<Sum>,
    sum_ids: HashMap<Sum, SumId>,
    products: Vec<(SumId, SumId)>,
    product_ids: HashMap<(SumId, SumId), ProductId>,
    degrees: Vec<usize>,
}

impl Arena {
    pub(crate) fn sum(&self, id: SumId) -> &Sum {
        &self.sums[id]
    }

    pub(crate) fn factors(&self, id: ProductId) -> (SumId, SumId) {
        self.products[id]
    }

    /// Degree of a product.
    pub(crate) fn degree(&self, id: ProductId) -> usize {
        self.degrees[id]
    }

    /// Degree of a sum; X and columns count 1.
    pub(crate) fn sum_degree(&self, sum: &Sum) -> usize {
        let linear = !sum.columns.is_empty() || sum.x != Fr::ZERO;
        let products = sum.products.keys().map(|id| self.degree(*id)).max().unwrap_or(0);
        products.max(usize::from(linear))
    }

    /// Different columns, with their rotations, that a sum is of.
    pub(crate) fn queries(&self, sum: &Sum) -> usize {
        let mut columns: BTreeSet<&(Source, i32)> = BTreeSet::new();
        let (mut seen, mut open) = (BTreeSet::new(), vec![sum]);
        while let Some(sum) = open.pop() {
            columns.extend(sum.columns.keys());
            for product in sum.products.keys().filter(|product| seen.insert(**product)) {
                let (a, b) = self.factors(*product);
                open.extend([self.sum(a), self.sum(b)]);
            }
        }
        columns.len()
    }

    pub(crate) fn intern(&mut self, sum: Sum) -> SumId {
        if let Some(id) = self.sum_ids.get(&sum) {
            return *id;
        }
        self.sums.push(sum.clone());
        self.sum_ids.insert(sum, self.sums.len() - 1);
        self.sums.len() - 1
    }

    /// The product of two numbered sums.
    pub(crate) fn product(&mut self, a: SumId, b: SumId) -> ProductId {
        let key = (a.min(b), a.max(b));
        if let Some(id) = self.product_ids.get(&key) {
            return *id;
        }
        let degree = self.sum_degree(&self.sums[a]) + self.sum_degree(&self.sums[b]);
        self.products.push(key);
        self.degrees.push(degree);
        self.product_ids.insert(key, self.products.len() - 1);
        self.products.len() - 1
    }

    /// Adds `factor·a·b` to a sum.
    pub(crate) fn add_product(&mut self, to: &mut Sum, factor: Fr, a: Sum, b: Sum) {
        match (a.as_constant(), b.as_constant()) {
            (Some(a), _) => to.add(&b, factor * a),
            (_, Some(b)) => to.add(&a, factor * b),
            _ => {
                let (a, b) = (self.intern(a), self.intern(b));
                let product = self.product(a, b);
                add_to(&mut to.products, product, factor);
            }
        }
    }

    /// a·b.
    pub(crate) fn multiply(&mut self, a: Sum, b: Sum) -> Sum {
        let mut product = Sum::default();
        self.add_product(&mut product, Fr::ONE, a, b);
        product
    }

    /// Adds `factor·expression` to a sum.
    pub(crate) fn expand(
        &mut self,
        expression: &Expression<Fr>,
        factor: Fr,
        challenges: &[Fr],
        to: &mut Sum,
    ) {
        let mut column = |source, rotation| add_to(&mut to.columns, (source, rotation), factor);
        match expression {
            Expression::Constant(constant) => to.constant += factor * constant,
            // `Prover::new` meets none: keys hold circuits whose selectors became columns.
            Expression::Selector(_) => {}
            Expression::Fixed(q) => column(Source::Fixed(q.column_index()), q.rotation().0),
            Expression::Advice(q) => column(Source::Advice(q.column_index()), q.rotation().0),
            Expression::Instance(q) => column(Source::Instance(q.column_index()), q.rotation().0),
            Expression::Challenge(challenge) => {
                to.constant += factor * challenges[challenge.index()];
            }
            Expression::Negated(inner) => self.expand(inner, -factor, challenges, to),
            Expression::Sum(a, b) => {
                self.expand(a, factor, challenges, to);
                self.expand(b, factor, challenges, to);
            }
            Expression::Scaled(inner, scale) => self.expand(inner, factor * scale, challenges, to),
            Expression::Product(a, b) => match (value(a, challenges), value(b, challenges)) {
                (Some(a), _) => self.expand(b, factor * a, challenges, to),
                (_, Some(b)) => self.expand(a, factor * b, challenges, to),
                _ => {
                    let (mut left, mut right) = (Sum::default(), Sum::default());
                    self.expand(a, Fr::ONE, challenges, &mut left);
                    self.expand(b, Fr::ONE, challenges, &mut right);
                    self.add_product(to, factor, left, right);
                }
            },
        }
    }
}

/// The number that an expression without columns is.
fn value(expression: &Expression<Fr>, challenges: &[Fr]) -> Option<Fr> {
    match expression {
        Expression::Constant(constant) => Some(*constant),
        Expression::Challenge(challenge) => challenges.get(challenge.index()).copied(),
        Expression::Negated(inner) => value(inner, challenges).map(|x| -x),
        Expression::Sum(a, b) => Some(value(a, challenges)? + value(b, challenges)?),
        Expression::Product(a, b) => Some(value(a, challenges)? * value(b, challenges)?),
        Expression::Scaled(inner, scale) => Some(value(inner, challenges)? * scale),
        _ => None,
    }
}
