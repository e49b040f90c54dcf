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
use groups::{forms, groups};
use halo2_proofs::halo2curves::bn256::Fr;

/// Unless told otherwise, the quotient takes a third of what it would take at once: what groups share is then extended
/// for each, which takes 3 % longer, and a proof's peak is up to 40 % less.
const SHARE: u64 = 3;
/// Bytes that nobody needs to save: 16 MiB.
const FEW: u64 = 1 << 24;

impl Prover<'_> {
    /// The quotient's pieces: values on the domain.
    pub(crate) fn quotient(
        &self,
        sources: &impl Sources,
        challenges: &Challenges<'_>,
    ) -> Vec<Vec<Fr>> {
        let (arena, parts) = self.numerator(challenges);
        // Every form is held as coefficients and on a coset.
        let form = 64 * self.n() as u64;
        let bytes = self.memory.unwrap_or_else(|| {
            let all = u64::try_from(forms(&arena, &parts)).unwrap_or(u64::MAX).saturating_mul(form);
            (all / SHARE).max(FEW)
        });
        let most = usize::try_from(bytes / form).unwrap_or(usize::MAX);
        let groups = groups(&arena, parts, most);
        let mut division = Division::new(self);
        let last = groups.len().saturating_sub(1);
        for (i, group) in groups.into_iter().enumerate() {
            division.add(&arena, &group, sources, i == last);
        }
        division.finish()
    }
}
