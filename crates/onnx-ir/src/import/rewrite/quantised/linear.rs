//! `QuantizeLinear`, `DequantizeLinear`, `DynamicQuantizeLinear`.

use super::{Kind, Rounding, along, as_quantised, constant, float, requantised, result, rounding};
use crate::import::reason::Reason;
use crate::import::rewrite::draft::{Draft, whole};
use crate::import::rounding::ROUNDED;
use crate::import::stored::{kind, volume};

/// min(max(round(x / scale) + zero point, least), greatest), halves to even.
pub(in crate::import::rewrite) fn quantise(draft: &mut Draft<'_>) -> Result<(), Reason> {
    if draft.integer("block_size", 0) != 0 {
        return Err(
            "blocks of scales are not supported here: give one scale for each tensor or axis"
                .into(),
        );
    }
    let x = draft.input(0).ok_or("an input is missing")?;
    let scale = draft.input(1).ok_or("its scale is missing")?;
    let zeros = constant(draft, 2)?;
    let stated = i32::try_from(draft.integer("output_dtype", 0)).unwrap_or(0);
    let own = zeros.as_ref().map_or(kind::UINT8, |(tensor, _)| tensor.data_type);
    let to = Kind::of(if zeros.is_none() && stated != 0 { stated } else { own })?;
    let axis = draft.integer("axis", 1);
    let x = float(draft, "x", x);
    let known = draft.constant(scale).map(|tensor| volume(&tensor.dims));
    let by = match known {
        Some(Some(1)) | None => scale.to_owned(),
        Some(_) => along(draft, "scale", scale, &x, axis),
    };
    let same = zeros.as_ref().is_none_or(|(_, zeros)| zeros.iter().all(|zero| *zero == zeros[0]));
    if known.is_none() {
        return computed(draft, [&x, &by], to);
    }
    if same {
        let zero = if zeros.is_none() { 0.0 } else { result(draft, 2)?.1 };
        requantised(draft, &x, &by, (to, zero), Rounding::Even);
        return Ok(());
    }
    let zero = float(draft, "zero", draft.input(2).ok_or("its zero point is missing")?);
    let zero = along(draft, "zero", &zero, &x, axis);
    let open = rounding(Rounding::Even, f32::NEG_INFINITY, f32::INFINITY);
    let rounded = draft.push("rounded", ROUNDED, &[&x, &by], open);
    bounded(draft, [&rounded, &zero], to);
    Ok(())
}

/// By a scale that is computed too.
fn computed(draft: &mut Draft<'_>, [x, by]: [&str; 2], to: Kind) -> Result<(), Reason> {
    let quotient = draft.push("quotient", "Div", &[x, by], vec![]);
    let rounded = draft.push("rounded", "Round", &[&quotient], vec![]);
    let zero = match draft.input(2) {
        Some(zero) => float(draft, "zero", zero),
        None => draft.store("zero", &[], vec![0.0]),
    };
    bounded(draft, [&rounded, &zero], to);
    Ok(())
}

/// Rounded numbers with their zero points, within the type.
fn bounded(draft: &mut Draft<'_>, [rounded, zero]: [&str; 2], to: Kind) {
    let moved = draft.push("moved", "Add", &[rounded, zero], vec![]);
    let least = draft.store("least", &[], vec![to.least]);
    let greatest = draft.store("greatest", &[], vec![to.greatest]);
    let above = draft.push("above", "Max", &[&moved, &least], vec![]);
    let within = draft.push("within", "Min", &[&above, &greatest], vec![]);
    draft.finish(0, "Cast", &[&within], vec![whole("to", i64::from(to.stored))]);
}

/// scale·(x − zero point)
pub(in crate::import::rewrite) fn dequantise(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    let scale = draft.input(1).ok_or("its scale is missing")?;
    let (axis, block) = (draft.integer("axis", 1), draft.integer("block_size", 0));
    let extents = draft.constant(scale).map(|tensor| tensor.dims.clone());
    let x = float(draft, "x", x);
    let placed = |draft: &mut Draft<'_>, part: &str, name: &str| match &extents {
        Some(dims) if block > 0 => blocks(draft, part, [name, &x], dims, (axis, block)),
        None if block > 0 => Err("blocks of computed scales are not supported".into()),
        Some(dims) if volume(dims) != Some(1) => Ok(along(draft, part, name, &x, axis)),
        _ => Ok(name.to_owned()),
    };
    let by = placed(draft, "scale", scale)?;
    let mut centred = x.clone();
    if let Some(zero) = draft.input(2) {
        let zeros = draft.constant(zero).and_then(crate::import::stored::integers);
        if !zeros.is_some_and(|zeros| zeros.iter().all(|&zero| zero == 0)) {
            let zero = float(draft, "zero", zero);
            let zero = placed(draft, "zero", &zero)?;
            centred = draft.push("centred", "Sub", &[&x, &zero], vec![]);
        }
    }
    draft.finish(0, "Mul", &[&centred, &by], vec![]);
    Ok(())
}

/// Values that hold for as many numbers in a row along an axis, repeated for each of these.
fn blocks(
    draft: &mut Draft<'_>,
    part: &str,
    [values, x]: [&str; 2],
    dims: &[i64],
    (axis, block): (i64, i64),
) -> Result<String, Reason> {
    let rank = i64::try_from(dims.len()).unwrap_or(0);
    let axis = if axis < 0 { axis + rank } else { axis };
    let at = usize::try_from(axis).ok().filter(|&at| at < dims.len());
    let at = at.ok_or("its axis is none of its scale's")?;
    let behind = draft.store_whole(&format!("{part}.axis"), &[1], vec![axis + 1]);
    let apart = draft.push(&format!("{part}.apart"), "Unsqueeze", &[values, &behind], vec![]);
    let mut repeats = vec![1; dims.len() + 1];
    repeats[at + 1] = block;
    let repeats = draft.store_whole(&format!("{part}.repeats"), &[dims.len() + 1], repeats);
    let tiled = draft.push(&format!("{part}.tiled"), "Tile", &[&apart, &repeats], vec![]);
    let shape = draft.push(&format!("{part}.shape"), "Shape", &[x], vec![]);
    Ok(draft.push(&format!("{part}.blocks"), "Reshape", &[&tiled, &shape], vec![]))
}

/// uint8 between the least and the greatest of the data, zero included.
pub(in crate::import::rewrite) fn dynamic(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    let to = Kind::of(kind::UINT8)?;
    let zero = draft.store("nothing", &[], vec![0.0]);
    let mut end = |part: &str, reduce: &str, choose: &str| {
        let all = draft.push(&format!("{part}.of_data"), reduce, &[x], vec![whole("keepdims", 0)]);
        draft.push(part, choose, &[&all, &zero], vec![])
    };
    let (least, greatest) = (end("least", "ReduceMin", "Min"), end("greatest", "ReduceMax", "Max"));
    let width = draft.push("width", "Sub", &[&greatest, &least], vec![]);
    let levels = draft.store("levels", &[], vec![255.0]);
    let scale = draft.push("scale", "Div", &[&width, &levels], vec![]);
    draft.finish(1, "Identity", &[&scale], vec![]);
    let minus = draft.push("minus", "Neg", &[&least], vec![]);
    let point = draft.push("point", "Div", &[&minus, &scale], vec![]);
    let bounded = |draft: &mut Draft<'_>, part: &str, x: &str| {
        let most = draft.store(&format!("{part}.most"), &[], vec![to.greatest]);
        let above = draft.push(&format!("{part}.above"), "Max", &[x, &zero], vec![]);
        draft.push(&format!("{part}.within"), "Min", &[&above, &most], vec![])
    };
    let point = draft.push("point.rounded", "Round", &[&point], vec![]);
    let point = bounded(draft, "point", &point);
    draft.finish(2, "Cast", &[&point], vec![whole("to", i64::from(to.stored))]);
    let quotient = draft.push("quotient", "Div", &[x, &scale], vec![]);
    let rounded = draft.push("rounded", "Round", &[&quotient], vec![]);
    let moved = draft.push("moved", "Add", &[&rounded, &point], vec![]);
    let y = bounded(draft, "y", &moved);
    as_quantised(draft, &y, (to, 0.0));
    Ok(())
}
