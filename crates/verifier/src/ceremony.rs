//! Ceremonies whose SRS is trusted: by the digest of the verifier's part, which anybody can recompute.
//!
//! The three points of the verifier's part serve every k, so one digest names a ceremony. An entry
//! belongs here only if its s·g₂ was found in two independent public sources; the tests rebuild the
//! digest from the published coordinates.

use std::fmt;

/// A public ceremony.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceremony {
    /// Its name.
    pub name: &'static str,
    /// Largest k of the files it published.
    pub max_k: u32,
    /// [`VerifierSrs::digest`](crate::VerifierSrs::digest) of its SRS, whatever k.
    pub digest: [u8; 32],
}

/// All of them.
pub const CEREMONIES: &[Ceremony] = &[
    // s·g₂ as in the verifying keys that snarkjs makes from powersOfTau28_hez_final_*.ptau (`X_2`), and as in
    // halo2 verifiers over hermez-raw-* (summa-dev/summa-solvency, kzg_prover/generated/verifying_key.sol,
    // which holds its negative).
    Ceremony {
        name: "Hermez (perpetual powers of tau, contribution 54 and a beacon)",
        max_k: 28,
        digest: HERMEZ,
    },
];

const HERMEZ: [u8; 32] = [
    0x86, 0x93, 0x0d, 0x5c, 0xdb, 0x45, 0xdb, 0x3e, 0x64, 0xf0, 0x2d, 0x66, 0xcb, 0x29, 0x0c, 0xe4,
    0x9a, 0xb0, 0xc4, 0x08, 0x78, 0x01, 0x6e, 0x1b, 0xcb, 0xd2, 0xc8, 0x0d, 0xe5, 0x0b, 0xdd, 0xc2,
];

/// Where an SRS comes from, as far as its points tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Its secret is the one of a public ceremony.
    Ceremony(&'static Ceremony),
    /// Whoever made it may know the secret and can then forge proofs.
    Unknown,
}

impl Origin {
    /// The origin of the SRS whose verifier's part has this digest.
    #[must_use]
    pub fn of(digest: &[u8; 32]) -> Self {
        known(CEREMONIES, digest).map_or(Origin::Unknown, Origin::Ceremony)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Ceremony(ceremony) => f.write_str(ceremony.name),
            Origin::Unknown => f.write_str("unknown"),
        }
    }
}

/// The ceremony with this digest, among these.
fn known<'a>(ceremonies: &'a [Ceremony], digest: &[u8; 32]) -> Option<&'a Ceremony> {
    ceremonies.iter().find(|ceremony| ceremony.digest == *digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srs::VerifierSrs;
    use crate::srs_file::Mark;
    use halo2_proofs::halo2curves::CurveAffine;
    use halo2_proofs::halo2curves::bn256::{Fq, Fq2, G2, G2Affine};
    use halo2_proofs::halo2curves::ff::PrimeField;
    use halo2_proofs::halo2curves::group::cofactor::CofactorGroup;

    /// Coordinates as snarkjs writes them: real part, imaginary part, in decimal.
    fn point(x: [&str; 2], y: [&str; 2]) -> G2Affine {
        let fq = |text: &str| Fq::from_str_vartime(text).unwrap();
        let fq2 = |[c0, c1]: [&str; 2]| Fq2::new(fq(c0), fq(c1));
        let point = G2Affine::from_xy(fq2(x), fq2(y)).unwrap();
        assert!(bool::from(G2::from(point).is_torsion_free()));
        point
    }

    #[test]
    fn hermez_is_the_point_that_snarkjs_and_halo2_verifiers_hold() {
        let s_g2 = point(
            [
                "21831381940315734285607113342023901060522397560371972897001948545212302161822",
                "17231025384763736816414546592865244497437017442647097510447326538965263639101",
            ],
            [
                "2388026358213174446665280700919698872609886601280537296205114254867301080648",
                "11507326595632554467052522095592665270651932854513688777769618397986436103170",
            ],
        );
        // The other source has the negative, in hexadecimal: its last bytes.
        let tail = |x: Fq| x.to_repr().as_ref()[..4].to_vec();
        let negative = -s_g2;
        assert_eq!(tail(negative.y.c0), [0xff, 0xde, 0x11, 0x60]);
        assert_eq!(tail(negative.y.c1), [0x45, 0xc1, 0x21, 0x02]);
        let srs = VerifierSrs::new(s_g2, Mark::None).unwrap();
        let hex: String = srs.digest().iter().map(|byte| format!("0x{byte:02x}, ")).collect();
        assert_eq!(known(CEREMONIES, &srs.digest()).map(|c| c.max_k), Some(28), "{hex}");
    }

    #[test]
    fn a_ceremony_is_found_by_its_digest_alone() {
        let fake = Ceremony { name: "fake", max_k: 4, digest: [7; 32] };
        let table = [Ceremony { digest: [1; 32], ..fake }, fake];
        assert_eq!(known(&table, &[7; 32]), Some(&fake));
        assert_eq!(known(&table, &[8; 32]), None);
        let mut digests: Vec<_> = CEREMONIES.iter().map(|ceremony| ceremony.digest).collect();
        digests.dedup();
        assert_eq!(digests.len(), CEREMONIES.len());
    }
}
