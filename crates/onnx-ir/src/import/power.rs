//! `Pow`: powers by constants, one or several, and by what is computed.

use super::builder::Builder;
use super::importer::Importer;
use super::norm;
use super::reason::Reason;
use super::whole_power::WholePower;
use crate::tensor::broadcast;
use crate::{Function, NodeId, Op, Tensor};

/// Pieces that a tensor is cut into where exponents differ.
const MOST_PIECES: usize = 64;
/// The largest power that is computed by multiplications.
const MOST_FACTORS: u8 = 8;
/// The same of whole numbers.
const WHOLE_FACTORS: f32 = 3.0;

/// x to the power of `exponent`; `whole` numbers stay whole.
pub(super) fn pow(
    importer: &mut Importer,
    name: &str,
    [x, exponent]: [NodeId; 2],
    whole: bool,
) -> Result<NodeId, Reason> {
    if let Some(value) = importer.builder.value(exponent).cloned() {
        if whole && value.data.iter().any(|&e| e < 0.0 || e.fract() != 0.0) {
            return Err("a power of integers needs a whole exponent, not below zero: cast its operand to float".into());
        }
        let shape = broadcast(&importer.builder.shape(x), &value.shape)
            .ok_or("its operands do not fit together")?;
        let x = importer.builder.push_shaped(&format!("{name}.base"), Op::Expand, &[x], &shape)?;
        return match value.uniform() {
            Some(exponent) => power(importer, name, x, (exponent, whole)),
            None => by_pieces(importer, name, x, (&value, whole)),
        };
    }
    if whole {
        let builder = &mut importer.builder;
        return WholePower { builder, name }.computed(x, exponent);
    }
    let builder = &mut importer.builder;
    if let Some(base) = builder.value(x)
        && base.data.iter().any(|&base| base <= 0.0)
    {
        return Err("a computed exponent needs a base above zero".into());
    }
    // x^y = e^(y·log x)
    let log = builder.push(&format!("{name}.log"), Op::Log, &[x])?;
    let product = builder.push(&format!("{name}.product"), Op::Mul, &[exponent, log])?;
    builder.push(name, Op::Exp, &[product])
}

/// x to a constant power: roots and powers of a few factors as such, others by a table of their own.
pub(super) fn power(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    (exponent, whole): (f32, bool),
) -> Result<NodeId, Reason> {
    if exponent == 0.5 {
        return importer.builder.push(name, Op::Sqrt, &[x]);
    }
    if exponent == -0.5 {
        return norm::reciprocal_root(importer, name, x);
    }
    let builder = &mut importer.builder;
    if exponent == 0.0 {
        // Of zero and of what is not defined it is 1, too.
        let (one, shape) = (builder.scalar(&format!("{name}.one"), 1.0), builder.shape(x));
        return builder.push_shaped(name, Op::Expand, &[one], &shape);
    }
    if !exponent.is_finite() {
        return Err(Reason(format!("the power {exponent} is not supported")));
    }
    if whole && exponent > WHOLE_FACTORS {
        let size = (4..=WholePower::MOST).find(|&size| f32::from(size) == exponent);
        let size = size.ok_or("its exponent is above 23: powers of two alone pass 2^24, what is exact; cast its operands to float")?;
        return WholePower { builder, name }.constant(x, size);
    }
    let size = (1..=MOST_FACTORS).find(|&size| f32::from(size) == exponent.abs());
    let Some(size) = size.map(u32::from) else {
        return builder.push(name, Op::Function(Function::Power { exponent }), &[x]);
    };
    let power = match size {
        1 => x,
        exponent => builder.push(name, Op::Pow { exponent }, &[x])?,
    };
    if exponent > 0.0 {
        return Ok(power);
    }
    let one = builder.scalar(&format!("{name}.one"), 1.0);
    builder.push(name, Op::Div, &[one, power])
}

/// Several exponents: each run of equal ones along the axis in which they differ, or along all elements in order.
fn by_pieces(
    importer: &mut Importer,
    name: &str,
    x: NodeId,
    (exponents, whole): (&Tensor, bool),
) -> Result<NodeId, Reason> {
    let shape = importer.builder.shape(x);
    let from_end = |axis: usize| exponents.shape.len() - axis;
    let wide: Vec<usize> =
        (0..exponents.shape.len()).filter(|&axis| exponents.shape.get(axis) != Some(&1)).collect();
    let (x, axis, each) = match wide.as_slice() {
        &[axis] => (x, shape.len() - from_end(axis), exponents.data.clone()),
        _ => {
            let given = importer.builder.constant(&format!("{name}.exponents"), exponents.clone());
            let all = format!("{name}.each");
            let all = importer.builder.push_shaped(&all, Op::Expand, &[given], &shape)?;
            let all = importer.builder.value(all).map(|all| all.data.clone()).unwrap_or_default();
            let flat = [all.len()];
            (importer.builder.reshape(&format!("{name}.flat"), x, &flat)?, 0, all)
        }
    };
    let runs: Vec<&[f32]> = each.chunk_by(|a, b| a == b).collect();
    if runs.len() > MOST_PIECES {
        return Err(Reason(format!(
            "its exponents change {} times along its elements, at most {MOST_PIECES} are supported",
            runs.len()
        )));
    }
    let (mut start, mut pieces) = (0, vec![]);
    for run in runs {
        let Some(&exponent) = run.first() else { continue };
        let name = format!("{name}.{}", pieces.len());
        let piece = slice(&mut importer.builder, &name, x, axis, start, run.len())?;
        pieces.push(power(importer, &format!("{name}.power"), piece, (exponent, whole))?);
        start += run.len();
    }
    let joined = importer.builder.push(name, Op::Concat { axis }, &pieces)?;
    importer.builder.reshape(&format!("{name}.shape"), joined, &shape)
}

fn slice(
    builder: &mut Builder,
    name: &str,
    x: NodeId,
    axis: usize,
    start: usize,
    count: usize,
) -> Result<NodeId, Reason> {
    let mut shape = builder.shape(x);
    shape.splice(axis..=axis, [count]);
    builder.push_shaped(&format!("{name}.slice"), Op::Slice { axis, start, step: 1 }, &[x], &shape)
}
