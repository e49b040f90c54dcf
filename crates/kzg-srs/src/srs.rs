//! The SRS of provers and of key generation.

use crate::draw::{lagrange, multiples, powers};
use crate::error::SrsError;
use halo2_proofs::arithmetic::g_to_lagrange;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine, G2Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::Curve;
use halo2_proofs::halo2curves::group::prime::PrimeCurveAffine;
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use provenn_verifier::{MAX_K, Mark, Origin, VerifierSrs};
use rand_core::{CryptoRng, RngCore};

/// Powers of a secret s in the first group, in both bases, and s in the second group.
#[derive(Clone, Debug)]
pub struct Srs {
    k: u32,
    /// 2^k of them, and s^(2^k) if it is known.
    powers: Vec<G1Affine>,
    lagrange: Vec<G1Affine>,
    verifier: VerifierSrs,
}

impl Srs {
    /// Draws an SRS of 2^k powers and the one beyond. **For tests**: the secret passed through this
    /// program's memory, so the result is marked [`Mark::Drawn`].
    ///
    /// # Errors
    /// [`SrsError::K`] if k is out of range.
    pub fn draw_insecure(k: u32, mut rng: impl RngCore + CryptoRng) -> Result<Self, SrsError> {
        if !(1..=MAX_K).contains(&k) {
            return Err(SrsError::K { k });
        }
        let g2 = <G2Affine as PrimeCurveAffine>::generator();
        let (s, lagrange, verifier) = loop {
            let s = Fr::random(&mut rng);
            let verifier = VerifierSrs::new((g2 * s).to_affine(), Mark::Drawn);
            if let (Some(verifier), Some(lagrange)) = (verifier, lagrange(s, k)) {
                break (s, lagrange, verifier);
            }
        };
        let powers = multiples(&powers(s, (1 << k) + 1));
        let lagrange = multiples(&lagrange);
        Ok(Self::new(k, powers, lagrange, verifier))
    }

    /// From parts that were checked: 2^k Lagrange points, as many powers or one more, the verifier's part.
    pub(crate) fn new(
        k: u32,
        powers: Vec<G1Affine>,
        lagrange: Vec<G1Affine>,
        verifier: VerifierSrs,
    ) -> Self {
        Srs { k, powers, lagrange, verifier }
    }

    /// The logarithm of the number of rows that it serves.
    #[must_use]
    pub fn k(&self) -> u32 {
        self.k
    }

    /// Where it comes from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.verifier.origin()
    }

    /// What its file says of it.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.verifier.mark()
    }

    /// 2^k powers, and one more if it is known: with it, the pieces of a quotient can be blinded.
    #[must_use]
    pub fn powers(&self) -> &[G1Affine] {
        &self.powers
    }

    /// The 2^k powers in the Lagrange basis.
    #[must_use]
    pub fn lagrange(&self) -> &[G1Affine] {
        &self.lagrange
    }

    /// Halo2's form: a copy.
    #[must_use]
    pub fn params(&self) -> ParamsKZG<Bn256> {
        let powers = self.powers.iter().take(self.lagrange.len()).copied().collect();
        self.verifier.params_with(self.k, powers, self.lagrange.clone())
    }

    /// What a verifier needs of it; the same for every k.
    #[must_use]
    pub fn verifier(&self) -> &VerifierSrs {
        &self.verifier
    }

    /// Digest of the verifier's part: names the secret, whatever k and format.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.verifier.digest()
    }

    /// Truncates to exactly 2^k powers and the one beyond. A smaller k recomputes the Lagrange
    /// basis, which takes seconds for a large one: do it once and write the result.
    ///
    /// # Errors
    /// [`SrsError::TooSmall`] if it has fewer, [`SrsError::K`] if k is 0.
    pub fn truncated(mut self, k: u32) -> Result<Self, SrsError> {
        let got = self.k;
        if k == 0 {
            return Err(SrsError::K { k });
        }
        if got < k {
            return Err(SrsError::TooSmall { expected: k, got });
        }
        if got == k {
            return Ok(self);
        }
        self.powers.truncate((1 << k) + 1);
        Ok(Self::of_powers(k, self.powers, self.verifier))
    }

    /// From 2^k powers or one more that were checked: their Lagrange basis is an inverse transform of them.
    pub(crate) fn of_powers(k: u32, powers: Vec<G1Affine>, verifier: VerifierSrs) -> Self {
        let curve = powers.iter().take(1 << k).map(PrimeCurveAffine::to_curve).collect();
        Self::new(k, powers, g_to_lagrange(curve, k), verifier)
    }
}
