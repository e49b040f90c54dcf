//! Products of quantised tensors: `QLinearConv`, `QLinearMatMul`, `QGemm`, `ConvInteger`, `MatMulInteger`,
//! `MatMulIntegerToFloat`, `DynamicQuantizeMatMul`.

use super::linear::Dynamic;
use super::{Rounding, centred, constant, factor, factors, float, requantised, result};
use crate::import::reason::Reason;
use crate::import::rewrite::draft::{Draft, number, whole};
use crate::import::stored::{self, kind};
use tract_onnx::pb::AttributeProto;

/// Biases from here on are not exact in a float32.
const EXACT: i64 = 1 << 24;

/// The axes of a constant kernel.
fn rank(draft: &Draft<'_>, slot: usize) -> Result<usize, Reason> {
    let kernel = draft.input(slot).and_then(|name| draft.constant(name));
    let kernel = kernel.ok_or("only constant kernels are supported")?;
    Ok(kernel.dims.len())
}

/// A constant kernel less its zero points, of which there may be one for each of its outputs.
fn kernel(draft: &mut Draft<'_>, [w, zero]: [usize; 2]) -> Result<String, Reason> {
    let axes = rank(draft, w)?;
    let Some((_, zeros)) = constant(draft, zero)?.filter(|(_, zeros)| zeros.len() > 1) else {
        return centred(draft, "kernel", [w, zero]);
    };
    let w = float(draft, "kernel", draft.input(w).ok_or("its kernel is missing")?);
    let name = draft.input(zero).ok_or("its zero points are missing")?;
    let name = float(draft, "kernel.zeros", name);
    let mut shape = vec![1; axes];
    if let Some(first) = shape.first_mut() {
        *first = i64::try_from(zeros.len()).unwrap_or(i64::MAX);
    }
    let shape = draft.store_whole("kernel.shape", &[axes], shape);
    let zeros = draft.push("kernel.zero", "Reshape", &[&name, &shape], vec![]);
    Ok(draft.push("kernel.centred", "Sub", &[&w, &zeros], vec![]))
}

/// A bias of whole numbers, as floats.
fn bias(draft: &mut Draft<'_>, slot: usize) -> Result<Option<String>, Reason> {
    let Some(name) = draft.input(slot) else { return Ok(None) };
    let values = draft.constant(name).and_then(stored::integers);
    let beyond = |values: Vec<i64>| values.into_iter().find(|value| value.abs() >= EXACT);
    if let Some(value) = values.and_then(beyond) {
        return Err(Reason(format!(
            "its bias reaches {value}, beyond 2^24, which float32 cannot hold exactly: quantise with larger scales"
        )));
    }
    Ok(Some(float(draft, "bias", name)))
}

fn attributes(draft: &Draft<'_>) -> Vec<AttributeProto> {
    draft.node.attribute.clone()
}

/// x, x scale, x zero, w, w scale, w zero, y scale, y zero, bias.
pub(in crate::import::rewrite) fn conv(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let (xs, ys) = (factor(draft, 1, "scale of x")?, factor(draft, 6, "scale of the result")?);
    let scales = factors(draft, 4, "scale of the kernel")?;
    let spatial = rank(draft, 3)?.saturating_sub(2);
    let to = result(draft, 7)?;
    // In this order, as ONNX Runtime computes it.
    let by: Vec<f32> = scales.iter().map(|ws| xs * ws / ys).collect();
    let accumulator = accumulated(draft, [0, 2], [3, 5], Some(8))?;
    let shape = match by.len() {
        1 => vec![],
        count => [vec![count], vec![1; spatial]].concat(),
    };
    let by = draft.store("factor", &shape, by);
    requantised(draft, &accumulator, &by, to, Rounding::EvenOfProduct);
    Ok(())
}

fn accumulated(
    draft: &mut Draft<'_>,
    x: [usize; 2],
    w: [usize; 2],
    b: Option<usize>,
) -> Result<String, Reason> {
    let x = centred(draft, "x", x)?;
    let w = kernel(draft, w)?;
    let b = match b {
        Some(slot) => bias(draft, slot)?,
        None => None,
    };
    let inputs = [Some(x.as_str()), Some(w.as_str()), b.as_deref()];
    let inputs: Vec<&str> = inputs.into_iter().flatten().collect();
    let attributes = attributes(draft);
    Ok(draft.push("accumulator", "Conv", &inputs, attributes))
}

/// x, w, x zero, w zero.
pub(in crate::import::rewrite) fn conv_integer(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let accumulator = accumulated(draft, [0, 2], [1, 3], None)?;
    draft.finish(0, "Cast", &[&accumulator], vec![whole("to", i64::from(kind::INT32))]);
    Ok(())
}

/// The right factor less its zero points, of which there may be one for each column, or row where it is transposed.
fn columns(
    draft: &mut Draft<'_>,
    [b, zero]: [usize; 2],
    transposed: bool,
) -> Result<String, Reason> {
    let zeros = draft.input(zero).and_then(|name| draft.constant(name)).and_then(stored::integers);
    let Some(count) = zeros.filter(|zeros| zeros.iter().any(|&zero| zero != 0)).map(|z| z.len())
    else {
        return centred(draft, "b", [b, zero]);
    };
    if count == 1 {
        return centred(draft, "b", [b, zero]);
    }
    let b = float(draft, "b", draft.input(b).ok_or("an input is missing")?);
    let mut zeros = float(draft, "b.zero", draft.input(zero).ok_or("its zero points are missing")?);
    if transposed {
        let shape = draft.store_whole("b.zero.shape", &[2], vec![-1, 1]);
        zeros = draft.push("b.zero.rows", "Reshape", &[&zeros, &shape], vec![]);
    }
    Ok(draft.push("b.centred", "Sub", &[&b, &zeros], vec![]))
}

/// a, b, a zero, b zero.
pub(in crate::import::rewrite) fn mat_mul_integer(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let (a, b) = (centred(draft, "a", [0, 2])?, columns(draft, [1, 3], false)?);
    let accumulator = draft.push("accumulator", "MatMul", &[&a, &b], vec![]);
    draft.finish(0, "Cast", &[&accumulator], vec![whole("to", i64::from(kind::INT32))]);
    Ok(())
}

/// a, b, a scale, b scale, a zero, b zero, bias: whole numbers times both scales, which may be computed.
pub(in crate::import::rewrite) fn mat_mul_to_float(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let (a, b) = (centred(draft, "a", [0, 4])?, columns(draft, [1, 5], false)?);
    let scale = draft.input(2).ok_or("the scale of a is missing")?;
    scaled(draft, [&a, &b, scale], [3, 6])
}

/// x, w, bias, x scale, w scale, and their zero points in the places 6 and 7: the product with its bias, in floats.
pub(in crate::import::rewrite) fn projected(draft: &mut Draft<'_>) -> Result<String, Reason> {
    let (x, w) = (centred(draft, "x", [0, 6])?, columns(draft, [1, 7], false)?);
    let scales = draft.input(3).zip(draft.input(4)).ok_or("its scales are missing")?;
    let accumulator = draft.push("accumulator", "MatMul", &[&x, &w], vec![]);
    let by = draft.push("factor", "Mul", &[scales.0, scales.1], vec![]);
    let product = draft.push("product", "Mul", &[&accumulator, &by], vec![]);
    let bias = draft.input(2).ok_or("its bias is missing")?;
    Ok(draft.push("projected", "Add", &[&product, bias], vec![]))
}

/// a in floats, b, b scale, b zero, bias: a becomes bytes of its own range.
pub(in crate::import::rewrite) fn dynamic_mat_mul(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let a = draft.input(0).ok_or("an input is missing")?;
    let Dynamic { y, scale, point } = Dynamic::of(draft, a)?;
    let a = draft.push("a.centred", "Sub", &[&y, &point], vec![]);
    let b = columns(draft, [1, 3], false)?;
    scaled(draft, [&a, &b, &scale], [2, 4])
}

/// The product of a and b, by the scale of a and that of b; and a bias.
fn scaled(
    draft: &mut Draft<'_>,
    [a, b, scale]: [&str; 3],
    [of_b, bias]: [usize; 2],
) -> Result<(), Reason> {
    let accumulator = draft.push("accumulator", "MatMul", &[a, b], vec![]);
    let of_b = draft.input(of_b).ok_or("the scale of b is missing")?;
    let by = draft.push("factor", "Mul", &[scale, of_b], vec![]);
    let Some(bias) = draft.input(bias) else {
        draft.finish(0, "Mul", &[&accumulator, &by], vec![]);
        return Ok(());
    };
    let product = draft.push("product", "Mul", &[&accumulator, &by], vec![]);
    draft.finish(0, "Add", &[&product, bias], vec![]);
    Ok(())
}

/// a, a scale, a zero, b, b scale, b zero, y scale, y zero.
pub(in crate::import::rewrite) fn mat_mul(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let (sa, sy) = (factor(draft, 1, "scale of a")?, factor(draft, 6, "scale of the result")?);
    let scales = factors(draft, 4, "scale of b")?;
    let to = result(draft, 7)?;
    let by: Vec<f32> = scales.iter().map(|sb| sa * sb / sy).collect();
    let (a, b) = (centred(draft, "a", [0, 2])?, columns(draft, [3, 5], false)?);
    let accumulator = draft.push("accumulator", "MatMul", &[&a, &b], vec![]);
    let by = draft.store("factor", &[by.len()], by);
    requantised(draft, &accumulator, &by, to, Rounding::EvenOfProduct);
    Ok(())
}

/// a, a scale, a zero, b, b scale, b zero, c, y scale, y zero; without a scale of y the result is a float.
pub(in crate::import::rewrite) fn gemm(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let scales = factors(draft, 4, "scale of b")?;
    let (sa, alpha) = (factor(draft, 1, "scale of a")?, draft.float("alpha", 1.0));
    let transposed = draft.integer("transB", 0) != 0;
    let (a, b) = (centred(draft, "a", [0, 2])?, columns(draft, [3, 5], transposed)?);
    let c = bias(draft, 6)?;
    let inputs: Vec<&str> =
        [Some(a.as_str()), Some(b.as_str()), c.as_deref()].into_iter().flatten().collect();
    let transposed = ["transA", "transB"].map(|name| whole(name, draft.integer(name, 0)));
    let ones = [number("alpha", 1.0), number("beta", 1.0)];
    let accumulator =
        draft.push("accumulator", "Gemm", &inputs, transposed.into_iter().chain(ones).collect());
    let by: Vec<f32> = scales.iter().map(|sb| alpha * sa * sb).collect();
    if draft.input(7).is_none() {
        let by = draft.store("factor", &[by.len()], by);
        draft.finish(0, "Mul", &[&accumulator, &by], vec![]);
        return Ok(());
    }
    let sy = factor(draft, 7, "scale of the result")?;
    let to = result(draft, 8)?;
    let by = draft.store("factor", &[by.len()], by.into_iter().map(|by| by / sy).collect());
    requantised(draft, &accumulator, &by, to, Rounding::EvenOfProduct);
    Ok(())
}
