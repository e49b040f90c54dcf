//! Errors of planning and assignment.

use crate::excess::Excess;
use provenn_fixed_point::{InterpretError, QuantGraph, TensorId, ValidateError};
use provenn_gadgets::ParamsError;
use thiserror::Error;

/// The node that a tensor stands for, for messages.
pub(crate) fn node_of(graph: &QuantGraph, tensor: TensorId) -> String {
    graph.tensors.get(tensor.0).map_or_else(String::new, |t| t.name.clone())
}

impl CompileError {
    /// Lowering, placing or recording contradicts itself over a tensor.
    pub(crate) fn internal(graph: &QuantGraph, tensor: TensorId, what: &'static str) -> Self {
        CompileError::Internal { node: node_of(graph, tensor), what }
    }
}

/// Why a quantised graph cannot be compiled.
#[derive(Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum CompileError {
    /// The operator is valid but this planner cannot lay it out.
    #[error("node `{node}` ({op}): {reason}")]
    Unsupported {
        /// Node name.
        node: String,
        /// ONNX operator.
        op: String,
        /// What is not supported, and what to do.
        reason: String,
    },
    /// No circuit has this many rows.
    #[error("logrows is {got}, at most {most} are allowed; lower --logrows")]
    Logrows {
        /// What was asked for.
        got: u32,
        /// Largest k.
        most: u32,
    },
    /// Whole columns, used or not, hold more than can be filled.
    #[error(
        "{columns} columns of 2^{k} rows hold more than {limit} cells; lower --logrows, or make the circuit again with compile-circuit"
    )]
    TooManyCells {
        /// Advice columns.
        columns: usize,
        /// Rows are 2^k.
        k: u32,
        /// Cells allowed.
        limit: usize,
    },
    /// No number of rows up to the limit fits.
    #[error(
        "the circuit needs more than 2^{limit} rows ({source}); raise --logrows or shrink the model"
    )]
    TooLarge {
        /// The largest k tried.
        limit: u32,
        /// What did not fit.
        source: Excess,
    },
    /// Blocks of cells hold more than any circuit.
    #[error("with node `{node}` the circuit has more than {limit} cells; shrink the model")]
    TooManyBlocks {
        /// The node that went beyond.
        node: String,
        /// Cells allowed.
        limit: usize,
    },
    /// Identities take more arithmetic than any circuit has rows for.
    #[error(
        "the circuit does arithmetic on {values} values, at most {limit} are allowed; shrink the model"
    )]
    TooMuchArithmetic {
        /// Values so far.
        values: usize,
        /// Values allowed.
        limit: usize,
    },
    /// A number of the key could reach 2^62, which fixed columns do not hold.
    #[error("node `{node}`: {what} could reach 2^62; {advice}")]
    WrapAround {
        /// Node name.
        node: String,
        /// Which number.
        what: String,
        /// What to do.
        advice: &'static str,
    },
    /// The planner contradicts itself.
    #[error("node `{node}`: {what}; this is a fault of provenn, please report it with the model")]
    Internal {
        /// Node name.
        node: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The quantised graph claims what does not hold, or asks for more than a graph may.
    #[error("quantised model: {0}")]
    Graph(#[from] ValidateError),
    /// The plan contradicts itself.
    #[error("compiled model: {0}; compile it again")]
    Malformed(#[from] Contradiction),
}

/// What of a compiled model contradicts the rest.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Contradiction {
    /// The plan.
    #[error(transparent)]
    Plan(#[from] ParamsError),
    /// Lanes for other formats than the graph's.
    #[error("its plan has lanes for {got} formats of {expected}")]
    Formats {
        /// Formats of the graph.
        expected: usize,
        /// Formats of the plan.
        got: usize,
    },
    /// Image rows that are powers of a challenge, in banks whose rows are not those of their readers.
    #[error("its plan has {got} lanes for a format whose image rows turn after {expected}")]
    TurnedLanes {
        /// Lanes of plain banks.
        expected: usize,
        /// Lanes of the format's.
        got: usize,
    },
    /// Lanes of maxima that those of the circuit are no multiple of.
    #[error("its plan has {got} lanes for windows, which do not divide {lanes}")]
    WindowLanes {
        /// Lanes of plain banks.
        lanes: usize,
        /// Lanes of maxima.
        got: usize,
    },
    /// Operations or private inputs whose ranges have no banks.
    #[error("its plan has no range banks, which node `{node}` needs")]
    NoRangeBanks {
        /// The first of them.
        node: String,
    },
    /// Banks for ranges that there are not.
    #[error("its plan has range banks, which no node needs")]
    RangeBanks,
    /// The number of names.
    #[error("it names {got} {what}s of {expected}")]
    Names {
        /// Inputs or outputs.
        what: &'static str,
        /// Tensors of the graph.
        expected: usize,
        /// Names.
        got: usize,
    },
    /// The extents beside a name.
    #[error("the shape of {what} {name:?} is not its tensor's")]
    Extents {
        /// Input or output.
        what: &'static str,
        /// Its name.
        name: String,
    },
}

/// Why a witness cannot be assigned.
#[derive(Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum AssignError {
    /// A value lies outside the table that must hold it.
    #[error("node `{node}`: element {index} has q = {value}, the table allows {lo} to {hi}")]
    OutsideTable {
        /// Node name.
        node: String,
        /// Position.
        index: usize,
        /// The high limb.
        value: i64,
        /// Smallest h.
        lo: i64,
        /// Largest h.
        hi: i64,
    },
    /// A pair that is looked up in a memory which has no such entry.
    #[error(
        "memory {space} has no entry of key {key} and value {value}; generate the witness again with this compiled model"
    )]
    NoEntry {
        /// The memory's space.
        space: i64,
        /// The key.
        key: i64,
        /// The value.
        value: i64,
    },
    /// A value lies outside the range that has to be shown of it.
    #[error(
        "node `{node}`: what is shown of element {index} lies outside its range of {bits} bits"
    )]
    OutsideRange {
        /// Node name.
        node: String,
        /// Element.
        index: usize,
        /// Bits of the range.
        bits: u32,
    },
    /// The witness has other tensors than the model.
    #[error("{what}: expected {expected}, got {got}; generate it again with this compiled model")]
    Mismatch {
        /// What was compared.
        what: &'static str,
        /// What the model has.
        expected: usize,
        /// What the witness has.
        got: usize,
    },
    /// The witness's outputs are not the model's.
    #[error(
        "output {output} is not what the model gives on the witness's input; generate it again with this compiled model"
    )]
    Output {
        /// Its position.
        output: usize,
    },
    /// The layout contradicts itself.
    #[error("node `{node}`: {what}; this is a fault of provenn, please report it with the model")]
    Internal {
        /// Node name.
        node: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The interpreter refused the inputs.
    #[error(transparent)]
    Interpret(#[from] InterpretError),
}
