//! Fingerprints of planes, and of whole blocks: planes by powers of ρ.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::{ActivationId, BlockId, PlainId, ValueId};
use crate::program::{ActivationFingerprint, Fingerprint, PlainFingerprint, Point, Value};

impl Lowering<'_> {
    pub(super) fn activation_plane(
        &mut self,
        block: ActivationId,
        plane: usize,
        of: ActivationFingerprint,
    ) -> ValueId {
        self.program.push(Value::Fingerprint(Fingerprint::Activation { block, plane, of }))
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
            BlockId::Plain(id) => self.plain_plane(id, plane, PlainFingerprint::Sigma),
        }
    }

    /// The fingerprint of all elements of a block: `Σ_p ρ^p·plane_p(σ)`.
    pub(super) fn total(&mut self, block: BlockId) -> Result<ValueId, CompileError> {
        match block {
            BlockId::Activation(id) => self.activation_total(id, ActivationFingerprint::Output),
            BlockId::Plain(id) => self.plain_total(id, PlainFingerprint::Sigma),
        }
    }

    pub(super) fn activation_total(
        &mut self,
        block: ActivationId,
        of: ActivationFingerprint,
    ) -> Result<ValueId, CompileError> {
        let planes = self.program.activation[block.0].layout.planes;
        let planes = (0..planes).map(|plane| self.activation_plane(block, plane, of)).collect();
        let tensor = self.program.activation[block.0].tensor;
        self.by_rho(planes).ok_or_else(|| self.internal(tensor, "a block without planes"))
    }

    pub(super) fn plain_total(
        &mut self,
        block: PlainId,
        of: PlainFingerprint,
    ) -> Result<ValueId, CompileError> {
        let planes = self.program.plain[block.0].layout.planes;
        let planes = (0..planes).map(|plane| self.plain_plane(block, plane, of)).collect();
        let tensor = self.program.plain[block.0].tensor;
        self.by_rho(planes).ok_or_else(|| self.internal(tensor, "a block without planes"))
    }

    /// `Σ_p ρ^p·v_p` by Horner's rule.
    fn by_rho(&mut self, values: Vec<ValueId>) -> Option<ValueId> {
        let mut values = values.into_iter().rev();
        let mut total = values.next()?;
        for value in values {
            let rho = self.program.power(Point::Rho, 1);
            total = self.program.multiply_add(1, total, rho, Some((1, value)));
        }
        Some(total)
    }
}
