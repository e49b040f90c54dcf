//! Which random values a prover of halo2's protocol draws, in order, and what its proof shows, in order.

use super::logs::Logs;
use super::pinned::Item;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::plonk::ConstraintSystem;
use std::collections::{BTreeMap, BTreeSet};

/// A random value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drawn {
    /// Of an advice column, the i-th from the first blinding value on.
    Advice(usize, usize),
    /// Of a permutation product.
    Product(usize, usize),
    /// A coefficient of the random polynomial.
    Random(usize),
    /// What blinds a piece of the quotient and the next.
    Piece(usize),
}

/// Something that a proof shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shows {
    /// A commitment to an advice column.
    Advice(usize),
    /// A commitment to a permutation product.
    Product(usize),
    /// The commitment to the random polynomial.
    Random,
    /// A commitment to a piece of the quotient.
    Piece(usize),
    /// A value of an advice column, at a rotation of x.
    AdviceAt(usize, i32),
    /// A value of what the key fixes: no witness is in it.
    Fixed,
    /// The random polynomial's value at x.
    RandomAt,
    /// A value of a permutation product: at x, ω·x, and where the next one begins.
    ProductAt(usize, usize),
    /// A point of the opening.
    Opening(usize),
}

/// A constraint system's proofs.
#[derive(Clone, Debug)]
pub struct Layout {
    /// In the order of drawing.
    pub drawn: Vec<Drawn>,
    /// In the order of the proof.
    pub shows: Vec<Shows>,
    /// Rows.
    n: usize,
    /// By advice column, the rotations that are asked of it.
    rotations: Vec<BTreeSet<i32>>,
    products: usize,
}

impl Layout {
    /// Of 2^k rows; pieces blinded or not; `given` are advice columns whose blinding values the caller gives.
    #[must_use]
    pub fn of(cs: &ConstraintSystem<Fr>, k: u32, blinded: bool, given: &[usize]) -> Self {
        let phases = cs.advice_column_phase();
        let mut rotations = vec![BTreeSet::new(); phases.len()];
        for (column, rotation) in cs.advice_queries() {
            rotations[column.index()].insert(rotation.0);
        }
        let blinding_rows = cs.blinding_factors() + 1;
        let products = cs.permutation().get_columns().len().div_ceil(cs.degree() - 2);
        let pieces = cs.degree() - 1;
        let mut in_phases: Vec<usize> = (0..phases.len()).collect();
        in_phases.sort_by_key(|column| phases[*column]);
        let mut drawn = vec![];
        for &column in in_phases.iter().filter(|column| !given.contains(column)) {
            let asked = rotations[column].iter().chain([&0]).collect::<BTreeSet<_>>().len();
            let values = 0..(2 * asked).min(blinding_rows);
            drawn.extend(values.map(|i| Drawn::Advice(column, i)));
        }
        // The row after the last usable one holds the product.
        let of_products = (0..products).flat_map(|set| (1..blinding_rows).map(move |i| (set, i)));
        drawn.extend(of_products.map(|(set, i)| Drawn::Product(set, i)));
        drawn.extend([0, 1].map(Drawn::Random));
        drawn.extend((0..if blinded { pieces - 1 } else { 0 }).map(Drawn::Piece));

        let mut shows: Vec<Shows> = in_phases.iter().map(|column| Shows::Advice(*column)).collect();
        shows.extend((0..products).map(Shows::Product));
        shows.push(Shows::Random);
        shows.extend((0..pieces).map(Shows::Piece));
        let queries = cs.advice_queries().iter();
        shows.extend(queries.map(|(column, at)| Shows::AdviceAt(column.index(), at.0)));
        shows.extend(cs.fixed_queries().iter().map(|_| Shows::Fixed));
        shows.push(Shows::RandomAt);
        shows.extend(cs.permutation().get_columns().iter().map(|_| Shows::Fixed));
        for set in 0..products {
            let count = if set + 1 < products { 3 } else { 2 };
            shows.extend((0..count).map(|at| Shows::ProductAt(set, at)));
        }
        shows.extend([0, 1].map(Shows::Opening));
        let n = 1 << k;
        Layout { drawn, shows, n, rotations, products }
    }

    /// What a proof shows as field elements, from the random values that it was made of. `given` are the logarithms of
    /// commitments to columns whose blinding values the caller gave.
    ///
    /// # Panics
    /// If a commitment is none of polynomials that the back end met, with these blinding values.
    #[must_use]
    pub fn values(
        &self,
        items: &[Item],
        drawn: &[Fr],
        logs: &Logs,
        given: &BTreeMap<usize, Fr>,
    ) -> Vec<Fr> {
        // What is added to a commitment beside the back end's sums.
        let mut beside: BTreeMap<Shows, Fr> = BTreeMap::new();
        let above = logs.secret.pow_vartime([self.n as u64]) - Fr::one();
        for (of, value) in self.drawn.iter().zip(drawn) {
            let (shows, log) = match *of {
                Drawn::Advice(column, i) => {
                    let rows = self.drawn.iter();
                    let rows = rows.filter(|of| matches!(of, Drawn::Advice(c, _) if *c == column));
                    (Shows::Advice(column), logs.lagrange[self.n - rows.count() + i])
                }
                // The row before them holds the product, and is committed to with them.
                Drawn::Product(..) => continue,
                Drawn::Random(i) => (Shows::Random, if i == 0 { Fr::one() } else { logs.secret }),
                Drawn::Piece(l) => (Shows::Piece(l), above),
            };
            *beside.entry(shows).or_default() += log * value;
        }
        let ends = logs.ends();
        for (column, log) in given {
            beside.insert(Shows::Advice(*column), *log);
        }
        assert_eq!(items.len(), self.shows.len(), "items of the proof");
        let value = |(item, shows): (&Item, &Shows)| match item {
            Item::Scalar(scalar) => *scalar,
            Item::Point(point) => {
                let log = match (shows, beside.get(shows)) {
                    (Shows::Product(_), _) => logs.of(*point, &ends),
                    (_, beside) => logs.of(*point, beside.map_or(&[], std::slice::from_ref)),
                };
                log.unwrap_or_else(|| panic!("{shows:?} is of another polynomial"))
            }
        };
        items.iter().zip(&self.shows).map(value).collect()
    }

    /// Whether a witness is in what is shown here.
    #[must_use]
    pub fn depends(shows: Shows) -> bool {
        shows != Shows::Fixed
    }

    /// As many random values as the argument of soundness.md uses: of an advice column one for its commitment and one for
    /// each value, of a permutation product four, and the others all.
    #[must_use]
    pub fn is_used(&self, drawn: Drawn) -> bool {
        match drawn {
            Drawn::Advice(column, i) => i <= self.rotations[column].len(),
            Drawn::Product(_, i) => i <= 4,
            Drawn::Random(_) | Drawn::Piece(_) => true,
        }
    }

    /// Permutation products.
    #[must_use]
    pub fn products(&self) -> usize {
        self.products
    }
}
