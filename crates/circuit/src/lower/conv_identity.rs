//! The identity of a kernel: of every image that it is applied to, in a batch or wherever else in the graph.
//!
//! Output channels of image b stand at powers of ρ from O·b on. Images of one tensor do so as they are, for those of
//! image b follow those of image b − 1 as planes of one block; tensors that apply the same kernel ([`crate::alike`])
//! follow one another in the same way. Then `Y(ρ,σ) = Σ_b ρ^(O·b)·Y_b(ρ,σ)`, and since all have the same kernel,
//!
//! ```text
//! Y(ρ,σ) = Σ_ci K_ci(ρ,σ)·Σ_b ρ^(O·b)·X_b,ci(σ)
//! ```
//!
//! Images are joined channel by channel before taps apply: taps and weights are laid once.
//!
//! Of G groups, the outputs of group g stand at powers of ρ from g·O/G on and read that group's channels alone. With
//! K_ci of O/G powers, `Y(ρ,σ) = Σ_ci K_ci(ρ,σ)·ρ^(g(ci)·O/G)·X_ci(σ)`: weights of other groups' channels, which are
//! zero, are laid nowhere.
//!
//! # Soundness
//! K_ci has powers of ρ below O alone, and so has what one image makes, so that no two images meet at a power: the
//! sum is zero only if every image's part is. Where boundary terms are combined, G is committed after ρ and may take any
//! value at an exponent that is dropped; all images drop the same ones, so that at a kept exponent everything was
//! committed before ρ.

use super::Lowering;
use super::conv_layouts::extent;
use super::waiting::Convolved;
use crate::boundary::BoundaryTerms;
use crate::error::CompileError;
use crate::ids::{BlockId, BoundaryId, ValueId};
use crate::planes::PlaneLayout;
use crate::program::{BoundaryRun, Inputs, LinearValue, Point, Value, Weights};
use provenn_fixed_point::TensorId;
use provenn_gadgets::linear::Extents;
use std::collections::BTreeMap;
use std::ops::Range;

/// A kernel as every image meets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernel<'g> {
    pub(super) weights: &'g [i64],
    /// `[O,C/G,KH,KW]`.
    pub(super) shape: [usize; 4],
    /// G.
    pub(super) groups: usize,
    pub(super) dilation: [usize; 2],
    /// Height and width, dilated.
    pub(super) extent: [usize; 2],
}

impl<'g> Kernel<'g> {
    pub(super) fn new(
        weights: &'g [i64],
        (shape, groups): ([usize; 4], usize),
        dilation: [usize; 2],
    ) -> Self {
        let [_, _, height, width] = shape;
        let extent = [extent(height, dilation[0]), extent(width, dilation[1])];
        Kernel { weights, shape, groups, dilation, extent }
    }

    /// O/G: outputs of a group.
    fn outputs(&self) -> usize {
        self.shape[0] / self.groups
    }
}

impl<'g> Lowering<'g> {
    /// Demands that all of these are the kernel's products. A tap is a power of σ by the stride of what it reads:
    /// blocks of one stride share an identity.
    pub(super) fn convolved(
        &mut self,
        kernel: Kernel<'g>,
        all: Vec<Convolved>,
    ) -> Result<(), CompileError> {
        let mut by_stride: BTreeMap<usize, Vec<Convolved>> = BTreeMap::new();
        for one in all {
            let stride = self.program.layout(one.x).stride;
            by_stride.entry(stride).or_default().push(one);
        }
        by_stride.into_values().try_for_each(|all| self.conv_identity(kernel, &all))
    }

    fn conv_identity(&mut self, kernel: Kernel<'g>, all: &[Convolved]) -> Result<(), CompileError> {
        let first = all.first().ok_or_else(|| self.no_images())?;
        let (id, layout) = (first.tensor, self.program.layout(first.x));
        let ([outputs, of_group, ..], [eh, ew]) = (kernel.shape, kernel.extent);
        let dilation = kernel.dilation;
        let known = self.known;
        let taps = &known.taps[id.0];
        // Taps are sorted by channel.
        let mut joined: Option<(usize, ValueId)> = None;
        let mut shifted = Vec::with_capacity(taps.len());
        for &[c, a, b] in taps {
            let (i, j) = (eh - 1 - a * dilation[0], ew - 1 - b * dilation[1]);
            let fingerprint = match joined {
                Some((channel, fingerprint)) if channel == c => fingerprint,
                Some(_) | None => {
                    let fingerprint = self.joined_channel(all, c, outputs)?;
                    self.in_group(fingerprint, c / of_group * kernel.outputs())
                }
            };
            joined = Some((c, fingerprint));
            shifted.push(if (i, j) == (0, 0) {
                fingerprint
            } else {
                let power = self.place_power(layout, i, j);
                self.program.multiply(power, fingerprint)
            });
        }
        let digits = self.digits(id, taps.len(), [outputs, first.from.count])?;
        if let Some(digits) = digits.filter(|digits| digits.of.digits > 0) {
            let places = self.kept_places(first, outputs);
            for group in 0..kernel.groups {
                let of_group = self.in_group(places, group * kernel.outputs());
                shifted.extend(self.digit_inputs(id, digits, of_group)?);
            }
        }
        let form = self.linear(LinearValue {
            tensor: id,
            rho: true,
            committed: digits,
            extents: Extents { outputs: kernel.outputs(), inputs: shifted.len() },
            weights: Weights::Taps {
                kernel: kernel.weights,
                shape: kernel.shape,
                outputs: kernel.outputs(),
                taps,
            },
            inputs: Inputs::Values(shifted),
        });
        let mut total: Option<ValueId> = None;
        for one in all.iter().rev() {
            let own = self.whole_product(one)?;
            let planes = outputs * one.from.count;
            // Images would meet at a power otherwise.
            if self.program.layout(one.y).planes != planes {
                return Err(self.internal(one.tensor, "other planes than its images have"));
            }
            total = Some(self.follow(own, total, planes));
        }
        let total = total.ok_or_else(|| self.no_images())?;
        self.program.equal(total, form);
        Ok(())
    }

    /// `own + ρ^planes·rest`
    pub(super) fn follow(&mut self, own: ValueId, rest: Option<ValueId>, planes: usize) -> ValueId {
        let Some(rest) = rest else { return own };
        let power = self.program.power(Point::Rho, planes);
        self.program.multiply_add(1, rest, power, Some((1, own)))
    }

    /// A channel's fingerprint where the outputs of its group stand.
    fn in_group(&mut self, fingerprint: ValueId, first: usize) -> ValueId {
        if first == 0 {
            return fingerprint;
        }
        let power = self.program.power(Point::Rho, first);
        self.program.multiply(power, fingerprint)
    }

    /// One channel of every image, `Σ_b ρ^(outputs·b)·X_b`, by Horner's rule.
    fn joined_channel(
        &mut self,
        all: &[Convolved],
        channel: usize,
        outputs: usize,
    ) -> Result<ValueId, CompileError> {
        let mut total: Option<ValueId> = None;
        for Convolved { x, from, .. } in all.iter().rev() {
            for image in (0..from.count).rev() {
                let own = self.plane(*x, image * from.channels + channel);
                total = Some(self.follow(own, total, outputs));
            }
        }
        total.ok_or_else(|| self.no_images())
    }

    /// The full product of one tensor's images: what the layer keeps, in its place, and what it drops.
    fn whole_product(&mut self, one: &Convolved) -> Result<ValueId, CompileError> {
        let mut whole = match one.y {
            // Its image rows stand where those of what is read do.
            BlockId::Maximum(block) => self.sums_total(block, self.product_layout(one))?,
            BlockId::Activation(_) | BlockId::Plain(_) => self.accumulated(one.y)?,
        };
        match self.boundary {
            // Elements of the input stand at an offset; the product's boundary starts at exponent 0 of our block.
            BoundaryTerms::InLanes => Ok(self.moved(whole, self.program.layout(one.x).offset)),
            BoundaryTerms::Combined => {
                let layout = self.product_layout(one);
                let [top, left] = [one.kept[0].start, one.kept[1].start];
                if (top, left) != (0, 0) {
                    let power = self.place_power(layout, top, left);
                    whole = self.program.multiply(power, whole);
                }
                let boundary = self.boundary(one.tensor, layout, one.full, one.kept.clone());
                if let Some(boundary) = boundary {
                    let one = self.program.constant(1);
                    whole = self.program.multiply_add(1, whole, one, Some((1, boundary)));
                }
                Ok(whole)
            }
        }
    }

    /// Where what is kept of a product stands, from position 0 on.
    pub(super) fn product_layout(&self, one: &Convolved) -> PlaneLayout {
        let own = self.program.layout(one.y);
        match one.y {
            BlockId::Maximum(_) => {
                let [height, width] = [one.kept[0].len(), one.kept[1].len()];
                let PlaneLayout { stride, turned, .. } = self.program.layout(one.x);
                let layout = PlaneLayout::strided(own.planes, height, width, stride);
                PlaneLayout { turned, ..layout }
            }
            BlockId::Activation(_) | BlockId::Plain(_) => own,
        }
    }

    fn no_images(&self) -> CompileError {
        let what = "a kernel that is applied to nothing";
        CompileError::Internal { node: "convolutions".into(), what }
    }

    /// The weight of (i, j) in a block's planes, by the block's stride: υ^i·σ^j.
    pub(super) fn place_power(&mut self, layout: PlaneLayout, i: usize, j: usize) -> ValueId {
        if layout.turned {
            self.program.powers(i * (layout.stride - self.lanes) + j, i)
        } else {
            self.program.power(Point::Sigma, i * layout.stride + j)
        }
    }

    /// The fingerprint of what a convolution drops of its full product, by Horner's rule in υ over image rows.
    fn boundary(
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
                self.program.boundary.push(BoundaryRun { tensor: id, i, j, length });
                let run = BoundaryId(self.program.boundary.len() - 1);
                let fingerprint = self.program.push(Value::BoundaryValues(run));
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
}
