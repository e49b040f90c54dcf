//! Values that an operation or a private input needs in a range: cells that are nothing but their limbs.
//!
//! A range bank shows `0 ≤ y < 2^(w·n)` of values of n limbs. A range with another least value is one of differences: its fingerprint is that of the
//! block and, for every element, the least value. The upper end is shown by a second block, of what is left to it, where it
//! does not follow; that y is far below the field's size always does.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::{PlainId, ValueId};
use crate::planes::PlaneLayout;
use crate::program::{Contents, PlainFingerprint, Point, RangeBlock, Shown};
use provenn_fixed_point::{Interval, TensorId};

/// Bits of the differences within an interval; one at least.
fn bits_of(Interval { lo, hi }: Interval) -> u32 {
    (u64::BITS - hi.abs_diff(lo).leading_zeros()).max(1)
}

impl Lowering<'_> {
    /// Plain cells for the result of an operation that no linear form makes, in the order of its elements.
    pub(super) fn result(&mut self, id: TensorId) -> Result<(PlainId, ValueId), CompileError> {
        let layout = PlaneLayout::flat(self.graph.tensors[id.0].len());
        // For the gaps.
        self.program.constant(0);
        let block = self.home(id, layout, Contents::Shown)?;
        Ok((block, self.plain_total(block, PlainFingerprint::Sigma)?))
    }

    /// The fingerprint of the values of range `index` of an operation, which are shown to lie in it.
    pub(super) fn ranged(&mut self, id: TensorId, index: usize) -> Result<ValueId, CompileError> {
        self.ranged_in(id, index, PlaneLayout::flat(self.graph.tensors[id.0].len()))
    }

    /// The same of as many values as a layout has.
    pub(super) fn ranged_in(
        &mut self,
        id: TensorId,
        index: usize,
        layout: PlaneLayout,
    ) -> Result<ValueId, CompileError> {
        let ranges = self.graph.ranges(id);
        let range = ranges.and_then(|ranges| ranges.get(index).copied());
        let range = range.ok_or_else(|| self.internal(id, "a range that its operation lacks"))?;
        let shown = Shown::Operation { index, least: range.lo };
        let above = self.in_range(id, shown, layout, range)?;
        Ok(self.plus_constant(above, range.lo, layout))
    }

    /// The fingerprint of a tensor's values less what `shown` says, which are shown not to be negative.
    pub(super) fn in_range(
        &mut self,
        tensor: TensorId,
        shown: Shown,
        layout: PlaneLayout,
        range: Interval,
    ) -> Result<ValueId, CompileError> {
        let bits = bits_of(range);
        let block = self.range_block(RangeBlock { tensor, shown, layout, bits })?;
        self.range_total(block)
    }

    /// The fingerprint of a block's values, each with a constant added.
    pub(super) fn plus_constant(
        &mut self,
        value: ValueId,
        constant: i64,
        layout: PlaneLayout,
    ) -> ValueId {
        if constant == 0 {
            return value;
        }
        let one = self.program.constant(1);
        let ones = self.ones(layout);
        self.program.multiply_add(constant, ones, one, Some((1, value)))
    }

    /// The fingerprint of a block that has 1 for every element, and 0 in its gaps. Its image rows do not turn.
    pub(super) fn ones(&mut self, layout: PlaneLayout) -> ValueId {
        let PlaneLayout { planes, height, width, stride, offset, .. } = layout;
        let mut ones = self.geometric((Point::Sigma, 1), width);
        for (of, count) in [((Point::Sigma, stride), height), ((Point::Rho, 1), planes)] {
            if count > 1 {
                let sum = self.geometric(of, count);
                ones = self.program.multiply(ones, sum);
            }
        }
        self.moved(ones, offset)
    }

    /// `Σ_{i<n} z^i` for a power z of a challenge, by halves: `Σ_{i<2m} z^i = (z^m + 1)·Σ_{i<m} z^i`.
    pub(super) fn geometric(&mut self, (point, exponent): (Point, usize), count: usize) -> ValueId {
        self.progression(Ratio::Power(point, exponent), count)
    }

    /// The same for υ, by which image rows of a layout differ.
    pub(super) fn geometric_rows(&mut self, layout: PlaneLayout, count: usize) -> ValueId {
        self.progression(Ratio::Row(layout), count)
    }

    fn progression(&mut self, ratio: Ratio, count: usize) -> ValueId {
        if let Some(&sum) = self.geometric.get(&(ratio, count)) {
            return sum;
        }
        let one = self.program.constant(1);
        let sum = match count {
            0 => self.program.constant(0),
            1 => one,
            _ => {
                let half = self.progression(ratio, count / 2);
                let power = self.power_of(ratio, count / 2);
                let even = self.program.multiply_add(1, half, power, Some((1, half)));
                if count.is_multiple_of(2) {
                    even
                } else {
                    let base = self.power_of(ratio, 1);
                    self.program.multiply_add(1, even, base, Some((1, one)))
                }
            }
        };
        self.geometric.insert((ratio, count), sum);
        sum
    }

    fn power_of(&mut self, ratio: Ratio, exponent: usize) -> ValueId {
        match ratio {
            Ratio::Power(point, of_one) => self.program.power(point, of_one * exponent),
            Ratio::Row(layout) => self.place_power(layout, exponent, 0),
        }
    }
}

/// What each term of a geometric progression is of the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ratio {
    /// A power of a challenge.
    Power(Point, usize),
    /// υ of a layout.
    Row(PlaneLayout),
}
