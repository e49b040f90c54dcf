//! Whole numbers that are computed from constants, such as extents.
//!
//! The analysis computes them in machine words, whose overflow it need not report. So what it has computed is
//! computed again in 128 bits, and a node whose result differs is refused by its name. Operators that move or
//! choose are trusted, and no claim is made that every way to a wrong extent is covered.

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::Tensor;

use super::constant::integers;
use super::stored::attribute;
use crate::ImportError;
use crate::tensor::{broadcast_strides, strides};

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

/// A constant of whole numbers.
struct Whole {
    values: Vec<i64>,
    /// How to walk it as if it had the shape of the result.
    strides: Vec<usize>,
}

impl Whole {
    /// `None` for numbers that 64 bits do not hold.
    fn new(tensor: &Tensor, shape: &[usize]) -> Option<Self> {
        let values = if tensor.datum_type().is_float() {
            let floats = tensor.cast_to::<f64>().ok()?;
            let floats = floats.try_as_plain_ram().ok()?.as_slice::<f64>().ok()?.to_vec();
            floats.into_iter().map(truncated).collect::<Option<_>>()?
        } else {
            integers(tensor).ok()?
        };
        Some(Self { values, strides: broadcast_strides(tensor.shape(), shape) })
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

    fn first(&self) -> Option<i128> {
        self.values.first().copied().map(i128::from)
    }
}

/// Towards zero, as `Cast` does; `None` for what is no number of 64 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "truncation is meant, and the range is checked"
)]
fn truncated(value: f64) -> Option<i64> {
    (value.abs() < 9.2e18).then_some(value as i64)
}

/// Compares what the analysis made of a node's constant inputs with what they really give.
pub(super) fn check(
    name: &str,
    proto: Option<&NodeProto>,
    inputs: &[&Tensor],
    output: &Tensor,
) -> Result<(), ImportError> {
    let op = proto.map_or("", |node| node.op_type.as_str());
    if !(output.datum_type().is_integer() || output.datum_type().is_tdim()) || MOVES.contains(&op) {
        return Ok(());
    }
    let refused =
        |value: String| ImportError::Wrapped { node: name.to_owned(), op: op.to_owned(), value };
    let unknown = || refused("something that cannot be foreseen".to_owned());
    let shape = output.shape();
    let outer = strides(shape);
    let result = Whole::new(output, shape).ok_or_else(unknown)?;
    let operands = inputs.iter().map(|input| Whole::new(input, shape));
    let operands: Vec<Whole> = operands.collect::<Option<_>>().ok_or_else(unknown)?;
    let fits = bound(op, &operands) < WORD;
    let fmod = proto.and_then(|node| attribute(node, "fmod")).is_some_and(|found| found.i != 0);
    for (place, &got) in result.values.iter().enumerate() {
        let got = i128::from(got);
        let at = |operand: &Whole| operand.at(shape, &outer, place);
        let exact = match (op, operands.as_slice()) {
            ("Add" | "Sum", operands) => fold(operands, at, 0, i128::checked_add),
            ("Sub", [a, b]) => both(at(a), at(b), i128::checked_sub),
            ("Mul", [a, b]) => both(at(a), at(b), i128::checked_mul),
            ("Div", [a, b]) => both(at(a), at(b), i128::checked_div),
            ("Mod", [a, b]) if fmod => both(at(a), at(b), i128::checked_rem),
            // The sign of the divisor, as in Python.
            ("Mod", [a, b]) => both(at(a), at(b), |a, b| {
                let rest = a.checked_rem(b)?;
                Some(if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest })
            }),
            ("Pow", [a, b]) => both(at(a), at(b), |a, b| a.checked_pow(u32::try_from(b).ok()?)),
            ("Neg", [a]) => at(a).map(|a| -a),
            ("Abs", [a]) => at(a).map(i128::abs),
            ("Cast" | "CastLike", [a, ..]) => at(a),
            ("Where", [_, a, b]) => {
                [at(a), at(b)].into_iter().flatten().find(|&value| value == got)
            }
            ("Range", [start, _, delta]) => both(start.first(), delta.first(), |start, delta| {
                start.checked_add(delta.checked_mul(i128::try_from(place).ok()?)?)
            }),
            ("ReduceSum", [a, ..]) if result.values.len() == 1 => {
                a.values.iter().try_fold(0i128, |sum, &value| sum.checked_add(value.into()))
            }
            ("ReduceProd", [a, ..]) if result.values.len() == 1 => {
                a.values.iter().try_fold(1i128, |product, &value| product.checked_mul(value.into()))
            }
            // Whatever it is, it fits.
            _ => fits.then_some(got),
        };
        if exact != Some(got) {
            let value = exact.map_or_else(
                || "a whole number of more than 31 bits".to_owned(),
                |exact| exact.to_string(),
            );
            return Err(refused(value));
        }
    }
    Ok(())
}

fn both(a: Option<i128>, b: Option<i128>, f: impl Fn(i128, i128) -> Option<i128>) -> Option<i128> {
    f(a?, b?)
}

fn fold(
    operands: &[Whole],
    at: impl Fn(&Whole) -> Option<i128>,
    start: i128,
    f: impl Fn(i128, i128) -> Option<i128>,
) -> Option<i128> {
    operands.iter().try_fold(start, |sum, operand| f(sum, at(operand)?))
}

/// More than any number that an operator without a case of its own can come to on the way.
fn bound(op: &str, operands: &[Whole]) -> u128 {
    let elements = operands.iter().map(|operand| operand.values.len()).sum::<usize>();
    let elements = u128::try_from(elements).unwrap_or(u128::MAX);
    let largest = operands.iter().map(Whole::largest).max().unwrap_or(0);
    match op {
        "ReduceProd" => operands.first().map_or(u128::MAX, |operand| {
            let sizes = operand.values.iter().map(|value| value.unsigned_abs().max(1));
            sizes.map(u128::from).fold(1, u128::saturating_mul)
        }),
        "ReduceSum" | "ReduceL1" | "CumSum" | "ReduceMean" | "Mean" => {
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
