//! Conv: the full polynomial product, what is kept and boundary terms alike.
//!
//! With planes as polynomials in σ (position (i, j) at exponent i·stride + j) and output channels as
//! powers of ρ, `Σ_ci K_ci(ρ,σ)·X_ci(σ) = Y(ρ,σ)`. Coefficients that the layer drops (boundary terms) stand at
//! their own positions of the same block, where they are decomposed like any other but looked up in the
//! boundary table, whose output is 0: the next layer reads them as padding. Or they are *combined* over
//! channels, in boundary banks of their own: `Σ_ci K_ci·X_ci = υ^top·σ^left·Y + G` with image rows as powers of υ.
//! This file makes the blocks; `conv_identity` demands the identity.

use super::Lowering;
use super::conv_identity::Kernel;
use super::conv_layouts::{input_layout, planes_of, stride};
use super::waiting::Convolved;
use crate::boundary::BoundaryTerms;
use crate::error::CompileError;
use crate::ids::BlockId;
use crate::planes::PlaneLayout;
use provenn_fixed_point::{Images, TensorId};

const WIDE_PADDING: &str = "padding wider than the kernel; pad with a Pad node instead";

impl<'g> Lowering<'g> {
    pub(super) fn conv(
        &mut self,
        id: TensorId,
        input: TensorId,
        kernel: Kernel<'g>,
        pad_before: [usize; 2],
    ) -> Result<(), CompileError> {
        let [outputs, of_group, ..] = kernel.shape;
        let images = |tensor: TensorId| {
            let shape = &self.graph.tensors[tensor.0].shape;
            let reason = || format!("Conv of shape {shape:?}, expected [C,H,W] or [B,C,H,W]");
            Images::of(shape).ok_or_else(|| self.unsupported(id, reason()))
        };
        let (from, out) = (images(input)?, images(id)?);
        let Images { count, height, width, .. } = from;
        let (out_height, out_width) = (out.height, out.width);
        if [from.channels, out.channels] != [of_group * kernel.groups, outputs]
            || count != out.count
        {
            return Err(self.internal(id, "a convolution of other images than its kernel's"));
        }
        let [eh, ew] = kernel.extent;
        let (full_height, full_width) = (height + eh - 1, width + ew - 1);
        let (top, left) = (eh.checked_sub(1 + pad_before[0]), ew.checked_sub(1 + pad_before[1]));
        let (Some(top), Some(left)) = (top, left) else {
            return Err(self.unsupported(id, WIDE_PADDING));
        };
        if top + out_height > full_height || left + out_width > full_width {
            return Err(self.unsupported(id, WIDE_PADDING));
        }
        let least = stride(self.boundary, self.lanes, width, out_width, full_width);
        let x = self.conv_input(id, input, least)?;
        let x_layout = self.program.layout(x);
        let stride = x_layout.stride;
        let layout = match self.boundary {
            BoundaryTerms::InLanes => PlaneLayout {
                planes: out.planes(),
                height: out_height,
                width: out_width,
                stride,
                offset: top * stride + left,
                length: (full_height - 1) * stride + full_width,
                turned: false,
            },
            BoundaryTerms::Combined => {
                PlaneLayout::turned(out.planes(), out_height, out_width, stride)
            }
        };
        let mut kept = [top..top + out_height, left..left + out_width];
        let block = match self.fused.get(&id).copied() {
            Some(maximum) => {
                let block = self.taken_in(maximum, id)?;
                kept = self.covered(block, [top, left])?;
                block
            }
            None => self.made(id, layout, self.boundary == BoundaryTerms::InLanes)?,
        };

        let full = [full_height, full_width];
        let images = Convolved { tensor: id, x, from, y: block, full, kept };
        match self.known.alike.gather(&mut self.waiting.convolved, id, images) {
            Some(all) => self.convolved(kernel, all),
            None => Ok(()),
        }
    }

    /// The input in a layout with at least this stride.
    fn conv_input(
        &mut self,
        id: TensorId,
        input: TensorId,
        stride: usize,
    ) -> Result<BlockId, CompileError> {
        let images = Images::of(&self.graph.tensors[input.0].shape);
        let images = images.ok_or_else(|| self.internal(id, "a convolution of no images"))?;
        let [planes, height, width] = planes_of(images);
        if let Some(block) = self.primary[input.0] {
            let layout = self.program.layout(block);
            let fits = [layout.planes, layout.height, layout.width] == [planes, height, width];
            let turned = self.boundary == BoundaryTerms::Combined;
            if fits && layout.stride >= stride && layout.turned == turned {
                return Ok(block);
            }
        }
        // Our own users may need a wider stride; it costs nothing more to have it here.
        let ours = self.wanted[id.0].map_or(0, |layout| layout.stride);
        let layout = input_layout(self.boundary, [planes, height, width], stride.max(ours));
        Ok(BlockId::Plain(self.copy(input, layout)?))
    }
}
