//! What range banks a circuit has.

use provenn_gadgets::RangeBanks;
use serde::{Deserialize, Serialize};

/// Range banks, however many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranges {
    /// Values per row.
    pub lanes: usize,
    /// Bits of a limb.
    pub width: u32,
}

impl Ranges {
    /// Limbs of a value of so many bits.
    pub(crate) fn limbs(&self, bits: u32) -> usize {
        bits.div_ceil(self.width) as usize
    }

    /// So many banks.
    pub(crate) fn banks(&self, banks: usize) -> RangeBanks {
        let Ranges { lanes, width } = *self;
        RangeBanks { banks, lanes, width }
    }
}
