//! Whether identities leave anything to choose, in circuits of any size.
//!
//! What a copy says of an unknown is a polynomial in the challenges, its derivative. Where those of several unknowns are
//! *different monomials* times one and the same factor, the copy binds all of them: `Σ_i δ_i·c_i·m_i(σ, ρ, τ) = 0` for all
//! challenges leaves no δ but zero. Which monomial a derivative is shows under challenges scaled by a random u: a polynomial
//! with `f(u·σ) = u^e·f(σ)` at random σ is one of degree e in σ alone, but for a chance of its degree by the field's size
//! (Schwartz–Zippel). Unknowns that are bound count as known in all other copies, until nothing more is bound.
//!
//! All of it is at one honest assignment: where a copy is no linear equation in what is unknown, it says that no other values
//! are near.
//!
//! Boundary terms are chosen after ρ, for each ρ anew: they hide whatever has their powers of σ and τ, whatever its power of ρ.

use super::Subject;
use super::gradients::{DRAWS, Equation, Gradients};
use super::rank::Unknown;
use crate::column::{CellRef, Column};
use crate::families::{Hash, Occurrences};
use crate::gadget_set::Standard;
use crate::program::implied_copies;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::{BatchInvert, PrimeField};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// What identities leave of all unknowns.
#[derive(Clone, Debug)]
pub struct Bound {
    /// Unknowns.
    pub unknowns: usize,
    /// Copies that any of them moves.
    pub equations: usize,
    /// Unknowns that no copy binds, and that nothing documented excuses.
    pub unbound: Vec<Unknown>,
    /// Such that are looked up: positions in an order, which ranges and the bus bind.
    pub looked_up: Vec<Unknown>,
}

/// A derivative but for a constant factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Monomial {
    /// Times what is no monomial, the same for all of an equation's that are.
    relative: bool,
    /// Of σ, ρ and τ.
    degrees: [i64; DRAWS - 1],
}

impl Subject<Standard> {
    /// Which unknowns all copies together leave free, by challenges from `draw`. What it calls bound is; where several copies
    /// bind what none of them binds alone, it may call that unbound, and [`Subject::rank`] knows better.
    ///
    /// # Panics
    /// If a copy does not hold at the columns as they are.
    #[must_use]
    pub fn bound(&self, mut draw: impl FnMut() -> Fr) -> Bound {
        let [sigma, rho, alpha, beta, tau, scale] = [(); 6].map(|()| draw());
        let first = crate::columns::Challenges { sigma, rho, alpha, beta, tau };
        let draws = [
            first,
            crate::columns::Challenges { sigma: sigma * scale, ..first },
            crate::columns::Challenges { rho: rho * scale, ..first },
            crate::columns::Challenges { tau: tau * scale, ..first },
        ];
        let subjects = draws.map(|challenges| self.under(challenges));
        assert_eq!(subjects[0].broken_copies().next(), None, "a copy does not hold");
        let copies = self.identities();
        let mut unknowns = self.all_unknowns(1);
        unknowns.extend(self.indices());
        let gradients = Gradients::new(&subjects, unknowns, &copies);
        let powers = Powers::new(scale, self.most_degree());
        let equations: Vec<Vec<(usize, Option<Monomial>)>> = copies
            .par_iter()
            .map(|&copy| powers.monomials(gradients.of(copy)))
            .filter(|equation| !equation.is_empty())
            .collect();
        let mut solver = Solver::new(&gradients.unknowns, &equations);
        solver.solve();
        // What is looked up is an entry, by the bus.
        let params = self.params();
        let memories = params.plain_banks + params.entry_banks;
        let lookups: BTreeSet<usize> =
            self.layout().plain[memories..].iter().flat_map(|bank| bank.cell.clone()).collect();
        let in_lookups = |unknown: &Unknown| match unknown {
            Unknown::Plain { column, .. } => lookups.contains(column),
            Unknown::Accumulator { .. } | Unknown::Later { .. } | Unknown::Dropped { .. } => false,
        };
        let looked_up = solver.free().filter(|&at| in_lookups(&gradients.unknowns[at]));
        let looked_up: Vec<usize> = looked_up.collect();
        looked_up.iter().for_each(|&at| solver.bind(at));
        solver.solve();
        let three_phases = self.layout().three_phases();
        let excused = |unknown: &Unknown| match unknown {
            Unknown::Accumulator { tagged, .. } => !*tagged && three_phases,
            Unknown::Plain { .. } | Unknown::Later { .. } => false,
            Unknown::Dropped { .. } => true,
        };
        let named = |at: usize| gradients.unknowns[at];
        Bound {
            unknowns: gradients.unknowns.len(),
            equations: equations.len(),
            unbound: solver.free().map(named).filter(|unknown| !excused(unknown)).collect(),
            looked_up: looked_up.into_iter().map(named).collect(),
        }
    }

    /// Copies that say anything: not those that put operands where they are read, nor those of digests, which are no
    /// polynomials of low degree and bind what is hashed besides.
    fn identities(&self) -> Vec<(CellRef, CellRef)> {
        let layout = self.layout();
        let implied: BTreeSet<_> =
            implied_copies(layout, &self.assignment().steps).into_iter().collect();
        let digests: BTreeSet<Column> =
            layout.hash.iter().map(|bank| Column::Second(bank.digest())).collect();
        let says = |(a, b): &(CellRef, CellRef)| {
            !digests.contains(&a.column) && !digests.contains(&b.column)
        };
        let copies = self.copies().iter().copied();
        copies.filter(|copy| !implied.contains(copy) && says(copy)).collect()
    }

    /// Indices whose occurrences are counted: by the bus these follow from indices, and not the other way round.
    fn indices(&self) -> Vec<Unknown> {
        let read: BTreeSet<(usize, usize)> = self.read_cells().into_iter().collect();
        let banks = 0..self.params().occurrence_banks;
        let columns: BTreeSet<usize> = self
            .layout()
            .occurrences
            .iter()
            .flat_map(|of| banks.clone().map(|b| of.index(b)))
            .collect();
        let cells = read.into_iter().filter(|(column, _)| columns.contains(column));
        cells.map(|(column, row)| Unknown::Plain { column, row }).collect()
    }

    /// More than any power of a challenge in an identity.
    fn most_degree(&self) -> usize {
        let layout = self.layout();
        let lanes = layout.activation.iter().map(|bank| bank.high.len());
        let lanes = lanes.chain(layout.plain.iter().map(|bank| bank.cell.len()));
        let windows = layout.maximum.iter().map(|bank| bank.tag.len() * bank.distance.len());
        let lanes = lanes.chain(windows).max();
        4 * lanes.unwrap_or(1).max(1) * (self.params().active_rows() + 1)
    }
}

/// Powers of the scale.
struct Powers {
    exponents: HashMap<[u8; 32], i64>,
}

impl Powers {
    /// Up to so many, and their inverses.
    fn new(scale: Fr, most: usize) -> Self {
        let powers =
            |scale: Fr| std::iter::successors(Some(Fr::one()), move |power| Some(power * scale));
        let inverse = Option::<Fr>::from(scale.invert()).unwrap_or(Fr::zero());
        let numbered = |scale, sign: i64| {
            powers(scale)
                .take(most)
                .map(|power| power.to_repr())
                .zip((0..).map(move |e: i64| sign * e))
        };
        Powers { exponents: numbered(inverse, -1).chain(numbered(scale, 1)).collect() }
    }

    /// Of σ, ρ and τ, where scaling them multiplies by so much.
    fn degrees(&self, by: [Fr; DRAWS - 1]) -> Option<[i64; DRAWS - 1]> {
        let mut degrees = [0; DRAWS - 1];
        for (degree, by) in degrees.iter_mut().zip(by) {
            *degree = *self.exponents.get(&by.to_repr())?;
        }
        Some(degrees)
    }

    /// Derivatives that are monomials; or, of the others, those that are times the first of them.
    fn monomials(&self, equation: Equation) -> Vec<(usize, Option<Monomial>)> {
        let mut inverses: Vec<Fr> = equation.iter().map(|(_, slopes)| slopes[0]).collect();
        inverses.iter_mut().batch_invert();
        let mut first: Option<[Fr; DRAWS - 1]> = None;
        let mut monomials = vec![];
        for ((unknown, [_, scaled @ ..]), inverse) in equation.into_iter().zip(inverses) {
            // A derivative that is zero by chance is none of these.
            let by = scaled.map(|slope| slope * inverse);
            let monomial = match self.degrees(by) {
                Some(degrees) => Some(Monomial { relative: false, degrees }),
                None => {
                    let invert = |x: Fr| Option::<Fr>::from(x.invert()).unwrap_or(Fr::zero());
                    let mut ratio = *first.get_or_insert_with(|| by.map(invert));
                    ratio.iter_mut().zip(by).for_each(|(ratio, by)| *ratio *= by);
                    self.degrees(ratio).map(|degrees| Monomial { relative: true, degrees })
                }
            };
            monomials.push((unknown, monomial));
        }
        monomials
    }
}

/// Binds unknowns, equation after equation.
struct Solver<'a> {
    unknowns: &'a [Unknown],
    equations: &'a [Vec<(usize, Option<Monomial>)>],
    /// Which equations an unknown moves.
    readers: Vec<Vec<usize>>,
    bound: Vec<bool>,
    /// Equations in turn, so that each waits for all that others of its turn bind, and which of them are.
    turn: VecDeque<usize>,
    waits: Vec<bool>,
}

impl<'a> Solver<'a> {
    fn new(unknowns: &'a [Unknown], equations: &'a [Vec<(usize, Option<Monomial>)>]) -> Self {
        let mut readers: Vec<Vec<usize>> = vec![vec![]; unknowns.len()];
        for (at, equation) in equations.iter().enumerate() {
            equation.iter().for_each(|(unknown, _)| readers[*unknown].push(at));
        }
        Solver {
            unknowns,
            equations,
            readers,
            bound: vec![false; unknowns.len()],
            turn: (0..equations.len()).collect(),
            waits: vec![true; equations.len()],
        }
    }

    fn bind(&mut self, unknown: usize) {
        self.bound[unknown] = true;
        for &reader in &self.readers[unknown] {
            if !std::mem::replace(&mut self.waits[reader], true) {
                self.turn.push_back(reader);
            }
        }
    }

    fn solve(&mut self) {
        while let Some(at) = self.turn.pop_front() {
            self.waits[at] = false;
            self.binds(&self.equations[at]).into_iter().for_each(|unknown| self.bind(unknown));
        }
    }

    fn free(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.unknowns.len()).filter(|&unknown| !self.bound[unknown])
    }

    /// Which further unknowns an equation binds.
    fn binds(&self, equation: &[(usize, Option<Monomial>)]) -> Vec<usize> {
        // By powers of what is drawn after boundary terms.
        let mut like: BTreeMap<[i64; 2], Vec<(usize, i64)>> = BTreeMap::new();
        let mut relative = None;
        for &(unknown, monomial) in equation.iter().filter(|(unknown, _)| !self.bound[*unknown]) {
            let Some(monomial) = monomial else { return vec![] };
            if let Unknown::Later { .. } = self.unknowns[unknown] {
                // It may be chosen after all challenges.
                return vec![];
            }
            if *relative.get_or_insert(monomial.relative) != monomial.relative {
                return vec![];
            }
            let [sigma, rho, tau] = monomial.degrees;
            like.entry([sigma, tau]).or_default().push((unknown, rho));
        }
        let mut all = vec![];
        for like in like.into_values() {
            let hides = |unknown: usize| matches!(self.unknowns[unknown], Unknown::Dropped { .. });
            if like.iter().any(|(unknown, _)| hides(*unknown)) {
                continue;
            }
            let mut by_rho: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
            for (unknown, rho) in like {
                by_rho.entry(rho).or_default().push(unknown);
            }
            all.extend(by_rho.into_values().filter(|same| same.len() == 1).flatten());
        }
        all
    }
}
