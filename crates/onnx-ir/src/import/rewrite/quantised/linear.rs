//! `QuantizeLinear`, `DequantizeLinear`, `DynamicQuantizeLinear`.

use super::{Kind, Rounding, along, as_quantised, constant, float, requantised, result, rounding};
use crate::import::reason::Reason;
use crate::import::rewrite::draft::{Draft, whole};
use crate::import::rounding::ROUNDED;
use crate::import::stored::{kind, volume};

/// min(max(round(x / scale) + zero point, least), greatest), halves to even.
pub(in crate::import::rewrite) fn quantise(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    let scale = draft.input(1).ok_or("its scale is missing")?;
    let zeros = match draft.input(2).map(|zero| draft.constant(zero)) {
        Some(Some(_)) => constant(draft, 2)?,
        _ => None,
    };
    let stated = i32::try_from(draft.integer("output_dtype", 0)).unwrap_or(0);
    let own = match (&zeros, draft.input(2)) {
        (Some((tensor, _)), _) => tensor.data_type,
        (None, Some(zero)) => {
            draft.kind(zero).ok_or("the type of its zero points is not clear: cast them to it")?
        }
        (None, None) if stated != 0 => stated,
        (None, None) => kind::UINT8,
    };
    let to = Kind::of(own)?;
    let x = float(draft, "x", x);
    let places = Places::of(draft, scale);
    let by = places.of_x(draft, "scale", scale, &x)?;
    if places.extents.is_none() {
        return computed(draft, [&x, &by], to);
    }
    let same = zeros.as_ref().is_some_and(|(_, zeros)| zeros.iter().all(|zero| *zero == zeros[0]));
    if same || draft.input(2).is_none() {
        let zero = if zeros.is_none() { 0.0 } else { result(draft, 2)?.1 };
        requantised(draft, &x, &by, (to, zero), Rounding::Even);
        return Ok(());
    }
    let zero = float(draft, "zero", draft.input(2).ok_or("its zero point is missing")?);
    let zero = places.of_x(draft, "zero", &zero, &x)?;
    let open = rounding(Rounding::Even, f32::NEG_INFINITY, f32::INFINITY);
    let rounded = draft.push("rounded", ROUNDED, &[&x, &by], open);
    bounded(draft, [&rounded, &zero], to);
    Ok(())
}

/// Which elements of x a scale, or a zero point, is of.
struct Places {
    /// The extents of the scales, where these are constant.
    extents: Option<Vec<i64>>,
    axis: i64,
    block: i64,
}

impl Places {
    fn of(draft: &Draft<'_>, scale: &str) -> Self {
        let extents = draft.constant(scale).map(|tensor| tensor.dims.clone());
        Places { extents, axis: draft.integer("axis", 1), block: draft.integer("block_size", 0) }
    }

    /// Values, one for each scale, in a shape that is broadcast to that of x.
    fn of_x(
        &self,
        draft: &mut Draft<'_>,
        part: &str,
        values: &str,
        x: &str,
    ) -> Result<String, Reason> {
        match &self.extents {
            Some(dims) if self.block > 0 => {
                blocks(draft, part, [values, x], dims, (self.axis, self.block))
            }
            None if self.block > 0 => Err("blocks of computed scales are not supported".into()),
            Some(dims) if volume(dims) != Some(1) => Ok(along(draft, part, values, x, self.axis)),
            _ => Ok(values.to_owned()),
        }
    }
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
    let x = float(draft, "x", x);
    let places = Places::of(draft, scale);
    let by = places.of_x(draft, "scale", scale, &x)?;
    let mut centred = x.clone();
    if let Some(zero) = draft.input(2) {
        let zeros = draft.constant(zero).and_then(crate::import::stored::integers);
        if !zeros.is_some_and(|zeros| zeros.iter().all(|&zero| zero == 0)) {
            let zero = float(draft, "zero", zero);
            let zero = places.of_x(draft, "zero", &zero, &x)?;
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
    let mut whole = dims.to_vec();
    whole[at] = dims[at].checked_mul(block).ok_or("its blocks are too large")?;
    let whole = draft.store_whole(&format!("{part}.whole"), &[dims.len()], whole);
    let joined = draft.push(&format!("{part}.joined"), "Reshape", &[&tiled, &whole], vec![]);
    // The last block may reach beyond the axis.
    let shape = draft.push(&format!("{part}.shape"), "Shape", &[x], vec![]);
    let along = draft.store_whole(&format!("{part}.along"), &[1], vec![axis]);
    let end = draft.push(&format!("{part}.end"), "Gather", &[&shape, &along], vec![]);
    let start = draft.store_whole(&format!("{part}.start"), &[1], vec![0]);
    Ok(draft.push(&format!("{part}.blocks"), "Slice", &[&joined, &start, &end, &along], vec![]))
}

/// uint8 between the least and the greatest of the data, zero included.
pub(in crate::import::rewrite) fn dynamic(draft: &mut Draft<'_>) -> Result<(), Reason> {
    let x = draft.input(0).ok_or("an input is missing")?;
    let to = Kind::of(kind::UINT8)?;
    let Dynamic { y, scale, point } = Dynamic::of(draft, x)?;
    draft.finish(1, "Identity", &[&scale], vec![]);
    draft.finish(2, "Cast", &[&point], vec![whole("to", i64::from(to.stored))]);
    as_quantised(draft, &y, (to, 0.0));
    Ok(())
}

/// Data as uint8 of their own range, all as float32.
pub(in crate::import::rewrite) struct Dynamic {
    pub(in crate::import::rewrite) y: String,
    pub(in crate::import::rewrite) scale: String,
    pub(in crate::import::rewrite) point: String,
}

impl Dynamic {
    pub(in crate::import::rewrite) fn of(draft: &mut Draft<'_>, x: &str) -> Result<Self, Reason> {
        let to = Kind::of(kind::UINT8)?;
        let zero = draft.store("nothing", &[], vec![0.0]);
        let mut end = |part: &str, reduce: &str, choose: &str| {
            let all =
                draft.push(&format!("{part}.of_data"), reduce, &[x], vec![whole("keepdims", 0)]);
            draft.push(part, choose, &[&all, &zero], vec![])
        };
        let least = end("least", "ReduceMin", "Min");
        let greatest = end("greatest", "ReduceMax", "Max");
        let width = draft.push("width", "Sub", &[&greatest, &least], vec![]);
        let levels = draft.store("levels", &[], vec![255.0]);
        let scale = draft.push("scale", "Div", &[&width, &levels], vec![]);
        let minus = draft.push("minus", "Neg", &[&least], vec![]);
        let point = draft.push("point", "Div", &[&minus, &scale], vec![]);
        let bounded = |draft: &mut Draft<'_>, part: &str, x: &str| {
            let most = draft.store(&format!("{part}.most"), &[], vec![to.greatest]);
            let above = draft.push(&format!("{part}.above"), "Max", &[x, &zero], vec![]);
            draft.push(&format!("{part}.within"), "Min", &[&above, &most], vec![])
        };
        let point = draft.push("point.rounded", "Round", &[&point], vec![]);
        let point = bounded(draft, "point", &point);
        let quotient = draft.push("quotient", "Div", &[x, &scale], vec![]);
        let rounded = draft.push("rounded", "Round", &[&quotient], vec![]);
        let moved = draft.push("moved", "Add", &[&rounded, &point], vec![]);
        let y = bounded(draft, "y", &moved);
        Ok(Dynamic { y, scale, point })
    }
}
