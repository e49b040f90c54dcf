//! What a prover derives once from a proving key.

use crate::backend::{CpuMsm, Fourier, Msm};
use crate::bases::Bases;
use crate::column::{Column, Values};
use crate::error::ProverError;
use crate::fft::Fft;
use crate::field::powers;
use crate::msm::FixedBases;
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::halo2curves::ff::{Field, PrimeField};
use halo2_proofs::plonk::{ConstraintSystem, Expression, ProvingKey, VerifyingKey};
use provenn_simd::slices;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Debug;

/// Forms that are extended together, and at least as many for each thread: with more, few would be extended once
/// less.
const FORMS: usize = 48;
const FORMS_PER_THREAD: usize = 8;
/// Bytes that nobody needs to save.
const FEW: u64 = 1 << 24;
/// What a single product has at most, roughly.
const LEAST_FORMS: u64 = 12;

/// How many bytes there are.
pub(crate) struct Memory(Box<dyn Fn() -> u64 + Send + Sync>);

impl Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

/// A proving key, made ready for proofs over some bases.
#[derive(Debug)]
pub struct Prover<'k> {
    pub(crate) vk: &'k VerifyingKey<G1Affine>,
    pub(crate) bases: &'k Bases<'k>,
    pub(crate) fft: Fft,
    /// Powers 0 to n-1 of ω.
    pub(crate) domain: Vec<Fr>,
    pub(crate) fixed: Vec<Column<'k>>,
    /// The permutation's polynomials, by how they differ from the identity.
    pub(crate) permuted: Vec<Column<'static>>,
    pub(crate) msm: Box<dyn Msm + 'k>,
    pub(crate) fourier: Box<dyn Fourier + 'k>,
    /// Multiples of the blinding rows' points.
    pub(crate) tail: FixedBases,
    /// Rows before the blinding rows.
    pub(crate) usable: usize,
    /// The degree that the key was made for.
    pub(crate) degree: usize,
    /// Bytes that the quotient's columns may take, asked when it begins.
    pub(crate) memory: Memory,
}

impl<'k> Prover<'k> {
    /// Prepares a key of these fixed columns. `moves` are the permutation's cells that do
    /// not stay: cell and successor in its cycle, numbered column·n + row over the permuted columns.
    ///
    /// # Errors
    /// [`ProverError`] if the parts differ in size, or the circuit needs what is not served.
    pub fn new(
        vk: &'k VerifyingKey<G1Affine>,
        fixed: Vec<Values<'k>>,
        moves: &[(usize, usize)],
        bases: &'k Bases<'k>,
    ) -> Result<Self, ProverError> {
        let fixed = fixed.into_iter().map(|values| Column::unblinded(values, bases.n())).collect();
        let columns = vk.cs().permutation().get_columns().len();
        let mut prover = Self::with_columns(vk, fixed, bases)?;
        prover.permuted = permuted(moves, columns, &prover.domain)?;
        Ok(prover)
    }

    /// Prepares halo2's key.
    ///
    /// # Errors
    /// As [`Prover::new`].
    pub fn from_halo2(
        key: &'k ProvingKey<G1Affine>,
        bases: &'k Bases<'k>,
    ) -> Result<Self, ProverError> {
        let fixed = key.fixed_values().par_iter().map(|values| Column::new(values)).collect();
        let mut prover = Self::with_columns(key.get_vk(), fixed, bases)?;
        let columns = key.permutation().permutations();
        prover.permuted = (columns.par_iter().zip(deltas(columns.len())))
            .map(|(values, delta)| differences(values, delta, &prover.domain))
            .collect();
        Ok(prover)
    }

    /// Limits the bytes that the quotient's columns take together, at the cost of extending shared
    /// ones several times. A limit below what a single constraint needs is exceeded.
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = Memory(Box::new(move || bytes));
        self
    }

    /// As [`Prover::with_memory`], but asked when the quotient begins: all other columns are held by then.
    #[must_use]
    pub fn with_memory_left(mut self, bytes: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.memory = Memory(Box::new(bytes));
        self
    }

    /// Replaces what computes sums and transforms.
    #[must_use]
    pub fn with_backend(mut self, msm: Box<dyn Msm + 'k>, fourier: Box<dyn Fourier + 'k>) -> Self {
        (self.msm, self.fourier) = (msm, fourier);
        self
    }

    /// All but the permutation.
    fn with_columns(
        vk: &'k VerifyingKey<G1Affine>,
        fixed: Vec<Column<'k>>,
        bases: &'k Bases<'k>,
    ) -> Result<Self, ProverError> {
        let cs = vk.cs();
        let degree = check(cs)?;
        let n = 1_usize.checked_shl(vk.get_domain().k()).unwrap_or(0);
        count("srs points", n, bases.n())?;
        count("fixed columns", cs.num_fixed_columns(), fixed.len())?;
        let fft = transform(n)?;
        let unusable = cs.blinding_factors() + 1;
        let rows = |what, got| ProverError::Rows { what, limit: n, got };
        let usable = n.checked_sub(unusable).ok_or_else(|| rows("blinding", unusable))?;
        if let Some(got) = fixed.iter().map(Column::rows).find(|rows| *rows > n) {
            return Err(rows("fixed values", got));
        }
        let tail = FixedBases::new(&bases.lagrange()[usable..]);
        Ok(Prover {
            vk,
            bases,
            domain: fft.domain(),
            fixed,
            permuted: vec![],
            msm: Box::new(CpuMsm),
            fourier: Box::new(fft.clone()),
            fft,
            tail,
            usable,
            degree,
            memory: Memory(Box::new(|| u64::MAX)),
        })
    }

    /// Forms that the quotient extends together.
    pub(crate) fn forms_at_a_time(&self) -> usize {
        let forms =
            |bytes: u64| usize::try_from(bytes / self.bytes_of_form()).unwrap_or(usize::MAX);
        let most = FORMS.max(FORMS_PER_THREAD * rayon::current_num_threads()).max(forms(FEW));
        forms((self.memory.0)()).min(most)
    }

    /// A form is held as coefficients and on a coset.
    fn bytes_of_form(&self) -> u64 {
        64 * self.n() as u64
    }

    /// The least that [`Prover::with_memory`] keeps to.
    #[must_use]
    pub fn least_bytes_of_quotient(&self) -> u64 {
        LEAST_FORMS * self.bytes_of_form()
    }

    /// Bytes that the quotient takes beside its forms: pieces, powers and values of each coset, sums of a part and of a
    /// factor.
    #[must_use]
    pub fn bytes_of_quotient(&self) -> u64 {
        32 * (6 * self.degree * self.n()) as u64
    }

    /// Bytes of the columns of later phases, and of permutation products.
    #[must_use]
    pub fn bytes_of_columns(&self) -> [u64; 2] {
        let cs = self.cs();
        let later = cs.advice_column_phase().into_iter().filter(|phase| *phase > 0).count();
        let products = cs.permutation().get_columns().len().div_ceil(self.set_size());
        [later, products].map(|columns| 32 * (columns * self.n()) as u64)
    }

    pub(crate) fn cs(&self) -> &'k ConstraintSystem<Fr> {
        self.vk.cs()
    }

    /// Whether a permuted column has a cell that is moved.
    pub(crate) fn moves(&self, index: usize) -> bool {
        !matches!(&self.permuted[index], Column::Permuted { differences, .. } if differences.is_empty())
    }

    /// From values on the domain to coefficients in bit-reversed order.
    pub(crate) fn to_coefficients(&self, values: &mut [Fr]) {
        self.fourier.to_scaled_coefficients(values);
        slices::scale(values, self.fft.n_inv());
    }

    pub(crate) fn n(&self) -> usize {
        self.domain.len()
    }

    /// Random values at the end of an advice column. A proof shows the column at its queries' points,
    /// and its commitment at the secret; the quotient's commitments depend on it at the secret's
    /// rotations by the same queries. As many random values make all of these uniform, since the
    /// matrix of Lagrange polynomials at different points is one of Cauchy's; what is shown alone
    /// would take one more than there are queries (soundness.md).
    pub(crate) fn blinding_values(&self, column: usize) -> usize {
        let queries = self.cs().advice_queries().iter();
        let queries = queries.filter(|(queried, _)| queried.index() == column);
        let rotations: BTreeSet<i32> = queries.map(|(_, rotation)| rotation.0).chain([0]).collect();
        (2 * rotations.len()).min(self.blinding_rows())
    }

    /// Rows at the end that constraints leave alone.
    pub(crate) fn blinding_rows(&self) -> usize {
        self.n() - self.usable
    }
}

/// The transform of so many rows.
pub(crate) fn transform(n: usize) -> Result<Fft, ProverError> {
    let unsupported = ProverError::Unsupported { what: "rows beyond the field", got: n };
    n.checked_ilog2().and_then(Fft::new).ok_or(unsupported)
}

/// The degree, if the circuit is of those that this prover serves.
fn check(cs: &ConstraintSystem<Fr>) -> Result<usize, ProverError> {
    let refuse = |what, got| match got {
        0 => Ok(()),
        got => Err(ProverError::Unsupported { what, got }),
    };
    refuse("native lookups", cs.lookups().len())?;
    refuse(
        "selectors",
        cs.gates().iter().flat_map(|gate| gate.polynomials()).filter(|p| selects(p)).count(),
    )?;
    let limit = cs.degree();
    let gates = cs.gates().iter().flat_map(|gate| gate.polynomials());
    let got = gates.map(|polynomial| polynomial.degree()).max().unwrap_or(0);
    if got > limit { Err(ProverError::Degree { limit, got }) } else { Ok(limit) }
}

/// Whether a selector occurs; keys hold circuits whose selectors became fixed columns.
fn selects(polynomial: &Expression<Fr>) -> bool {
    polynomial.evaluate(
        &|_| false,
        &|_| true,
        &|_| false,
        &|_| false,
        &|_| false,
        &|_| false,
        &|a| a,
        &|a, b| a || b,
        &|a, b| a || b,
        &|a, _| a,
    )
}

/// δ^j, which labels the j-th permuted column.
fn deltas(columns: usize) -> Vec<Fr> {
    powers(Fr::ONE, Fr::DELTA).take(columns).collect()
}

fn differences(values: &[Fr], delta: Fr, domain: &[Fr]) -> Column<'static> {
    let differences = (values.iter().zip(domain).enumerate())
        .map(|(row, (value, power))| (row, value - delta * power))
        .filter(|(_, difference)| *difference != Fr::ZERO)
        .collect();
    Column::Permuted { delta, differences }
}

/// σ(j, i) = δ^j'·ω^i' where (j', i') follows (j, i).
pub(crate) fn permuted(
    moves: &[(usize, usize)],
    columns: usize,
    domain: &[Fr],
) -> Result<Vec<Column<'static>>, ProverError> {
    let n = domain.len();
    let deltas = deltas(columns);
    let mut differences = vec![vec![]; columns];
    for (from, to) in moves {
        let label = |cell: usize| Some(*deltas.get(cell / n)? * domain[cell % n]);
        match (label(*from), label(*to)) {
            (Some(here), Some(there)) => differences[from / n].push((from % n, there - here)),
            _ => {
                let got = from.max(to) / n + 1;
                return Err(ProverError::Count {
                    what: "permuted columns",
                    expected: columns,
                    got,
                });
            }
        }
    }
    let column = |(delta, differences)| Column::Permuted { delta, differences };
    Ok(deltas.into_iter().zip(differences).map(column).collect())
}

pub(crate) fn count(what: &'static str, expected: usize, got: usize) -> Result<(), ProverError> {
    if expected == got { Ok(()) } else { Err(ProverError::Count { what, expected, got }) }
}
