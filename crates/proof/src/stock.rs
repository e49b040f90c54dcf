//! Halo2's own prover: the oracle of tests, and what `--prover stock` runs.

use crate::key_columns::key_columns;
use crate::link::elements;
use crate::setup::SetupError;
use halo2_proofs::halo2curves::bn256::{Bn256, Fr, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::plonk::{self, create_proof, permutation};
use halo2_proofs::poly::kzg::commitment::KZGCommitmentScheme;
use halo2_proofs::poly::kzg::multiopen::ProverSHPLONK;
use halo2_proofs::poly::{Coeff, EvaluationDomain, LagrangeCoeff, Polynomial};
use halo2_proofs::transcript::{EncodedChallenge, TranscriptWrite};
use provenn_gadgets::{GadgetSet, ProvennCircuit};
use provenn_kzg_srs::Srs;
use provenn_verifier::constraints::{DEGREE, constraint_system};
use provenn_verifier::verifying_key::{VerifyingKey, assemble};
use rand_core::{CryptoRng, RngCore};
use rayon::prelude::*;

type Values = Polynomial<Fr, LagrangeCoeff>;

/// Halo2's proving key of a circuit: every column as values and as coefficients.
///
/// # Errors
/// [`SetupError`] if the circuit is not the key's.
pub fn proving_key<G: GadgetSet>(
    verifying: &VerifyingKey,
    circuit: &ProvennCircuit<G>,
) -> Result<plonk::ProvingKey<G1Affine>, SetupError> {
    let params = &verifying.statement().params;
    let n = 1_usize << params.k;
    let cs = constraint_system::<G>(params)?;
    let domain = EvaluationDomain::new(u32::try_from(DEGREE).unwrap_or(u32::MAX), params.k);
    let last = n.saturating_sub(cs.blinding_factors() + 1);
    let (fixed, moves) = key_columns(circuit, last)?;
    let field = |column: &provenn_prover::Values<'_>| -> Values {
        let mut values = elements(column);
        values.resize(n, Fr::ZERO);
        Polynomial::new(values)
    };
    let fixed: Vec<Values> = fixed.par_iter().map(field).collect();
    let sigma = sigma(&domain, n, cs.permutation().get_columns().len(), &moves);
    let coefficients = |columns: &[Values]| -> Vec<Polynomial<Fr, Coeff>> {
        columns.par_iter().map(|values| domain.lagrange_to_coeff(values.clone())).collect()
    };
    let (fixed_polys, sigma_polys) = (coefficients(&fixed), coefficients(&sigma));
    // l_0, l_last and l_active, as halo2 defines them.
    let indicator = |rows: std::ops::Range<usize>| {
        let mut values = vec![Fr::ZERO; n];
        values.get_mut(rows).unwrap_or_default().fill(Fr::ONE);
        domain.lagrange_to_coeff(Polynomial::new(values))
    };
    let (l0, l_last, l_active) = (indicator(0..1), indicator(last..last + 1), indicator(0..last));
    let points = {
        let halo2 = verifying.halo2();
        (halo2.fixed_commitments().clone(), halo2.permutation().commitments().clone())
    };
    let permutation = permutation::ProvingKey::from_parts(sigma, sigma_polys);
    let vk = assemble::<G>(verifying.statement(), domain, points)?;
    Ok(plonk::ProvingKey::from_parts(vk, l0, l_last, l_active, fixed, fixed_polys, permutation))
}

/// σ(j, i) = δ^j'·ω^i' where (j', i') follows (j, i) in its cycle.
fn sigma(
    domain: &EvaluationDomain<Fr>,
    n: usize,
    columns: usize,
    moves: &[(usize, usize)],
) -> Vec<Values> {
    let powers = |base: Fr, count| {
        std::iter::successors(Some(Fr::ONE), move |power| Some(*power * base)).take(count)
    };
    let delta: Vec<Fr> = powers(Fr::DELTA, columns).collect();
    let omega: Vec<Fr> = powers(domain.get_omega(), n).collect();
    let mut values: Vec<Values> = (delta.par_iter())
        .map(|delta| Polynomial::new(omega.iter().map(|omega| *omega * delta).collect()))
        .collect();
    for &(from, to) in moves {
        let place =
            values.get_mut(from / n).and_then(|column| column.values_mut().get_mut(from % n));
        if let (Some(place), Some(delta), Some(omega)) =
            (place, delta.get(to / n), omega.get(to % n))
        {
            *place = *delta * omega;
        }
    }
    values
}

/// Writes halo2's proof. It draws one polynomial from the thread's generator, not from `rng`, and
/// does not blind the quotient's pieces.
///
/// # Errors
/// Whatever halo2 reports.
pub fn prove<G: GadgetSet, E: EncodedChallenge<G1Affine>>(
    key: &plonk::ProvingKey<G1Affine>,
    circuit: &ProvennCircuit<G>,
    instance: &[Fr],
    srs: &Srs,
    rng: impl RngCore + CryptoRng,
    transcript: &mut impl TranscriptWrite<G1Affine, E>,
) -> Result<(), plonk::Error> {
    create_proof::<KZGCommitmentScheme<Bn256>, ProverSHPLONK<'_, Bn256>, _, _, _, _>(
        &srs.params(),
        key,
        std::slice::from_ref(circuit),
        &[&circuit.params().by_instance_column(instance)],
        rng,
        transcript,
    )
}
