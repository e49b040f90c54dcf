//! MatMul of two activations: Y(ρ,σ) = Σ_k A_k(ρ)·B_k(σ).

use super::Lowering;
use crate::error::CompileError;
use crate::ids::ValueId;
use crate::planes::PlaneLayout;
use crate::program::PlainFingerprint;
use provenn_fixed_point::TensorId;

impl Lowering<'_> {
    pub(super) fn mat_mul(
        &mut self,
        id: TensorId,
        a: TensorId,
        b: TensorId,
        multiplier: i64,
    ) -> Result<(), CompileError> {
        let (left, right) = (&self.graph.tensors[a.0].shape, &self.graph.tensors[b.0].shape);
        let (&[m, k], &[_, n]) = (left.as_slice(), right.as_slice()) else {
            return Err(self.unsupported(
                id,
                format!("MatMul of shapes {left:?} and {right:?}, expected [M,K] and [K,N]"),
            ));
        };
        let block = self.made(id, PlaneLayout::rows(m, n), false)?;
        let b_rows = self.aligned(b, PlaneLayout::rows(k, n))?;
        if self.program.layout(b_rows).offset != 0 {
            return Err(self.internal(id, "a factor whose elements begin at an offset"));
        }
        // A by columns: plane k holds A[·,k], read at ρ.
        let a_columns = self.transposed_copy(a, [m, k])?;
        let mut total: Option<ValueId> = None;
        for plane in 0..k {
            let x = self.plain_plane(a_columns, plane, PlainFingerprint::Rho);
            let y = self.plane(b_rows, plane);
            total = Some(self.program.multiply_add(multiplier, x, y, total.map(|t| (1, t))));
        }
        let total = total.ok_or_else(|| self.internal(id, "a matrix product of nothing"))?;
        self.identify(block, total, 0)
    }
}
