//! `Range` and `ConstantOfShape`, where what says their size is constant.

use tract_onnx::prelude::{DatumType, Tensor};

use super::fold::tensor;
use super::site::{Site, extent};
use crate::import::constant::integers;
use crate::import::reason::Reason;
use crate::import::stored::{self, attribute};

/// The numbers of a constant, one of each input.
fn numbers(site: &Site<'_>) -> Result<[f64; 3], Reason> {
    let mut numbers = [0.0; 3];
    for (slot, number) in numbers.iter_mut().enumerate() {
        let value = site.value(slot).ok_or("its start, limit and delta must be constants")?;
        let value = value.cast_to::<f64>()?;
        match value.try_as_plain_ram()?.as_slice::<f64>()? {
            [one] => *number = *one,
            other => return Err(Reason(format!("input {slot} has {} numbers", other.len()))),
        }
    }
    Ok(numbers)
}

/// The type of the result; sizes are whole numbers of 64 bits.
fn kind(site: &Site<'_>) -> Result<DatumType, Reason> {
    let mut kind = site.kind(0)?;
    for slot in 1..3 {
        kind = if kind == DatumType::TDim { site.kind(slot)? } else { kind };
    }
    Ok(if kind == DatumType::TDim { DatumType::I64 } else { kind })
}

/// Start, step and count of whole numbers, which `f64` need not hold.
fn whole(site: &Site<'_>) -> Result<(i128, i128, i128), Reason> {
    let number = |slot: usize| -> Result<i128, Reason> {
        let value = site.value(slot).ok_or("its start, limit and delta must be constants")?;
        let value = integers(value)?.first().copied();
        Ok(i128::from(value.ok_or("an input has no numbers")?))
    };
    let (start, limit, step) = (number(0)?, number(1)?, number(2)?);
    let span = limit - start;
    let count = span.checked_div(step).ok_or("a delta of 0 leads nowhere")?;
    let more = i128::from(span % step != 0 && (span < 0) == (step < 0));
    Ok((start, step, (count + more).max(0)))
}

/// How many numbers a range has.
fn count(site: &Site<'_>) -> Result<usize, Reason> {
    let too_many = || Reason("it has too many numbers".to_owned());
    if !kind(site)?.is_float() {
        return usize::try_from(whole(site)?.2).map_err(|_| too_many());
    }
    let [start, limit, delta] = numbers(site)?;
    let count = ((limit - start) / delta).ceil();
    match (delta == 0.0 || count.is_nan(), count.max(0.0)) {
        (true, _) => Err("its start, limit and delta lead nowhere".into()),
        (false, count) => to_count(count).ok_or_else(too_many),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number that is small enough"
)]
fn to_count(count: f64) -> Option<usize> {
    const MOST: f64 = 4_294_967_296.0;
    (count < MOST).then_some(count as usize)
}

pub(super) fn range_shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    Ok(vec![(kind(site)?, vec![count(site)?])])
}

/// Start plus every multiple of delta.
pub(super) fn range(site: &Site<'_>) -> Result<Tensor, Reason> {
    let (kind, count) = (kind(site)?, count(site)?);
    if kind.is_float() {
        let [start, _, delta] = numbers(site)?;
        let values: Vec<f64> =
            (0..count).map(|at| start + delta * crate::evaluate::precision::count(at)).collect();
        return Ok(tensor(&[count], &values)?.cast_to_dt(kind)?.into_owned());
    }
    let (start, step, count) = whole(site)?;
    let values: Option<Vec<i64>> =
        (0..count).map(|at| i64::try_from(start + step * at).ok()).collect();
    let values = values.ok_or("it has numbers that 64 bits do not hold")?;
    Ok(Tensor::from_shape(&[values.len()], &values)?.cast_to_dt(kind)?.into_owned())
}

/// What fills the tensor: 0 of floats where it is not said.
fn filling(site: &Site<'_>) -> Result<(DatumType, Tensor), Reason> {
    let Some(given) = attribute(site.node, "value").and_then(|found| found.t.as_ref()) else {
        return Ok((DatumType::F32, Tensor::from_shape(&[], &[0.0f32])?));
    };
    let unsupported = "the type of its value is not supported";
    let kind = match given.data_type {
        stored::kind::FLOAT => DatumType::F32,
        stored::kind::BOOL => DatumType::Bool,
        stored::kind::UINT32 | stored::kind::UINT64 => return Err(unsupported.into()),
        other => stored::whole_type(other).ok_or(unsupported)?,
    };
    let value = match (stored::floats(given).as_deref(), stored::integers(given).as_deref()) {
        (Some([value]), _) => tensor(&[], &[*value])?,
        (_, Some([value])) => Tensor::from_shape(&[], &[*value])?,
        _ => return Err("its value must be one number".into()),
    };
    Ok((kind, value.cast_to_dt(kind)?.into_owned()))
}

pub(super) fn filled_shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let shape = site.integers(0)?.ok_or("its shape must be a constant")?;
    let shape = shape.into_iter().map(extent).collect::<Result<Vec<usize>, Reason>>()?;
    Ok(vec![(filling(site)?.0, shape)])
}

pub(super) fn constant_of_shape(site: &Site<'_>) -> Result<Tensor, Reason> {
    let shape = filled_shapes(site)?.into_iter().next().map(|(_, shape)| shape);
    Ok(filling(site)?.1.broadcast_to_shape(&shape.unwrap_or_default())?)
}
