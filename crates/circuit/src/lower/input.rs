//! Inputs, public values, and range checks of private inputs.

use crate::builder::Builder;
use crate::error::CompileError;
use crate::place::{Digest, Kind, PlaneLayout, Spot};
use crate::spots::ElementSpot;
use provenn_fixed_point::TensorId;

impl Builder<'_> {
    /// Lays an input out as its first user would like it.
    pub(crate) fn input(&mut self, id: TensorId) -> Result<(), CompileError> {
        let layout =
            self.wanted[id.0].unwrap_or_else(|| PlaneLayout::flat(self.graph.tensors[id.0].len()));
        let block = self.place(Kind::Plain, id, layout)?;
        self.primary[id.0] = Some(block);
        self.zero_gaps(block)
    }

    /// Copies a tensor's elements to the instance column from row `start`; returns the next row.
    pub(crate) fn publish(&mut self, id: TensorId, start: usize) -> Result<usize, CompileError> {
        let spots = self.element_spots(id)?;
        for (i, spot) in spots.iter().enumerate() {
            let cell = match *spot {
                ElementSpot::Spot(spot) => spot,
                ElementSpot::Constant(c) => self.constant(c)?,
            };
            self.copies.push((cell, Spot::Instance { row: start + i }));
        }
        Ok(start + self.graph.tensors[id.0].len())
    }

    /// Proves that a private input lies in its interval: x·2^S is rescaled by a table of just that interval.
    pub(crate) fn range_check(&mut self, id: TensorId) -> Result<(), CompileError> {
        let Some(input) = self.primary[id.0] else {
            return Err(self.internal(id, "an input without a block"));
        };
        let layout = self.blocks[input].layout;
        let block = self.place(Kind::Activation, id, layout)?;
        let x = self.total(input, Digest::Sigma)?;
        let one = self.constant(1)?;
        let form = self.multiply_add(1 << self.graph.shift, x, one, None)?;
        self.identify(block, form, 0)?;
        // The rescale alone would also admit x = q + c/2^S in the field: its output must be x itself.
        let q = self.total(block, Digest::Sigma)?;
        self.equal(q, x);
        self.fix_lanes(block, &[], false)
    }
}
