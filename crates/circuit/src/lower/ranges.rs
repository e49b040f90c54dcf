//! Values that an operation needs in a range: cells that look up nothing but their limbs.
//!
//! `y = h·2^(S+t) + l·2^S + r + least` for cells of an activation block whose table holds zeros: `y ≥ least`, and
//! `y` is far below the field's size.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::{BlockId, PlainId, ValueId};
use crate::planes::PlaneLayout;
use crate::program::{Accumulated, Contents, PlainFingerprint};
use provenn_fixed_point::TensorId;

impl Lowering<'_> {
    /// Plain cells for the result of an operation that no linear form makes, in the order of its elements.
    pub(super) fn result(&mut self, id: TensorId) -> Result<(PlainId, ValueId), CompileError> {
        let layout = PlaneLayout::flat(self.graph.tensors[id.0].len());
        // For the gaps.
        self.program.constant(0);
        let block = self.home(id, layout, Contents::Ranged)?;
        Ok((block, self.plain_total(block, PlainFingerprint::Sigma)?))
    }

    /// The fingerprint of the values of range `index` of an operation, which are shown to lie in it.
    pub(super) fn ranged(&mut self, id: TensorId, index: usize) -> Result<ValueId, CompileError> {
        let ranges = self.graph.ranges(id);
        let range = ranges.and_then(|ranges| ranges.get(index).copied());
        let range = range.ok_or_else(|| self.internal(id, "a range that its operation lacks"))?;
        let layout = PlaneLayout::flat(self.graph.tensors[id.0].len());
        let of = Accumulated::Range { index, least: range.lo };
        let block = self.activation_block(id, of, layout, &[], false)?;
        self.accumulated(BlockId::Activation(block))
    }
}
