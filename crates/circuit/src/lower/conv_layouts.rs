//! Layouts that convolutions ask for: strides with room for the full product, and boundary terms' places.

use crate::boundary::BoundaryTerms;
use crate::planes::PlaneLayout;
use provenn_fixed_point::{Images, Linear, QuantGraph};

/// Extent of a dilated kernel.
pub(super) fn extent(kernel: usize, dilation: usize) -> usize {
    (kernel - 1) * dilation + 1
}

/// A stride for an input and an output of these widths: room for rows of the full product, or whole rows of
/// lanes where image rows are powers of υ.
pub(super) fn stride(
    boundary: BoundaryTerms,
    lanes: usize,
    input: usize,
    output: usize,
    full: usize,
) -> usize {
    match boundary {
        BoundaryTerms::InLanes => full,
        BoundaryTerms::Combined => input.max(output).next_multiple_of(lanes),
    }
}

/// A layout for the input of a convolution.
pub(super) fn input_layout(
    boundary: BoundaryTerms,
    [planes, height, width]: [usize; 3],
    stride: usize,
) -> PlaneLayout {
    match boundary {
        BoundaryTerms::InLanes => PlaneLayout::strided(planes, height, width, stride),
        BoundaryTerms::Combined => PlaneLayout::turned(planes, height, width, stride),
    }
}

/// Planes, rows and columns of images.
pub(super) fn planes_of(images: Images) -> [usize; 3] {
    [images.planes(), images.height, images.width]
}

/// The strided layout that the first convolution using each tensor wants, wide enough for all of them.
pub(super) fn wanted_layouts(
    graph: &QuantGraph,
    lanes: usize,
    boundary: BoundaryTerms,
) -> Vec<Option<PlaneLayout>> {
    let mut wanted: Vec<Option<PlaneLayout>> = vec![None; graph.tensors.len()];
    for tensor in &graph.tensors {
        let Some(Linear::Conv { input, kernel_shape, dilation, .. }) = tensor.op.linear() else {
            continue;
        };
        let from = Images::of(&graph.tensors[input.0].shape);
        let Some((from, out)) = from.zip(Images::of(&tensor.shape)) else { continue };
        let (width, out_width) = (from.width, out.width);
        let full = width + extent(kernel_shape[3], dilation[1]) - 1;
        let stride = stride(boundary, lanes, width, out_width, full);
        let stride = stride.max(wanted[input.0].map_or(0, |layout| layout.stride));
        wanted[input.0] = Some(input_layout(boundary, planes_of(from), stride));
    }
    wanted
}
