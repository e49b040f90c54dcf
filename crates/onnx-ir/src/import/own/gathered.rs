//! Convolutions whose kernel is computed: what each window reads, gathered, times the kernel as a matrix.

use super::gather_nd::coordinates;
use super::maker::Maker;
use crate::import::reason::Reason;
use crate::import::volume::Outer;
use crate::{NodeId, Op};

/// More elements of all windows than this are better refused than laid out.
const MOST: usize = 1 << 24;

/// A convolution of `x`, `[N, C, spatial..]`, at windows over all spatial axes.
pub(super) struct Gathered<'a> {
    pub(super) x: NodeId,
    /// `[groups, O/groups, C/groups·taps]`
    pub(super) kernel: NodeId,
    pub(super) bias: Option<NodeId>,
    pub(super) axes: &'a [Outer],
}

/// The result, `[N, O, places..]`.
pub(super) fn product(
    maker: &mut Maker<'_, '_>,
    Gathered { x, kernel, bias, axes }: Gathered<'_>,
) -> Result<NodeId, Reason> {
    let (given, weights) = (maker.shape(x), maker.shape(kernel));
    let (Some((&[batch, channels], spatial)), &[groups, made, rows]) =
        (given.split_first_chunk::<2>(), weights.as_slice())
    else {
        return Err("it has no channels".into());
    };
    let (plane, taps) = (spatial.iter().product::<usize>(), count(axes, |axis| axis.taps));
    let (taps, places) = taps.zip(count(axes, |axis| axis.places)).ok_or_else(too_many)?;
    let all = [batch, channels, taps, places].iter().try_fold(1usize, |all, n| all.checked_mul(*n));
    all.filter(|&all| all <= MOST).ok_or_else(too_many)?;
    let own = channels.checked_div(groups).unwrap_or(0);
    let x = maker.reshape("planes", x, &[batch * groups, own, plane])?;
    let zeros = Op::Pad { before: vec![0; 3], after: vec![0, 0, 1], value: 0.0 };
    let positions = positions(axes, spatial, taps, places);
    let x = match positions.contains(&plane) {
        true => maker.push("zeros", zeros, &[x])?,
        false => x,
    };
    let x = maker.take("windows", x, 2, positions)?;
    let x = maker.reshape("columns", x, &[batch * groups, rows, places])?;
    // Of several images each group's kernel is needed for each.
    let kernel = match batch > 1 && groups > 1 {
        true => maker.push("kernels", Op::Tile { repeats: vec![batch, 1, 1] }, &[kernel])?,
        false => kernel,
    };
    let y = maker.push("product", Op::MatMul, &[kernel, x])?;
    let outputs = groups * made;
    let y = maker.reshape("flat", y, &[batch, outputs, places])?;
    let y = match bias {
        Some(bias) => {
            let bias = maker.reshape("bias", bias, &[1, outputs, 1])?;
            maker.push("biased", Op::Add, &[y, bias])?
        }
        None => y,
    };
    let mut shape = vec![batch, outputs];
    shape.extend(axes.iter().map(|axis| axis.places));
    maker.reshape("result", y, &shape)
}

fn too_many() -> Reason {
    "its windows have too many elements for a kernel that is computed".into()
}

fn count(axes: &[Outer], of: impl Fn(&Outer) -> usize) -> Option<usize> {
    axes.iter().try_fold(1usize, |all, axis| all.checked_mul(of(axis)))
}

/// What each tap of each place reads of a plane, tap by tap; the element behind the plane where that is zero.
fn positions(axes: &[Outer], spatial: &[usize], taps: usize, places: usize) -> Vec<usize> {
    let plane: usize = spatial.iter().product();
    let kernel: Vec<usize> = axes.iter().map(|axis| axis.taps).collect();
    let to: Vec<usize> = axes.iter().map(|axis| axis.places).collect();
    let mut positions = Vec::with_capacity(taps * places);
    for tap in 0..taps {
        let tap = coordinates(tap, &kernel);
        for place in 0..places {
            let place = coordinates(place, &to);
            let mut each = axes.iter().zip(spatial).zip(place.iter().zip(&tap));
            let flat = each.try_fold(0, |flat, ((axis, extent), (place, tap))| {
                let source = axis.sources.get(place * axis.taps + tap).copied().flatten()?;
                Some(flat * extent + source)
            });
            positions.push(flat.unwrap_or(plane));
        }
    }
    positions
}
