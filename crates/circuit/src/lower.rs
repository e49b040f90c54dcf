//! Lowering: each quantised operation as blocks and an identity between digests.

pub(crate) mod combine;
pub(crate) mod conv;
pub(crate) mod dense;
pub(crate) mod engine;
pub(crate) mod input;
pub(crate) mod mat_mul;
pub(crate) mod product;

use crate::builder::{Builder, grow};
use crate::error::CompileError;
use crate::place::{Block, Digest, Kind, PlaneLayout, Point, Slot, Spot};
use crate::plan::Borders;
use provenn_fixed_point::{Linear, QuantOp, TensorId, biased};
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
                QuantOp::Rescale { linear, bias, .. } => {
                    let block = self.linear(id, linear)?;
                    let borders =
                        matches!(linear, Linear::Conv { .. }) && self.borders == Borders::InLanes;
                    self.fix_lanes(block, bias, borders)?;
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
    pub(crate) fn identify(
        &mut self,
        block: usize,
        form: Spot,
        offset: usize,
    ) -> Result<(), CompileError> {
        let mut y = self.total(block, Digest::Accumulator)?;
        if offset > 0 {
            let power = self.power(Point::Sigma, offset)?;
            y = self.multiply(power, y)?;
        }
        self.equal(y, form);
        Ok(())
    }

    /// Sets tag and offset of every position in use. Border positions of a convolution look up the
    /// border table; positions that hold nothing stay zero, which the zero row allows.
    pub(crate) fn fix_lanes(
        &mut self,
        block: usize,
        bias: &[i64],
        borders: bool,
    ) -> Result<(), CompileError> {
        if self.dry {
            return Ok(());
        }
        let Block { tensor, layout, .. } = self.blocks[block];
        let (tag, first) = self.table(tensor)?;
        let gap = match self.known.tables.first(GAP) {
            _ if !borders => (0, 0),
            Some(first) => (GAP, self.offset(tensor, 0, first)?),
            None => return Err(self.internal(tensor, "no table for what it drops")),
        };
        let elements = layout.elements();
        let mut fixed = vec![vec![gap; layout.length]; layout.planes];
        for element in 0..elements {
            let (plane, position) = layout.position(element);
            let node = &self.graph.tensors[tensor.0].name;
            let bias = biased(node, 0, bias, element, elements)
                .map_err(|_| self.internal(tensor, "a bias for other elements"))?;
            fixed[plane][position] = (tag, self.offset(tensor, bias, first)?);
        }
        for (plane, positions) in fixed.into_iter().enumerate() {
            for (position, (tag, offset)) in positions.into_iter().enumerate() {
                if tag != 0 {
                    let Slot { bank, row, lane } =
                        self.slot(&self.blocks[block], plane, position)?;
                    grow(&mut self.activation_fixed, bank);
                    self.activation_fixed[bank].lanes.push((lane, row, tag, offset));
                }
            }
        }
        Ok(())
    }

    /// What is taken off the recomposed accumulator of a position, for its h counts from the table's first row:
    /// `2^(S−1) + bias − first·2^(S+t)`. Exact, or refused: a wrapped one would prove another function.
    fn offset(&self, tensor: TensorId, bias: i64, first: i64) -> Result<i64, CompileError> {
        let (s, t) = (self.graph.shift, self.graph.low_bits);
        let start = i128::from(first) * (1_i128 << (s + t));
        let offset = (1_i128 << (s - 1)) + i128::from(bias) - start;
        i64::try_from(offset).ok().filter(|offset| offset.unsigned_abs() < 1 << 62).ok_or_else(
            || {
                let node = self.graph.tensors[tensor.0].name.clone();
                let advice = "lower the shift or the bits of the settings";
                CompileError::WrapAround { node, what: "the start of its table".into(), advice }
            },
        )
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
