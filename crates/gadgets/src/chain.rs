//! Rows that a fingerprint goes on over.

use crate::column::{Integers, Numbers};
use crate::columns::Query;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::Expression;

/// The fixed columns that say how a fingerprint goes on: `D = (this row) + step·σ^L·D' + turn·τ·D'`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The next row belongs to the same segment.
    pub step: usize,
    /// Where image rows can be powers of τ: the next row begins the next image row of the same plane.
    pub turn: Option<usize>,
}

/// What a chain says of a row, in a gate.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) step: Expression<Fr>,
    /// Times τ.
    pub(crate) turn: Option<Expression<Fr>>,
}

impl Chain {
    /// Numbers the columns.
    pub fn allocate(numbers: &mut Numbers, turns: bool) -> Self {
        let fixed = &mut numbers.fixed;
        Chain { step: fixed.one(), turn: turns.then(|| fixed.one()) }
    }

    /// All of them.
    pub fn columns(&self) -> impl Iterator<Item = usize> + use<> {
        [Some(self.step), self.turn].into_iter().flatten()
    }

    /// What the next row's fingerprint weighs in this row's: the power beyond its lanes where `step` is set, τ
    /// where `turn` is.
    #[must_use]
    pub fn weight_of_next(&self, row: usize, beyond: Fr, tau: Fr, fixed: Integers<'_>) -> Fr {
        let set = |column| fixed.at(column, row) != 0;
        match (set(self.step), self.turn.is_some_and(set)) {
            (false, false) => Fr::zero(),
            (true, false) => beyond,
            (false, true) => tau,
            (true, true) => beyond + tau,
        }
    }

    pub(crate) fn query(&self, q: &mut Query<'_, '_>) -> Link {
        let tau = q.challenges().tau;
        let step = q.fixed(self.step);
        Link { step, turn: self.turn.map(|column| q.fixed(column) * tau) }
    }
}
