//! Inputs, public values, and range checks of private inputs.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::BlockId;
use crate::planes::PlaneLayout;
use crate::program::{Accumulated, ActivationFingerprint, Contents};
use provenn_fixed_point::TensorId;

impl Lowering<'_> {
    /// Lays an input out as its first user would like it.
    pub(super) fn input(&mut self, id: TensorId) -> Result<(), CompileError> {
        let layout =
            self.wanted[id.0].unwrap_or_else(|| PlaneLayout::flat(self.graph.tensors[id.0].len()));
        // For the gaps.
        self.program.constant(0);
        self.home(id, layout, Contents::Input)?;
        Ok(())
    }

    /// A tensor's elements are the next public values.
    pub(super) fn publish(&mut self, id: TensorId) -> Result<(), CompileError> {
        self.prepare(id)?;
        self.program.public.push(id);
        Ok(())
    }

    /// Proves that a private input lies in its interval: x·2^S is rescaled by a table of just that interval.
    pub(super) fn range_check(&mut self, id: TensorId) -> Result<(), CompileError> {
        let Some(BlockId::Plain(input)) = self.primary[id.0] else {
            return Err(self.internal(id, "an input without a block"));
        };
        let layout = self.program.plain[input.0].layout;
        let block = self.activation_block(id, Accumulated::Input, layout, &[], false)?;
        let x = self.total(BlockId::Plain(input))?;
        let one = self.program.constant(1);
        let form = self.program.multiply_add(1 << self.graph.shift, x, one, None);
        self.identify(BlockId::Activation(block), form, 0)?;
        // The rescale alone would also admit x = q + c/2^S in the field: its output must be x itself.
        let q = self.activation_total(block, ActivationFingerprint::Output)?;
        self.program.equal(q, x);
        Ok(())
    }
}
