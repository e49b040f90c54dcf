//! Maxima: of each window its largest, and what its elements are rescaled to.

use super::Filler;
use super::accumulators::{accumulators_of, boundary_values};
use crate::error::AssignError;
use crate::rows::Slot;
use crate::stand::StandingMaxima;
use crate::tables::Row;
use provenn_fixed_point::{Format, Images, Piecewise};
use provenn_gadgets::families::{Decomposition, Lane, Largest, Maximum, Window};
use provenn_gadgets::{BoundaryValues, FirstPhase, GadgetSet};

impl<G: GadgetSet> Filler<'_, G> {
    /// Fills a block of maxima, with what the convolution drops that it takes in.
    pub(super) fn fill_maxima(
        &self,
        standing: &StandingMaxima,
        columns: &mut FirstPhase,
        boundary: &mut Vec<BoundaryValues>,
    ) -> Result<(), AssignError> {
        let StandingMaxima { of, kind, lanes, limbs, block, lines, .. } = standing;
        let internal = |what| self.internal(block, what);
        let elements = self.elements_of_windows(standing, boundary)?;
        let images = Images::of(&self.graph.tensors[of.0].shape);
        let Images { height, width, .. } =
            images.ok_or_else(|| internal("windows of no images"))?;
        // A window of a column that is laid as a line stands upright.
        let [rows, across] = match lines.upright {
            true => [kind.window[1], 1],
            false => kind.window,
        };
        let bits = u32::try_from(*limbs).unwrap_or(u32::MAX).saturating_mul(kind.low_bits);
        let beyond = 1_i128 << bits.min(126);
        let layout = &block.layout;
        for element in 0..layout.elements() {
            let (plane, position) = layout.position(element);
            let at = element % (layout.height * layout.width);
            let (i, j) = (at / layout.width, at % layout.width);
            let within = (0..rows).flat_map(|a| (0..across).map(move |b| (a, b)));
            let window = within.map(|(a, b)| {
                let (i, j) = (i * rows + a, j * across + b);
                elements.get((plane * height + i) * width + j).copied()
            });
            let window = window.collect::<Option<Vec<_>>>();
            let mut window = window.ok_or_else(|| internal("a window outside its images"))?;
            let (most, largest) = self.largest(standing, element, &window)?;
            for (q, _) in &mut window {
                let distance = i128::from(most) - i128::from(*q);
                let distance = i64::try_from(distance).ok();
                let in_range = |d: &i64| (0..beyond).contains(&i128::from(*d));
                *q = distance.filter(in_range).ok_or_else(|| {
                    let node = self.graph.tensors[block.tensor.0].name.clone();
                    AssignError::OutsideRange { node, index: element, bits }
                })?;
            }
            let Slot { bank, row, lane } = self.slot(block, *lanes, plane, position)?;
            let of = Window { largest, elements: &window };
            self.layout.maximum[bank].fill(Lane { lane, row }, &of, columns);
        }
        Ok(())
    }

    /// What is largest of a window of quotients and remainders, and what stands of it in cells.
    fn largest(
        &self,
        StandingMaxima { of, kind, block, .. }: &StandingMaxima,
        index: usize,
        window: &[(i64, i64)],
    ) -> Result<(i64, Largest), AssignError> {
        if !kind.function {
            let value = self.values[block.tensor.0].get(index).copied();
            let value = value.ok_or_else(|| self.internal(block, "an element that is none"))?;
            return Ok((value, Largest::Itself(value)));
        }
        let most = window.iter().map(|(q, _)| *q).max();
        let most = most.ok_or_else(|| self.internal(block, "a window of nothing"))?;
        let tag = self.tables.tag(*of);
        let tag = tag.ok_or_else(|| self.internal(block, "its function has no table"))?;
        let (h, low) = Piecewise::split(most, kind.low_bits);
        let Some(Row { key, slope, base }) = self.tables.row(tag, h) else {
            let (lo, hi) = self.tables.bounds(tag);
            let node = self.graph.tensors[of.0].name.clone();
            return Err(AssignError::OutsideTable { node, index, value: h, lo, hi });
        };
        let of = Decomposition { remainder: 0, low, high: key, slope, base };
        Ok((most, Largest::Looked(of)))
    }

    /// Quotient and remainder of every element that windows are of, in its tensor's order.
    fn elements_of_windows(
        &self,
        standing: &StandingMaxima,
        boundary: &mut Vec<BoundaryValues>,
    ) -> Result<Vec<(i64, i64)>, AssignError> {
        let StandingMaxima { of, kind, block, .. } = standing;
        if !kind.function {
            return Ok(self.values[of.0].iter().map(|x| (*x, 0)).collect());
        }
        let format = Format { shift: kind.shift, low_bits: kind.low_bits };
        let (sums, full) = accumulators_of(self.graph, *of, self.values)?;
        if let Some(full) = full {
            let runs = self.standing.boundary.iter().filter(|run| run.run.tensor == *of);
            for run in runs {
                boundary.push(boundary_values(&full, run));
            }
        }
        sums.into_iter().map(|y| self.split(block, format, y)).collect()
    }
}
