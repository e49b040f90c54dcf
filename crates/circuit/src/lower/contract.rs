//! Contract: `Σ σ^i·y_i = multiplier·Σ_k Σ_i σ^i·a_ik·b_ik`, the factors side by side in partner banks, plane by
//! plane.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::ValueId;
use crate::planes::PlaneLayout;
use crate::program::{Order, PlainFingerprint};
use provenn_fixed_point::TensorId;

impl Lowering<'_> {
    pub(super) fn contract(
        &mut self,
        id: TensorId,
        [a, b]: [TensorId; 2],
        multiplier: i64,
    ) -> Result<(), CompileError> {
        let len = self.graph.tensors[id.0].len();
        let inner = self.graph.tensors[a.0].len().checked_div(len);
        let inner = inner.ok_or_else(|| self.internal(id, "products of nothing"))?;
        let block = self.made(id, PlaneLayout::flat(len), false)?;
        // Plane k holds the factors that are summed k-th.
        let order = if inner > 1 { Order::Transposed([len, inner]) } else { Order::Own };
        let left = self.pair([a, b], PlaneLayout::rows(inner, len), order)?;
        let one = self.program.constant(1);
        let mut total: Option<ValueId> = None;
        for plane in 0..inner {
            let products = self.plain_plane(left, plane, PlainFingerprint::Product);
            let sum = total.map(|total| (1, total));
            total = Some(self.program.multiply_add(multiplier, products, one, sum));
        }
        let form = total.ok_or_else(|| self.internal(id, "products of nothing"))?;
        self.identify(block, form, 0)
    }
}
