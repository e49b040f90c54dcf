//! Where tensors stand: plane layouts, tapes of banks, and spots.

use provenn_fixed_point::TensorId;

/// How the elements of a tensor are spread over planes of positions.
///
/// Element (p, i, j) of `[planes, height, width]` stands in plane p at position
/// `offset + i·stride + j`; the other positions of a plane are gaps. A digest weighs position e with σ^e,
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

/// A run of consecutive rows in one bank: `planes` whole planes, or a part of the only plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) bank: usize,
    pub(crate) row: usize,
    pub(crate) rows: usize,
    /// First plane held.
    pub(crate) plane: usize,
    /// Planes held.
    pub(crate) planes: usize,
    /// First row of the plane held (0 unless one plane is split).
    pub(crate) row_in_plane: usize,
}

/// A position's cell in its bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) bank: usize,
    pub(crate) row: usize,
    pub(crate) lane: usize,
}

/// Kind of bank a block stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Activation,
    Plain,
}

/// A tensor laid out in banks.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) tensor: TensorId,
    pub(crate) layout: PlaneLayout,
    pub(crate) pieces: Vec<Piece>,
    /// Holds the transpose of the tensor's `[rows, columns]`.
    pub(crate) transposed: Option<[usize; 2]>,
}

impl Block {
    /// The tensor's element that block element `i` holds.
    pub(crate) fn source(&self, i: usize) -> usize {
        match self.transposed {
            Some([rows, columns]) => (i % rows) * columns + i / rows,
            None => i,
        }
    }

    /// Where a position stands; `None` outside the block.
    pub(crate) fn slot(&self, plane: usize, position: usize, lanes: usize) -> Option<Slot> {
        let row_in_plane = position / lanes;
        let per_plane = self.layout.rows_per_plane(lanes);
        let lane = position % lanes;
        for piece in &self.pieces {
            if (piece.plane..piece.plane + piece.planes).contains(&plane) {
                let start = (plane - piece.plane) * per_plane;
                let row = if row_in_plane >= piece.row_in_plane {
                    start + row_in_plane - piece.row_in_plane
                } else {
                    continue;
                };
                if row < piece.rows {
                    return Some(Slot { bank: piece.bank, row: piece.row + row, lane });
                }
            }
        }
        None
    }
}

/// Rows handed out bank after bank.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    /// Used rows per bank.
    pub(crate) used: Vec<usize>,
    capacity: usize,
}

impl Tape {
    pub(crate) fn new(capacity: usize) -> Self {
        Tape { used: vec![], capacity }
    }

    /// Rows left in the last bank.
    fn left(&self) -> usize {
        self.used.last().map_or(0, |used| self.capacity - used)
    }

    pub(crate) fn open(&mut self) {
        self.used.push(0);
    }

    /// Takes up to `most` units of `unit` rows from the last bank, or from a fresh one if none fits.
    /// Returns bank, row, units; `None` if a unit exceeds a whole bank.
    pub(crate) fn take(&mut self, unit: usize, most: usize) -> Option<(usize, usize, usize)> {
        if unit > self.capacity {
            return None;
        }
        if self.left() < unit {
            self.open();
        }
        let bank = self.used.len() - 1;
        let row = self.used[bank];
        let units = (self.capacity - row).checked_div(unit).map_or(most, |fit| most.min(fit));
        self.used[bank] += units * unit;
        Some((bank, row, units))
    }

    /// Places a layout: whole planes where there are several, any split of a single plane.
    pub(crate) fn place(&mut self, layout: &PlaneLayout, lanes: usize) -> Option<Vec<Piece>> {
        let rows = layout.rows_per_plane(lanes);
        let mut pieces = vec![];
        if layout.planes == 1 {
            let mut done = 0;
            while done < rows {
                let (bank, row, units) = self.take(1, rows - done)?;
                pieces.push(Piece {
                    bank,
                    row,
                    rows: units,
                    plane: 0,
                    planes: 1,
                    row_in_plane: done,
                });
                done += units;
            }
        } else {
            let mut done = 0;
            while done < layout.planes {
                let (bank, row, planes) = self.take(rows, layout.planes - done)?;
                pieces.push(Piece {
                    bank,
                    row,
                    rows: planes * rows,
                    plane: done,
                    planes,
                    row_in_plane: 0,
                });
                done += planes;
            }
        }
        Some(pieces)
    }
}

/// A cell named by role, before column numbers are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Spot {
    Instance { row: usize },
    Plain { bank: usize, lane: usize, row: usize },
    DigestY { bank: usize, row: usize },
    DigestA { bank: usize, row: usize },
    PlainDigest { bank: usize, row: usize, of: Digest },
    EngineResult { rho: bool, engine: usize, row: usize },
    GlueZ { bank: usize, row: usize },
    BorderDigest { bank: usize, row: usize },
}

/// A challenge that glue takes powers of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Point {
    Sigma,
    Rho,
    Tau,
}

/// A run of dropped coefficients of one image row of a convolution's full product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BorderRun {
    pub(crate) tensor: TensorId,
    /// Image row, and the columns.
    pub(crate) i: usize,
    pub(crate) j: usize,
    pub(crate) length: usize,
    pub(crate) bank: usize,
    pub(crate) row: usize,
}

/// Which digest of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Digest {
    Sigma,
    Rho,
    Scaled,
    Product,
    /// Of y, the value before rescaling (activation banks only).
    Accumulator,
}
