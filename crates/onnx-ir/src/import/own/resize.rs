//! `Resize` and `Upsample`: axis by axis, to the nearest a choice of positions, else a linear map whose weights are
//! constants.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::resize_axis::{Axis, Coordinates, Filter, Nearest};
use super::site::{Site, axis, extent};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More weights of one axis than this are better refused than laid out.
const MOST_WEIGHTS: usize = 1 << 24;

/// What a node asks for.
struct Plan {
    axes: Vec<Axis>,
    filter: Filter,
    coordinates: Coordinates,
    /// What stands beyond the crop.
    beyond: f32,
}

/// The inputs that say how much, by version: region, scales, sizes.
fn slots(site: &Site<'_>) -> (Option<usize>, Option<usize>, Option<usize>) {
    match (site.node.op_type.as_str(), site.opset) {
        ("Upsample", ..=8) => (None, None, None),
        ("Upsample", _) | (_, ..=10) => (None, Some(1), None),
        _ => (Some(1), Some(2), Some(3)),
    }
}

fn plan(site: &Site<'_>) -> Result<Plan, Reason> {
    let shape = site.shape(0)?;
    let (region, scales, sizes) = slots(site);
    let given = |slot: Option<usize>| -> Result<Option<Vec<f32>>, Reason> {
        let numbers = slot.map(|slot| site.numbers(slot)).transpose()?.flatten();
        Ok(numbers.filter(|numbers| !numbers.is_empty()))
    };
    let by_attribute = site.node.attribute.iter().find(|found| found.name == "scales");
    let scales = given(scales)?.or_else(|| by_attribute.map(|found| found.floats.clone()));
    let sizes = sizes.map(|slot| site.integers(slot)).transpose()?.flatten();
    let sizes = sizes.filter(|sizes| !sizes.is_empty());
    let listed = match site.ints("axes") {
        Some(axes) => {
            axes.iter().map(|&at| axis(at, shape.len())).collect::<Result<Vec<_>, _>>()?
        }
        None => (0..shape.len()).collect(),
    };
    let coordinates = coordinates(site)?;
    let mut axes: Vec<Axis> = shape.iter().map(|&extent| Axis::unchanged(extent)).collect();
    match (&scales, &sizes) {
        (Some(scales), None) if scales.len() == listed.len() => {
            for (&at, &scale) in listed.iter().zip(scales) {
                axes.get_mut(at).ok_or("it has no such axis")?.scale(scale)?;
            }
            let open = axes.iter().any(|axis| !axis.is_whole());
            if open && coordinates == Coordinates::AlignCorners || coordinates == Coordinates::Crop
            {
                return Err(
                    "scales that lead to no whole extent are read in several ways by runtimes here: give sizes instead".into(),
                );
            }
        }
        (None, Some(sizes)) if sizes.len() == listed.len() => {
            for (&at, &size) in listed.iter().zip(sizes) {
                axes.get_mut(at).ok_or("it has no such axis")?.fit(extent(size)?);
            }
            keep_aspect_ratio(site, &mut axes, &listed)?;
        }
        _ => return Err("its scales or sizes do not fit its axes".into()),
    }
    if coordinates == Coordinates::Crop {
        let region = given(region)?.ok_or("its region of interest is missing")?;
        let (starts, ends) =
            region.split_at_checked(listed.len()).ok_or("its region of interest is too short")?;
        for ((&at, &start), &end) in listed.iter().zip(starts).zip(ends) {
            axes.get_mut(at).ok_or("it has no such axis")?.region = (start, end);
        }
    }
    let beyond = site.float("extrapolation_value", 0.0);
    Ok(Plan { axes, filter: filter(site)?, coordinates, beyond })
}

fn coordinates(site: &Site<'_>) -> Result<Coordinates, Reason> {
    if site.node.op_type == "Upsample" || site.opset < 11 {
        return Ok(Coordinates::Asymmetric);
    }
    match site.word("coordinate_transformation_mode", "half_pixel") {
        "half_pixel" => Ok(Coordinates::HalfPixel),
        "half_pixel_symmetric" => Ok(Coordinates::HalfPixelSymmetric),
        "pytorch_half_pixel" => Ok(Coordinates::PytorchHalfPixel),
        "align_corners" => Ok(Coordinates::AlignCorners),
        "asymmetric" => Ok(Coordinates::Asymmetric),
        "tf_half_pixel_for_nn" => Ok(Coordinates::TfHalfPixelForNn),
        "tf_crop_and_resize" => Ok(Coordinates::Crop),
        other => Err(Reason(format!("its coordinate_transformation_mode {other} is unknown"))),
    }
}

fn filter(site: &Site<'_>) -> Result<Filter, Reason> {
    let antialias = site.int("antialias", 0) != 0;
    let exclude_outside = site.int("exclude_outside", 0) != 0;
    match site.word("mode", "nearest") {
        "nearest" if antialias => Err("antialias is for linear and cubic modes alone".into()),
        "nearest" => {
            if site.node.op_type == "Upsample" || site.opset < 11 {
                return Ok(Filter::Nearest(Nearest::Simple));
            }
            Ok(Filter::Nearest(match site.word("nearest_mode", "round_prefer_floor") {
                "round_prefer_floor" => Nearest::RoundPreferFloor,
                "round_prefer_ceil" => Nearest::RoundPreferCeil,
                "floor" => Nearest::Floor,
                "ceil" => Nearest::Ceil,
                other => return Err(Reason(format!("its nearest_mode {other} is unknown"))),
            }))
        }
        "linear" | "bilinear" | "trilinear" => Ok(Filter::Linear { antialias, exclude_outside }),
        "cubic" => {
            let a = f64::from(site.float("cubic_coeff_a", -0.75));
            Ok(Filter::Cubic { a, antialias, exclude_outside })
        }
        other => Err(Reason(format!("its mode {other} is unknown"))),
    }
}

/// One scale for all listed axes, so that nothing is larger, or smaller, than asked for.
fn keep_aspect_ratio(site: &Site<'_>, axes: &mut [Axis], listed: &[usize]) -> Result<(), Reason> {
    let scales = listed.iter().filter_map(|&at| axes.get(at).map(|axis| axis.scale));
    let scale = match site.word("keep_aspect_ratio_policy", "stretch") {
        "stretch" => return Ok(()),
        "not_larger" => scales.fold(f32::INFINITY, f32::min),
        "not_smaller" => scales.fold(0.0, f32::max),
        other => return Err(Reason(format!("its keep_aspect_ratio_policy {other} is unknown"))),
    };
    for &at in listed {
        axes.get_mut(at).ok_or("it has no such axis")?.scale_rounded(scale)?;
    }
    Ok(())
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let shape = plan(site)?.axes.iter().map(|axis| axis.to).collect();
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let Plan { axes, filter, coordinates, beyond } = plan(site)?;
    let mut x = maker.input(0)?;
    for (at, axis) in axes.iter().enumerate() {
        if axis.is_unchanged(coordinates) {
            continue;
        }
        if axis.from == 0 || axis.to == 0 {
            return Err("it has an empty axis".into());
        }
        x = match filter {
            Filter::Nearest(nearest) => {
                let places = axis.nearest(coordinates, nearest);
                maker.take(&format!("axis{at}"), x, at, places)?
            }
            Filter::Linear { .. } | Filter::Cubic { .. } => {
                mapped(maker, x, at, axis, (coordinates, filter))?
            }
        };
    }
    let inside = axes.iter().map(|axis| axis.inside(coordinates)).collect::<Vec<_>>();
    if inside.iter().flatten().all(|&inside| inside) {
        return Ok(vec![x]);
    }
    // Along any axis beyond the crop.
    let mut shown = maker.constant("shown", &[], vec![1.0])?;
    let rank = axes.len();
    for (at, inside) in inside.into_iter().enumerate() {
        let mut line = vec![1; rank];
        line.splice(at..=at, [inside.len()]);
        let inside = inside.into_iter().map(|inside| if inside { 1.0 } else { 0.0 }).collect();
        let inside = maker.constant(&format!("inside{at}"), &line, inside)?;
        shown = maker.push(&format!("shown{at}"), Op::Mul, &[shown, inside])?;
    }
    let beyond = maker.constant("beyond", &[], vec![beyond])?;
    Ok(vec![maker.push("cropped", Op::Where, &[shown, x, beyond])?])
}

/// A linear map along one axis: rows of the result as sums of rows, by constant weights.
fn mapped(
    maker: &mut Maker<'_, '_>,
    x: NodeId,
    at: usize,
    axis: &Axis,
    (coordinates, filter): (Coordinates, Filter),
) -> Result<NodeId, Reason> {
    if axis.from.checked_mul(axis.to).is_none_or(|count| count > MOST_WEIGHTS) {
        return Err(Reason(format!(
            "an axis of {} resized to {} takes too many weights",
            axis.from, axis.to
        )));
    }
    let mut shape = maker.shape(x);
    let (outer, rest) = shape.split_at_checked(at).ok_or("it has no such axis")?;
    let inner: usize = rest.iter().skip(1).product();
    let outer: usize = outer.iter().product();
    let weights = axis.weights(coordinates, filter);
    let name = |part: &str| format!("axis{at}.{part}");
    let y = if inner == 1 {
        let rows = maker.reshape(&name("rows"), x, &[1, outer, axis.from])?;
        let mut columns = vec![0.0; weights.len()];
        for (to, row) in weights.chunks_exact(axis.from).enumerate() {
            for (from, &weight) in row.iter().enumerate() {
                columns.get_mut(from * axis.to + to).into_iter().for_each(|at| *at = weight);
            }
        }
        let weights = maker.constant(&name("weights"), &[1, axis.from, axis.to], columns)?;
        maker.push(&name("sum"), Op::MatMul, &[rows, weights])?
    } else {
        let rows = maker.reshape(&name("rows"), x, &[outer, axis.from, inner])?;
        let weights = maker.constant(&name("weights"), &[1, axis.to, axis.from], weights)?;
        maker.push(&name("sum"), Op::MatMul, &[weights, rows])?
    };
    *shape.get_mut(at).ok_or("it has no such axis")? = axis.to;
    maker.reshape(&name("result"), y, &shape)
}
