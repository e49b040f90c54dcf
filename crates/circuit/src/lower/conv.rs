//! Conv: the full polynomial product, kept and dropped coefficients alike.
//!
//! With planes as polynomials in σ (position (i, j) at exponent i·stride + j) and output channels as
//! powers of ρ, `Σ_ci K_ci(ρ,σ)·X_ci(σ) = Y(ρ,σ)`. Coefficients that the layer drops (borders) stand at
//! their own positions of the same block, where they are decomposed like any other but looked up in the
//! border table, whose output is 0: the next layer reads them as padding. Or they are *combined* over
//! channels, in border banks of their own: `Σ_ci K_ci·X_ci = υ^top·σ^left·Y + G` with image rows as powers of υ.

use crate::builder::Builder;
use crate::error::CompileError;
use crate::place::{BorderRun, Digest, Kind, PlaneLayout, Point, Spot};
use crate::plan::Borders;
use crate::spots::ElementSpot;
use provenn_fixed_point::{Linear, QuantGraph, QuantOp, TensorId};
use provenn_gadgets::linear::Extents;
use std::ops::Range;

/// Extent of a dilated kernel.
fn extent(kernel: usize, dilation: usize) -> usize {
    (kernel - 1) * dilation + 1
}

/// A stride for an input and an output of these widths: room for rows of the full product, or whole rows of
/// lanes where image rows are powers of υ.
fn stride(borders: Borders, lanes: usize, input: usize, output: usize, full: usize) -> usize {
    match borders {
        Borders::InLanes => full,
        Borders::Combined => input.max(output).next_multiple_of(lanes),
    }
}

/// A layout for the input of a convolution.
fn input_layout(
    borders: Borders,
    [planes, height, width]: [usize; 3],
    stride: usize,
) -> PlaneLayout {
    match borders {
        Borders::InLanes => PlaneLayout::strided(planes, height, width, stride),
        Borders::Combined => PlaneLayout::turned(planes, height, width, stride),
    }
}

/// The strided layout that the first convolution using each tensor wants, wide enough for all of them.
pub(crate) fn wanted_layouts(
    graph: &QuantGraph,
    lanes: usize,
    borders: Borders,
) -> Vec<Option<PlaneLayout>> {
    let mut wanted: Vec<Option<PlaneLayout>> = vec![None; graph.tensors.len()];
    for tensor in &graph.tensors {
        let QuantOp::Rescale { linear: Linear::Conv { input, kernel_shape, dilation, .. }, .. } =
            &tensor.op
        else {
            continue;
        };
        let shape = &graph.tensors[input.0].shape;
        let (Some(&height), Some(&width)) = (shape.get(1), shape.get(2)) else { continue };
        let Some(&out_width) = tensor.shape.get(2) else { continue };
        let full = width + extent(kernel_shape[3], dilation[1]) - 1;
        let stride = stride(borders, lanes, width, out_width, full);
        let stride = stride.max(wanted[input.0].map_or(0, |layout| layout.stride));
        wanted[input.0] = Some(input_layout(borders, [shape[0], height, width], stride));
    }
    wanted
}

impl<'g> Builder<'g> {
    pub(crate) fn conv(
        &mut self,
        id: TensorId,
        input: TensorId,
        kernel: &'g [i64],
        [outputs, inputs, kernel_height, kernel_width]: [usize; 4],
        dilation: [usize; 2],
        pad_before: [usize; 2],
    ) -> Result<usize, CompileError> {
        let shape = &self.graph.tensors[input.0].shape;
        let &[channels, height, width] = shape.as_slice() else {
            return Err(
                self.unsupported(id, format!("Conv input has shape {shape:?}, expected [C,H,W]"))
            );
        };
        let out_shape = self.graph.tensors[id.0].shape.clone();
        let &[_, out_height, out_width] = out_shape.as_slice() else {
            return Err(self.unsupported(
                id,
                format!("Conv output has shape {out_shape:?}, expected [O,H,W]"),
            ));
        };
        let (eh, ew) = (extent(kernel_height, dilation[0]), extent(kernel_width, dilation[1]));
        let (full_height, full_width) = (height + eh - 1, width + ew - 1);
        let (top, left) = (eh.checked_sub(1 + pad_before[0]), ew.checked_sub(1 + pad_before[1]));
        let (Some(top), Some(left)) = (top, left) else {
            return Err(
                self.unsupported(id, "padding wider than the kernel; pad with a Pad node instead")
            );
        };
        if top + out_height > full_height || left + out_width > full_width || channels != inputs {
            return Err(
                self.unsupported(id, "padding wider than the kernel; pad with a Pad node instead")
            );
        }
        let least = stride(self.borders, self.lanes, width, out_width, full_width);
        let x = self.conv_input(id, input, least)?;
        let x_layout = self.blocks[x].layout;
        let stride = x_layout.stride;
        let layout = match self.borders {
            Borders::InLanes => PlaneLayout {
                planes: outputs,
                height: out_height,
                width: out_width,
                stride,
                offset: top * stride + left,
                length: (full_height - 1) * stride + full_width,
                turned: false,
            },
            Borders::Combined => PlaneLayout::turned(outputs, out_height, out_width, stride),
        };
        let block = self.activation_block(id, layout)?;

        let taps: Vec<[usize; 3]> = (0..inputs)
            .flat_map(|c| {
                (0..kernel_height).flat_map(move |a| (0..kernel_width).map(move |b| [c, a, b]))
            })
            .collect();
        let at = move |o: usize, [c, a, b]: [usize; 3]| {
            kernel[((o * inputs + c) * kernel_height + a) * kernel_width + b]
        };
        let taps: Vec<_> =
            taps.into_iter().filter(|&tap| (0..outputs).any(|o| at(o, tap) != 0)).collect();
        let mut shifted = vec![];
        for &[c, a, b] in &taps {
            let (i, j) = (eh - 1 - a * dilation[0], ew - 1 - b * dilation[1]);
            let digest = self.plane_digest(x, c)?;
            shifted.push(if (i, j) == (0, 0) {
                digest
            } else {
                let power = self.place_power(x_layout, i, j)?;
                self.multiply(power, digest)?
            });
        }
        let extents = Extents { outputs, inputs: taps.len() };
        let form = self.engine(id, true, extents, move |o, i| at(o, taps[i]), shifted)?;
        match self.borders {
            // Elements of the input stand at an offset; the product's border starts at exponent 0 of our block.
            Borders::InLanes => self.identify(block, form, x_layout.offset)?,
            Borders::Combined => {
                let mut whole = self.total(block, Digest::Accumulator)?;
                if (top, left) != (0, 0) {
                    let power = self.place_power(layout, top, left)?;
                    whole = self.multiply(power, whole)?;
                }
                let kept = [top..top + out_height, left..left + out_width];
                if let Some(border) = self.border(id, layout, [full_height, full_width], kept)? {
                    let one = self.constant(1)?;
                    whole = self.multiply_add(1, whole, one, Some((1, border)))?;
                }
                self.equal(whole, form);
            }
        }
        Ok(block)
    }

    /// The digest of what a convolution drops of its full product, by Horner's rule in υ over image rows.
    fn border(
        &mut self,
        id: TensorId,
        layout: PlaneLayout,
        [full_height, full_width]: [usize; 2],
        [rows, columns]: [Range<usize>; 2],
    ) -> Result<Option<Spot>, CompileError> {
        let mut total: Option<Spot> = None;
        for i in (0..full_height).rev() {
            let runs = match rows.contains(&i) {
                true => [columns.end..full_width, 0..columns.start],
                false => [0..full_width, 0..0],
            };
            if let Some(sum) = total {
                let power = self.place_power(layout, 1, 0)?;
                total = Some(self.multiply(sum, power)?);
            }
            for run in runs.into_iter().filter(|run| !run.is_empty()) {
                let (bank, row, _) =
                    self.border.take(run.len(), 1).ok_or_else(|| self.no_room(id))?;
                let (j, length) = (run.start, run.len());
                if !self.dry {
                    self.border_runs.push(BorderRun { tensor: id, i, j, length, bank, row });
                }
                let digest = Spot::BorderDigest { bank, row };
                let power = self.power(Point::Sigma, j)?;
                total = Some(match total {
                    None if j == 0 => digest,
                    None => self.multiply(digest, power)?,
                    Some(sum) => self.multiply_add(1, digest, power, Some((1, sum)))?,
                });
            }
        }
        Ok(total)
    }

    /// The input in a layout with at least this stride.
    fn conv_input(
        &mut self,
        id: TensorId,
        input: TensorId,
        stride: usize,
    ) -> Result<usize, CompileError> {
        let shape = self.graph.tensors[input.0].shape.clone();
        if let Some(block) = self.primary[input.0] {
            let layout = self.blocks[block].layout;
            let fits =
                layout.planes == shape[0] && layout.height == shape[1] && layout.width == shape[2];
            let turned = self.borders == Borders::Combined;
            if fits && layout.stride >= stride && layout.turned == turned {
                return Ok(block);
            }
        }
        // Our own users may need a wider stride; it costs nothing more to have it here.
        let ours = self.wanted[id.0].map_or(0, |layout| layout.stride);
        let layout = input_layout(self.borders, [shape[0], shape[1], shape[2]], stride.max(ours));
        self.plain_block(input, layout)
    }

    /// A tensor's block in place when it is laid out with this stride (any offset), else a plain copy.
    pub(crate) fn aligned(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<usize, CompileError> {
        if let Some(block) = self.primary[tensor.0] {
            let own = self.blocks[block].layout;
            let same = |l: PlaneLayout| (l.planes, l.height, l.width, l.stride, l.turned);
            if same(own) == same(layout) {
                return Ok(block);
            }
        }
        self.plain_block(tensor, layout)
    }

    /// A block that only this use reads, for coefficients of its own.
    pub(crate) fn private_copy(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
    ) -> Result<usize, CompileError> {
        let spots: Vec<ElementSpot> = self.element_spots(tensor)?;
        let block = self.place(Kind::Plain, tensor, layout)?;
        self.bind(block, &spots)?;
        Ok(block)
    }
}
