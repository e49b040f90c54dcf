//! Inputs, public values, and range checks of inputs that are not public.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::{BlockId, HashId, ValueId};
use crate::planes::PlaneLayout;
use crate::program::{Contents, Hashed, Public, Shown, Value};
use provenn_fixed_point::{Interval, TensorId};
use provenn_gadgets::{Message, TensorVisibility};

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

    /// A tensor's elements, or its digest, are the next public values; or its elements stand in a commitment.
    pub(super) fn show(
        &mut self,
        id: TensorId,
        visibility: TensorVisibility,
    ) -> Result<(), CompileError> {
        let public = match visibility {
            TensorVisibility::Private => return Ok(()),
            TensorVisibility::Public => Public::Elements(id),
            TensorVisibility::Hashed => Public::Value(self.digest(id)?),
            TensorVisibility::Committed => {
                self.prepare(id)?;
                self.program.committed_tensors.push(id);
                return self.count(id, &PlaneLayout::flat(self.graph.tensors[id.0].len()));
            }
        };
        self.prepare(id)?;
        self.program.public.push(public);
        Ok(())
    }

    /// The digest of a tensor, which is proved to lie in its interval.
    fn digest(&mut self, id: TensorId) -> Result<ValueId, CompileError> {
        self.prepare(id)?;
        let Interval { lo, hi } = self.graph.tensors[id.0].interval;
        let message = Message::of(self.graph.tensors[id.0].len(), lo, hi);
        let message = message.ok_or_else(|| self.internal(id, "too many elements to hash"))?;
        self.count(id, &PlaneLayout::flat(message.padded()))?;
        // For the gaps.
        self.program.constant(0);
        self.program.hashed.push(Hashed { tensor: id, message });
        Ok(self.program.push(Value::Digest(HashId(self.program.hashed.len() - 1))))
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
