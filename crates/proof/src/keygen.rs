//! Key generation proper: the same keys as halo2's `keygen_pk2` (a test compares), several times
//! faster, and without its panics on cells outside the rows.

use crate::collect::Collector;
use crate::commit;
use crate::constraints::{DEGREE, constraint_system};
use crate::setup::SetupError;
use crate::verifying_key::{Commitments, assemble};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::plonk::{self, Circuit, ConstraintSystem, FloorPlanner, permutation};
use halo2_proofs::poly::commitment::ParamsProver;
use halo2_proofs::poly::{Coeff, EvaluationDomain, LagrangeCoeff, Polynomial};
use provenn_gadgets::{ProvennCircuit, Statement};
use provenn_kzg_srs::Srs;
use rayon::prelude::*;

type Values = Polynomial<Fr, LagrangeCoeff>;
type Coefficients = Polynomial<Fr, Coeff>;

/// Halo2's proving key of a circuit, and the commitments of its verifying key.
pub(crate) fn keygen(
    circuit: &ProvennCircuit,
    statement: &Statement,
    srs: &Srs,
) -> Result<(plonk::ProvingKey<G1Affine>, Commitments), SetupError> {
    let k = statement.shape.k;
    let n = 1_usize << k;
    let cs = constraint_system(&statement.shape)?;
    let blinding = cs.blinding_factors();
    let domain = EvaluationDomain::new(u32::try_from(DEGREE).unwrap_or(u32::MAX), k);

    let mut configured = ConstraintSystem::default();
    let config = <ProvennCircuit>::configure_with_params(&mut configured, statement.shape.clone());
    let mut collector = Collector::new(&cs, n, n.saturating_sub(blinding + 1));
    let halo2 = |source| SetupError::Halo2 { source };
    <ProvennCircuit as Circuit<Fr>>::FloorPlanner::synthesize(
        &mut collector,
        circuit,
        config,
        vec![],
    )
    .map_err(halo2)?;
    let (fixed, moved) = collector.finish()?;

    let lagrange = &srs.lagrange();
    let fixed_commitments =
        fixed.par_iter().map(|values| commit::column(values, lagrange)).collect();
    let fixed: Vec<Values> = fixed.into_iter().map(Polynomial::new).collect();
    let fixed_polys = transform(&domain, &fixed);

    let permuted = cs.permutation().get_columns().len();
    let sigma = Sigma::new(&domain, n, permuted, &moved);
    let secret = srs.params().get_g().get(1).copied().unwrap_or_default();
    let permuted_commitments = (sigma.delta.par_iter().zip(&sigma.differences))
        .map(|(delta, differences)| commit::permuted(*delta, differences, &secret, lagrange))
        .collect();
    let permutation_polys = transform(&domain, &sigma.values);

    // l_0, l_last and l_active, as halo2 defines them.
    let indicator = |rows: std::ops::Range<usize>| {
        let mut values = vec![Fr::ZERO; n];
        values.get_mut(rows).unwrap_or_default().fill(Fr::ONE);
        domain.lagrange_to_coeff(Polynomial::new(values))
    };
    let last = n.saturating_sub(blinding + 1);
    let (l0, l_last, l_active) = (indicator(0..1), indicator(last..last + 1), indicator(0..last));

    let commitments: Commitments = (fixed_commitments, permuted_commitments);
    let vk = assemble(statement, domain, commitments.clone())?;
    let permutation = permutation::ProvingKey::from_parts(sigma.values, permutation_polys);
    let key =
        plonk::ProvingKey::from_parts(vk, l0, l_last, l_active, fixed, fixed_polys, permutation);
    Ok((key, commitments))
}

fn transform(domain: &EvaluationDomain<Fr>, columns: &[Values]) -> Vec<Coefficients> {
    columns.par_iter().map(|values| domain.lagrange_to_coeff(values.clone())).collect()
}

/// The permutation polynomials: σ(j, i) = δ^j'·ω^i' where (j', i') follows (j, i) in its cycle.
struct Sigma {
    delta: Vec<Fr>,
    values: Vec<Values>,
    /// Per column: rows that are moved, and by how much the value differs from the identity's.
    differences: Vec<Vec<(usize, Fr)>>,
}

impl Sigma {
    fn new(
        domain: &EvaluationDomain<Fr>,
        n: usize,
        columns: usize,
        moved: &[(usize, usize)],
    ) -> Self {
        let powers = |base: Fr, count| {
            std::iter::successors(Some(Fr::ONE), move |power| Some(*power * base)).take(count)
        };
        let delta: Vec<Fr> = powers(Fr::DELTA, columns).collect();
        let omega: Vec<Fr> = powers(domain.get_omega(), n).collect();
        let mut values: Vec<Values> = delta
            .par_iter()
            .map(|delta| Polynomial::new(omega.iter().map(|omega| *omega * delta).collect()))
            .collect();
        let mut differences = vec![vec![]; columns];
        for &(from, to) in moved {
            let label = |cell: usize| Some(*delta.get(cell / n)? * omega.get(cell % n)?);
            let place =
                values.get_mut(from / n).and_then(|column| column.values_mut().get_mut(from % n));
            if let (Some(place), Some(label), Some(list)) =
                (place, label(to), differences.get_mut(from / n))
            {
                list.push((from % n, label - *place));
                *place = label;
            }
        }
        Sigma { delta, values, differences }
    }
}
