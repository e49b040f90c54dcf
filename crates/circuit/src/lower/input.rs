//! Inputs, public values, and range checks of private inputs.

use crate::builder::{Builder, ElementSpot};
use crate::error::CompileError;
use crate::place::{Kind, PlaneLayout, Spot};
use provenn_fixed_point::{Interval, TensorId};

impl Builder<'_> {
    /// Lays an input out as its first user would like it.
    pub(crate) fn input(&mut self, id: TensorId) -> Result<(), CompileError> {
        let layout =
            self.wanted[id.0].unwrap_or_else(|| PlaneLayout::flat(self.graph.tensors[id.0].len()));
        let block = self.place(Kind::Plain, id, layout)?;
        self.primary[id.0] = Some(block);
        self.zero_gaps(block);
        Ok(())
    }

    /// Binds the positions of a plain block that hold no element to zero.
    fn zero_gaps(&mut self, block: usize) {
        let zero = self.constant(0);
        if self.dry {
            return;
        }
        let layout = self.blocks[block].layout;
        let per_plane = layout.rows_per_plane(self.lanes) * self.lanes;
        let mut filled = vec![false; layout.planes * per_plane];
        for element in 0..layout.elements() {
            let (plane, position) = layout.position(element);
            filled[plane * per_plane + position] = true;
        }
        for (index, _) in filled.iter().enumerate().filter(|(_, filled)| !**filled) {
            let (bank, row, lane) =
                self.blocks[block].slot(index / per_plane, index % per_plane, self.lanes);
            self.copies.push((Spot::Plain { bank, lane, row }, zero));
        }
    }

    /// Copies a tensor's elements to the instance column from row `start`; returns the next row.
    pub(crate) fn publish(&mut self, id: TensorId, start: usize) -> Result<usize, CompileError> {
        let spots = self.element_spots(id)?;
        for (i, spot) in spots.iter().enumerate() {
            let cell = match *spot {
                ElementSpot::Spot(spot) => spot,
                ElementSpot::Constant(c) => self.constant(c),
            };
            self.copies.push((cell, Spot::Instance { row: start + i }));
        }
        Ok(start + self.graph.tensors[id.0].len())
    }

    /// Proves that a private input lies in its interval: x·2^S is rescaled by a table of just that interval.
    pub(crate) fn range_check(&mut self, id: TensorId) -> Result<(), CompileError> {
        let Some(input) = self.primary[id.0] else {
            return Err(self.unsupported(id, "input without a block"));
        };
        let layout = self.blocks[input].layout;
        let Interval { lo, hi } = self.graph.tensors[id.0].interval;
        let t = self.graph.low_bits;
        // Whole blocks of 2^t: the interval of an input is aligned to them.
        if lo & ((1 << t) - 1) != 0 || (hi + 1) & ((1 << t) - 1) != 0 {
            return Err(self
                .unsupported(id, format!("a private input's interval must be aligned to 2^{t}")));
        }
        let function = crate::witness::range_function(Interval { lo, hi }, t);
        let block = self.place(Kind::Activation, id, layout)?;
        let x = self.total(input, crate::place::Digest::Sigma);
        let one = self.constant(1);
        let form = self.multiply_add(1 << self.graph.shift, x, one, None);
        self.identify(block, form, 0);
        // The rescale alone would also admit x = q + c/2^S in the field: its output must be x itself.
        let q = self.total(block, crate::place::Digest::Sigma);
        self.equal(q, x);
        self.fix_lanes(block, &[], &function, false);
        Ok(())
    }
}
