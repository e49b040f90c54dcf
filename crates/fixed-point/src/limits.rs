//! Limits, each stated once: of parameters, of tables, of what a graph may take to lay out and to evaluate.
//!
//! Sizes are limits of *graphs that may come from a file*: a few bytes can name any extent, so everything that
//! is made in proportion to one is bounded before it is made.

use std::ops::RangeInclusive;

/// S: bits dropped by a rescale, as settings state them.
pub const SHIFT: RangeInclusive<u32> = 1..=30;
/// S of a format: with 0 a rescale drops nothing.
pub const FORMAT_SHIFT: RangeInclusive<u32> = 0..=30;
/// Formats of a graph.
pub const MOST_FORMATS: usize = 8;

/// t: bits of the low part of a table's argument; a range table has 2^t rows.
pub const LOW_BITS: RangeInclusive<u32> = 1..=16;

/// k: a circuit has 2^k rows.
pub const LOGROWS: RangeInclusive<u32> = 4..=26;

/// Bits of an activation.
pub const BITS: RangeInclusive<u32> = 4..=24;

/// −log2 of a step that is asked for.
pub const SCALE: RangeInclusive<i32> = -20..=24;

/// Bytes of the name of an input or output, which a verifying key carries.
pub const MOST_NAME_BYTES: usize = 1 << 10;

/// Largest k that is chosen where none is asked for.
pub const PLANNED_LOGROWS: u32 = 22;

/// Rows of one node's table.
pub const MOST_TABLE_ROWS: u64 = 1 << 20;

/// Elements of all tensors together, for a convolution those of its full product and of its input spread to the
/// same width, for other operations also the operands that are copied for them; and multiplications of all
/// linear forms together. The import counts both before. A graph of many weights may have more elements.
pub use provenn_onnx_ir::limits::{MOST_ELEMENTS, MOST_PRODUCTS, for_bytes};
