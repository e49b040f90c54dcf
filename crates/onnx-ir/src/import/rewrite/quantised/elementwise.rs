//! What ONNX Runtime's quantiser writes beside products, of com.microsoft: `QLinearAdd`, `QLinearMul`,
//! `QLinearGlobalAveragePool`, `QLinearConcat`, `QLinearSigmoid`, `QLinearLeakyRelu`.

use super::{Kind, Rounding, as_quantised, centred, factor, float, requantised, result, rounding};
use crate::import::reason::Reason;
use crate::import::rewrite::draft::{Draft, whole};
use crate::import::rounding::ROUNDED;
use crate::import::stored::kind;

/// a, a scale, a zero, b, b scale, b zero, y scale, y zero: in float32 and in the order of ONNX Runtime, zero points
/// folded into one constant.
pub(in crate::import::rewrite) fn add(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let [sa, sb, sy] = scales(draft)?;
    let (to, zero) = result(draft, 7)?;
    let (ra, rb) = (sa / sy, sb / sy);
    let [za, zb] = [result(draft, 2)?.1, result(draft, 5)?.1];
    let fixed = draft.store("fixed", &[], vec![zero - (ra * za + rb * zb)]);
    let mut scaled = |slot: usize, part: &str, by: f32| {
        let x = draft.input(slot).ok_or("an input is missing")?;
        let x = float(draft, part, x);
        let by = draft.store(&format!("{part}.factor"), &[], vec![by]);
        Ok::<String, Reason>(draft.push(&format!("{part}.scaled"), "Mul", &[&x, &by], vec![]))
    };
    let (a, b) = (scaled(0, "a", ra)?, scaled(3, "b", rb)?);
    let first = draft.push("first", "Add", &[&fixed, &a], vec![]);
    let sum = draft.push("sum", "Add", &[&first, &b], vec![]);
    let one = draft.store("one", &[], vec![1.0]);
    let bounds = rounding(Rounding::Even, to.least, to.greatest);
    let rounded = draft.push("rounded", ROUNDED, &[&sum, &one], bounds);
    as_quantised(draft, &rounded, (to, 0.0));
    Ok(())
}

/// The scales of a, b and y.
fn scales(draft: &Draft<'_>) -> Result<[f32; 3], Reason> {
    Ok([
        factor(draft, 1, "scale of a")?,
        factor(draft, 4, "scale of b")?,
        factor(draft, 6, "scale of the result")?,
    ])
}

/// a, a scale, a zero, b, b scale, b zero, y scale, y zero.
pub(in crate::import::rewrite) fn mul(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let [sa, sb, sy] = scales(draft)?;
    let to = result(draft, 7)?;
    let (a, b) = (centred(draft, "a", [0, 2])?, centred(draft, "b", [3, 5])?);
    let product = draft.push("product", "Mul", &[&a, &b], vec![]);
    let by = draft.store("factor", &[], vec![sa * sb / sy]);
    requantised(draft, &product, &by, to, Rounding::EvenOfProduct);
    Ok(())
}

/// x, x scale, x zero, y scale, y zero: the sum of an image's channel, by scale and size.
pub(in crate::import::rewrite) fn global_average_pool(draft: &mut Draft<'_>) -> Result<(), Reason> {
    if draft.integer("channels_last", 0) != 0 {
        return Err("channels_last is not supported: quantise with channels first".into());
    }
    let (sx, sy) = (factor(draft, 1, "scale of x")?, factor(draft, 3, "scale of the result")?);
    let to = result(draft, 4)?;
    let x = centred(draft, "x", [0, 2])?;
    let rows = draft.store_whole("rows", &[3], vec![0, 0, -1]);
    let rows = draft.push("flat", "Reshape", &[&x, &rows], vec![]);
    let last = draft.store_whole("axis", &[1], vec![2]);
    let sum = if draft.opset >= 13 {
        draft.push("sum", "ReduceSum", &[&rows, &last], vec![])
    } else {
        let axes = super::super::draft::wholes("axes", vec![2]);
        draft.push("sum", "ReduceSum", &[&rows], vec![axes])
    };
    let places = draft.store_whole("places", &[4], vec![0, 0, 1, 1]);
    let sum = draft.push("sums", "Reshape", &[&sum, &places], vec![]);
    let shape = draft.push("shape", "Shape", &[&rows], vec![]);
    let two = draft.store_whole("two", &[], vec![2]);
    let size = draft.push("size", "Gather", &[&shape, &two], vec![whole("axis", 0)]);
    let size = float(draft, "size.float", &size);
    let (sx, sy) = (draft.store("from", &[], vec![sx]), draft.store("to", &[], vec![sy]));
    let divisor = draft.push("divisor", "Mul", &[&sy, &size], vec![]);
    let by = draft.push("factor", "Div", &[&sx, &divisor], vec![]);
    requantised(draft, &sum, &by, to, Rounding::EvenOfProduct);
    Ok(())
}

/// y scale, y zero, then x, its scale and its zero point for each part.
pub(in crate::import::rewrite) fn concat(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let sy = factor(draft, 0, "scale of the result")?;
    let (to, zero) = result(draft, 1)?;
    let slots = draft.node.input.len();
    if slots < 5 || slots % 3 != 2 {
        return Err("its inputs are not y's scale and zero point and three for each part".into());
    }
    let mut parts = vec![];
    for slot in (2..slots).step_by(3) {
        let part = format!("part{slot}");
        let x = centred(draft, &part, [slot, slot + 2])?;
        let by = factor(draft, slot + 1, "scale of a part")?;
        let by = draft.store(&format!("{part}.scale"), &[], vec![by]);
        let x = draft.push(&format!("{part}.real"), "Mul", &[&x, &by], vec![]);
        let by = draft.store(&format!("{part}.to"), &[], vec![sy]);
        let bounds = rounding(Rounding::Even, to.least - zero, to.greatest - zero);
        parts.push(draft.push(&format!("{part}.rounded"), ROUNDED, &[&x, &by], bounds));
    }
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let axis = whole("axis", draft.integer("axis", 0));
    let joined = draft.push("joined", "Concat", &parts, vec![axis]);
    as_quantised(draft, &joined, (to, zero));
    Ok(())
}

pub(in crate::import::rewrite) fn sigmoid(draft: &mut Draft<'_>) -> Result<(), Reason> {
    table(draft, |x| 1.0 / (1.0 + (-x).exp()))
}

pub(in crate::import::rewrite) fn leaky_relu(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let alpha = draft.float("alpha", 0.01);
    table(draft, |x| if x >= 0.0 { x } else { alpha * x })
}

/// x, x scale, x zero, y scale, y zero: a result for each number that x can be, as ONNX Runtime has it.
fn table(draft: &mut Draft<'_>, f: impl Fn(f32) -> f32) -> Result<(), Reason> {
    let (sx, sy) = (factor(draft, 1, "scale of x")?, factor(draft, 3, "scale of the result")?);
    let (from, zx) = result(draft, 2)?;
    let (to, zy) = result(draft, 4)?;
    if from.greatest - from.least > 255.0 {
        return Err("only int8 and uint8 are supported".into());
    }
    let Kind { least, greatest, .. } = from;
    let all = (0..=255_u8).map(|place| least + f32::from(place)).take_while(|q| *q <= greatest);
    let value = |q: f32| {
        let y = f(sx * (q - zx)) / sy;
        (y.round_ties_even() + zy).max(to.least).min(to.greatest)
    };
    let values: Vec<f32> = all.map(value).collect();
    let rows = draft.store("table", &[values.len()], values);
    let x = draft.input(0).ok_or("an input is missing")?;
    let index = draft.push("whole", "Cast", &[x], vec![whole("to", i64::from(kind::INT64))]);
    let index = if least == 0.0 {
        index
    } else {
        #[expect(clippy::cast_possible_truncation, reason = "the least of a type of 8 bits")]
        let least = draft.store_whole("least", &[], vec![least as i64]);
        draft.push("index", "Sub", &[&index, &least], vec![])
    };
    let y = draft.push("found", "Gather", &[&rows, &index], vec![whole("axis", 0)]);
    draft.finish(0, "Cast", &[&y], vec![whole("to", i64::from(to.stored))]);
    Ok(())
}
