//! Product: Σ σ^i·y_i = multiplier·Σ σ^i·a_i·b_i, the factors side by side in partner banks.

use super::Lowering;
use crate::error::CompileError;
use crate::planes::PlaneLayout;
use crate::program::PlainFingerprint;
use provenn_fixed_point::TensorId;

impl Lowering<'_> {
    pub(super) fn product(
        &mut self,
        id: TensorId,
        a: TensorId,
        b: TensorId,
        multiplier: i64,
    ) -> Result<(), CompileError> {
        let layout = PlaneLayout::flat(self.graph.tensors[id.0].len());
        let block = self.rescaled(id, layout, false)?;
        let left = self.pair([a, b], layout)?;
        let product = self.plain_plane(left, 0, PlainFingerprint::Product);
        let one = self.program.constant(1);
        let form = self.program.multiply_add(multiplier, product, one, None);
        self.identify(block, form, 0)
    }
}
