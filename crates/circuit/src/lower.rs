//! Lowering: each quantised operation as blocks and an identity between digests.

pub(crate) mod combine;
pub(crate) mod conv;
pub(crate) mod dense;
pub(crate) mod engine;
pub(crate) mod input;
pub(crate) mod mat_mul;
pub(crate) mod product;

use crate::builder::Builder;
use crate::error::CompileError;
use crate::place::{Kind, PlaneLayout, Point, Spot};
use crate::plan::Borders;
use provenn_fixed_point::{Linear, Piecewise, QuantOp, TensorId};
use provenn_gadgets::logup::GAP;

impl<'g> Builder<'g> {
    /// Lowers the whole graph; `private_inputs` asks for in-circuit range checks.
    pub(crate) fn lower(
        &mut self,
        private_inputs: bool,
        private_outputs: bool,
    ) -> Result<(), CompileError> {
        let graph = self.graph;
        let mut instance = 0;
        for (index, tensor) in graph.tensors.iter().enumerate() {
            let id = TensorId(index);
            match &tensor.op {
                QuantOp::Input { .. } => self.input(id)?,
                QuantOp::View { .. } => {}
                QuantOp::Exact { terms } => self.exact(id, terms)?,
                QuantOp::Rescale { linear, bias, function, .. } => {
                    let block = self.linear(id, linear)?;
                    let borders =
                        matches!(linear, Linear::Conv { .. }) && self.borders == Borders::InLanes;
                    self.fix_lanes(block, bias, function, borders);
                }
            }
        }
        for &id in &graph.inputs {
            if private_inputs {
                self.range_check(id)?;
            } else {
                instance = self.publish(id, instance)?;
            }
        }
        if !private_outputs {
            for &id in &graph.outputs {
                instance = self.publish(id, instance)?;
            }
        }
        Ok(())
    }

    /// Places the activation block and equates its accumulators' digest with the linear form's.
    fn linear(&mut self, id: TensorId, linear: &'g Linear) -> Result<usize, CompileError> {
        match linear {
            Linear::Dense { input, weights } => self.dense(id, *input, weights),
            Linear::Conv { input, kernel, kernel_shape, dilation, pad_before, .. } => {
                self.conv(id, *input, kernel, *kernel_shape, *dilation, *pad_before)
            }
            Linear::MatMul { a, b, multiplier } => self.mat_mul(id, *a, *b, *multiplier),
            Linear::Combine { terms } => self.combine(id, terms),
            Linear::Product { a, b, multiplier } => self.product(id, *a, *b, *multiplier),
        }
    }

    /// Demands `σ^offset·Y = form`, Y the digest of the block's accumulators.
    pub(crate) fn identify(&mut self, block: usize, form: Spot, offset: usize) {
        let mut y = self.total_y(block);
        if offset > 0 {
            let power = self.power(Point::Sigma, offset);
            y = self.multiply(power, y);
        }
        self.equal(y, form);
    }

    /// Sets tag and offset of every position in use. Border positions of a convolution look up the
    /// border table; positions that hold nothing stay zero, which the zero row allows.
    pub(crate) fn fix_lanes(
        &mut self,
        block: usize,
        bias: &[i64],
        function: &Piecewise,
        borders: bool,
    ) {
        let tag = self.tables.function(function);
        if self.dry {
            return;
        }
        let half = 1_i64 << (self.graph.shift - 1);
        let step = self.graph.shift + self.graph.low_bits;
        let start = |tag| self.tables.first(tag) << step;
        let block = &self.blocks[block];
        let layout = block.layout;
        let elements = layout.elements();
        let per_channel = elements.checked_div(bias.len()).unwrap_or(1).max(1);
        let mut fixed: Vec<Vec<(i64, i64)>> =
            vec![
                vec![if borders { (GAP, half - start(GAP)) } else { (0, 0) }; layout.length];
                layout.planes
            ];
        for element in 0..elements {
            let (plane, position) = layout.position(element);
            let bias = bias.get(element / per_channel).copied().unwrap_or(0);
            fixed[plane][position] = (tag, half + bias - start(tag));
        }
        for (plane, positions) in fixed.into_iter().enumerate() {
            for (position, (tag, offset)) in positions.into_iter().enumerate() {
                if tag != 0 {
                    let (bank, row, lane) = block.slot(plane, position, self.lanes);
                    crate::builder::grow(&mut self.activation_fixed, bank);
                    self.activation_fixed[bank].lanes.push((lane, row, tag, offset));
                }
            }
        }
    }

    /// Places the activation block of a tensor.
    pub(crate) fn activation_block(
        &mut self,
        id: TensorId,
        layout: PlaneLayout,
    ) -> Result<usize, CompileError> {
        let block = self.place(Kind::Activation, id, layout)?;
        self.primary[id.0] = Some(block);
        Ok(block)
    }
}
