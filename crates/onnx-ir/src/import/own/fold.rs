//! Operators that are constants themselves where their inputs are: computed once in `f64` and rounded to their type.

use tract_onnx::prelude::{DatumType, Tensor};

use super::maker::Maker;
use super::site::Site;
use super::{affine_grid, filled, signal};
use crate::NodeId;
use crate::import::reason::Reason;
use crate::import::stored::{kind, whole_type};

/// The value of a node whose inputs are all constant; its shape is known to be small enough.
type Value = fn(&Site<'_>) -> Result<Tensor, Reason>;

/// Which operators, and how.
const VALUES: &[(&str, Value)] = &[
    ("AffineGrid", affine_grid::value),
    ("BlackmanWindow", signal::taper::value),
    ("ConstantOfShape", filled::constant_of_shape),
    ("HammingWindow", signal::taper::value),
    ("HannWindow", signal::taper::value),
    ("MelWeightMatrix", signal::mel::value),
    ("Range", filled::range),
];

/// How a node's value is computed, if it is.
pub(super) fn of(op: &str) -> Option<Value> {
    VALUES.iter().find(|found| found.0 == op).map(|found| found.1)
}

/// For operators that have a value wherever they have a shape.
pub(super) fn never(_: &Site<'_>, _: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    Err("it is a constant that was not computed".into())
}

/// The type that the attribute `output_datatype` names: floats of every width are computed as `f32`.
pub(super) fn output_type(site: &Site<'_>) -> Result<DatumType, Reason> {
    let stated = site.int("output_datatype", i64::from(kind::FLOAT));
    match i32::try_from(stated).unwrap_or(0) {
        kind::FLOAT | kind::FLOAT16 | kind::BFLOAT16 | kind::DOUBLE => Ok(DatumType::F32),
        other => whole_type(other)
            .ok_or_else(|| Reason(format!("its output_datatype {stated} is no type of numbers"))),
    }
}

/// Numbers as the type that `output_datatype` names holds them: rounded to floats, truncated to whole numbers.
pub(super) fn rounded(
    site: &Site<'_>,
    shape: &[usize],
    mut values: Vec<f64>,
) -> Result<Tensor, Reason> {
    let to = output_type(site)?;
    let stated = site.int("output_datatype", i64::from(kind::FLOAT));
    if stated == i64::from(kind::FLOAT16) {
        let short = tensor(shape, &values)?.cast_to_dt(DatumType::F16)?.into_owned();
        return Ok(short.cast_to_dt(to)?.into_owned());
    }
    if stated == i64::from(kind::BFLOAT16) {
        values.iter_mut().for_each(|value| *value = brain(*value));
    }
    if to != DatumType::F32 {
        values.iter_mut().for_each(|value| *value = value.trunc());
    }
    Ok(tensor(shape, &values)?.cast_to_dt(to)?.into_owned())
}

/// A tensor of doubles.
pub(super) fn tensor(shape: &[usize], values: &[f64]) -> Result<Tensor, Reason> {
    Ok(Tensor::from_shape(shape, values)?)
}

/// To the nearest number of eight bits of mantissa, halves to even.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what this is for")]
fn brain(value: f64) -> f64 {
    let bits = (value as f32).to_bits();
    let rounded = bits.wrapping_add(0x7fff + ((bits >> 16) & 1));
    f64::from(f32::from_bits(rounded & 0xffff_0000))
}

#[cfg(test)]
mod tests {
    use super::brain;

    #[test]
    #[allow(clippy::float_cmp)] // exact by definition
    fn short_numbers_are_the_nearest() {
        assert_eq!([brain(1.0), brain(0.1), brain(-3.0)], [1.0, 0.100_097_656_25, -3.0]);
        // Halfway between 1 and its neighbour, and between that and the next.
        assert_eq!([brain(1.0 + 1.0 / 256.0), brain(1.0 + 3.0 / 256.0)], [1.0, 1.0 + 1.0 / 64.0]);
    }
}
