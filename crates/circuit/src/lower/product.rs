//! Product: Σ σ^i·y_i = multiplier·Σ σ^i·a_i·b_i, the factors side by side in partner banks.

use crate::builder::Builder;
use crate::error::CompileError;
use crate::place::{Digest, PlaneLayout};
use provenn_fixed_point::TensorId;

impl Builder<'_> {
    pub(crate) fn product(
        &mut self,
        id: TensorId,
        a: TensorId,
        b: TensorId,
        multiplier: i64,
    ) -> Result<usize, CompileError> {
        let layout = PlaneLayout::flat(self.graph.tensors[id.0].len());
        let block = self.activation_block(id, layout)?;
        let (left, right) = (self.element_spots(a)?, self.element_spots(b)?);
        let [a_block, b_block] = self.place_pair([a, b], layout)?;
        self.bind(a_block, &left)?;
        self.bind(b_block, &right)?;
        let product = self.plane_digest_of(a_block, 0, Digest::Product)?;
        let one = self.constant(1)?;
        let form = self.multiply_add(multiplier, product, one, None)?;
        self.identify(block, form, 0)?;
        Ok(block)
    }
}
