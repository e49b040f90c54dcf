//! Dense: Σ_n σ^n·y_n = Σ_n σ^n·Σ_k W_nk·x_k.

use crate::builder::Builder;
use crate::error::CompileError;
use crate::place::PlaneLayout;
use crate::spots::ElementSpot;
use provenn_fixed_point::TensorId;
use provenn_gadgets::linear::Extents;

impl<'g> Builder<'g> {
    pub(crate) fn dense(
        &mut self,
        id: TensorId,
        input: TensorId,
        weights: &'g [i64],
    ) -> Result<usize, CompileError> {
        let n = self.graph.tensors[id.0].len();
        let k = self.graph.tensors[input.0].len();
        if n.checked_mul(k) != Some(weights.len()) {
            return Err(self.internal(id, "its weights are not one per input and output"));
        }
        let block = self.activation_block(id, PlaneLayout::flat(n))?;
        let spots = self.element_spots(input)?;
        let mut inputs = vec![];
        for spot in spots {
            inputs.push(match spot {
                ElementSpot::Spot(spot) => spot,
                ElementSpot::Constant(c) => self.constant(c)?,
            });
        }
        let weight = move |row: usize, column: usize| weights[row * k + column];
        let form = self.engine(id, false, Extents { outputs: n, inputs: k }, weight, inputs)?;
        self.identify(block, form, 0)?;
        Ok(block)
    }
}
