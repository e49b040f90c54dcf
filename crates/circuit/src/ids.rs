//! Typed indices: a block of activations is no block of plain cells, a value no block.

/// A block of activations, by position in [`crate::program::Program::activation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ActivationId(pub(crate) usize);

/// A block of plain cells, by position in [`crate::program::Program::plain`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PlainId(pub(crate) usize);

/// A block of maxima, by position in [`crate::program::Program::maximum`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct MaximumId(pub(crate) usize);

/// A block of values in a range, by position in [`crate::program::Program::range`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RangeId(pub(crate) usize);

/// A block that a tensor is made in, of one kind or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum BlockId {
    /// Of activations.
    Activation(ActivationId),
    /// Of maxima.
    Maximum(MaximumId),
    /// Of plain cells.
    Plain(PlainId),
}

/// A field element of the later phases, by position in [`crate::program::Program::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ValueId(pub(crate) usize);

/// A product of fixed weights with inputs, by position in [`crate::program::Program::linears`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LinearId(pub(crate) usize);

/// A run of boundary terms, by position in [`crate::program::Program::boundary`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BoundaryId(pub(crate) usize);

/// A list of indices whose occurrences are asked for, by position in [`crate::program::Program::lists`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ListId(pub(crate) usize);

/// A tensor that is hashed, by position in [`crate::program::Program::hashed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct HashId(pub(crate) usize);

/// The number that a memory's space or a list has on the bus; positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Space(pub(crate) i64);
