//! Outputs that quantisation leaves too little of: told loudly, since a wrong value verifies as well as a right one.

use crate::OnnxModel;
use provenn_fixed_point::{QuantGraph, Settings};
use provenn_onnx_ir::{ElementType, NodeId, Tensor};
use serde::Serialize;
use std::fmt;

/// An output may be off by this part of its largest value.
const MOST: f64 = 0.05;
/// And a column of its own range by this part of its own.
const MOST_OF_COLUMN: f64 = 0.25;

/// An output, or a column of one, that is off by a large part of its values on the data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Imprecision {
    /// The output's name.
    pub output: String,
    /// Which column, where the output's columns differ in size.
    pub column: Option<usize>,
    /// Largest difference from the float output.
    pub error: f64,
    /// Largest float output.
    pub magnitude: f64,
}

impl fmt::Display for Imprecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Imprecision { output, column, error, magnitude } = self;
        write!(f, "output `{output}`")?;
        if let Some(column) = column {
            write!(f, ", column {column}")?;
        }
        write!(
            f,
            ": off by up to {error:.3e} where the model's values reach {magnitude:.3e}; calibrate with --target accuracy, allow more --bits, or scale the inputs"
        )
    }
}

/// Errors and sizes of one column, over observations.
#[derive(Clone, Copy, Default)]
struct Column {
    error: f64,
    magnitude: f64,
}

impl Column {
    fn add(&mut self, quantised: f64, float: f64) {
        self.error = self.error.max((quantised - float).abs());
        self.magnitude = self.magnitude.max(float.abs());
    }

    fn beyond(&self, most: f64) -> bool {
        self.error > most * self.magnitude
    }
}

/// What is too coarse of the outputs: `runs` are the quantised and the float outputs of each observation.
pub(super) fn imprecise(
    graph: &QuantGraph,
    settings: &Settings,
    runs: &[(&Vec<Vec<f64>>, &[Tensor])],
) -> Vec<Imprecision> {
    let mut found = vec![];
    for (at, info) in settings.outputs.iter().enumerate().take(graph.outputs.len()) {
        let known = settings.columns.get(info.node());
        let (count, inner) = known.map_or((1, 1), |c| (c.ranges.len().max(1), c.inner.max(1)));
        let (mut whole, mut columns) = (Column::default(), vec![Column::default(); count]);
        for (quantised, float) in runs {
            for (i, (q, f)) in quantised[at].iter().zip(&float[at].data).enumerate() {
                whole.add(*q, f64::from(*f));
                columns[i / inner % count].add(*q, f64::from(*f));
            }
        }
        let told = |column, Column { error, magnitude }| Imprecision {
            output: info.name.clone(),
            column,
            error,
            magnitude,
        };
        if whole.beyond(MOST) {
            found.push(told(None, whole));
        } else if known.is_some() {
            let lost = columns.iter().enumerate().filter(|(_, c)| c.beyond(MOST_OF_COLUMN));
            found.extend(lost.map(|(i, column)| told(Some(i), *column)));
        }
    }
    found
}

/// Outputs whose steps alone are too coarse for their calibrated ranges, without data: `error` is the step. Whole
/// numbers and truth values of the model are as they are.
#[must_use]
pub fn coarse_outputs(model: &OnnxModel, settings: &Settings) -> Vec<Imprecision> {
    let graph = model.graph();
    let real = |output: &NodeId| {
        matches!(graph.element(*output), ElementType::Float | ElementType::Double)
    };
    let mut found = vec![];
    for (info, _) in settings.outputs.iter().zip(&graph.outputs).filter(|(_, id)| real(id)) {
        let whole = settings.ranges.get(info.node()).map(std::slice::from_ref);
        let known = settings.columns.get(info.node());
        let Some(ranges) = known.map(|c| c.ranges.as_slice()).or(whole) else { continue };
        let (inner, grid) = (known.map_or(1, |c| c.inner), info.grid());
        for (i, range) in ranges.iter().enumerate() {
            let (error, magnitude) = (grid.column(i * inner).1, range.magnitude());
            let step = Column { error, magnitude };
            if magnitude > 0.0 && step.beyond(MOST) {
                let column = known.map(|_| i);
                found.push(Imprecision { output: info.name.clone(), column, error, magnitude });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(error: f64, magnitude: f64) -> Column {
        Column { error, magnitude }
    }

    #[test]
    fn a_value_swallowed_by_its_step_is_told() {
        // An output of 0 for -1.38.
        assert!(column(1.38, 1.38).beyond(MOST));
        assert!(!column(1e-3, 1.38).beyond(MOST));
        // All zero, and quantised as zero.
        assert!(!column(0.0, 0.0).beyond(MOST));
        assert!(column(0.1, 0.0).beyond(MOST_OF_COLUMN));
    }
}
