//! Step 2: the permutation argument.
//!
//! Per set of columns the product `Z(ω·x) = Z(x)·Π (v + β·δ^j·x + γ)/(v + β·σ_j(x) + γ)` runs down
//! the rows, each set from where the one before ended. A cell that no copy moves contributes 1, so
//! only moved cells are looked at, and the products are constant in between. Sets are computed beside each other, each
//! from 1 on, and scaled by where the one before ended.

use crate::column::Column;
use crate::error::ProverError;
use crate::field::{invert_all, random};
use crate::key::Prover;
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use provenn_simd::slices;
use rand_core::RngCore;
use rayon::prelude::*;
use std::borrow::Cow;

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
        let sets: Vec<_> = columns.chunks(size).zip(self.permuted.chunks(size)).collect();
        // Each from 1 on.
        let products = sets.into_par_iter().map(|(columns, permuted)| {
            let factors = self.factors(columns, permuted, beta, gamma)?;
            let (mut values, mut product) = (Vec::with_capacity(self.n()), Fr::ONE);
            for (row, factor) in factors {
                values.resize(row + 1, product);
                product *= factor;
            }
            values.resize(self.usable + 1, product);
            Ok(values)
        });
        let mut products = products.collect::<Result<Vec<Vec<Fr>>, ProverError>>()?;
        // From where the one before ended.
        let ends = products.iter().map(|values| values.last().copied().unwrap_or(Fr::ONE));
        let starts: Vec<Fr> = ends
            .scan(Fr::ONE, |start, end| {
                let here = *start;
                *start *= end;
                Some(here)
            })
            .collect();
        let scaled = products.par_iter_mut().zip(&starts).skip(1);
        scaled.for_each(|(values, start)| slices::scale(values, *start));
        let blinded = products.into_iter().map(|mut values| {
            values.extend(random(self.n() - values.len(), &mut rng));
            Column::Wide(Cow::Owned(values))
        });
        Ok(blinded.collect())
    }

    /// By row, in order, the factor of the cells that are moved.
    fn factors(
        &self,
        columns: &[&Column<'_>],
        permuted: &[Column<'_>],
        beta: Fr,
        gamma: Fr,
    ) -> Result<Vec<(usize, Fr)>, ProverError> {
        // By row of a moved cell its fraction's number.
        let mut numbers: Vec<Option<u32>> = vec![None; self.usable];
        let (mut above, mut below): (Vec<Fr>, Vec<Fr>) = (vec![], vec![]);
        for (column, permuted) in columns.iter().zip(permuted) {
            let Column::Permuted { delta, differences } = permuted else { continue };
            let step = beta * delta;
            for (row, difference) in differences {
                let Some(number) = numbers.get_mut(*row) else { continue };
                let value = column.get(*row, self.n()) + step * self.domain[*row] + gamma;
                let moved = value + beta * difference;
                match number {
                    Some(number) => {
                        above[*number as usize] *= value;
                        below[*number as usize] *= moved;
                    }
                    None => {
                        *number = u32::try_from(above.len()).ok();
                        above.push(value);
                        below.push(moved);
                    }
                }
            }
        }
        invert_all(&mut below).ok_or(ProverError::UnluckyChallenge)?;
        slices::multiply(&mut above, &below);
        let rows = numbers.into_iter().enumerate();
        Ok(rows.filter_map(|(row, number)| Some((row, above[number? as usize]))).collect())
    }
}
