//! Quantised operators: integers that stand for `scale·(q − zero point)`.
//!
//! Everything becomes arithmetic of whole numbers, written as floats, and one rounding (`import/rounding.rs`) for each
//! result: what a product of int8 tensors accumulates is exact, and the factor that takes it to the scale of the
//! result is the float32 that ONNX Runtime multiplies by.
//!
//! | file | operators |
//! |---|---|
//! | `linear` | `QuantizeLinear`, `DequantizeLinear`, `DynamicQuantizeLinear` |
//! | `products` | `QLinearConv`, `QLinearMatMul`, `QGemm`, `ConvInteger`, `MatMulInteger` and its likes of com.microsoft |
//! | `elementwise` | `QLinearAdd` and others of com.microsoft |
//! | `means` | `QLinearAveragePool`, `QLinearSoftmax` |
//! | `groups` | `DequantizeLinear`, a product, `QuantizeLinear` in a row |

pub(super) mod elementwise;
pub(super) mod groups;
pub(super) mod linear;
pub(super) mod means;
pub(super) mod products;

use tract_onnx::pb::{AttributeProto, TensorProto};

use super::draft::{Draft, number, whole};
use crate::Rounding;
use crate::import::reason::Reason;
use crate::import::rounding::{GREATEST, LEAST, ROUNDED, ROUNDING, code};
use crate::import::stored::{self, kind};

/// A type of quantised numbers: the one that its tensors are stored as here, and what it holds.
#[derive(Clone, Copy)]
struct Kind {
    stored: i32,
    least: f32,
    greatest: f32,
}

impl Kind {
    fn of(data_type: i32) -> Result<Self, Reason> {
        let (stored, least, greatest) = match data_type {
            kind::UINT8 => (kind::UINT8, 0.0, 255.0),
            kind::INT8 => (kind::INT8, -128.0, 127.0),
            kind::UINT16 => (kind::UINT16, 0.0, 65_535.0),
            kind::INT16 => (kind::INT16, -32_768.0, 32_767.0),
            // Of four bits each, stored as bytes.
            kind::UINT4 => (kind::UINT8, 0.0, 15.0),
            kind::INT4 => (kind::INT8, -8.0, 7.0),
            _ => {
                return Err(
                    "only int8, uint8, int16, uint16, int4 and uint4 are supported: quantise to one of these"
                        .into(),
                );
            }
        };
        Ok(Kind { stored, least, greatest })
    }
}

/// Numbers of a constant input, as float32.
fn factors(draft: &Draft<'_>, slot: usize, what: &str) -> Result<Vec<f32>, Reason> {
    let name = draft.input(slot).ok_or_else(|| Reason(format!("its {what} is missing")))?;
    let tensor = draft.constant(name);
    let values = tensor.and_then(stored::floats).filter(|values| !values.is_empty());
    let values = values.ok_or_else(|| {
        Reason(format!("its {what} must be a constant that the model file itself stores"))
    })?;
    #[expect(clippy::cast_possible_truncation, reason = "they are float32 already, or become it")]
    Ok(values.into_iter().map(|value| value as f32).collect())
}

/// One number of a constant input.
fn factor(draft: &Draft<'_>, slot: usize, what: &str) -> Result<f32, Reason> {
    match factors(draft, slot, what)?.as_slice() {
        &[one] => Ok(one),
        _ => Err(Reason(format!("its {what} must be one number"))),
    }
}

/// Type and values of a constant of whole numbers, none where the input is left out.
fn constant<'g>(
    draft: &Draft<'g>,
    slot: usize,
) -> Result<Option<(&'g TensorProto, Vec<i64>)>, Reason> {
    let Some(name) = draft.input(slot) else { return Ok(None) };
    let tensor = draft.constant(name).ok_or("its zero points must be constants")?;
    let values = stored::integers(tensor).filter(|values| !values.is_empty());
    Ok(Some((tensor, values.ok_or("its zero points must be stored in the model file itself")?)))
}

/// An input as float32.
fn float(draft: &mut Draft<'_>, part: &str, x: &str) -> String {
    draft.push(part, "Cast", &[x], vec![whole("to", i64::from(kind::FLOAT))])
}

/// An input less its zero point, both as float32.
fn centred(draft: &mut Draft<'_>, part: &str, [x, zero]: [usize; 2]) -> Result<String, Reason> {
    let x = draft.input(x).ok_or("an input is missing")?;
    let x = float(draft, part, x);
    let Some(name) = draft.input(zero) else { return Ok(x) };
    let known = draft.constant(name).and_then(stored::integers);
    match known {
        Some(zeros) if zeros.iter().all(|&zero| zero == 0) => return Ok(x),
        Some(zeros) if zeros.len() > 1 => {
            return Err("its zero points must be one number for each tensor".into());
        }
        _ => {}
    }
    let zero = float(draft, &format!("{part}.zero"), name);
    Ok(draft.push(&format!("{part}.centred"), "Sub", &[&x, &zero], vec![]))
}

/// The attributes of a rounding.
fn rounding(rounding: Rounding, least: f32, greatest: f32) -> Vec<AttributeProto> {
    vec![whole(ROUNDING, code(rounding)), number(LEAST, least), number(GREATEST, greatest)]
}

/// Type and zero point of the result, by the constant that says both.
fn result(draft: &Draft<'_>, slot: usize) -> Result<(Kind, f32), Reason> {
    let Some((tensor, values)) = constant(draft, slot)? else {
        return Ok((Kind::of(kind::UINT8)?, 0.0));
    };
    let kind = Kind::of(tensor.data_type)?;
    let &[first, ref rest @ ..] = values.as_slice() else { return Err("it is empty".into()) };
    if rest.iter().any(|&zero| zero != first) {
        return Err("the zero points of its result must be one number".into());
    }
    let zero = i16::try_from(first).map(f32::from).or_else(|_| u16::try_from(first).map(f32::from));
    Ok((kind, zero.map_err(|_| "its zero point is beyond its type")?))
}

/// An accumulator by a factor, rounded, as the node's quantised result.
fn requantised(
    draft: &mut Draft<'_>,
    accumulator: &str,
    factor: &str,
    (kind, zero): (Kind, f32),
    how: Rounding,
) {
    let bounds = rounding(how, kind.least - zero, kind.greatest - zero);
    let rounded = draft.push("rounded", ROUNDED, &[accumulator, factor], bounds);
    as_quantised(draft, &rounded, (kind, zero));
}

/// What lies about zero, as the node's quantised result.
fn as_quantised(draft: &mut Draft<'_>, rounded: &str, (kind, zero): (Kind, f32)) {
    let mut y = rounded.to_owned();
    if zero != 0.0 {
        let zero = draft.store("zero", &[], vec![zero]);
        y = draft.push("moved", "Add", &[&y, &zero], vec![]);
    }
    draft.finish(0, "Cast", &[&y], vec![whole("to", i64::from(kind.stored))]);
}

/// More axes than a tensor has.
const AXES: i64 = 1 << 16;

/// Values along one axis of x, in a shape that is broadcast to it.
fn along(draft: &mut Draft<'_>, part: &str, values: &str, x: &str, axis: i64) -> String {
    let shape = draft.push(&format!("{part}.shape"), "Shape", &[x], vec![]);
    let rank = draft.push(&format!("{part}.rank"), "Shape", &[&shape], vec![]);
    let one = TensorProto {
        dims: vec![1],
        data_type: kind::INT64,
        int64_data: vec![1],
        ..TensorProto::default()
    };
    let ones = draft.push(
        &format!("{part}.ones"),
        "ConstantOfShape",
        &[&rank],
        vec![super::draft::tensor_of("value", one)],
    );
    let ends = |draft: &mut Draft<'_>, what: &str, from: i64, to: i64| {
        let from = draft.store_whole(&format!("{part}.{what}.from"), &[1], vec![from]);
        let to = draft.store_whole(&format!("{part}.{what}.to"), &[1], vec![to]);
        draft.push(&format!("{part}.{what}"), "Slice", &[&ones, &from, &to], vec![])
    };
    let before = ends(draft, "before", 0, axis);
    // Behind the last axis there is nothing.
    let after = ends(draft, "after", if axis == -1 { AXES } else { axis.saturating_add(1) }, AXES);
    let own = draft.store_whole(&format!("{part}.own"), &[1], vec![-1]);
    let shape = draft.push(
        &format!("{part}.extents"),
        "Concat",
        &[&before, &own, &after],
        vec![whole("axis", 0)],
    );
    draft.push(&format!("{part}.along"), "Reshape", &[values, &shape], vec![])
}
