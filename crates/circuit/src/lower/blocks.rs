//! Blocks of cells, and plain cells for elements: made once, and found again.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::{ActivationId, BlockId, MaximumId, PlainId, RangeId};
use crate::planes::PlaneLayout;
use crate::program::{
    ActivationBlock, Contents, MaximumBlock, Order, PlainBlock, PlainFingerprint, RangeBlock, Side,
    Stand,
};
use provenn_fixed_point::{FormatId, QuantOp, TensorId};

impl<'g> Lowering<'g> {
    /// Counts the cells of a block that is about to be made.
    pub(super) fn count(
        &mut self,
        tensor: TensorId,
        layout: &PlaneLayout,
    ) -> Result<(), CompileError> {
        let rows = layout.rows_per_plane(self.lanes).checked_mul(layout.planes);
        let cells = rows.and_then(|rows| rows.checked_mul(self.lanes));
        let cells = cells.and_then(|cells| cells.checked_add(self.cells));
        match cells.filter(|cells| *cells <= self.most_cells) {
            Some(cells) => {
                self.cells = cells;
                Ok(())
            }
            None => {
                let (node, limit) = (self.name(tensor), self.most_cells);
                Err(CompileError::TooManyBlocks { node, limit })
            }
        }
    }

    /// A block of a tensor's accumulators and outputs.
    pub(super) fn activation_block(
        &mut self,
        id: TensorId,
        format: FormatId,
        layout: PlaneLayout,
        bias: &'g [i64],
        boundary: bool,
    ) -> Result<ActivationId, CompileError> {
        self.count(id, &layout)?;
        self.program.activation.push(ActivationBlock {
            tensor: id,
            format,
            layout,
            bias,
            boundary,
        });
        Ok(ActivationId(self.program.activation.len() - 1))
    }

    /// A block of maxima, which their tensor is made in.
    pub(super) fn maximum_block(
        &mut self,
        block: MaximumBlock<'g>,
    ) -> Result<MaximumId, CompileError> {
        self.count(block.tensor, &block.layout)?;
        let id = MaximumId(self.program.maximum.len());
        self.primary[block.tensor.0] = Some(BlockId::Maximum(id));
        self.program.maximum.push(block);
        Ok(id)
    }

    /// A block of values in a range.
    pub(super) fn range_block(&mut self, block: RangeBlock) -> Result<RangeId, CompileError> {
        self.count(block.tensor, &block.layout)?;
        self.program.range.push(block);
        Ok(RangeId(self.program.range.len() - 1))
    }

    /// The block that a linear form's tensor is made in: of activations where it is rescaled, else of plain cells
    /// that the form's identity determines.
    pub(super) fn made(
        &mut self,
        id: TensorId,
        layout: PlaneLayout,
        boundary: bool,
    ) -> Result<BlockId, CompileError> {
        let block = match &self.graph.tensors[id.0].op {
            QuantOp::Rescale { format, bias, .. } => {
                // The bias of committed weights is committed as well.
                let bias =
                    if self.graph.committed.contains_key(&id) { &[] } else { bias.as_slice() };
                BlockId::Activation(self.activation_block(id, *format, layout, bias, boundary)?)
            }
            QuantOp::Exact { .. } => BlockId::Plain(self.home(id, layout, Contents::Equated)?),
            QuantOp::Input { .. }
            | QuantOp::View { .. }
            | QuantOp::Quotient(_)
            | QuantOp::Root { .. }
            | QuantOp::Gather(_)
            | QuantOp::Embedding(_)
            | QuantOp::Sort { .. }
            | QuantOp::Maximum { .. } => {
                return Err(self.internal(id, "a linear form of a tensor that has none"));
            }
        };
        self.primary[id.0] = Some(block);
        Ok(block)
    }

    pub(super) fn plain_block(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
        contents: Contents,
    ) -> Result<PlainId, CompileError> {
        self.count(tensor, &layout)?;
        self.program.plain.push(PlainBlock {
            tensor,
            layout,
            contents,
            order: Order::Own,
            stand: Stand::Alone,
            coefficients: &[],
        });
        Ok(PlainId(self.program.plain.len() - 1))
    }

    /// A plain block that a tensor is made in: its home.
    pub(super) fn home(
        &mut self,
        id: TensorId,
        layout: PlaneLayout,
        contents: Contents,
    ) -> Result<PlainId, CompileError> {
        let block = self.plain_block(id, layout, contents)?;
        self.primary[id.0] = Some(BlockId::Plain(block));
        self.program.homes.insert(id, block);
        Ok(block)
    }

    /// A block of copies of a tensor's elements, for the reader that asks alone.
    pub(super) fn private_copy(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<PlainId, CompileError> {
        if layout.elements() != self.graph.tensors[tensor.0].len() {
            return Err(self.internal(tensor, "a block of another size than its tensor"));
        }
        self.prepare(tensor)?;
        // For the gaps.
        self.program.constant(0);
        self.plain_block(tensor, layout, Contents::Copies)
    }

    /// Copies of the first rows and columns of a tensor's planes.
    pub(super) fn cropped_copy(
        &mut self,
        tensor: TensorId,
        from: [usize; 2],
        layout: PlaneLayout,
    ) -> Result<PlainId, CompileError> {
        self.prepare(tensor)?;
        // For the gaps.
        self.program.constant(0);
        let block = self.plain_block(tensor, layout, Contents::Copies)?;
        self.program.plain[block.0].order =
            Order::Cropped { from, to: [layout.height, layout.width] };
        Ok(block)
    }

    /// Copies of a `[rows, columns]` tensor's transpose.
    pub(super) fn transposed_copy(
        &mut self,
        tensor: TensorId,
        [rows, columns]: [usize; 2],
    ) -> Result<PlainId, CompileError> {
        let block = self.private_copy(tensor, PlaneLayout::rows(columns, rows))?;
        self.program.plain[block.0].order = Order::Transposed([rows, columns]);
        Ok(block)
    }

    /// Copies of several tensors of `len` elements, plane k holding element k of each.
    pub(super) fn interleaved_copy(
        &mut self,
        tensors: Vec<TensorId>,
        len: usize,
    ) -> Result<PlainId, CompileError> {
        let nothing = || {
            let what = "copies of nothing, side by side";
            CompileError::Internal { node: "the circuit".into(), what }
        };
        let first = tensors.first().copied().ok_or_else(nothing)?;
        for &tensor in &tensors {
            if self.graph.tensors[tensor.0].len() != len {
                return Err(self.internal(tensor, "copies beside those of another size"));
            }
            self.prepare(tensor)?;
        }
        // For the gaps.
        self.program.constant(0);
        let layout = PlaneLayout::rows(len, tensors.len());
        let block = self.plain_block(first, layout, Contents::Copies)?;
        self.program.plain[block.0].order = Order::Interleaved(tensors);
        Ok(block)
    }

    /// Copies of two tensors, or of their transposes, side by side; the left block comes back.
    pub(super) fn pair(
        &mut self,
        tensors: [TensorId; 2],
        layout: PlaneLayout,
        order: Order,
    ) -> Result<PlainId, CompileError> {
        // What is prepared for either must not come between the two.
        self.prepare(tensors[0])?;
        self.prepare(tensors[1])?;
        let left = self.private_copy(tensors[0], layout)?;
        let right = self.private_copy(tensors[1], layout)?;
        for (block, side) in [(left, Side::Left), (right, Side::Right)] {
            let block = &mut self.program.plain[block.0];
            (block.stand, block.order) = (Stand::Pair(side), order.clone());
        }
        Ok(left)
    }

    /// A plain block of a tensor in the given layout: its own if it has one, else a copy.
    pub(super) fn copy(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<PlainId, CompileError> {
        if let Some(BlockId::Plain(block)) = self.primary[tensor.0]
            && self.program.plain[block.0].layout == layout
        {
            return Ok(block);
        }
        // A twin of this layout may be what preparing makes.
        self.prepare(tensor)?;
        if let Some(&block) = self.copies.get(&(tensor, layout)) {
            return Ok(block);
        }
        let block = self.private_copy(tensor, layout)?;
        self.copies.insert((tensor, layout), block);
        Ok(block)
    }

    /// A tensor's block in place when it is laid out with this stride (any offset), else a plain copy.
    pub(super) fn aligned(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<BlockId, CompileError> {
        if let Some(block) = self.primary[tensor.0] {
            let same = |l: PlaneLayout| (l.planes, l.height, l.width, l.stride, l.turned);
            if same(self.program.layout(block)) == same(layout) {
                return Ok(block);
            }
        }
        Ok(BlockId::Plain(self.copy(tensor, layout)?))
    }

    /// Gives every element under a tensor a plain cell, in the order that views name them.
    pub(super) fn prepare(&mut self, tensor: TensorId) -> Result<(), CompileError> {
        let (graph, known) = (self.graph, self.known);
        if let Some(view) = known.views.get(tensor) {
            view.constants.iter().for_each(|c| {
                self.program.constant(*c);
            });
        }
        let mut left = vec![tensor];
        while let Some(id) = left.pop() {
            if std::mem::replace(&mut self.ready[id.0], true) {
                continue;
            }
            match &graph.tensors[id.0].op {
                QuantOp::View { sources, .. } => left.extend(sources.iter().rev()),
                QuantOp::Rescale { .. } | QuantOp::Maximum { .. } => self.twin(id)?,
                // Made in plain cells.
                QuantOp::Input { .. }
                | QuantOp::Exact { .. }
                | QuantOp::Quotient(_)
                | QuantOp::Root { .. }
                | QuantOp::Gather(_)
                | QuantOp::Embedding(_)
                | QuantOp::Sort { .. } => {}
            }
        }
        Ok(())
    }

    /// Makes the plain twin of a block whose elements are no cells: same layout, equal fingerprints plane by plane.
    fn twin(&mut self, tensor: TensorId) -> Result<(), CompileError> {
        let made = match self.primary[tensor.0] {
            Some(made @ (BlockId::Activation(_) | BlockId::Maximum(_))) => made,
            Some(BlockId::Plain(_)) | None => {
                return Err(self.internal(tensor, "used before it is made"));
            }
        };
        let layout = self.program.layout(made);
        let block = self.plain_block(tensor, layout, Contents::Equated)?;
        self.copies.insert((tensor, layout), block);
        self.program.homes.insert(tensor, block);
        for plane in 0..layout.planes {
            let left = self.plane(made, plane);
            let right = self.plain_plane(block, plane, PlainFingerprint::Sigma);
            self.program.equal(left, right);
        }
        Ok(())
    }
}
