//! Dense: Σ_n σ^n·y_n = Σ_n σ^n·Σ_k W_nk·x_k.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::LinearId;
use crate::planes::PlaneLayout;
use crate::program::{Inputs, LinearValue, Value, Weights};
use provenn_fixed_point::TensorId;
use provenn_gadgets::linear::Extents;

impl<'g> Lowering<'g> {
    pub(super) fn dense(
        &mut self,
        id: TensorId,
        input: TensorId,
        weights: &'g [i64],
    ) -> Result<(), CompileError> {
        let n = self.graph.tensors[id.0].len();
        let k = self.graph.tensors[input.0].len();
        if n.checked_mul(k) != Some(weights.len()) {
            return Err(self.internal(id, "its weights are not one per input and output"));
        }
        let block = self.made(id, PlaneLayout::flat(n), false)?;
        self.prepare(input)?;
        let form = self.linear(LinearValue {
            tensor: id,
            rho: false,
            extents: Extents { outputs: n, inputs: k },
            weights: Weights::Dense { weights, columns: k },
            inputs: Inputs::Elements(input),
        });
        self.identify(block, form, 0)
    }

    /// The value of a linear identity, by whichever gadget the set has.
    pub(super) fn linear(&mut self, value: LinearValue<'g>) -> crate::ids::ValueId {
        // A convolution whose weights are all zero has no units.
        if value.extents.inputs == 0 || value.extents.outputs == 0 {
            return self.program.constant(0);
        }
        self.program.linears.push(value);
        self.program.push(Value::Linear(LinearId(self.program.linears.len() - 1)))
    }
}
