//! The points that are committed over.

use crate::affine::normalise;
use crate::error::ProverError;
use halo2_proofs::halo2curves::bn256::{G1, G1Affine};
use halo2_proofs::halo2curves::group::Group;
use std::borrow::Cow;
use std::sync::OnceLock;

/// Powers of the secret, and the same in the Lagrange basis, in affine form.
#[derive(Clone, Debug)]
pub struct Bases<'a> {
    powers: Cow<'a, [G1Affine]>,
    lagrange: Cow<'a, [G1Affine]>,
    /// Sums of the first Lagrange points, made when a column first profits.
    sums: OnceLock<Vec<G1Affine>>,
}

impl<'a> Bases<'a> {
    /// From n Lagrange points and at least n powers; with one power more, quotients are blinded.
    ///
    /// # Errors
    /// [`ProverError::Count`] if there are fewer powers, or n is no power of two.
    pub fn new(
        powers: impl Into<Cow<'a, [G1Affine]>>,
        lagrange: impl Into<Cow<'a, [G1Affine]>>,
    ) -> Result<Self, ProverError> {
        let (powers, lagrange) = (powers.into(), lagrange.into());
        let expected = lagrange.len().next_power_of_two();
        for (what, got) in [("powers in the srs", powers.len()), ("srs points", lagrange.len())] {
            if got < expected {
                return Err(ProverError::Count { what, expected, got });
            }
        }
        Ok(Bases { powers, lagrange, sums: OnceLock::new() })
    }

    /// Number of rows.
    #[must_use]
    pub fn n(&self) -> usize {
        self.lagrange.len()
    }

    /// The powers.
    #[must_use]
    pub fn powers(&self) -> &[G1Affine] {
        &self.powers
    }

    /// The Lagrange points.
    #[must_use]
    pub fn lagrange(&self) -> &[G1Affine] {
        &self.lagrange
    }

    /// The power n, which blinds quotients.
    #[must_use]
    pub fn blinding_power(&self) -> Option<&G1Affine> {
        self.powers.get(self.n())
    }

    /// L_0, L_0 + L_1, …: a run of equal values is a multiple of the difference of two of them.
    pub(crate) fn sums(&self) -> &[G1Affine] {
        self.sums.get_or_init(|| {
            let sums: Vec<G1> = (self.lagrange.iter())
                .scan(G1::identity(), |sum, point| {
                    *sum += point;
                    Some(*sum)
                })
                .collect();
            normalise(&sums)
        })
    }
}
