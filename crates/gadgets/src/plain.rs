//! Plain bank: cells without a range of their own, read by fingerprints.
//!
//! # Statement
//! Four fingerprints of the same cells p, each a polynomial evaluated at a challenge: of p in σ, of p in ρ,
//! of c·p in σ for fixed coefficients c, and of p·p* in σ for the cells p* of the partner bank.
//!
//! # Constraints
//! * `plain/fingerprint` (degree 3): `D = Σ_j σ^j·p_j + step·σ^L·D'`
//! * `plain/fingerprint_rho` (degree 3): the same in ρ
//! * `plain/fingerprint_scaled` (degree 3): `D = Σ_j σ^j·c_j·p_j + step·σ^L·D'`
//! * `plain/fingerprint_product` (degree 3): `D = Σ_j σ^j·p_j·p*_j + step·σ^L·D'`
//!
//! With boundary terms all have a further term `turn·τ·D'`, as in an activation bank.
//!
//! # Soundness
//! Cells are committed before the challenges; a fingerprint that another identity fixes determines every
//! cell except with probability (cells)/p (Schwartz–Zippel). A cell that no identity and no copy reads
//! must not be read by anyone: the planner lays only such cells out as zero and unused.
//!
//! # Completeness
//! Fingerprints exist for any cells.
//!
//! # Cost
//! One small cell per element; one fingerprint column per bank for each fingerprint in use.

use crate::chain::{Chain, Link};
use crate::column::{Column, Numbers};
use crate::columns::{Query, horner};
use crate::combination::{Coefficient, Combination};
use crate::families::{Fingerprint, Reading};
use crate::gadget::{Constraint, Fingerprinted, Gadget, Known, Role};
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::plonk::Expression;

/// One bank.
#[derive(Clone, Debug)]
pub struct PlainBank {
    /// Fixed: which rows go on.
    pub chain: Chain,
    /// Fixed: coefficients per lane (empty without scaled fingerprints).
    pub coefficient: Vec<usize>,
    /// First phase: the cells.
    pub cell: Vec<usize>,
    /// First phase: the next bank's cells, where they are multiplied with this one's.
    pub partner: Vec<usize>,
    /// Second phase: fingerprint in σ.
    pub fingerprint: usize,
    /// Second phase: fingerprint in ρ.
    pub fingerprint_rho: Option<usize>,
    /// Second phase: fingerprint of coefficient times cell.
    pub fingerprint_scaled: Option<usize>,
    /// Second phase, even banks only: fingerprint of this bank's cells times the next bank's.
    pub fingerprint_product: Option<usize>,
}

impl PlainBank {
    fn fingerprints(&self) -> impl Iterator<Item = usize> {
        let further = [self.fingerprint_rho, self.fingerprint_scaled, self.fingerprint_product];
        std::iter::once(self.fingerprint).chain(further.into_iter().flatten())
    }

    /// One column of values: Σ_j point^j·term(lane, row), chained.
    fn column(&self, known: &Known<'_>, point: Fr, term: impl Fn(usize, usize) -> i128) -> Vec<Fr> {
        let Known { rows, fixed, challenges, .. } = *known;
        let lanes = self.cell.len();
        let powers = Coefficient::powers(point, Fr::one(), lanes);
        let beyond = point.pow([lanes as u64]);
        let mut column = vec![Fr::zero(); rows + 1];
        for row in (0..rows).rev() {
            let mut sum = Combination::default();
            for (lane, power) in powers.iter().enumerate() {
                sum.add(power, term(lane, row));
            }
            let next = self.chain.weight_of_next(row, beyond, challenges.tau, fixed);
            column[row] = sum.value() + next * column[row + 1];
        }
        column
    }
}

/// The constraint of one fingerprint.
fn fingerprint(
    q: &mut Query<'_, '_>,
    name: &'static str,
    column: usize,
    point: &Expression<Fr>,
    Link { step, turn }: &Link,
    terms: Vec<Expression<Fr>>,
) -> Constraint {
    let (value, next) = (q.second(column), q.second_next(column));
    let mut sum = horner(point, terms.into_iter(), Some(step.clone() * next.clone()));
    if let Some(turn) = turn {
        sum = sum + turn.clone() * next;
    }
    Constraint::defining(name, column, value - sum)
}

impl Gadget for PlainBank {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("step", &[self.chain.step]),
            Role::fixed("turn", self.chain.turn.as_slice()),
            Role::fixed("coefficient", &self.coefficient),
            Role::first("cells", &self.cell),
            Role::second("fingerprint in σ", &[self.fingerprint]),
            Role::second("fingerprint in ρ", self.fingerprint_rho.as_slice()),
            Role::second("weighted fingerprint", self.fingerprint_scaled.as_slice()),
            Role::second("fingerprint of products", self.fingerprint_product.as_slice()),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let (sigma, rho) = (q.challenges().sigma, q.challenges().rho);
        let link = self.chain.query(q);
        let cells: Vec<Expression<Fr>> = self.cell.iter().map(|&c| q.first(c)).collect();
        let mut all = vec![fingerprint(
            q,
            "plain/fingerprint",
            self.fingerprint,
            &sigma,
            &link,
            cells.clone(),
        )];
        if let Some(column) = self.fingerprint_rho {
            all.push(fingerprint(q, "plain/fingerprint_rho", column, &rho, &link, cells.clone()));
        }
        if let Some(column) = self.fingerprint_scaled {
            let terms =
                self.coefficient.iter().zip(&cells).map(|(&c, p)| q.fixed(c) * p.clone()).collect();
            all.push(fingerprint(q, "plain/fingerprint_scaled", column, &sigma, &link, terms));
        }
        if let Some(column) = self.fingerprint_product {
            let terms =
                self.partner.iter().zip(&cells).map(|(&c, p)| q.first(c) * p.clone()).collect();
            all.push(fingerprint(q, "plain/fingerprint_product", column, &sigma, &link, terms));
        }
        all
    }

    fn copied(&self) -> Vec<Column> {
        let cells = self.cell.iter().map(|&c| Column::First(c));
        cells.chain(self.fingerprints().map(Column::Second)).collect()
    }

    fn opened_next(&self) -> Vec<usize> {
        self.fingerprints().collect()
    }

    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let Known { fixed, first, challenges, .. } = *known;
        let (sigma, rho) = (challenges.sigma, challenges.rho);
        let cell = |lane: usize, row| i128::from(first.at(self.cell[lane], row));
        let mut columns = vec![(self.fingerprint, self.column(known, sigma, cell))];
        if let Some(column) = self.fingerprint_rho {
            columns.push((column, self.column(known, rho, cell)));
        }
        if let Some(column) = self.fingerprint_scaled {
            let coefficient = |lane: usize, row| i128::from(fixed.at(self.coefficient[lane], row));
            let term = |lane, row| cell(lane, row) * coefficient(lane, row);
            columns.push((column, self.column(known, sigma, term)));
        }
        if let Some(column) = self.fingerprint_product {
            let partner = |lane: usize, row| i128::from(first.at(self.partner[lane], row));
            let term = |lane, row| cell(lane, row) * partner(lane, row);
            columns.push((column, self.column(known, sigma, term)));
        }
        columns
    }

    fn fingerprinted(&self) -> Option<Fingerprinted> {
        Some(Fingerprinted {
            fingerprints: self.fingerprints().collect(),
            goes_on: self.chain.columns().collect(),
            cells: self.cell.clone(),
        })
    }
}

impl Fingerprint for PlainBank {
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Vec<Self> {
        let all = params.plain_banks + params.entry_banks + 2 * params.lookup_banks;
        let bank = |i: usize| {
            // Those of memories are read in place, and at σ.
            let plain = i < params.plain_banks;
            let (rho, scaled) =
                (plain && params.rho_fingerprints, plain && params.scaled_fingerprints);
            let product = plain && params.product_fingerprints && i.is_multiple_of(2);
            let chain = Chain::allocate(numbers, params.turns());
            let Numbers { fixed, first, second, .. } = &mut *numbers;
            PlainBank {
                chain,
                coefficient: fixed.many(if scaled { params.lanes } else { 0 }),
                cell: first.many(params.lanes),
                partner: vec![],
                fingerprint: second.one(),
                fingerprint_rho: rho.then(|| second.one()),
                fingerprint_scaled: scaled.then(|| second.one()),
                fingerprint_product: product.then(|| second.one()),
            }
        };
        let mut banks: Vec<_> = (0..all).map(bank).collect();
        for pair in banks.chunks_exact_mut(2) {
            if let [left, right] = pair
                && left.fingerprint_product.is_some()
            {
                left.partner.clone_from(&right.cell);
            }
        }
        banks
    }

    fn chain(&self) -> Chain {
        self.chain
    }

    fn cells(&self) -> &[usize] {
        &self.cell
    }

    fn coefficients(&self) -> &[usize] {
        &self.coefficient
    }

    fn fingerprint(&self, of: Reading) -> Option<usize> {
        match of {
            Reading::Sigma => Some(self.fingerprint),
            Reading::Rho => self.fingerprint_rho,
            Reading::Scaled => self.fingerprint_scaled,
            Reading::Product => self.fingerprint_product,
        }
    }
}
