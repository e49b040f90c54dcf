//! Elements of tensors in plain cells: found, materialised, copied.

use crate::builder::Builder;
use crate::error::CompileError;
use crate::place::{Block, Kind, PlaneLayout, Slot, Spot};
use crate::views::Origin;
use provenn_fixed_point::{QuantOp, TensorId};

/// Element sources: a spot, or a constant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ElementSpot {
    Spot(Spot),
    Constant(i64),
}

impl Builder<'_> {
    /// The spot of each element of a tensor, through views; activations are materialised first. A dry builder
    /// returns none, having counted what is made on the way.
    pub(crate) fn element_spots(
        &mut self,
        tensor: TensorId,
    ) -> Result<Vec<ElementSpot>, CompileError> {
        self.prepare(tensor)?;
        let known = self.known;
        let Some(view) = known.views.get(tensor) else {
            let block = self.home(tensor)?;
            return if self.dry { Ok(vec![]) } else { self.block_spots(block) };
        };
        if self.dry {
            for &c in &view.constants {
                self.constant(c)?;
            }
            return Ok(vec![]);
        }
        let mut last: Option<(TensorId, usize)> = None;
        let mut spots = Vec::with_capacity(view.origins.len());
        for origin in &view.origins {
            spots.push(match *origin {
                Origin::Constant(c) => ElementSpot::Constant(c),
                Origin::Element { tensor, index } => {
                    let block = match last {
                        Some((of, block)) if of == tensor => block,
                        Some(_) | None => self.home(tensor)?,
                    };
                    last = Some((tensor, block));
                    self.element_spot(&self.blocks[block], index)?
                }
            });
        }
        Ok(spots)
    }

    /// Materialises every activation under a tensor, each once, in the order that views name them.
    fn prepare(&mut self, tensor: TensorId) -> Result<(), CompileError> {
        let graph = self.graph;
        let mut left = vec![tensor];
        while let Some(id) = left.pop() {
            if std::mem::replace(&mut self.ready[id.0], true) {
                continue;
            }
            match &graph.tensors[id.0].op {
                QuantOp::View { sources, .. } => left.extend(sources.iter().rev()),
                QuantOp::Rescale { .. } => {
                    self.materialised(id)?;
                }
                QuantOp::Input { .. } | QuantOp::Exact { .. } => {}
            }
        }
        Ok(())
    }

    /// The plain block that holds a tensor which is no view: its own, or an activation's twin.
    fn home(&self, tensor: TensorId) -> Result<usize, CompileError> {
        let own = self.primary[tensor.0];
        let own = own.ok_or_else(|| self.internal(tensor, "used before it is made"))?;
        if self.blocks[own].kind == Kind::Plain {
            return Ok(own);
        }
        let twin = self.plain_copies.get(&(tensor, self.blocks[own].layout)).copied();
        twin.ok_or_else(|| self.internal(tensor, "an activation is read before it is materialised"))
    }

    fn element_spot(&self, block: &Block, element: usize) -> Result<ElementSpot, CompileError> {
        let (plane, position) = block.layout.position(element);
        let Slot { bank, row, lane } = self.slot(block, plane, position)?;
        Ok(ElementSpot::Spot(Spot::Plain { bank, lane, row }))
    }

    fn block_spots(&self, block: usize) -> Result<Vec<ElementSpot>, CompileError> {
        let block = &self.blocks[block];
        (0..block.layout.elements()).map(|element| self.element_spot(block, element)).collect()
    }

    /// The plain twin of an activation block: same layout, equal digests.
    fn materialised(&mut self, tensor: TensorId) -> Result<usize, CompileError> {
        let activation = self.primary[tensor.0];
        let activation =
            activation.ok_or_else(|| self.internal(tensor, "used before it is made"))?;
        let layout = self.blocks[activation].layout;
        if let Some(&block) = self.plain_copies.get(&(tensor, layout)) {
            return Ok(block);
        }
        let block = self.place(Kind::Plain, tensor, layout)?;
        self.plain_copies.insert((tensor, layout), block);
        for plane in 0..layout.planes {
            let left = self.plane_digest(activation, plane)?;
            let right = self.plane_digest(block, plane)?;
            self.equal(left, right);
        }
        Ok(block)
    }

    /// A plain block of a tensor in the given layout: its own if it has one, else a copy.
    pub(crate) fn plain_block(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<usize, CompileError> {
        if let Some(block) = self.primary[tensor.0]
            && self.blocks[block].kind == Kind::Plain
            && self.blocks[block].layout == layout
        {
            return Ok(block);
        }
        if let Some(&block) = self.plain_copies.get(&(tensor, layout)) {
            return Ok(block);
        }
        let spots = self.element_spots(tensor)?;
        if let Some(&block) = self.plain_copies.get(&(tensor, layout)) {
            return Ok(block);
        }
        let block = self.place(Kind::Plain, tensor, layout)?;
        self.plain_copies.insert((tensor, layout), block);
        self.bind(block, &spots)?;
        Ok(block)
    }

    /// Copies elements into a plain block and zeros into its gaps.
    pub(crate) fn bind(&mut self, block: usize, spots: &[ElementSpot]) -> Result<(), CompileError> {
        // The zero is made even when nothing needs it, so that dry and real runs count alike.
        self.constant(0)?;
        if self.dry {
            return Ok(());
        }
        let Block { layout, tensor, .. } = self.blocks[block];
        if spots.len() != layout.elements() {
            return Err(self.internal(tensor, "a block of another size than its tensor"));
        }
        for (element, spot) in spots.iter().enumerate() {
            let (plane, position) = layout.position(element);
            let Slot { bank, row, lane } = self.slot(&self.blocks[block], plane, position)?;
            let source = match *spot {
                ElementSpot::Spot(spot) => spot,
                ElementSpot::Constant(c) => self.constant(c)?,
            };
            self.copies.push((Spot::Plain { bank, lane, row }, source));
        }
        self.zero_gaps(block)
    }

    /// Binds the positions of a plain block that hold no element to zero.
    pub(crate) fn zero_gaps(&mut self, block: usize) -> Result<(), CompileError> {
        let zero = self.constant(0)?;
        if self.dry {
            return Ok(());
        }
        let layout = self.blocks[block].layout;
        let per_plane = layout.rows_per_plane(self.lanes) * self.lanes;
        let mut filled = vec![false; layout.planes * per_plane];
        for element in 0..layout.elements() {
            let (plane, position) = layout.position(element);
            filled[plane * per_plane + position] = true;
        }
        for (index, _) in filled.iter().enumerate().filter(|(_, filled)| !**filled) {
            let (plane, position) = (index / per_plane, index % per_plane);
            let Slot { bank, row, lane } = self.slot(&self.blocks[block], plane, position)?;
            self.copies.push((Spot::Plain { bank, lane, row }, zero));
        }
        Ok(())
    }

    pub(crate) fn equal(&mut self, left: Spot, right: Spot) {
        if !self.dry {
            self.copies.push((left, right));
        }
    }
}
