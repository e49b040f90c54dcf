//! Combine: linear relations between whole fingerprints.

use super::Lowering;
use crate::error::CompileError;
use crate::ids::ValueId;
use crate::planes::PlaneLayout;
use crate::program::{PlainFingerprint, Point};
use provenn_fixed_point::{Coefficients, TensorId};

/// A term of a sum: its coefficient, its fingerprint, and where its elements begin.
pub(super) type Term = (i64, ValueId, usize);

impl<'g> Lowering<'g> {
    /// The layout for an elementwise result: the one its users want, or an operand's own.
    fn elementwise_layout(
        &self,
        id: TensorId,
        operands: impl Iterator<Item = TensorId>,
    ) -> PlaneLayout {
        if let Some(layout) = self.wanted[id.0] {
            return layout;
        }
        let elements = self.graph.tensors[id.0].len();
        let own = operands.filter_map(|operand| self.primary[operand.0]);
        let mut own = own.map(|block| self.program.layout(block));
        let fitting = own.find(|layout| layout.elements() == elements);
        fitting.map_or(PlaneLayout::flat(elements), |layout| layout.without_offset())
    }

    pub(super) fn combine(
        &mut self,
        id: TensorId,
        terms: &'g [(TensorId, Coefficients)],
    ) -> Result<(), CompileError> {
        let layout = self.elementwise_layout(id, terms.iter().map(|(t, _)| *t));
        let block = self.made(id, layout, false)?;
        let mut sum = vec![];
        for (tensor, coefficients) in terms {
            sum.push(match coefficients {
                Coefficients::Scalar(c) => self.term(*tensor, layout, *c)?,
                Coefficients::PerElement(c) => {
                    let operand = self.private_copy(*tensor, layout)?;
                    self.program.plain[operand.0].coefficients = c;
                    (1, self.plain_total(operand, PlainFingerprint::Scaled)?, 0)
                }
            });
        }
        let (form, offset) = self.weighted_sum(&sum);
        self.identify(block, form, offset)
    }

    pub(super) fn term(
        &mut self,
        tensor: TensorId,
        layout: PlaneLayout,
        c: i64,
    ) -> Result<Term, CompileError> {
        let operand = self.aligned(tensor, layout)?;
        Ok((c, self.total(operand)?, self.program.layout(operand).offset))
    }

    /// `Σ c·σ^(m−offset)·fingerprint` and m, the largest offset: elements of different terms meet at m.
    pub(super) fn weighted_sum(&mut self, terms: &[Term]) -> (ValueId, usize) {
        let most = terms.iter().map(|t| t.2).max().unwrap_or(0);
        let mut total: Option<ValueId> = None;
        for &(c, value, offset) in terms {
            let power = self.program.power(Point::Sigma, most - offset);
            total = Some(self.program.multiply_add(c, value, power, total.map(|t| (1, t))));
        }
        // A sum of nothing is zero.
        (total.unwrap_or_else(|| self.program.constant(0)), most)
    }
}
