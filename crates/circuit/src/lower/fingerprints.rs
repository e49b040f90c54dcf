//! Fingerprints of planes, and of whole blocks: planes by powers of ρ.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::{ActivationId, BlockId, MaximumId, PlainId, RangeId, ValueId};
use crate::planes::PlaneLayout;
use crate::program::{
    ActivationBlock, ActivationFingerprint, Fingerprint, MaximumBlock, PlainBlock,
    PlainFingerprint, Point, RangeBlock, SumsOfRow, Value,
};
use provenn_fixed_point::TensorId;

impl Lowering<'_> {
    pub(super) fn activation_plane(
        &mut self,
        block: ActivationId,
        plane: usize,
        of: ActivationFingerprint,
    ) -> ValueId {
        self.program.push(Value::Fingerprint(Fingerprint::Activation { block, plane, of }))
    }

    fn maximum_plane(&mut self, block: MaximumId, plane: usize) -> ValueId {
        self.program.push(Value::Fingerprint(Fingerprint::Maximum { block, plane }))
    }

    /// The fingerprint of the sums of a block's windows, whose image rows stand where those of `places` do.
    pub(super) fn sums_total(
        &mut self,
        block: MaximumId,
        places: PlaneLayout,
    ) -> Result<ValueId, CompileError> {
        let MaximumBlock { tensor, layout, lines, kind, .. } = self.program.maximum[block.0];
        let [height, _] = kind.window;
        let first = |plane| SumsOfRow { block, plane, line: 0, row: 0 };
        self.by_rho(tensor, layout, |this, plane| {
            let mut rows = (0..lines.count * height).rev().map(|i| SumsOfRow {
                line: i / height,
                row: i % height,
                ..first(plane)
            });
            let last = rows.next().unwrap_or_else(|| first(plane));
            let mut total = this.program.push(Value::Sums(last));
            for row in rows {
                let own = this.program.push(Value::Sums(row));
                let power = this.place_power(places, 1, 0);
                total = this.program.multiply_add(1, total, power, Some((1, own)));
            }
            total
        })
    }

    pub(super) fn plain_plane(
        &mut self,
        block: PlainId,
        plane: usize,
        of: PlainFingerprint,
    ) -> ValueId {
        self.program.push(Value::Fingerprint(Fingerprint::Plain { block, plane, of }))
    }

    /// The fingerprint of one plane of a block's elements at σ.
    pub(super) fn plane(&mut self, block: BlockId, plane: usize) -> ValueId {
        match block {
            BlockId::Activation(id) => {
                self.activation_plane(id, plane, ActivationFingerprint::Output)
            }
            BlockId::Maximum(id) => self.maximum_plane(id, plane),
            BlockId::Plain(id) => self.plain_plane(id, plane, PlainFingerprint::Sigma),
        }
    }

    /// The fingerprint of all elements of a block: `Σ_p ρ^p·plane_p(σ)`.
    pub(super) fn total(&mut self, block: BlockId) -> Result<ValueId, CompileError> {
        match block {
            BlockId::Activation(id) => self.activation_total(id, ActivationFingerprint::Output),
            BlockId::Maximum(id) => {
                let MaximumBlock { tensor, layout, .. } = self.program.maximum[id.0];
                self.by_rho(tensor, layout, |this, plane| this.maximum_plane(id, plane))
            }
            BlockId::Plain(id) => self.plain_total(id, PlainFingerprint::Sigma),
        }
    }

    /// The fingerprint of what a form's block holds before it is rescaled, if it is.
    pub(super) fn accumulated(&mut self, block: BlockId) -> Result<ValueId, CompileError> {
        match block {
            BlockId::Activation(id) => {
                self.activation_total(id, ActivationFingerprint::Accumulator)
            }
            // Where its image rows stand is what is read that says so.
            BlockId::Maximum(id) => {
                let tensor = self.program.maximum[id.0].tensor;
                Err(self.internal(tensor, "sums of windows without the places of their rows"))
            }
            BlockId::Plain(id) => self.plain_total(id, PlainFingerprint::Sigma),
        }
    }

    pub(super) fn activation_total(
        &mut self,
        block: ActivationId,
        of: ActivationFingerprint,
    ) -> Result<ValueId, CompileError> {
        let ActivationBlock { tensor, layout, .. } = self.program.activation[block.0];
        self.by_rho(tensor, layout, |this, plane| this.activation_plane(block, plane, of))
    }

    pub(super) fn plain_total(
        &mut self,
        block: PlainId,
        of: PlainFingerprint,
    ) -> Result<ValueId, CompileError> {
        let PlainBlock { tensor, layout, .. } = self.program.plain[block.0];
        self.by_rho(tensor, layout, |this, plane| this.plain_plane(block, plane, of))
    }

    pub(super) fn range_total(&mut self, block: RangeId) -> Result<ValueId, CompileError> {
        let RangeBlock { tensor, layout, .. } = self.program.range[block.0];
        self.by_rho(tensor, layout, |this, plane| {
            this.program.push(Value::Fingerprint(Fingerprint::Range { block, plane }))
        })
    }

    /// `Σ_p ρ^p·plane_p` by Horner's rule.
    fn by_rho(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
        plane: impl Fn(&mut Self, usize) -> ValueId,
    ) -> Result<ValueId, CompileError> {
        let values: Vec<_> = (0..layout.planes).map(|at| plane(self, at)).collect();
        let mut values = values.into_iter().rev();
        let total = values.next();
        let mut total = total.ok_or_else(|| self.internal(tensor, "a block without planes"))?;
        for value in values {
            let rho = self.program.power(Point::Rho, 1);
            total = self.program.multiply_add(1, total, rho, Some((1, value)));
        }
        Ok(total)
    }
}
