//! Rows of banks, handed out bank after bank.

use crate::planes::PlaneLayout;

/// A position's cell in its bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) bank: usize,
    pub(crate) row: usize,
    pub(crate) lane: usize,
}

/// A run of consecutive rows in one bank: whole planes of a block, or a part of its only plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
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

impl Segment {
    pub(crate) fn holds(&self, plane: usize) -> bool {
        (self.plane..self.plane + self.planes).contains(&plane)
    }

    /// Whether the plane that its i-th row is of goes on in it.
    pub(crate) fn goes_on(&self, i: usize, layout: &PlaneLayout, lanes: usize) -> bool {
        let ends_plane = layout.planes > 1 && (i + 1).is_multiple_of(layout.rows_per_plane(lanes));
        i + 1 < self.rows && !ends_plane
    }
}

/// Where a position of a block stands; `None` outside the block.
pub(crate) fn slot(
    segments: &[Segment],
    layout: &PlaneLayout,
    lanes: usize,
    plane: usize,
    position: usize,
) -> Option<Slot> {
    tall_slot(segments, layout, [lanes, 1], plane, position)
}

/// The same of a block whose positions are so many rows tall: the first of these.
pub(crate) fn tall_slot(
    segments: &[Segment],
    layout: &PlaneLayout,
    [lanes, tall]: [usize; 2],
    plane: usize,
    position: usize,
) -> Option<Slot> {
    let (row_in_plane, lane) = (position / lanes, position % lanes);
    let per_plane = layout.rows_per_plane(lanes);
    segments.iter().filter(|segment| segment.holds(plane)).find_map(|segment| {
        let start = (plane - segment.plane) * per_plane;
        let within = start + row_in_plane.checked_sub(segment.row_in_plane)?;
        let row = segment.row + within * tall;
        (within < segment.rows).then_some(Slot { bank: segment.bank, row, lane })
    })
}

/// Hands out the rows of banks of one kind.
#[derive(Clone, Debug)]
pub(crate) struct RowAllocator {
    /// Used rows per bank.
    used: Vec<usize>,
    /// Rows of a bank.
    capacity: usize,
}

impl RowAllocator {
    pub(crate) fn new(capacity: usize) -> Self {
        RowAllocator { used: vec![], capacity }
    }

    pub(crate) fn banks(&self) -> usize {
        self.used.len()
    }

    /// Takes up to `most` units of `unit` rows from the last bank, or from a fresh one if none fits.
    /// Returns bank, row, units; `None` if a unit exceeds a whole bank.
    pub(crate) fn take(&mut self, unit: usize, most: usize) -> Option<(usize, usize, usize)> {
        if unit > self.capacity {
            return None;
        }
        if self.used.last().is_none_or(|used| self.capacity - used < unit) {
            self.used.push(0);
        }
        let bank = self.used.len() - 1;
        let used = self.used.last_mut()?;
        let row = *used;
        let units = (self.capacity - row).checked_div(unit).map_or(most, |fit| most.min(fit));
        *used += units * unit;
        Some((bank, row, units))
    }

    /// Places a layout: whole planes where there are several, any split of a single plane.
    pub(crate) fn place(&mut self, layout: &PlaneLayout, lanes: usize) -> Option<Vec<Segment>> {
        self.place_tall(layout, lanes, 1)
    }

    /// Places a layout whose rows are so many rows of a bank each; segments count the former.
    pub(crate) fn place_tall(
        &mut self,
        layout: &PlaneLayout,
        lanes: usize,
        tall: usize,
    ) -> Option<Vec<Segment>> {
        let rows = layout.rows_per_plane(lanes);
        let mut segments = vec![];
        let mut done = 0;
        if layout.planes == 1 {
            while done < rows {
                let (bank, row, rows) = self.take(tall, rows - done)?;
                segments.push(Segment { bank, row, rows, plane: 0, planes: 1, row_in_plane: done });
                done += rows;
            }
            return Some(segments);
        }
        while done < layout.planes {
            let unit = rows.checked_mul(tall)?;
            let (bank, row, planes) = self.take(unit, layout.planes - done)?;
            let rows = planes * rows;
            segments.push(Segment { bank, row, rows, plane: done, planes, row_in_plane: 0 });
            done += planes;
        }
        Some(segments)
    }

    /// Places a layout whose planes are lines of so many rows each, which are not split.
    pub(crate) fn place_lines(
        &mut self,
        layout: &PlaneLayout,
        lanes: usize,
        line: usize,
    ) -> Option<Vec<Segment>> {
        if layout.planes != 1 {
            return self.place(layout, lanes);
        }
        let all = layout.rows_per_plane(lanes);
        let lines = all.div_ceil(line.max(1));
        let (mut segments, mut done) = (vec![], 0);
        while done < lines {
            let (bank, row, taken) = self.take(line, lines - done)?;
            let row_in_plane = done * line;
            // The last line ends with its elements.
            let rows = (taken * line).min(all - row_in_plane);
            segments.push(Segment { bank, row, rows, plane: 0, planes: 1, row_in_plane });
            done += taken;
        }
        Some(segments)
    }

    /// The first of the last two banks side by side, or of two new ones, and their first row from which on both have
    /// room for a unit.
    fn partners(&mut self, unit: usize) -> (usize, usize) {
        if let [.., left, right] = self.used.as_slice()
            && self.capacity - left.max(right) >= unit
        {
            return (self.used.len() - 2, *left.max(right));
        }
        self.used.extend([0, 0]);
        (self.used.len() - 2, 0)
    }

    /// Places a layout twice, at the same rows of two banks side by side; `None` if a plane of several exceeds a
    /// whole bank.
    pub(crate) fn place_pair(
        &mut self,
        layout: &PlaneLayout,
        lanes: usize,
    ) -> Option<[Vec<Segment>; 2]> {
        if self.used.len() % 2 == 1 {
            self.used.push(0);
        }
        let per_plane = layout.rows_per_plane(lanes);
        if layout.planes > 1 && per_plane > self.capacity {
            return None;
        }
        // Whole planes where there are several.
        let unit = if layout.planes > 1 { per_plane.max(1) } else { 1 };
        let all = per_plane * layout.planes;
        let mut segments = [vec![], vec![]];
        let mut done = 0;
        while done < all {
            let (bank, row) = self.partners(unit);
            let rows = (all - done).min((self.capacity - row) / unit * unit);
            let (plane, planes, row_in_plane) = match layout.planes {
                1 => (0, 1, done),
                _ => (done / unit, rows / unit, 0),
            };
            for (side, bank) in segments.iter_mut().zip(bank..) {
                self.used[bank] = row + rows;
                side.push(Segment { bank, row, rows, plane, planes, row_in_plane });
            }
            done += rows;
        }
        Some(segments)
    }
}
