//! Formats: how many bits a rescale drops, and how its function's table is cut.

use crate::round::rescale;
use serde::{Deserialize, Serialize};

/// A format of rescales: S and t.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// S: bits dropped by a rescale. With S = 0 it drops nothing, and a table is a function of the sum itself.
    pub shift: u32,
    /// t: bits of `l` in the table.
    pub low_bits: u32,
}

/// A format, by position in [`QuantGraph::formats`](crate::QuantGraph::formats).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FormatId(pub usize);

impl FormatId {
    /// The first one: that of the settings.
    pub const MAIN: FormatId = FormatId(0);
}

impl Format {
    /// What is added before bits are dropped, so that halves go up: 2^(S−1), or nothing where S = 0.
    #[must_use]
    pub fn half(self) -> i64 {
        if self.shift == 0 { 0 } else { 1 << (self.shift - 1) }
    }

    /// Drops the format's bits with rounding half up.
    #[must_use]
    pub fn rescale(self, y: i64) -> i64 {
        rescale(y, self.shift)
    }
}
