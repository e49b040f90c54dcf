//! Why integers have no result.

use crate::quant_graph::Interval;

/// Why integers could not be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InterpretError {
    /// The number of inputs is not the graph's.
    #[error("expected {expected} inputs, got {got}")]
    InputCount {
        /// Inputs of the graph.
        expected: usize,
        /// Inputs given.
        got: usize,
    },
    /// A rescale names a format that the graph has not.
    #[error("node `{node}`: its format is not among those of the graph")]
    NoFormat {
        /// The node.
        node: String,
    },
    /// A tensor or operand has the wrong number of elements.
    #[error("node `{node}`: expected {expected} elements, got {got}")]
    Size {
        /// The node.
        node: String,
        /// Elements needed.
        expected: usize,
        /// Elements there.
        got: usize,
    },
    /// A value lies outside the interval proven (or, for inputs, enforced) for it.
    #[error("node `{node}`, element {index}: {value} is outside [{}, {}]; quantise the input with the graph's own settings", .interval.lo, .interval.hi)]
    OutsideInterval {
        /// The node.
        node: String,
        /// Flat index.
        index: usize,
        /// The integer.
        value: i64,
        /// Where it must lie.
        interval: Interval,
    },
    /// A rescaled value has no row in its table.
    #[error(
        "node `{node}`, element {index}: rescaled value {value} is not covered by the node's table; validate the graph"
    )]
    OutsideTable {
        /// The node.
        node: String,
        /// Flat index.
        index: usize,
        /// The rescaled value q.
        value: i64,
    },
    /// A divisor that is too small.
    #[error(
        "node `{node}`, element {index}: it divides by {value}, but {least} is the least divisor that it was calibrated for; calibrate with data like this input"
    )]
    Divisor {
        /// The node.
        node: String,
        /// Flat index.
        index: usize,
        /// The divisor.
        value: i64,
        /// The least one.
        least: i64,
    },
    /// A root of a negative number.
    #[error(
        "node `{node}`, element {index}: {value} is negative and has no square root; calibrate with data like this input"
    )]
    Negative {
        /// The node.
        node: String,
        /// Flat index.
        index: usize,
        /// The number.
        value: i64,
    },
    /// An index that names nothing.
    #[error(
        "node `{node}`, index {index}: it is {} but {first} to {last} are what it may be; check the input's indices", fraction(*.value, *.unit)
    )]
    Index {
        /// The node.
        node: String,
        /// Position among the indices.
        index: usize,
        /// The index, in units.
        value: i64,
        /// Integer of an index of 1.
        unit: i64,
        /// The least index.
        first: i64,
        /// The largest one.
        last: i64,
    },
    /// An integer exceeded 64 bits.
    #[error("node `{node}`: a value exceeds 64 bits; validate the graph")]
    Overflow {
        /// The node.
        node: String,
    },
    /// An operand index beyond the tensors evaluated so far.
    #[error("tensor {index} is used before it is made; validate the graph")]
    NoTensor {
        /// The index.
        index: usize,
    },
    /// Accumulators were asked of a tensor that has none.
    #[error("node `{node}` is not rescaled and has no accumulator")]
    NotRescaled {
        /// The node.
        node: String,
    },
}

/// `value / unit`, for people.
fn fraction(value: i64, unit: i64) -> String {
    match value.checked_rem(unit) {
        Some(0) => (value / unit).to_string(),
        Some(_) | None => format!("{value}/{unit}"),
    }
}
