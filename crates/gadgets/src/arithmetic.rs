//! Arithmetic: arithmetic on single field elements, to join fingerprints into one identity.
//!
//! # Statement
//! `z = c0 + c1·c + c2·a·b + s·σ + r·ρ + t·τ` with fixed coefficients, t with boundary terms only.
//!
//! # Constraints
//! * `arithmetic` (degree 4): `active·(z − c0 − c1·c − c2·a·b − s·σ − r·ρ − t·τ) = 0`
//!
//! # Soundness
//! z is a function of a, b, c; those are copies (or multiplied by zero).
//!
//! # Completeness
//! Always satisfiable.
//!
//! # Cost
//! Four second-phase cells per operation. Operations are per layer, channel or kernel tap, never per activation.

use crate::cells::Cells;
use crate::column::{Column, Integers, Numbers};
use crate::columns::{Challenges, Query};
use crate::families::Arithmetic;
use crate::field::from_signed;
use crate::gadget::{Constraint, Gadget, Role};
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;

/// One bank.
#[derive(Clone, Debug)]
pub struct ArithmeticBank {
    /// Fixed c0, c1, c2, s, r.
    pub coefficient: [usize; 5],
    /// Fixed t, with boundary terms.
    pub tau: Option<usize>,
    /// Second phase a, b, c, z.
    pub value: [usize; 4],
}

impl Gadget for ArithmeticBank {
    fn name(&self) -> &'static str {
        "arithmetic"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("coefficients", &self.coefficients()),
            Role::second("operands, result", &self.value),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let challenges = q.challenges();
        let [c0, c1, c2, s, r] = self.coefficient.map(|column| q.fixed(column));
        let [a, b, c, z] = self.value.map(|column| q.second(column));
        let mut value = c0 + c1 * c + c2 * a * b + s * challenges.sigma + r * challenges.rho;
        if let Some(tau) = self.tau {
            value = value + q.fixed(tau) * challenges.tau;
        }
        vec![Constraint::defining("arithmetic", self.value[3], z - value)]
    }

    fn copied(&self) -> Vec<Column> {
        self.value.map(Column::Second).to_vec()
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![]
    }

    fn unread(&self, row: usize, fixed: Integers<'_>) -> Vec<usize> {
        let [_, c1, c2, _, _] = self.coefficient.map(|column| fixed.at(column, row));
        let [a, b, c, _] = self.value;
        let factors = [(a, c2), (b, c2), (c, c1)];
        factors.into_iter().filter(|(_, factor)| *factor == 0).map(|(column, _)| column).collect()
    }
}

impl Arithmetic for ArithmeticBank {
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Self {
        let Numbers { fixed, second, .. } = numbers;
        ArithmeticBank {
            coefficient: fixed.array(),
            tau: params.turns().then(|| fixed.one()),
            value: second.array(),
        }
    }

    fn coefficients(&self) -> Vec<usize> {
        self.coefficient.into_iter().chain(self.tau).collect()
    }

    fn operands(&self) -> [usize; 3] {
        let [a, b, c, _] = self.value;
        [a, b, c]
    }

    fn result(&self) -> usize {
        self.value[3]
    }

    fn evaluate(
        &self,
        row: usize,
        challenges: &Challenges<Fr>,
        fixed: Integers<'_>,
        cells: &mut impl Cells,
    ) {
        let coefficient = |column| from_signed(fixed.at(column, row));
        let [c0, c1, c2, s, r] = self.coefficient.map(coefficient);
        let t = self.tau.map_or(Fr::zero(), coefficient);
        let [a, b, c] = self.operands().map(|column| cells.get(column, row));
        let Challenges { sigma, rho, tau, .. } = challenges;
        let z = c0 + c1 * c + c2 * a * b + s * sigma + r * rho + t * tau;
        cells.set(self.value[3], row, z);
    }
}
