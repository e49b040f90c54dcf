//! Sums and products of whole numbers along axes.

use tract_onnx::prelude::Tensor;

use super::{Known, whole};
use crate::ImportError;
use crate::import::constant::integers;
use crate::import::stored::attribute;
use crate::tensor::{broadcast_strides, strides, volume};

/// Factors or summands that a message lists, at most.
const LISTED: usize = 4;

impl Known<'_> {
    /// Sums or products along axes; `None` where the axes are not what the shape of the result says.
    pub(super) fn reduced(&self, shape: &[usize]) -> Result<Option<Vec<i128>>, ImportError> {
        let Some((data, axes)) = self.inputs.split_first() else { return Ok(None) };
        let extents = data.shape();
        let Some(axes) = self.axes(extents.len(), axes.first().copied()) else { return Ok(None) };
        let (Some(len), Some(values)) = (volume(shape), whole(data)) else { return Ok(None) };
        let kept = |axis: usize| if axes.contains(&axis) { 1 } else { extents[axis] };
        let kept: Vec<usize> = (0..extents.len()).map(kept).collect();
        if volume(&kept) != Some(len) {
            return Ok(None);
        }
        let (inner, outer) = (broadcast_strides(&kept, extents), strides(extents));
        let mut groups: Vec<Vec<i128>> = vec![vec![]; len];
        for (place, &value) in values.iter().enumerate() {
            let steps =
                (0..extents.len()).map(|axis| place / outer[axis] % extents[axis] * inner[axis]);
            groups[steps.sum::<usize>()].push(value.into());
        }
        let products = self.op() == "ReduceProd";
        let total = |group: &Vec<i128>| {
            if !products {
                return Ok(group.iter().sum());
            }
            let zero = group.contains(&0);
            let product =
                group.iter().try_fold(1i128, |product, value| product.checked_mul(*value));
            let product = if zero { Some(0) } else { product };
            product.ok_or_else(|| {
                let factors: Vec<String> =
                    group.iter().take(LISTED).map(ToString::to_string).collect();
                let rest = if group.len() > LISTED { "·…" } else { "" };
                self.refused(format!(
                    "comes to the product {}{rest}, which 64 bits do not hold",
                    factors.join("·")
                ))
            })
        };
        groups.iter().map(total).collect::<Result<Vec<i128>, _>>().map(Some)
    }

    /// The axes of a reduction, all of them where none are given.
    fn axes(&self, rank: usize, given: Option<&Tensor>) -> Option<Vec<usize>> {
        let node = self.proto?;
        let listed = match (attribute(node, "axes"), given) {
            (Some(listed), _) => listed.ints.clone(),
            (None, Some(given)) => integers(given).ok()?,
            (None, None) => vec![],
        };
        let nothing = attribute(node, "noop_with_empty_axes").is_some_and(|found| found.i != 0);
        if listed.is_empty() {
            return Some(if nothing { vec![] } else { (0..rank).collect() });
        }
        let signed = i64::try_from(rank).ok()?;
        let axis = |axis: i64| usize::try_from(if axis < 0 { axis + signed } else { axis }).ok();
        listed
            .into_iter()
            .map(axis)
            .collect::<Option<Vec<usize>>>()
            .filter(|axes| axes.iter().all(|&axis| axis < rank))
    }
}
