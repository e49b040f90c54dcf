//! `ConvTranspose` over any number of axes, its pads resolved.

use tract_onnx::prelude::DatumType;

use super::gathered::{Gathered, product};
use super::maker::Maker;
use super::site::{Site, extent};
use super::window::{pads, positive};
use crate::import::reason::Reason;
use crate::import::volume::Outer;
use crate::{NodeId, Op, Window};

/// One spatial axis.
#[derive(Clone, Copy)]
struct Axis {
    kernel: usize,
    stride: usize,
    dilation: usize,
    before: usize,
    after: usize,
    /// Elements that only the bias makes, at the end.
    extra: usize,
    from: usize,
    to: usize,
}

fn axes(site: &Site<'_>) -> Result<Vec<Axis>, Reason> {
    let (spatial, kernel) = (site.shape(0)?.get(2..), site.shape(1)?.get(2..));
    let (Some(spatial), Some(kernel)) = (spatial, kernel) else {
        return Err("it has no spatial axes".into());
    };
    let count = spatial.len();
    let stated = site.ints("kernel_shape").filter(|given| !given.is_empty());
    if kernel.len() != count || stated.is_some() && positive(site, "kernel_shape", count)? != kernel
    {
        return Err("its kernel does not fit its axes".into());
    }
    let strides = positive(site, "strides", count)?;
    let dilations = positive(site, "dilations", count)?;
    let mut pads = pads(site, count)?.into_iter();
    let numbers = |name: &str| -> Result<Vec<usize>, Reason> {
        let given: Result<Vec<usize>, Reason> =
            site.ints(name).unwrap_or(&[]).iter().map(|&value| extent(value)).collect();
        let given = given?;
        match given.len() {
            len if len == count || len == 0 => Ok(given),
            // The whole shape of the output may be given.
            len if name == "output_shape" && len == count + 2 => {
                Ok(given.into_iter().skip(2).collect())
            }
            len => Err(Reason(format!("its {name} has {len} numbers for {count} axes"))),
        }
    };
    let (mut added, mut wanted) =
        (numbers("output_padding")?.into_iter(), numbers("output_shape")?.into_iter());
    let auto = site.word("auto_pad", "NOTSET");
    let each = spatial.iter().zip(kernel).zip(strides.into_iter().zip(dilations));
    each.map(|((&from, &kernel), (stride, dilation))| {
        let [before, after] = pads.next().unwrap_or([0, 0]);
        let added = added.next().unwrap_or(0);
        let mut axis = Axis { kernel, stride, dilation, before, after, extra: added, from, to: 0 };
        let full = axis.full().ok_or("its windows are too large")?;
        let wanted = wanted.next().or_else(|| match auto {
            "SAME_UPPER" | "SAME_LOWER" => from.checked_mul(stride),
            _ => None,
        });
        if let Some(to) = wanted {
            let pad = full.saturating_sub(to);
            axis.before = if auto == "SAME_UPPER" { pad / 2 } else { pad - pad / 2 };
            axis.after = pad - axis.before;
            axis.extra += to.saturating_sub(full);
        } else if auto == "VALID" {
            (axis.before, axis.after) = (0, 0);
        }
        let full = axis.full().ok_or("its windows are too large")?;
        let to = full.checked_sub(axis.before).and_then(|rest| rest.checked_sub(axis.after));
        axis.to = to.filter(|&to| to > 0).ok_or("its pads are larger than its output")?;
        Ok(axis)
    })
    .collect()
}

impl Axis {
    fn full(&self) -> Option<usize> {
        let reach = self.from.checked_sub(1)?.checked_mul(self.stride)?;
        let span = self.kernel.checked_sub(1)?.checked_mul(self.dilation)?.checked_add(1)?;
        reach.checked_add(span)?.checked_add(self.extra)
    }

    /// An axis before the last two: what each tap of each place reads.
    fn outer(&self) -> Outer {
        let source = |place: usize, tap: usize| {
            let from_start = (place + self.before).checked_sub(tap * self.dilation)?;
            let at = from_start / self.stride;
            (from_start % self.stride == 0 && at < self.from).then_some(at)
        };
        let each = (0..self.to).flat_map(|place| (0..self.kernel).map(move |tap| (place, tap)));
        let sources = each.map(|(place, tap)| source(place, tap)).collect();
        Outer { places: self.to, taps: self.kernel, sources }
    }
}

fn groups(site: &Site<'_>) -> Result<usize, Reason> {
    let groups = usize::try_from(site.int("group", 1)).ok().filter(|&groups| groups > 0);
    let channels = site.shape(0)?.get(1).copied().unwrap_or(0);
    let groups = groups.filter(|groups| channels % groups == 0);
    groups.ok_or_else(|| Reason("its groups do not divide its channels".to_owned()))
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (&[batch, channels, ..], &[inputs, per_group, ..]) = (site.shape(0)?, site.shape(1)?)
    else {
        return Err("its operands have too few axes".into());
    };
    if channels != inputs {
        return Err("its kernel does not fit its channels".into());
    }
    let outputs = per_group.checked_mul(groups(site)?).ok_or("it has too many channels")?;
    let mut shape = vec![batch, outputs];
    shape.extend(axes(site)?.iter().map(|axis| axis.to));
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let axes = axes(site)?;
    let shape = shapes(site)?.into_iter().next().map(|(_, shape)| shape).unwrap_or_default();
    let kernel = maker.input(1)?;
    if maker.value(kernel).is_none() {
        return computed(site, maker, kernel, &axes);
    }
    let (outer, last) = axes.split_at(axes.len().saturating_sub(2));
    let [height, width] = match *last {
        [width] => [
            Axis {
                kernel: 1,
                stride: 1,
                dilation: 1,
                before: 0,
                after: 0,
                extra: 0,
                from: 1,
                to: 1,
            },
            width,
        ],
        [height, width] => [height, width],
        _ => return Err("it has no spatial axes".into()),
    };
    let x = maker.input(0)?;
    let mut image = maker.shape(x);
    let mut taps = maker.shape(kernel);
    if let [_] = last {
        image.insert(2, 1);
        taps.insert(2, 1);
    }
    let x = maker.reshape("image", x, &image)?;
    let outer: Vec<Outer> = outer.iter().map(Axis::outer).collect();
    let x = maker.unfold(x, &outer)?;
    // [C, O/groups, taps.., H, W] as [C·taps, O/groups, H, W]
    let kernel = maker.reshape("kernel", kernel, &taps)?;
    let count = outer.len();
    let perm =
        [0].into_iter().chain(2..2 + count).chain([1]).chain(2 + count..taps.len()).collect();
    let kernel = maker.push("kernel.order", Op::Transpose { perm }, &[kernel])?;
    let (channels, rest) =
        taps.split_first().map(|(c, rest)| (*c, rest.to_vec())).ok_or("it has no channels")?;
    let channels = channels * outer.iter().map(|axis| axis.taps).product::<usize>();
    let per_group = rest.first().copied().unwrap_or(0);
    let flat = [channels, per_group, height.kernel, width.kernel];
    let kernel = maker.reshape("kernel.flat", kernel, &flat)?;
    let window = Window {
        kernel: [height.kernel, width.kernel],
        stride: [height.stride, width.stride],
        dilation: [height.dilation, width.dilation],
        pad_before: [height.before, width.before],
        pad_after: [height.after, width.after],
    };
    let output_padding = [height.extra, width.extra];
    let op = Op::ConvTranspose { window, groups: groups(site)?, output_padding };
    let channels = shape.get(1).copied().unwrap_or(0);
    let bias = maker.given(2)?;
    let y = maker.biased(op, [x, kernel], bias, channels)?;
    let y = maker.fold(y, &outer)?;
    Ok(vec![maker.reshape("volume", y, &shape)?])
}

/// With a kernel that is computed: `[C, O/groups, taps..]` as `[groups, O/groups, C/groups·taps]`.
fn computed(
    site: &Site<'_>,
    maker: &mut Maker<'_, '_>,
    kernel: NodeId,
    axes: &[Axis],
) -> Result<Vec<NodeId>, Reason> {
    let groups = groups(site)?;
    let &[channels, outputs, ref taps @ ..] = site.shape(1)? else {
        return Err("its kernel has too few axes".into());
    };
    let own = channels / groups;
    let taps: usize = taps.iter().product();
    let kernel = maker.reshape("kernel.groups", kernel, &[groups, own, outputs, taps])?;
    let order = Op::Transpose { perm: vec![0, 2, 1, 3] };
    let kernel = maker.push("kernel.order", order, &[kernel])?;
    let kernel = maker.reshape("kernel", kernel, &[groups, outputs, own * taps])?;
    let x = maker.input(0)?;
    let bias = maker.given(2)?;
    let axes: Vec<Outer> = axes.iter().map(Axis::outer).collect();
    Ok(vec![product(maker, Gathered { x, kernel, bias, axes: &axes })?])
}
