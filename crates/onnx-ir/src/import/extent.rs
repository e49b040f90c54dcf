//! Whole numbers that the analysis reads as sizes, places or axes.
//!
//! It turns them into words of 32 bits without a word of warning: an extent of 2^32 + 3 would become 3. So they
//! are bounded before a node is analysed, and so is every constant that meets a size in arithmetic.

use tract_onnx::prelude::{DatumType, Tensor};

use super::constant::integers;
use crate::ImportError;

/// Beyond every extent that a tensor can have here.
const BEYOND: i64 = 1 << 31;

/// Operators that read sizes, places or axes, and the first of the inputs where these stand.
const READERS: [(&str, usize); 29] = [
    ("ArgMax", 1),
    ("ArgMin", 1),
    ("CenterCropPad", 1),
    ("Compress", 1),
    ("ConstantOfShape", 0),
    ("CumSum", 1),
    ("Dropout", 1),
    ("Expand", 1),
    ("Gather", 1),
    ("GatherElements", 1),
    ("GatherND", 1),
    ("OneHot", 0),
    ("Pad", 1),
    ("Range", 0),
    ("ReduceMax", 1),
    ("ReduceMean", 1),
    ("ReduceMin", 1),
    ("ReduceProd", 1),
    ("ReduceSum", 1),
    ("Reshape", 1),
    ("Resize", 1),
    ("Slice", 1),
    ("Split", 1),
    ("Squeeze", 1),
    ("Tile", 1),
    ("TopK", 1),
    ("Trilu", 1),
    ("Unsqueeze", 1),
    ("Upsample", 1),
];

/// What is known of an input: its type, and its value where it is constant.
pub(super) type Input<'a> = (Option<DatumType>, Option<&'a Tensor>);

/// Refuses a constant beyond 2^31 where the analysis would take only the low 32 bits of it.
pub(super) fn check(
    node: &str,
    op: &str,
    inputs: &[Input<'_>],
    outputs: &[Option<DatumType>],
) -> Result<(), ImportError> {
    let is_size = |kind: &Option<DatumType>| *kind == Some(DatumType::TDim);
    let meets_sizes =
        inputs.iter().map(|(kind, _)| kind).chain(outputs).any(is_size) && op != "Identity";
    let first = READERS.iter().find(|(reader, _)| *reader == op).map(|(_, first)| *first);
    for (slot, (_, value)) in inputs.iter().enumerate() {
        let Some(value) = value else { continue };
        // The ends of a slice are read in full, of a shape too.
        let end = op == "Slice" && slot == 2;
        let read = first.is_some_and(|first| slot >= first);
        if end || (!read && !meets_sizes) {
            continue;
        }
        if let Some(value) = large(value, op == "Range") {
            let (node, op) = (node.to_owned(), op.to_owned());
            return Err(ImportError::Size { node, op, value });
        }
    }
    Ok(())
}

/// The first whole number beyond 2^31; floats only where they count.
fn large(tensor: &Tensor, floats: bool) -> Option<String> {
    let kind = tensor.datum_type();
    if kind.is_float() {
        let values = tensor.cast_to::<f64>().ok().filter(|_| floats)?;
        let values = values.try_as_plain_ram().ok()?.as_slice::<f64>().ok()?.to_vec();
        // 2^31 exactly.
        let found = values.into_iter().find(|value| value.abs() >= 2_147_483_648.0);
        return found.map(|value| value.to_string());
    }
    if !kind.is_integer() && kind != DatumType::TDim {
        return None;
    }
    let found = integers(tensor).ok()?.into_iter().find(|value| !(-BEYOND..BEYOND).contains(value));
    found.map(|value| value.to_string())
}
