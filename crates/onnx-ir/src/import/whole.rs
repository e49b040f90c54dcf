//! Whole numbers that are computed from constants, such as extents.
//!
//! The analysis computes them in machine words that wrap around. So the arithmetic that models use for extents is
//! done here instead, in 128 bits, and what its type does not hold is refused by the node's name. Of other
//! operators the results are bounded.

mod bounded;
mod reduce;

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::{DatumType, TDim, Tensor, tensor1};

use super::constant::integers;
use super::stored::attribute;
use crate::ImportError;
use crate::tensor::{broadcast_strides, strides, volume};

/// A node whose inputs are all constant.
pub(super) struct Known<'a> {
    pub(super) name: &'a str,
    pub(super) proto: Option<&'a NodeProto>,
    pub(super) inputs: &'a [&'a Tensor],
}

/// A constant of whole numbers.
struct Whole {
    values: Vec<i64>,
    /// How to walk it as if it had the shape of the result.
    strides: Vec<usize>,
}

impl Whole {
    /// `None` for numbers that 64 bits do not hold.
    fn new(tensor: &Tensor, shape: &[usize]) -> Option<Self> {
        Some(Self { values: whole(tensor)?, strides: broadcast_strides(tensor.shape(), shape) })
    }

    fn largest(&self) -> u128 {
        self.values.iter().map(|value| value.unsigned_abs()).max().unwrap_or(0).into()
    }

    /// The element that stands at a place of the result.
    fn at(&self, shape: &[usize], outer: &[usize], place: usize) -> Option<i128> {
        let axes = shape.iter().zip(outer).zip(&self.strides);
        let steps = axes.map(|((&extent, &outer), &stride)| {
            Some(place.checked_div(outer)?.checked_rem(extent)? * stride)
        });
        self.values.get(steps.sum::<Option<usize>>()?).copied().map(i128::from)
    }
}

/// The elements of a constant, those of floats truncated.
fn whole(tensor: &Tensor) -> Option<Vec<i64>> {
    if tensor.datum_type().is_float() {
        let floats = tensor.cast_to::<f64>().ok()?;
        let floats = floats.try_as_plain_ram().ok()?.as_slice::<f64>().ok()?.to_vec();
        return floats.into_iter().map(truncated).collect();
    }
    integers(tensor).ok()
}

/// Towards zero, as `Cast` does; `None` for what is no number of 64 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "truncation is meant, and the range is checked"
)]
fn truncated(value: f64) -> Option<i64> {
    (value.abs() < 9.2e18).then_some(value as i64)
}

impl Known<'_> {
    fn op(&self) -> &str {
        self.proto.map_or("", |node| node.op_type.as_str())
    }

    fn refused(&self, what: String) -> ImportError {
        ImportError::Wrapped { node: self.name.to_owned(), op: self.op().to_owned(), what }
    }

    /// What the node comes to, where it is arithmetic whose result is of a type of whole numbers.
    pub(super) fn compute(
        &self,
        shape: &[usize],
        kind: DatumType,
    ) -> Result<Option<Tensor>, ImportError> {
        let Some(range) = range(kind) else { return Ok(None) };
        let values = match self.op() {
            "ReduceSum" | "ReduceProd" => self.reduced(shape)?,
            "Add" | "Sum" | "Sub" | "Mul" | "Div" | "Mod" | "Pow" | "Neg" | "Abs" | "Cast"
            | "CastLike" | "Where" => self.elementwise(shape)?,
            _ => None,
        };
        let Some(values) = values else { return Ok(None) };
        let fits = |value: &i128| range.0 <= *value && *value <= range.1;
        if let Some(value) = values.iter().find(|value| !fits(value)) {
            let bits = 8 * kind.size_of();
            let bits = if kind == DatumType::TDim { 64 } else { bits };
            return Err(self.refused(format!("comes to {value}, which {bits} bits do not hold")));
        }
        Ok(tensor(shape, kind, &values))
    }

    /// Element by element, in the order of the result; `None` for operands of another kind.
    fn elementwise(&self, shape: &[usize]) -> Result<Option<Vec<i128>>, ImportError> {
        let count = match self.op() {
            "Cast" | "CastLike" => 1,
            _ => self.inputs.len(),
        };
        let operands = self.inputs.iter().take(count).map(|input| Whole::new(input, shape));
        let operands = operands.collect::<Option<Vec<Whole>>>();
        let operands = operands
            .ok_or_else(|| self.refused("reads a number that 64 bits do not hold".to_owned()))?;
        let outer = strides(shape);
        let fmod = self.proto.and_then(|node| attribute(node, "fmod"));
        let fmod = fmod.is_some_and(|found| found.i != 0);
        let Some(len) = volume(shape) else { return Ok(None) };
        let mut values = Vec::with_capacity(len);
        for place in 0..len {
            let at: Option<Vec<i128>> =
                operands.iter().map(|operand| operand.at(shape, &outer, place)).collect();
            let Some(at) = at else { return Ok(None) };
            let value = self.arithmetic(&at, fmod)?;
            let Some(value) = value else { return Ok(None) };
            values.push(value);
        }
        Ok(Some(values))
    }

    /// One element; `None` where the operator has another number of operands.
    fn arithmetic(&self, operands: &[i128], fmod: bool) -> Result<Option<i128>, ImportError> {
        let divided = |quotient: Option<i128>| {
            quotient.map(Some).ok_or_else(|| self.refused("divides by zero".to_owned()))
        };
        let value = match (self.op(), operands) {
            ("Add" | "Sum", operands) => Some(operands.iter().sum()),
            ("Sub", [a, b]) => Some(a - b),
            // Factors have 64 bits each.
            ("Mul", [a, b]) => Some(a * b),
            ("Div", [a, b]) => return divided(a.checked_div(*b)),
            ("Mod", [a, b]) if fmod => return divided(a.checked_rem(*b)),
            // The sign of the divisor, as in Python.
            ("Mod", [a, b]) => {
                let signed =
                    |rest: i128| if rest != 0 && (rest < 0) != (*b < 0) { rest + b } else { rest };
                return divided(a.checked_rem(*b).map(signed));
            }
            ("Pow", [a, b]) => {
                let power = u32::try_from(*b).ok().and_then(|b| a.checked_pow(b));
                let beyond = || {
                    format!("raises {a} to the power {b}, which is too large or no whole number")
                };
                Some(power.ok_or_else(|| self.refused(beyond()))?)
            }
            ("Neg", [a]) => Some(-a),
            ("Abs", [a]) => Some(a.abs()),
            ("Cast" | "CastLike", [a, ..]) => Some(*a),
            ("Where", [condition, a, b]) => Some(if *condition == 0 { *b } else { *a }),
            _ => None,
        };
        Ok(value)
    }
}

/// Least and greatest of a type of whole numbers; sizes are signed numbers of 64 bits.
fn range(kind: DatumType) -> Option<(i128, i128)> {
    if !kind.is_integer() && kind != DatumType::TDim {
        return None;
    }
    let bits = if kind == DatumType::TDim { 64 } else { 8 * u32::try_from(kind.size_of()).ok()? };
    let half = 1i128.checked_shl(bits.checked_sub(1)?)?;
    // More than 63 bits have no place in what follows, signed or not.
    Some(if kind.is_unsigned() {
        (0, (2 * half - 1).min(i64::MAX.into()))
    } else {
        (-half, half - 1)
    })
}

/// A constant of the analysis.
fn tensor(shape: &[usize], kind: DatumType, values: &[i128]) -> Option<Tensor> {
    let values: Vec<i64> =
        values.iter().map(|&value| i64::try_from(value).ok()).collect::<Option<_>>()?;
    if kind == DatumType::TDim {
        // The analysis would convert them by way of 32 bits.
        let sizes: Vec<TDim> = values.into_iter().map(TDim::from).collect();
        return tensor1(&sizes).into_shape(shape).ok();
    }
    let words = Tensor::from_shape(shape, &values).ok()?;
    Some(words.cast_to_dt(kind).ok()?.into_owned())
}
