//! Tensors whose identity waits for others that apply the same weights ([`crate::alike`]).

use crate::ids::BlockId;
use provenn_fixed_point::{Images, TensorId};
use std::collections::HashMap;
use std::ops::Range;

/// The images of one tensor, which a kernel is applied to.
#[derive(Clone, Debug)]
pub(super) struct Convolved {
    /// The result.
    pub(super) tensor: TensorId,
    /// The block that is read, and its images.
    pub(super) x: BlockId,
    pub(super) from: Images,
    /// The block that is made.
    pub(super) y: BlockId,
    /// Height and width of the full product, and what the layer keeps of it.
    pub(super) full: [usize; 2],
    pub(super) kept: [Range<usize>; 2],
}

/// A tensor and what it is a product of with weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Multiplied {
    /// The result, and its block.
    pub(super) tensor: TensorId,
    pub(super) y: BlockId,
    /// What is multiplied.
    pub(super) x: TensorId,
}

/// All that wait, by group.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) convolved: HashMap<usize, Vec<Convolved>>,
    pub(super) multiplied: HashMap<usize, Vec<Multiplied>>,
}

impl Waiting {
    /// A tensor that still waits.
    pub(super) fn any(&self) -> Option<TensorId> {
        let convolved = self.convolved.values().flatten().map(|one| one.tensor);
        convolved.chain(self.multiplied.values().flatten().map(|one| one.tensor)).next()
    }
}
