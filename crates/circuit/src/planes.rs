//! How the elements of a tensor are spread over planes of positions.

/// How the elements of a tensor are spread over planes of positions.
///
/// Element (p, i, j) of `[planes, height, width]` stands in plane p at position
/// `offset + i·stride + j`; the other positions of a plane are gaps. A fingerprint weighs position e with σ^e,
/// or, if the layout is *turned*, (i, j) with υ^i·σ^j: image rows then are whole rows of lanes, c of them, and
/// υ = σ^((c−1)·L)·τ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PlaneLayout {
    pub(crate) planes: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) stride: usize,
    pub(crate) offset: usize,
    /// Positions per plane.
    pub(crate) length: usize,
    pub(crate) turned: bool,
}

impl PlaneLayout {
    /// One plane, no gaps.
    pub(crate) fn flat(elements: usize) -> Self {
        PlaneLayout {
            planes: 1,
            height: 1,
            width: elements,
            stride: elements,
            offset: 0,
            length: elements,
            turned: false,
        }
    }

    /// Planes of contiguous elements.
    pub(crate) fn rows(planes: usize, width: usize) -> Self {
        PlaneLayout { planes, ..PlaneLayout::flat(width) }
    }

    /// Planes `[planes, height, width]` with the given stride and no offset.
    pub(crate) fn strided(planes: usize, height: usize, width: usize, stride: usize) -> Self {
        let length = if height == 0 { 0 } else { (height - 1) * stride + width };
        PlaneLayout { planes, height, width, stride, offset: 0, length, turned: false }
    }

    /// The same with image rows as powers of υ; the stride must be a multiple of the lanes.
    pub(crate) fn turned(planes: usize, height: usize, width: usize, stride: usize) -> Self {
        PlaneLayout { turned: true, ..PlaneLayout::strided(planes, height, width, stride) }
    }

    /// The same elements from position 0 on.
    pub(crate) fn without_offset(&self) -> Self {
        let PlaneLayout { planes, height, width, stride, turned, .. } = *self;
        PlaneLayout { turned, ..PlaneLayout::strided(planes, height, width, stride) }
    }

    /// Whether an image row of a turned layout ends with this row of lanes of its plane.
    pub(crate) fn ends_image_row(&self, row: usize, lanes: usize) -> bool {
        self.turned && (row + 1).is_multiple_of(self.stride / lanes)
    }

    pub(crate) fn elements(&self) -> usize {
        self.planes * self.height * self.width
    }

    /// Plane and position of an element.
    pub(crate) fn position(&self, element: usize) -> (usize, usize) {
        let per_plane = self.height * self.width;
        let (plane, rest) = (element / per_plane, element % per_plane);
        (plane, self.offset + (rest / self.width) * self.stride + rest % self.width)
    }

    pub(crate) fn rows_per_plane(&self, lanes: usize) -> usize {
        self.length.div_ceil(lanes)
    }
}
