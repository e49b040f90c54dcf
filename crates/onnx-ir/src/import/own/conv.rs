//! `Conv` with a kernel that is computed.

use tract_onnx::prelude::DatumType;

use super::gathered::{Gathered, product};
use super::maker::Maker;
use super::site::Site;
use super::window::{Axis, over, positive};
use crate::NodeId;
use crate::import::reason::Reason;
use crate::import::volume::Outer;

struct Plan {
    groups: usize,
    /// Of the result, and of each group of the input.
    outputs: usize,
    channels: usize,
    axes: Vec<Axis>,
}

fn plan(site: &Site<'_>) -> Result<Plan, Reason> {
    let (Some((&[_, inputs], spatial)), Some((&[outputs, channels], kernel))) =
        (site.shape(0)?.split_first_chunk::<2>(), site.shape(1)?.split_first_chunk::<2>())
    else {
        return Err("its operands have too few axes".into());
    };
    let groups = usize::try_from(site.int("group", 1)).ok().filter(|&groups| groups > 0);
    let groups = groups.ok_or("its group is no number of groups")?;
    if channels.checked_mul(groups) != Some(inputs) || outputs % groups != 0 {
        return Err("its kernel does not fit its channels".into());
    }
    let count = spatial.len();
    let stated = site.ints("kernel_shape").filter(|given| !given.is_empty());
    if kernel.len() != count || stated.is_some() && positive(site, "kernel_shape", count)? != kernel
    {
        return Err("its kernel does not fit its axes".into());
    }
    let axes = over(site, kernel.to_vec())?;
    Ok(Plan { groups, outputs, channels, axes })
}

pub(super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let Plan { outputs, axes, .. } = plan(site)?;
    let mut shape = vec![site.shape(0)?.first().copied().unwrap_or(0), outputs];
    shape.extend(axes.iter().map(|axis| axis.to));
    Ok(vec![(site.kind(0)?, shape)])
}

pub(super) fn make(site: &Site<'_>, maker: &mut Maker<'_, '_>) -> Result<Vec<NodeId>, Reason> {
    let Plan { groups, outputs, channels, axes } = plan(site)?;
    let (x, kernel) = (maker.input(0)?, maker.input(1)?);
    let taps: usize = axes.iter().map(|axis| axis.kernel).product();
    let kernel = maker.reshape("kernel", kernel, &[groups, outputs / groups, channels * taps])?;
    let bias = maker.given(2)?;
    let axes: Vec<Outer> = axes.iter().map(Axis::outer).collect();
    Ok(vec![product(maker, Gathered { x, kernel, bias, axes: &axes })?])
}
