//! Maximum: `m = max_e q_e` over windows that lie side by side.
//!
//! A bank of maxima has no cell for q_e: it is `m − d_e`, and the fingerprints of the sums `y_e = q_e·2^S + r_e − o` are read
//! image row by image row. With υ for what lies between two image rows of whatever is read,
//!
//! ```text
//! Y = Σ_i υ^i·Y_i(σ)
//! ```
//!
//! is the fingerprint of a layout of any stride. A convolution that nothing but the maximum reads is *taken in*: Y is that
//! of its accumulators, its function is looked up of the largest, and its outputs stand nowhere ([`crate::fused`]). Else
//! S = 0 and Y is that of a tensor's elements.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::{BlockId, MaximumId};
use crate::planes::PlaneLayout;
use crate::program::{Lines, MaximumBlock, MaximumKind};
use provenn_fixed_point::{Format, Images, Interval, QuantOp, TensorId};
use std::ops::Range;

/// Bits of any difference within an interval; one at least.
fn bits_of(Interval { lo, hi }: Interval) -> u32 {
    (u64::BITS - hi.abs_diff(lo).leading_zeros()).max(1)
}

/// What a maximum's windows hold.
struct Windows<'g> {
    of: TensorId,
    /// S and t, where they are rescaled.
    format: Format,
    function: bool,
    /// Of the quotients.
    interval: Interval,
    bias: &'g [i64],
}

impl<'g> Lowering<'g> {
    /// The block of a maximum that takes in a convolution.
    pub(super) fn taken_in(
        &mut self,
        id: TensorId,
        conv: TensorId,
    ) -> Result<BlockId, CompileError> {
        let graph = self.graph;
        let QuantOp::Rescale { format, bias, accumulator, .. } = &graph.tensors[conv.0].op else {
            return Err(self.internal(conv, "taken in without a rescale"));
        };
        let format = graph.format(*format);
        let format =
            format.ok_or_else(|| self.internal(conv, "a format that the graph has not"))?;
        let Interval { lo, hi } = *accumulator;
        let interval = Interval { lo: format.rescale(lo), hi: format.rescale(hi) };
        let windows = Windows { of: conv, format, function: true, interval, bias: bias.as_slice() };
        Ok(BlockId::Maximum(self.windows(id, windows, false)?))
    }

    /// The rows and columns of a product that windows cover which begin there: what they leave over is dropped.
    pub(super) fn covered(
        &self,
        block: BlockId,
        [top, left]: [usize; 2],
    ) -> Result<[Range<usize>; 2], CompileError> {
        let BlockId::Maximum(id) = block else {
            let what = "windows that are no block of maxima";
            return Err(CompileError::Internal { node: "convolutions".into(), what });
        };
        let MaximumBlock { lines, kind, .. } = &self.program.maximum[id.0];
        let [rows, columns] = [lines.count * kind.window[0], lines.windows * kind.window[1]];
        Ok([top..top + rows, left..left + columns])
    }

    pub(super) fn maximum(&mut self, id: TensorId, operand: TensorId) -> Result<(), CompileError> {
        if self.fused.get(&operand) == Some(&id) {
            return match self.primary[id.0] {
                Some(_) => Ok(()),
                None => Err(self.internal(id, "what it takes in was not made")),
            };
        }
        let graph = self.graph;
        let Some(&Format { low_bits, .. }) = graph.formats.first() else {
            return Err(self.internal(id, "a maximum in a graph without formats"));
        };
        let format = Format { shift: 0, low_bits };
        let (interval, bias) = (graph.tensors[operand.0].interval, &[]);
        // Images of one column are one line, read in place, where nothing lies between its elements.
        let own = self.primary[operand.0].map(|block| self.program.layout(block));
        let dense = |layout: PlaneLayout| layout.width == 1 && layout.stride == 1 && !layout.turned;
        let wanted = self.wanted[id.0].is_none_or(dense);
        let upright = wanted && own.is_none_or(|own| dense(own) || own.width != 1);
        let windows = Windows { of: operand, format, function: false, interval, bias };
        let block = self.windows(id, windows, upright)?;
        let from = self.operand_of_windows(block, operand)?;
        let places = self.program.layout(from);
        let total = self.total(from)?;
        let sums = self.sums_total(block, places)?;
        let sums = self.moved(sums, places.offset);
        self.program.equal(sums, total);
        Ok(())
    }

    /// A block whose elements are those that windows cover: the operand's, if it is laid out so, else copies.
    fn operand_of_windows(
        &mut self,
        block: MaximumId,
        operand: TensorId,
    ) -> Result<BlockId, CompileError> {
        let MaximumBlock { tensor, layout, lines, kind, .. } = self.program.maximum[block.0];
        let images = Images::of(&self.graph.tensors[operand.0].shape);
        let images = images.ok_or_else(|| self.internal(tensor, "windows of no images"))?;
        let from = [images.height, images.width];
        let to = match lines.upright {
            true => [layout.height * kind.window[1], 1],
            false => [lines.count * kind.window[0], lines.windows * kind.window[1]],
        };
        let [planes, rows, columns] = [layout.planes, to[0], to[1]];
        if let Some(block) = self.primary[operand.0] {
            let own = self.program.layout(block);
            let fits = [own.planes, own.height, own.width] == [planes, rows, columns];
            if fits && (!lines.upright || (own.stride == 1 && !own.turned)) {
                return Ok(block);
            }
        }
        let strided = PlaneLayout::strided(planes, rows, columns, columns);
        Ok(BlockId::Plain(match from == to {
            true => self.copy(operand, strided)?,
            false => self.cropped_copy(operand, from, strided)?,
        }))
    }

    /// A block of maxima over windows; `upright`: columns of elements may each be a line.
    fn windows(
        &mut self,
        id: TensorId,
        windows: Windows<'g>,
        upright: bool,
    ) -> Result<MaximumId, CompileError> {
        let QuantOp::Maximum { window, .. } = self.graph.tensors[id.0].op else {
            return Err(self.internal(id, "windows of what is no maximum"));
        };
        let images = Images::of(&self.graph.tensors[id.0].shape);
        let images = images.ok_or_else(|| self.internal(id, "windows of no images"))?;
        let (planes, Images { height, width, .. }) = (images.planes(), images);
        let Windows { of, format: Format { shift, low_bits }, function, interval, bias } = windows;
        let lanes = self.window_lanes;
        let lines = |stride| Lines { count: height, windows: width, stride, upright: false };
        let ([layout, own], lines, window) = if upright && width == 1 && window[1] == 1 {
            let layout = PlaneLayout::strided(planes, height, 1, 1);
            let stride = height.next_multiple_of(lanes);
            let lines = Lines { count: 1, windows: height, stride, upright: true };
            ([layout; 2], lines, [1, window[0]])
        } else {
            let stride = self.wanted[id.0].map_or(width, |wanted| wanted.stride).max(width);
            if self.wanted[id.0].is_some_and(|wanted| wanted.turned) {
                // With υ = τ·σ^(stride − L) from line to line, whatever L is.
                let least = stride.max(width + self.lanes - lanes);
                let seen = least.next_multiple_of(self.lanes);
                let stride = seen + lanes - self.lanes;
                let layouts = [seen, stride];
                let layouts = layouts.map(|s| PlaneLayout::turned(planes, height, width, s));
                (layouts, lines(stride), window)
            } else {
                let stride = stride.next_multiple_of(lanes);
                let layout = PlaneLayout::strided(planes, height, width, stride);
                ([layout; 2], lines(stride), window)
            }
        };
        self.maximum_block(MaximumBlock {
            tensor: id,
            of,
            kind: MaximumKind { window, shift, low_bits, function },
            layout,
            own,
            lanes,
            lines,
            bias,
            bits: bits_of(interval),
        })
    }
}
