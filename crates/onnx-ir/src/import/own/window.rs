//! Windows of operators that are read here: which elements each tap of each place reads, axis by axis.

use super::site::{Site, extent, signed};
use crate::import::reason::Reason;
use crate::import::volume::Outer;

/// Windows along one axis.
#[derive(Clone)]
pub(super) struct Axis {
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) dilation: usize,
    pub(super) before: usize,
    /// Extent of what is read, and places of windows.
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Axis {
    /// What a tap of a place reads; none in the padding.
    pub(super) fn at(&self, place: usize, tap: usize) -> Option<usize> {
        let at = place.checked_mul(self.stride)?.checked_add(tap.checked_mul(self.dilation)?)?;
        at.checked_sub(self.before).filter(|&at| at < self.from)
    }

    /// What each tap of each place reads.
    pub(super) fn outer(&self) -> Outer {
        let each = (0..self.to).flat_map(|place| (0..self.kernel).map(move |tap| (place, tap)));
        let sources = each.map(|(place, tap)| self.at(place, tap)).collect();
        Outer { places: self.to, taps: self.kernel, sources }
    }

    /// From the first element read to the last, in the input's padding too.
    fn span(&self) -> Option<usize> {
        self.kernel.checked_sub(1)?.checked_mul(self.dilation)?.checked_add(1)
    }
}

/// A list attribute of positive numbers, one for each axis; ones where it is not given.
pub(super) fn positive(site: &Site<'_>, name: &str, count: usize) -> Result<Vec<usize>, Reason> {
    let Some(given) = site.ints(name).filter(|given| !given.is_empty()) else {
        return Ok(vec![1; count]);
    };
    let values: Option<Vec<usize>> =
        given.iter().map(|&value| usize::try_from(value).ok().filter(|&v| v > 0)).collect();
    let values = values.filter(|values| values.len() == count);
    values.ok_or_else(|| Reason(format!("its {name} must be {count} positive numbers")))
}

/// Pads before and after each axis, where they are given.
pub(super) fn pads(site: &Site<'_>, count: usize) -> Result<Vec<[usize; 2]>, Reason> {
    let Some(given) = site.ints("pads").filter(|given| !given.is_empty()) else {
        return Ok(vec![[0, 0]; count]);
    };
    let values: Result<Vec<usize>, Reason> = given.iter().map(|&pad| extent(pad)).collect();
    let values = values?;
    if values.len() != 2 * count {
        return Err(Reason(format!("{} pads do not fit {count} axes", values.len())));
    }
    let (before, after) = values.split_at(count);
    Ok(before.iter().zip(after).map(|(&before, &after)| [before, after]).collect())
}

/// The windows of a pooling over all spatial axes.
pub(super) fn pooling(site: &Site<'_>) -> Result<Vec<Axis>, Reason> {
    let count = site.shape(0)?.len().saturating_sub(2);
    if site.ints("kernel_shape").is_none() || count == 0 {
        return Err("its kernel_shape is missing".into());
    }
    over(site, positive(site, "kernel_shape", count)?)
}

/// Windows of these extents over all spatial axes.
pub(super) fn over(site: &Site<'_>, kernels: Vec<usize>) -> Result<Vec<Axis>, Reason> {
    let spatial = site.shape(0)?.get(2..).unwrap_or(&[]);
    let count = spatial.len();
    let strides = positive(site, "strides", count)?;
    let dilations = positive(site, "dilations", count)?;
    let pads = pads(site, count)?;
    let ceil = site.int("ceil_mode", 0) != 0;
    let auto = site.word("auto_pad", "NOTSET");
    let each = kernels.into_iter().zip(strides).zip(dilations).zip(pads).zip(spatial);
    each.map(|((((kernel, stride), dilation), [before, after]), &from)| {
        let mut axis = Axis { kernel, stride, dilation, before, from, to: 0 };
        let span = axis.span().ok_or("its windows are too large")?;
        if auto.starts_with("SAME") {
            axis.to = from.div_ceil(stride);
            let reach = axis.to.saturating_sub(1).checked_mul(stride);
            let reach = reach.and_then(|reach| reach.checked_add(span));
            let pad = reach.ok_or("its windows are too large")?.saturating_sub(from);
            axis.before = if auto == "SAME_UPPER" { pad / 2 } else { pad - pad / 2 };
            return Ok(axis);
        }
        let padded = signed(from)?.checked_add(signed(before)?);
        let padded = padded.and_then(|sum| sum.checked_add(i64::try_from(after).ok()?));
        let room = padded.ok_or("its pads are too large")? - signed(span)?;
        let room = usize::try_from(room).map_err(|_| "its windows are larger than its input")?;
        axis.to = if ceil { room.div_ceil(stride) } else { room / stride } + 1;
        // The last window begins on the input or the padding before it.
        if ceil && (axis.to - 1).saturating_mul(stride) >= from.saturating_add(before) {
            axis.to -= 1;
        }
        Ok(axis)
    })
    .collect()
}
