//! Tables: each covers its readers' accumulators, and nothing else.

use crate::format::{Format, FormatId};
use crate::quant_graph::{Interval, Piecewise, QuantGraph, QuantOp, QuantTensor};
use crate::validate_error::ValidateError;
use std::collections::HashMap;

/// A table that several nodes read: the first of them, and what all of them need.
struct Readers {
    tensor: usize,
    highs: Interval,
}

impl QuantGraph {
    /// The highs that a rescale's accumulators reach.
    fn highs(&self, format: FormatId, accumulator: Interval) -> Interval {
        match self.format(format) {
            Some(Format { shift, low_bits }) => {
                Piecewise::highs_of(accumulator.rescaled(shift), low_bits)
            }
            // Refused before; no table covers it.
            None => Interval { lo: i64::MIN, hi: i64::MAX },
        }
    }

    /// Checks that the table of a tensor holds every high that its accumulators reach.
    pub(super) fn covers(&self, tensor: usize, t: &QuantTensor) -> Result<(), ValidateError> {
        let QuantOp::Rescale { format, accumulator, function, .. } = &t.op else { return Ok(()) };
        let derived = self.highs(*format, *accumulator);
        let claimed = function.highs().unwrap_or(Interval { lo: 0, hi: -1 });
        if claimed.covers(&derived) {
            return Ok(());
        }
        let (node, what) = (t.name.clone(), "table");
        Err(ValidateError::Interval { tensor, node, what, claimed, derived })
    }

    /// Checks that every table is canonical: exactly the hull of what the nodes with this function need.
    ///
    /// Quantisation gives nodes of one function one table over that hull, as tables are rows and rows cost.
    pub(super) fn validate_tables(&self) -> Result<(), ValidateError> {
        let mut tables: HashMap<&Piecewise, Readers> = HashMap::new();
        for (tensor, t) in self.tensors.iter().enumerate() {
            let QuantOp::Rescale { format, accumulator, function, .. } = &t.op else { continue };
            let highs = self.highs(*format, *accumulator);
            let readers = tables.entry(function).or_insert(Readers { tensor, highs });
            readers.highs = readers.highs.hull(highs);
        }
        let mut wrong: Option<(usize, Interval, Interval)> = None;
        for (function, Readers { tensor, highs }) in tables {
            let claimed = function.highs().unwrap_or(Interval { lo: 0, hi: -1 });
            if claimed != highs && wrong.is_none_or(|(first, ..)| tensor < first) {
                wrong = Some((tensor, claimed, highs));
            }
        }
        let Some((tensor, claimed, needed)) = wrong else { return Ok(()) };
        let node = self.tensors[tensor].name.clone();
        Err(ValidateError::Table { tensor, node, claimed, needed })
    }
}
