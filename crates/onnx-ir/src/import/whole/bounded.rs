//! Whole numbers that only the analysis computes: bounded afterwards.

use tract_onnx::prelude::Tensor;

use super::{Known, Whole, range};
use crate::ImportError;

/// Operators that choose, move or count what is there: no result is larger than an input or a size.
const MOVES: [&str; 44] = [
    "ArgMax",
    "ArgMin",
    "Ceil",
    "Clip",
    "Compress",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "DepthToSpace",
    "Dropout",
    "Expand",
    "EyeLike",
    "Flatten",
    "Floor",
    "Gather",
    "GatherElements",
    "GatherND",
    "Identity",
    "Max",
    "Min",
    "MaxPool",
    "NonZero",
    "OneHot",
    "Pad",
    "ReduceMax",
    "ReduceMin",
    "Relu",
    "Reshape",
    "Round",
    "Scatter",
    "ScatterElements",
    "ScatterND",
    "Shape",
    "Sign",
    "Size",
    "Slice",
    "SpaceToDepth",
    "Split",
    "Squeeze",
    "Tile",
    "TopK",
    "Transpose",
    "Trilu",
    "Unsqueeze",
];

/// What the analysis has words for, whatever the type.
const WORD: u128 = 1 << 31;

impl Known<'_> {
    /// Refuses whole numbers that the analysis may have computed wrongly: on the way to them, more than 31 bits
    /// may be needed.
    pub(in crate::import) fn check(&self, output: &Tensor) -> Result<(), ImportError> {
        let kind = output.datum_type();
        if range(kind).is_none() || MOVES.contains(&self.op()) {
            return Ok(());
        }
        let operands = self.inputs.iter().map(|input| Whole::new(input, output.shape()));
        let fits = operands
            .collect::<Option<Vec<Whole>>>()
            .is_some_and(|operands| bound(self.op(), &operands) < WORD);
        if fits {
            return Ok(());
        }
        Err(self
            .refused("may need more than 31 bits for them, which the import has not".to_owned()))
    }
}

/// More than any number that an operator can come to on the way.
fn bound(op: &str, operands: &[Whole]) -> u128 {
    let elements = operands.iter().map(|operand| operand.values.len()).sum::<usize>();
    let elements = u128::try_from(elements).unwrap_or(u128::MAX);
    let largest = operands.iter().map(Whole::largest).max().unwrap_or(0);
    match op {
        "ReduceProd" => operands.first().map_or(u128::MAX, |operand| {
            let sizes = operand.values.iter().map(|value| value.unsigned_abs().max(1));
            sizes.map(u128::from).fold(1, u128::saturating_mul)
        }),
        "ReduceSum" | "ReduceL1" | "CumSum" | "ReduceMean" | "Mean" | "Range" => {
            largest.saturating_mul(elements)
        }
        "BitShift" => {
            let shift = u32::try_from(largest).unwrap_or(u32::MAX);
            largest.saturating_mul(2u128.saturating_pow(shift))
        }
        // Sums of products of two.
        _ => largest.saturating_mul(largest).saturating_mul(elements),
    }
}
