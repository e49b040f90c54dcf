//! Conv: the full polynomial product, kept and dropped coefficients alike.
//!
//! With planes as polynomials in σ (position (i, j) at exponent i·stride + j) and output channels as
//! powers of ρ, `Σ_ci K_ci(ρ,σ)·X_ci(σ) = Y(ρ,σ)`. Coefficients that the layer drops (borders) stand at
//! their own positions of the same block, where they are decomposed like any other but looked up in the
//! border table, whose output is 0: the next layer reads them as padding. Or they are *combined* over
//! channels, in border banks of their own: `Σ_ci K_ci·X_ci = υ^top·σ^left·Y + G` with image rows as powers of υ.
//!
//! A batch is one identity. Output channels of image b follow those of image b − 1, at powers of ρ from O·b on, so
//! that `Y(ρ,σ) = Σ_b ρ^(O·b)·Y_b(ρ,σ)`; and since every image has the same kernel,
//!
//! ```text
//! Y(ρ,σ) = Σ_ci K_ci(ρ,σ)·Σ_b ρ^(O·b)·X_b,ci(σ)
//! ```
//!
//! Images are joined channel by channel before taps apply: taps and weights are laid once. K_ci has powers of ρ
//! below O alone, so that no two images meet at a power, and the identity is one of each of them.

use super::Lowering;
use super::conv_layouts::{extent, input_layout, planes_of, stride};
use crate::borders::Borders;
use crate::error::CompileError;
use crate::ids::{BlockId, DroppedId, ValueId};
use crate::planes::PlaneLayout;
use crate::program::{DroppedRun, Inputs, LinearValue, Point, Value, Weights};
use provenn_fixed_point::{Images, TensorId};
use provenn_gadgets::linear::Extents;
use std::ops::Range;

const WIDE_PADDING: &str = "padding wider than the kernel; pad with a Pad node instead";

impl<'g> Lowering<'g> {
    pub(super) fn conv(
        &mut self,
        id: TensorId,
        input: TensorId,
        kernel: &'g [i64],
        kernel_shape: [usize; 4],
        dilation: [usize; 2],
        pad_before: [usize; 2],
    ) -> Result<(), CompileError> {
        let [outputs, inputs, kernel_height, kernel_width] = kernel_shape;
        let images = |tensor: TensorId| {
            let shape = &self.graph.tensors[tensor.0].shape;
            let reason = || format!("Conv of shape {shape:?}, expected [C,H,W] or [B,C,H,W]");
            Images::of(shape).ok_or_else(|| self.unsupported(id, reason()))
        };
        let (from, out) = (images(input)?, images(id)?);
        let Images { count, height, width, .. } = from;
        let (out_height, out_width) = (out.height, out.width);
        if [from.channels, out.channels] != [inputs, outputs] || count != out.count {
            return Err(self.internal(id, "a convolution of other images than its kernel's"));
        }
        let (eh, ew) = (extent(kernel_height, dilation[0]), extent(kernel_width, dilation[1]));
        let (full_height, full_width) = (height + eh - 1, width + ew - 1);
        let (top, left) = (eh.checked_sub(1 + pad_before[0]), ew.checked_sub(1 + pad_before[1]));
        let (Some(top), Some(left)) = (top, left) else {
            return Err(self.unsupported(id, WIDE_PADDING));
        };
        if top + out_height > full_height || left + out_width > full_width {
            return Err(self.unsupported(id, WIDE_PADDING));
        }
        let least = stride(self.borders, self.lanes, width, out_width, full_width);
        let x = self.conv_input(id, input, least)?;
        let x_layout = self.program.layout(x);
        let stride = x_layout.stride;
        let layout = match self.borders {
            Borders::InLanes => PlaneLayout {
                planes: out.planes(),
                height: out_height,
                width: out_width,
                stride,
                offset: top * stride + left,
                length: (full_height - 1) * stride + full_width,
                turned: false,
            },
            Borders::Combined => PlaneLayout::turned(out.planes(), out_height, out_width, stride),
        };
        let block = self.made(id, layout, self.borders == Borders::InLanes)?;

        let known = self.known;
        let taps = &known.taps[id.0];
        // Taps are sorted by channel.
        let mut joined: Option<(usize, ValueId)> = None;
        let mut shifted = Vec::with_capacity(taps.len());
        for &[c, a, b] in taps {
            let (i, j) = (eh - 1 - a * dilation[0], ew - 1 - b * dilation[1]);
            let fingerprint = match joined {
                Some((channel, fingerprint)) if channel == c => fingerprint,
                Some(_) | None => self.joined(id, x, from, (c, outputs))?,
            };
            joined = Some((c, fingerprint));
            shifted.push(if (i, j) == (0, 0) {
                fingerprint
            } else {
                let power = self.place_power(x_layout, i, j);
                self.program.multiply(power, fingerprint)
            });
        }
        let form = self.linear(LinearValue {
            tensor: id,
            rho: true,
            extents: Extents { outputs, inputs: taps.len() },
            weights: Weights::Taps { kernel, shape: kernel_shape, taps },
            inputs: Inputs::Values(shifted),
        });
        match self.borders {
            // Elements of the input stand at an offset; the product's border starts at exponent 0 of our block.
            Borders::InLanes => self.identify(block, form, x_layout.offset),
            Borders::Combined => {
                let mut whole = self.accumulated(block)?;
                if (top, left) != (0, 0) {
                    let power = self.place_power(layout, top, left);
                    whole = self.program.multiply(power, whole);
                }
                let kept = [top..top + out_height, left..left + out_width];
                if let Some(border) = self.border(id, layout, [full_height, full_width], kept) {
                    let one = self.program.constant(1);
                    whole = self.program.multiply_add(1, whole, one, Some((1, border)));
                }
                self.program.equal(whole, form);
                Ok(())
            }
        }
    }

    /// One channel of every image, `Σ_b ρ^(outputs·b)·X_b`, by Horner's rule.
    fn joined(
        &mut self,
        id: TensorId,
        x: BlockId,
        images: Images,
        (channel, outputs): (usize, usize),
    ) -> Result<ValueId, CompileError> {
        let mut total: Option<ValueId> = None;
        for image in (0..images.count).rev() {
            let own = self.plane(x, image * images.channels + channel);
            total = Some(match total {
                None => own,
                Some(rest) => {
                    let power = self.program.power(Point::Rho, outputs);
                    self.program.multiply_add(1, rest, power, Some((1, own)))
                }
            });
        }
        total.ok_or_else(|| self.internal(id, "a convolution of no images"))
    }

    /// The weight of (i, j) in a block's planes, by the block's stride: υ^i·σ^j.
    fn place_power(&mut self, layout: PlaneLayout, i: usize, j: usize) -> ValueId {
        if layout.turned {
            self.program.powers(i * (layout.stride - self.lanes) + j, i)
        } else {
            self.program.power(Point::Sigma, i * layout.stride + j)
        }
    }

    /// The fingerprint of what a convolution drops of its full product, by Horner's rule in υ over image rows.
    fn border(
        &mut self,
        id: TensorId,
        layout: PlaneLayout,
        [full_height, full_width]: [usize; 2],
        [rows, columns]: [Range<usize>; 2],
    ) -> Option<ValueId> {
        let mut total: Option<ValueId> = None;
        for i in (0..full_height).rev() {
            let runs = match rows.contains(&i) {
                true => [columns.end..full_width, 0..columns.start],
                false => [0..full_width, 0..0],
            };
            if let Some(sum) = total {
                let power = self.place_power(layout, 1, 0);
                total = Some(self.program.multiply(sum, power));
            }
            for run in runs.into_iter().filter(|run| !run.is_empty()) {
                let (j, length) = (run.start, run.len());
                self.program.dropped.push(DroppedRun { tensor: id, i, j, length });
                let run = DroppedId(self.program.dropped.len() - 1);
                let fingerprint = self.program.push(Value::Dropped(run));
                let power = self.program.power(Point::Sigma, j);
                total = Some(match total {
                    None if j == 0 => fingerprint,
                    None => self.program.multiply(fingerprint, power),
                    Some(sum) => self.program.multiply_add(1, fingerprint, power, Some((1, sum))),
                });
            }
        }
        total
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
            let turned = self.borders == Borders::Combined;
            if fits && layout.stride >= stride && layout.turned == turned {
                return Ok(block);
            }
        }
        // Our own users may need a wider stride; it costs nothing more to have it here.
        let ours = self.wanted[id.0].map_or(0, |layout| layout.stride);
        let layout = input_layout(self.borders, [planes, height, width], stride.max(ours));
        Ok(BlockId::Plain(self.copy(input, layout)?))
    }
}
