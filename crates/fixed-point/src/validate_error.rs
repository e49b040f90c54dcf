//! Why a graph is refused.

use crate::quant_graph::Interval;

/// Why a graph is not sound to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValidateError {
    /// Shift or low bits out of range.
    #[error("{what} is {got}, expected {lo}..={hi}; quantise the model again")]
    Parameter {
        /// Which parameter.
        what: &'static str,
        /// Its value.
        got: u32,
        /// Smallest allowed.
        lo: u32,
        /// Largest allowed.
        hi: u32,
    },
    /// An operand that is not an earlier tensor.
    #[error(
        "tensor {tensor} (`{node}`) uses tensor {operand}, which is not earlier; the file is damaged"
    )]
    Order {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
        /// The operand.
        operand: usize,
    },
    /// Sizes disagree.
    #[error(
        "tensor {tensor} (`{node}`): {what} has {got} elements, expected {expected}; the file is damaged"
    )]
    Size {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
        /// Which size.
        what: &'static str,
        /// Expected.
        expected: usize,
        /// There.
        got: usize,
    },
    /// A value that no quantisation makes.
    #[error("tensor {tensor} (`{node}`): {reason}; the file is damaged")]
    Malformed {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A claimed interval does not cover what the operands allow.
    #[error("tensor {tensor} (`{node}`): the {what} claims [{}, {}] but its operands allow [{}, {}]; the file is forged or damaged", .claimed.lo, .claimed.hi, .derived.lo, .derived.hi)]
    Interval {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
        /// Accumulator, table or interval.
        what: &'static str,
        /// The claim.
        claimed: Interval,
        /// What is proven.
        derived: Interval,
    },
    /// A table with entries that no accumulator of its readers reaches.
    #[error("tensor {tensor} (`{node}`): its table holds [{}, {}] but its readers need [{}, {}]; the file is forged or damaged", .claimed.lo, .claimed.hi, .needed.lo, .needed.hi)]
    Table {
        /// The first tensor that reads it.
        tensor: usize,
        /// Its node.
        node: String,
        /// Heads that the table holds.
        claimed: Interval,
        /// Heads that all its readers need.
        needed: Interval,
    },
    /// More than a graph may have.
    #[error(
        "tensor {tensor} (`{node}`): with it the model takes {got} {what}, at most {limit} are allowed; make the model or its extents smaller"
    )]
    TooLarge {
        /// The tensor at which the total passed the limit.
        tensor: usize,
        /// Its node.
        node: String,
        /// What was counted.
        what: &'static str,
        /// The total so far.
        got: u128,
        /// The limit.
        limit: u128,
    },
    /// A value could reach 2^62.
    #[error(
        "tensor {tensor} (`{node}`): a value could reach 2^62; lower the shift or the bits of the settings"
    )]
    WrapAround {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
    },
    /// Inputs or outputs listed wrongly.
    #[error("the list of {what} does not match the tensors; the file is damaged")]
    Ends {
        /// Inputs or outputs.
        what: &'static str,
    },
}
