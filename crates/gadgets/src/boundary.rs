//! Boundary bank: the coefficients of a convolution's full product that the layer drops, combined over
//! channels.
//!
//! # Statement
//! A run of cells `g_0, g_1, …` has the fingerprint `D = Σ_i σ^i·g_i`.
//!
//! # Constraints
//! * `boundary/fingerprint` (degree 3): `D = g + step·σ·D'`
//!
//! # Soundness
//! The layer demands `Σ_c K_c(ρ)·X_c = Y(ρ) + G` of polynomials in σ and τ. X and Y are committed before ρ;
//! g afterwards, and before σ and τ, which halo2's phases enforce. So G is one polynomial, which stands at
//! boundary exponents alone, and the identity says of every kept exponent that `Σ_o ρ^o·(full_o − y_o) = 0`,
//! except with probability (exponents)/p over σ and τ. As ρ was drawn after y_o, full_o = y_o for all
//! channels, except with probability (kept exponents)·(channels)/p.
//!
//! # Completeness
//! g is the boundary terms' sum over channels by powers of ρ.
//!
//! # Cost
//! Per boundary position of a layer one second-phase cell and one third-phase cell, whatever the number
//! of channels.

use crate::assignment::BoundaryValues;
use crate::column::{Column, Numbers};
use crate::columns::Query;
use crate::combination::{Coefficient, Combination};
use crate::families::Boundary;
use crate::gadget::{Constraint, Gadget, Known, Role};
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;

/// One bank.
#[derive(Clone, Debug)]
pub struct BoundaryBank {
    /// Its number among them.
    pub bank: usize,
    /// Fixed: the next row belongs to the same segment.
    pub step: usize,
    /// Between ρ and σ: a boundary term, combined over channels.
    pub value: usize,
    /// Third phase: fingerprint of the values.
    pub fingerprint: usize,
}

impl Gadget for BoundaryBank {
    fn name(&self) -> &'static str {
        "boundary"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("step", &[self.step]),
            Role::second("boundary terms", &[self.value]),
            Role::second("fingerprint", &[self.fingerprint]),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let sigma = q.challenges().sigma;
        let step = q.fixed(self.step);
        let (fingerprint, next) = (q.second(self.fingerprint), q.second_next(self.fingerprint));
        let sum = q.second(self.value) + step * sigma * next;
        vec![Constraint::defining("boundary/fingerprint", self.fingerprint, fingerprint - sum)]
    }

    fn copied(&self) -> Vec<Column> {
        vec![Column::Second(self.fingerprint)]
    }

    fn opened_next(&self) -> Vec<usize> {
        vec![self.fingerprint]
    }

    fn before_sigma(&self) -> Vec<usize> {
        vec![self.value]
    }

    fn early_values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let mut column = vec![Fr::zero(); known.rows + 1];
        for BoundaryValues { row, planes, .. } in
            known.boundary.iter().filter(|d| d.bank == self.bank)
        {
            let powers = Coefficient::powers(known.challenges.rho, Fr::one(), planes.len());
            let points = planes.iter().map(Vec::len).max().unwrap_or(0);
            for (at, value) in column.iter_mut().skip(*row).take(points).enumerate() {
                let mut sum = Combination::default();
                for (power, plane) in powers.iter().zip(planes) {
                    sum.add(power, plane.get(at).copied().unwrap_or(0));
                }
                *value = sum.value();
            }
        }
        vec![(self.value, column)]
    }

    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let values = known.early.get(self.value).map_or(&[][..], Vec::as_slice);
        let mut column = values.to_vec();
        for row in (0..values.len().saturating_sub(1)).rev() {
            if known.fixed.at(self.step, row) != 0 {
                column[row] = values[row] + known.challenges.sigma * column[row + 1];
            }
        }
        vec![(self.fingerprint, column)]
    }
}

impl Boundary for BoundaryBank {
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Vec<Self> {
        let Numbers { fixed, second, .. } = numbers;
        let values = second.many(params.boundary_banks).into_iter().enumerate();
        values
            .map(|(bank, value)| BoundaryBank {
                bank,
                step: fixed.one(),
                value,
                fingerprint: second.one(),
            })
            .collect()
    }

    fn step(&self) -> usize {
        self.step
    }

    fn fingerprint(&self) -> usize {
        self.fingerprint
    }
}
