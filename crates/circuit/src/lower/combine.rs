//! Combine and Exact: linear relations between whole digests.

use crate::builder::{Builder, grow};
use crate::error::CompileError;
use crate::place::{Digest, Kind, PlaneLayout, Point, Slot, Spot};
use provenn_fixed_point::{Coefficients, TensorId};

impl Builder<'_> {
    /// The layout for an elementwise result: the one its users want, or an operand's own.
    fn elementwise_layout(
        &self,
        id: TensorId,
        operands: impl Iterator<Item = TensorId>,
    ) -> PlaneLayout {
        if let Some(layout) = self.wanted[id.0] {
            return layout;
        }
        for operand in operands {
            if let Some(block) = self.primary[operand.0] {
                let own = self.blocks[block].layout;
                if own.elements() == self.graph.tensors[id.0].len() {
                    return own.without_offset();
                }
            }
        }
        PlaneLayout::flat(self.graph.tensors[id.0].len())
    }

    pub(crate) fn combine(
        &mut self,
        id: TensorId,
        terms: &[(TensorId, Coefficients)],
    ) -> Result<usize, CompileError> {
        let layout = self.elementwise_layout(id, terms.iter().map(|(t, _)| *t));
        let block = self.activation_block(id, layout)?;
        let mut sum = vec![];
        for (tensor, coefficients) in terms {
            match coefficients {
                Coefficients::Scalar(c) => {
                    let operand = self.aligned(*tensor, layout)?;
                    let digest = self.total(operand, Digest::Sigma)?;
                    sum.push((*c, digest, self.blocks[operand].layout.offset));
                }
                Coefficients::PerElement(c) => {
                    self.scaled_digests = true;
                    let operand = self.private_copy(*tensor, layout)?;
                    self.fix_coefficients(operand, c)?;
                    sum.push((1, self.total(operand, Digest::Scaled)?, 0));
                }
            }
        }
        let (form, offset) = self.weighted_sum(&sum)?;
        self.identify(block, form, offset)?;
        Ok(block)
    }

    pub(crate) fn exact(
        &mut self,
        id: TensorId,
        terms: &[(TensorId, i64)],
    ) -> Result<(), CompileError> {
        let layout = self.elementwise_layout(id, terms.iter().map(|(t, _)| *t));
        let block = self.place(Kind::Plain, id, layout)?;
        self.primary[id.0] = Some(block);
        let mut sum = vec![];
        for (tensor, c) in terms {
            let operand = self.aligned(*tensor, layout)?;
            let digest = self.total(operand, Digest::Sigma)?;
            sum.push((*c, digest, self.blocks[operand].layout.offset));
        }
        let (form, offset) = self.weighted_sum(&sum)?;
        let mut value = self.total(block, Digest::Sigma)?;
        if offset > 0 {
            let power = self.power(Point::Sigma, offset)?;
            value = self.multiply(power, value)?;
        }
        self.equal(value, form);
        Ok(())
    }

    /// `Σ c·σ^(m−offset)·digest` and m, the largest offset: elements of different terms meet at m.
    fn weighted_sum(
        &mut self,
        terms: &[(i64, Spot, usize)],
    ) -> Result<(Spot, usize), CompileError> {
        let most = terms.iter().map(|t| t.2).max().unwrap_or(0);
        let mut total: Option<Spot> = None;
        for &(c, spot, offset) in terms {
            let power = self.power(Point::Sigma, most - offset)?;
            total = Some(self.multiply_add(c, spot, power, total.map(|t| (1, t)))?);
        }
        // A sum of nothing is zero.
        let total = total.map_or_else(|| self.constant(0), Ok)?;
        Ok((total, most))
    }

    fn fix_coefficients(&mut self, block: usize, coefficients: &[i64]) -> Result<(), CompileError> {
        if self.dry {
            return Ok(());
        }
        for (element, &c) in coefficients.iter().enumerate() {
            let block = &self.blocks[block];
            let (plane, position) = block.layout.position(element);
            let Slot { bank, row, lane } = self.slot(block, plane, position)?;
            grow(&mut self.plain_fixed, bank);
            self.plain_fixed[bank].coefficients.push((lane, row, c));
        }
        Ok(())
    }
}
