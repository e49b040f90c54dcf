//! Step 2: the permutation argument.
//!
//! Per set of columns the product `Z(ω·x) = Z(x)·Π (v + β·δ^j·x + γ)/(v + β·σ_j(x) + γ)` runs down
//! the rows, each set from where the one before ended. A cell that no copy moves contributes 1, so
//! only moved cells are looked at, and the products are constant in between.

use crate::column::Column;
use crate::error::ProverError;
use crate::field::{invert_all, random};
use crate::key::Prover;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use rand_core::RngCore;
use std::borrow::Cow;
use std::collections::BTreeMap;

impl Prover<'_> {
    /// Columns per product.
    pub(crate) fn set_size(&self) -> usize {
        self.degree - 2
    }

    /// The product columns of all sets; `columns` are the permuted ones in their order.
    pub(crate) fn permutation_products(
        &self,
        columns: &[&Column<'_>],
        beta: Fr,
        gamma: Fr,
        mut rng: impl RngCore,
    ) -> Result<Vec<Column<'static>>, ProverError> {
        let size = self.set_size();
        let mut start = Fr::ONE;
        let sets = columns.chunks(size).zip(self.permuted.chunks(size));
        sets.map(|(columns, permuted)| {
            let factors = self.factors(columns, permuted, beta, gamma)?;
            let mut values = Vec::with_capacity(self.n());
            let mut product = start;
            for (row, factor) in factors {
                values.resize(row + 1, product);
                product *= factor;
            }
            values.resize(self.usable + 1, product);
            start = product;
            values.extend(random(self.n() - values.len(), &mut rng));
            Ok(Column::Wide(Cow::Owned(values)))
        })
        .collect()
    }

    /// By row, the factor of the cells that are moved.
    fn factors(
        &self,
        columns: &[&Column<'_>],
        permuted: &[Column<'_>],
        beta: Fr,
        gamma: Fr,
    ) -> Result<BTreeMap<usize, Fr>, ProverError> {
        let mut fractions: BTreeMap<usize, (Fr, Fr)> = BTreeMap::new();
        for (column, permuted) in columns.iter().zip(permuted) {
            let Column::Permuted { delta, differences } = permuted else { continue };
            for (row, difference) in differences.iter().filter(|(row, _)| *row < self.usable) {
                let above = column.get(*row, self.n()) + beta * delta * self.domain[*row] + gamma;
                let (n, d) = fractions.entry(*row).or_insert((Fr::ONE, Fr::ONE));
                *n *= above;
                *d *= above + beta * difference;
            }
        }
        let mut inverses: Vec<Fr> = fractions.values().map(|(_, d)| *d).collect();
        invert_all(&mut inverses).ok_or(ProverError::UnluckyChallenge)?;
        Ok((fractions.into_iter().zip(inverses)).map(|((row, (n, _)), d)| (row, n * d)).collect())
    }
}
