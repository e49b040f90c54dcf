//! `RoiAlign` of constant regions: means, or maxima, of elements by constant weights.

use tract_onnx::prelude::DatumType;

use super::maker::Maker;
use super::site::{Site, extent, position};
use crate::evaluate::precision::{count as double, store};
use crate::import::reason::Reason;
use crate::{NodeId, Op};

/// More weights than this are better refused than laid out.
const MOST_WEIGHTS: usize = 1 << 22;

/// What the node asks for.
struct Plan {
    regions: usize,
    channels: usize,
    plane: [usize; 2],
    made: [usize; 2],
    largest: bool,
}

fn plan(site: &Site<'_>) -> Result<Plan, Reason> {
    let &[_, channels, height, width] = site.shape(0)? else {
        return Err("it takes images, of four axes".into());
    };
    let &[regions, 4] = site.shape(1)? else {
        return Err("its rois must have four numbers each".into());
    };
    let largest = match site.word("mode", "avg") {
        "avg" => false,
        "max" => true,
        other => return Err(Reason(format!("its mode {other} is unknown"))),
    };
    let made = [extent(site.int("output_height", 1))?, extent(site.int("output_width", 1))?];
    if *site.shape(2)? != [regions] || made.contains(&0) || height == 0 || width == 0 {
        return Err("its extents do not fit together".into());
    }
    Ok(Plan { regions, channels, plane: [height, width], made, largest })
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let Plan { regions, channels, made: [height, width], .. } = plan(site)?;
    Ok(vec![(site.kind(0)?, vec![regions, channels, height, width])])
}

/// Elements and weights of one sample; no elements where it lies beyond the image.
type Sample = Vec<(usize, f32)>;

/// One axis of a region: from where, and how far from cell to cell; samples of each cell.
#[derive(Clone, Copy)]
struct Line {
    start: f32,
    cell: f32,
    samples: usize,
    extent: usize,
}

impl Line {
    /// Of a region from `start` to `end` cut into `cells`, in the precision of runtimes, since counts depend on it.
    fn new(site: &Site<'_>, [start, end]: [f32; 2], cells: usize, extent: usize) -> Self {
        let shifted = match (site.word("coordinate_transformation_mode", "half_pixel"), site.opset)
        {
            // Before version 16 there is no attribute, and no shift.
            (_, ..16) | ("output_half_pixel", _) => false,
            _ => true,
        };
        let scale = site.float("spatial_scale", 1.0);
        let offset = if shifted { 0.5 } else { 0.0 };
        let (start, end) = (start * scale - offset, end * scale - offset);
        let length = if shifted { end - start } else { (end - start).max(1.0) };
        let cell = length / store(double(cells));
        let samples = match usize::try_from(site.int("sampling_ratio", 0)) {
            Ok(samples) if samples > 0 => samples,
            _ => whole(cell.ceil()),
        };
        Line { start, cell, samples, extent }
    }

    /// The elements on both sides of a sample, and how much each weighs; none beyond the image.
    fn sides(&self, cell: usize, sample: usize) -> Option<[(usize, f32); 2]> {
        let (cell, sample) = (store(double(cell)), store(double(sample)));
        let samples = store(double(self.samples));
        let at = self.start + cell * self.cell + (sample + 0.5) * self.cell / samples;
        let extent = store(double(self.extent));
        if !(-1.0..=extent).contains(&at) {
            return None;
        }
        let at = at.max(0.0);
        let low = whole(at);
        if low + 1 >= self.extent {
            return Some([(self.extent - 1, 1.0), (self.extent - 1, 0.0)]);
        }
        let rest = at - at.floor();
        Some([(low, 1.0 - rest), (low + 1, rest)])
    }
}

/// The whole number below, 0 of what is negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it saturates where it is no place, and counts are checked"
)]
fn whole(value: f32) -> usize {
    value.max(0.0) as usize
}

/// The samples of every cell of a region.
fn samples(plan: &Plan, lines: [Line; 2]) -> Result<Vec<Vec<Sample>>, Reason> {
    let [height, width] = plan.made;
    let [rows, columns] = lines;
    let each = rows.samples.checked_mul(columns.samples);
    let all = each.and_then(|each| each.checked_mul(4 * height * width));
    if all.is_none_or(|all| all > MOST_WEIGHTS) {
        return Err("its regions have too many samples: set a sampling_ratio".into());
    }
    let mut cells = vec![];
    for cell in 0..height * width {
        let mut samples = vec![];
        for at in 0..each.unwrap_or(0) {
            let row = rows.sides(cell / width, at / columns.samples);
            let column = columns.sides(cell % width, at % columns.samples);
            let mut sample = vec![];
            for ((row, above), (column, left)) in
                row.zip(column).into_iter().flat_map(|(rows, columns)| {
                    rows.into_iter().flat_map(move |row| columns.map(|column| (row, column)))
                })
            {
                sample.push((row * plan.plane[1] + column, above * left));
            }
            samples.push(sample);
        }
        cells.push(samples);
    }
    Ok(cells)
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let plan = plan(site)?;
    let rois = site.numbers(1)?.ok_or("its rois must be constants")?;
    let images = site.integers(2)?.ok_or("its batch_indices must be constants")?;
    let count = site.shape(0)?.first().copied().unwrap_or(0);
    let images: Option<Vec<usize>> = images.iter().map(|&at| position(at, count)).collect();
    let images = images.ok_or("its batch_indices name no image")?;
    let mut regions = vec![];
    for roi in rois.chunks_exact(4) {
        let &[left, top, right, bottom] = roi else { continue };
        if roi.iter().any(|number| !number.is_finite()) {
            return Err("its rois have numbers that are not finite".into());
        }
        let rows = Line::new(site, [top, bottom], plan.made[0], plan.plane[0]);
        let columns = Line::new(site, [left, right], plan.made[1], plan.plane[1]);
        regions.push(samples(&plan, [rows, columns])?);
    }
    let plane: usize = plan.plane.iter().product();
    let x = maker.input(0)?;
    let x = maker.take("images", x, 0, images)?;
    let x = maker.reshape("planes", x, &[plan.regions, plan.channels, plane])?;
    let y = match plan.largest {
        true => largest(maker, &plan, x, &regions)?,
        false => mean(maker, &plan, x, &regions)?,
    };
    let [height, width] = plan.made;
    Ok(vec![maker.reshape("aligned", y, &[plan.regions, plan.channels, height, width])?])
}

/// Means of samples: one product with constant weights.
fn mean(
    maker: &mut Maker<'_, '_>,
    plan: &Plan,
    x: NodeId,
    regions: &[Vec<Vec<Sample>>],
) -> Result<NodeId, Reason> {
    let (plane, cells): (usize, usize) = (plan.plane.iter().product(), plan.made.iter().product());
    let len = [plan.regions, plane, cells].iter().try_fold(1usize, |all, &n| all.checked_mul(n));
    let len = len.filter(|&len| len <= MOST_WEIGHTS).ok_or("its regions take too many weights")?;
    let mut weights = vec![0.0; len];
    for (region, found) in regions.iter().enumerate() {
        for (cell, samples) in found.iter().enumerate() {
            let count = double(samples.len());
            for &(element, weight) in samples.iter().flatten() {
                let place = weights.get_mut((region * plane + element) * cells + cell);
                place.into_iter().for_each(|sum: &mut f64| *sum += f64::from(weight) / count);
            }
        }
    }
    let weights = weights.into_iter().map(store).collect();
    let weights = maker.constant("weights", &[plan.regions, plane, cells], weights)?;
    maker.push("means", Op::MatMul, &[x, weights])
}

/// The largest of all weighed elements of a cell, as runtimes understand the maximum; of no samples it is 0.
fn largest(
    maker: &mut Maker<'_, '_>,
    plan: &Plan,
    x: NodeId,
    regions: &[Vec<Vec<Sample>>],
) -> Result<NodeId, Reason> {
    let cells = plan.made.iter().product();
    let mut parts = vec![];
    for (region, found) in regions.iter().enumerate() {
        let part = |part: &str| format!("{part}{region}");
        let (mut elements, mut weights) = (vec![], vec![]);
        for samples in found {
            // What lies beyond the image counts as 0.
            let none = vec![(0, 0.0); 4];
            let beyond = samples.is_empty().then_some(&none);
            for sample in samples.iter().chain(beyond) {
                let sample = if sample.is_empty() { &none } else { sample };
                elements.extend(sample.iter().map(|found| found.0));
                weights.extend(sample.iter().map(|found| found.1));
            }
        }
        let count = elements.len();
        let own = maker.take(&part("region"), x, 0, vec![region])?;
        let own = maker.take(&part("elements"), own, 2, elements)?;
        let weights = maker.constant(&part("weights"), &[1, 1, count], weights)?;
        let weighed = maker.push(&part("weighed"), Op::Mul, &[own, weights])?;
        let each = [1, plan.channels, cells, count.checked_div(cells).unwrap_or(0)];
        let weighed = maker.reshape(&part("samples"), weighed, &each)?;
        let most = maker.push(&part("largest"), Op::ReduceMax { axes: vec![3] }, &[weighed])?;
        parts.push(maker.reshape(&part("cells"), most, &[1, plan.channels, cells])?);
    }
    maker.push("all", Op::Concat { axis: 0 }, &parts)
}
