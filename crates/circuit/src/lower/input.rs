//! Inputs, public values, and range checks of private inputs.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::BlockId;
use crate::planes::PlaneLayout;
use crate::program::{Contents, Shown};
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

    /// Proves that a private input lies in its interval: that neither what it is above the least value nor what is left to
    /// the greatest is negative.
    pub(super) fn range_check(&mut self, id: TensorId) -> Result<(), CompileError> {
        let Some(BlockId::Plain(input)) = self.primary[id.0] else {
            return Err(self.internal(id, "an input without a block"));
        };
        let input = match self.program.plain[input.0].layout {
            // A range's lanes are not the circuit's: its image rows are no powers of τ.
            PlaneLayout { turned: true, .. } => {
                self.copy(id, PlaneLayout::flat(self.graph.tensors[id.0].len()))?
            }
            PlaneLayout { turned: false, .. } => input,
        };
        let layout = self.program.plain[input.0].layout;
        let x = self.total(BlockId::Plain(input))?;
        let interval = self.graph.tensors[id.0].interval;
        let above = self.in_range(id, Shown::Above { least: interval.lo }, layout, interval)?;
        let shown = self.plus_constant(above, interval.lo, layout);
        self.program.equal(shown, x);
        let below = Shown::Below { greatest: interval.hi };
        let below = self.in_range(id, below, layout, interval)?;
        let one = self.program.constant(1);
        let greatest = self.program.multiply_add(1, below, one, Some((1, x)));
        let zero = self.program.constant(0);
        let shown = self.plus_constant(zero, interval.hi, layout);
        self.program.equal(shown, greatest);
        Ok(())
    }
}
