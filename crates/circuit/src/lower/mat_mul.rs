//! MatMul of two activations: Y(ρ,σ) = Σ_k A_k(ρ)·B_k(σ).

use crate::builder::Builder;
use crate::error::CompileError;
use crate::place::{Digest, Kind, PlaneLayout, Spot};
use provenn_fixed_point::TensorId;

impl Builder<'_> {
    pub(crate) fn mat_mul(
        &mut self,
        id: TensorId,
        a: TensorId,
        b: TensorId,
        multiplier: i64,
    ) -> Result<usize, CompileError> {
        let (left, right) =
            (self.graph.tensors[a.0].shape.clone(), self.graph.tensors[b.0].shape.clone());
        let (&[m, k], &[_, n]) = (left.as_slice(), right.as_slice()) else {
            return Err(self.unsupported(
                id,
                format!("MatMul of shapes {left:?} and {right:?}, expected [M,K] and [K,N]"),
            ));
        };
        self.rho_digests = true;
        let block = self.activation_block(id, PlaneLayout::rows(m, n))?;
        let b_rows = self.aligned(b, PlaneLayout::rows(k, n))?;
        // A by columns: plane k holds A[·,k], read at ρ.
        let mut spots = self.element_spots(a)?;
        let a_columns = self.place(Kind::Plain, a, PlaneLayout::rows(k, m))?;
        self.blocks[a_columns].transposed = Some([m, k]);
        if !spots.is_empty() {
            spots = (0..k * m).map(|i| spots[self.blocks[a_columns].source(i)]).collect();
        }
        self.bind(a_columns, &spots)?;
        let mut total: Option<Spot> = None;
        for plane in 0..k {
            let x = self.plane_digest_of(a_columns, plane, Digest::Rho)?;
            let y = self.plane_digest(b_rows, plane)?;
            total = Some(self.multiply_add(multiplier, x, y, total.map(|t| (1, t)))?);
        }
        let total = total.ok_or_else(|| self.internal(id, "a matrix product of nothing"))?;
        self.identify(block, total, 0)?;
        Ok(block)
    }
}
