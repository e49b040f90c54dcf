//! Gather: every element of the result is looked up in a memory that holds the data, line by line.
//!
//! # Statement
//! With entries (key, value) of the data's line in a space of its own, each pair (index, element of the result) is an
//! entry of its line's space.
//!
//! # Soundness
//! Entries are the data, by equal fingerprints or copies; keys of a line are distinct, so that an index has one value.
//!
//! # Cost
//! Per element of the data a plain cell and a count, per element of the result two plain cells; no product.

use super::Lowering;
use super::sort::POSITIONS;
use crate::error::CompileError;
use crate::ids::{BlockId, PlainId, Space};
use crate::planes::PlaneLayout;
use crate::program::{Contents, PlainFingerprint, Side, Stand};
use provenn_fixed_point::{Gather, TensorId};

impl Lowering<'_> {
    pub(super) fn gather(&mut self, id: TensorId, gather: Gather) -> Result<(), CompileError> {
        let Gather { data, indices, lines, keys } = gather;
        if keys == POSITIONS
            && let Some(&values) = self.sorted.get(&(data, indices, lines))
        {
            // The elements in order, which a sort has looked up line by line.
            self.primary[id.0] = Some(BlockId::Plain(values));
            self.program.homes.insert(id, values);
            return Ok(());
        }
        let first = self.spaces(id, lines)?;
        let per_line =
            |this: &Self, of: TensorId| this.graph.tensors[of.0].len().checked_div(lines);
        let (entries, picks) = (per_line(self, data), per_line(self, id));
        let (Some(entries), Some(picks)) = (entries, picks) else {
            return Err(self.internal(id, "a memory without lines"));
        };
        self.entries(data, Stand::Entries { first, per_line: entries, keys })?;
        let layout = PlaneLayout::flat(self.graph.tensors[id.0].len());
        let lookup = |side| Stand::Lookup { side, first, per_line: picks };
        // For the gaps; what is prepared must not come between keys and values.
        self.program.constant(0);
        self.prepare(indices)?;
        self.same(indices, Some(layout), lookup(Side::Left))?;
        let values = self.home(id, layout, Contents::Shown)?;
        self.program.plain[values.0].stand = lookup(Side::Right);
        Ok(())
    }

    /// Entries that are a tensor's elements, in the layout that it has.
    pub(super) fn entries(
        &mut self,
        data: TensorId,
        stand: Stand,
    ) -> Result<PlainId, CompileError> {
        self.prepare(data)?;
        self.same(data, None, stand)
    }

    /// The next spaces, one for each line.
    pub(super) fn spaces(&mut self, id: TensorId, lines: usize) -> Result<Space, CompileError> {
        let first = self.program.spaces.checked_add(1);
        let next = i64::try_from(lines).ok().and_then(|n| self.program.spaces.checked_add(n));
        let (Some(first), Some(next)) = (first, next) else {
            return Err(self.internal(id, "more spaces than numbers"));
        };
        self.program.spaces = next;
        Ok(Space(first))
    }

    /// Another block with a tensor's elements, which has been prepared: with equal fingerprints where the tensor's own
    /// block has this layout (any, if none is asked for), else copied.
    fn same(
        &mut self,
        tensor: TensorId,
        layout: Option<PlaneLayout>,
        stand: Stand,
    ) -> Result<PlainId, CompileError> {
        let own = self.primary[tensor.0];
        let own = own.map(|block| (block, self.program.layout(block)));
        let own = own.filter(|(_, own)| layout.is_none_or(|layout| layout == *own));
        let block = match own {
            Some((own, layout)) => {
                let block = self.plain_block(tensor, layout, Contents::Equated)?;
                for plane in 0..layout.planes {
                    let left = self.plane(own, plane);
                    let right = self.plain_plane(block, plane, PlainFingerprint::Sigma);
                    self.program.equal(left, right);
                }
                block
            }
            None => {
                let flat = PlaneLayout::flat(self.graph.tensors[tensor.0].len());
                self.private_copy(tensor, layout.unwrap_or(flat))?
            }
        };
        self.program.plain[block.0].stand = stand;
        Ok(block)
    }
}
