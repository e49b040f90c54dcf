//! Step 3: the quotient of all constraints by X^n - 1.
//!
//! The numerator is a sum of parts. A part N of degree m + 1 in the columns agrees on the domain
//! with a remainder R of n coefficients, which takes no transform, and `(N - R)/(X^n - 1)` has m
//! pieces of n coefficients, so that values on m cosets `g·ω^i` determine it: on a coset X^n - 1 is
//! a constant. The remainders of all parts cancel, which gives the last one's. Columns of
//! low-degree constraints are thus extended to few cosets, and cosets are done one after the other.
//!
//! Where many columns share a factor F, N = F·B, only B is divided, which takes a coset less:
//! `F·B/(X^n - 1) = F·(B - R)/(X^n - 1) + F·R/(X^n - 1)`.

mod division;
mod expression;
mod groups;
mod numerator;
mod pieces;
mod program;
mod run;
mod sources;

pub(crate) use expression::Source;
pub(crate) use numerator::{Challenges, source};
pub(crate) use sources::Sources;

use crate::key::Prover;
use division::Division;
use halo2_proofs::halo2curves::bn256::Fr;

impl Prover<'_> {
    /// The quotient's pieces: values on the domain.
    pub(crate) fn quotient(
        &self,
        sources: &impl Sources,
        challenges: &Challenges<'_>,
    ) -> Vec<Vec<Fr>> {
        let (arena, parts) = self.numerator(challenges);
        let most = self.forms_at_a_time();
        let mut division = Division::new(self);
        let last = parts.len().saturating_sub(1);
        for (i, part) in parts.iter().enumerate() {
            division.add(&arena, part, sources, most, i == last);
        }
        division.finish()
    }
}
