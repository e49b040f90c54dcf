//! First-phase columns from the interpreter's integers.

use crate::error::AssignError;
use crate::place::{Block, Kind};
use crate::tables::Tables;
use provenn_fixed_point::{Interval, Linear, QuantGraph, QuantOp, accumulate};
use provenn_gadgets::logup::GAP;
use provenn_gadgets::{FirstPhase, GadgetSet, Layout, Shape};

/// What the columns are filled from.
pub(crate) struct Filler<'a, G: GadgetSet> {
    pub(crate) graph: &'a QuantGraph,
    pub(crate) shape: &'a Shape,
    pub(crate) layout: &'a Layout<G>,
    pub(crate) blocks: &'a [Block],
    pub(crate) tables: &'a Tables,
    /// Integers of every tensor.
    pub(crate) values: &'a [Vec<i64>],
}

/// One position's accumulator (with bias) and table.
struct Position {
    plane: usize,
    position: usize,
    y: i64,
    border: bool,
}

impl<G: GadgetSet> Filler<'_, G> {
    /// Fills every first-phase column.
    pub(crate) fn fill(&self) -> Result<FirstPhase, AssignError> {
        let rows = self.shape.active_rows();
        let mut columns = vec![vec![0_i64; rows]; self.layout.first];
        let mut counts = vec![0_i64; self.tables.rows()];
        let mut used = 0;
        for block in self.blocks {
            match block.kind {
                Kind::Plain => self.fill_plain(block, &mut columns),
                Kind::Activation => {
                    used += self.fill_activation(block, &mut columns, &mut counts)?
                }
            }
        }
        self.count_ranges(&columns, &mut counts)?;
        // Lanes that hold nothing look up the zero row.
        let lanes = self.layout.activation.len() * self.shape.lanes * rows;
        counts[0] = i64::try_from(lanes - used).unwrap_or(i64::MAX);
        for (bank, chunk) in self.layout.table.iter().zip(counts.chunks(rows)) {
            columns[bank.multiplicity][..chunk.len()].copy_from_slice(chunk);
        }
        Ok(columns)
    }

    fn fill_plain(&self, block: &Block, columns: &mut FirstPhase) {
        let values = &self.values[block.tensor.0];
        for element in 0..block.layout.elements() {
            let (plane, position) = block.layout.position(element);
            let (bank, row, lane) = block.slot(plane, position, self.shape.lanes);
            columns[self.layout.plain[bank].cell[lane]][row] = values[block.source(element)];
        }
    }

    /// Fills a block and returns how many of its positions look up a table of their own.
    fn fill_activation(
        &self,
        block: &Block,
        columns: &mut FirstPhase,
        counts: &mut [i64],
    ) -> Result<usize, AssignError> {
        let Filler { graph, shape, layout, tables, .. } = *self;
        let node = &graph.tensors[block.tensor.0].name;
        let half = 1_i64 << (shape.shift - 1);
        let widths = shape.remainder_limbs();
        let (function, positions) = positions(graph, block, tables, self.values)?;
        let used = positions.len();
        for Position { plane, position, y, border } in positions {
            let shifted = y + half;
            let (q, mut r) = (shifted >> shape.shift, shifted & ((1 << shape.shift) - 1));
            let (h, l) = (q >> shape.low_bits, q & ((1 << shape.low_bits) - 1));
            let tag = if border { GAP } else { function };
            let Some(index) = tables.index(tag, h) else {
                let (low, high) = tables.bounds(tag);
                return Err(AssignError::OutsideTable {
                    node: node.clone(),
                    index: position,
                    value: h,
                    low,
                    high,
                });
            };
            counts[index] += 1;
            let (slope, base) = tables.entry(tag, h);
            let (bank, row, lane) = block.slot(plane, position, shape.lanes);
            let bank = &layout.activation[bank];
            for (limb, width) in bank.remainder.iter().zip(&widths) {
                columns[limb[lane]][row] = r & ((1 << width) - 1);
                r >>= width;
            }
            columns[bank.low[lane]][row] = l;
            columns[bank.high[lane]][row] = h - tables.first(tag);
            columns[bank.slope[lane]][row] = slope;
            columns[bank.base[lane]][row] = base;
        }
        Ok(used)
    }

    /// Counts range lookups of every lane, used or not.
    fn count_ranges(&self, columns: &FirstPhase, counts: &mut [i64]) -> Result<(), AssignError> {
        let widths = self.shape.remainder_limbs();
        for bank in &self.layout.activation {
            let ranges = bank
                .remainder
                .iter()
                .zip(&widths)
                .chain(std::iter::once((&bank.low, &self.shape.low_bits)));
            for (limb, &width) in ranges {
                let tag = i64::from(width);
                for &value in limb.iter().flat_map(|&column| &columns[column]) {
                    let index = self.tables.index(tag, value).ok_or_else(|| {
                        let (low, high) = self.tables.bounds(tag);
                        AssignError::OutsideTable {
                            node: format!("range {tag}"),
                            index: 0,
                            value,
                            low,
                            high,
                        }
                    })?;
                    counts[index] += 1;
                }
            }
        }
        Ok(())
    }
}

/// Accumulators of every position in use.
fn positions(
    graph: &QuantGraph,
    block: &Block,
    tables: &Tables,
    values: &[Vec<i64>],
) -> Result<(i64, Vec<Position>), AssignError> {
    let tensor = &graph.tensors[block.tensor.0];
    let elements = block.layout.elements();
    let at = |element: usize, y: i64| {
        let (plane, position) = block.layout.position(element);
        Position { plane, position, y, border: false }
    };
    match &tensor.op {
        QuantOp::Rescale { linear, bias, function, .. } => {
            let tag = tables.tag(function);
            let per_channel = elements.checked_div(bias.len()).unwrap_or(1).max(1);
            let biased =
                |element: usize, y: i64| y + bias.get(element / per_channel).copied().unwrap_or(0);
            if let Linear::Conv { input, kernel, kernel_shape, dilation, .. } = linear {
                let full = full_product(
                    block,
                    &graph.tensors[input.0].shape,
                    &values[input.0],
                    kernel,
                    *kernel_shape,
                    *dilation,
                );
                let mut border = vec![vec![true; block.layout.length]; block.layout.planes];
                let mut positions = Vec::with_capacity(block.layout.planes * block.layout.length);
                for element in 0..elements {
                    let (plane, position) = block.layout.position(element);
                    border[plane][position] = false;
                    positions.push(at(element, biased(element, full[plane][position])));
                }
                for (plane, flags) in border.iter().enumerate() {
                    for (position, _) in flags.iter().enumerate().filter(|(_, border)| **border) {
                        positions.push(Position {
                            plane,
                            position,
                            y: full[plane][position],
                            border: true,
                        });
                    }
                }
                return Ok((tag, positions));
            }
            let accumulators = accumulate(graph, block.tensor, values)
                .map_err(|error| AssignError::Interpret { reason: error.to_string() })?;
            let positions = accumulators.into_iter().enumerate().map(|(i, y)| at(i, biased(i, y)));
            Ok((tag, positions.collect()))
        }
        // The range check of a private input rescales x·2^S by its own interval.
        _ => {
            let tag = tables.tag(&range_function(tensor.interval, graph.low_bits));
            let positions =
                values[block.tensor.0].iter().enumerate().map(|(i, &x)| at(i, x << graph.shift));
            Ok((tag, positions.collect()))
        }
    }
}

/// The identity on an interval aligned to blocks of 2^t.
pub(crate) fn range_function(
    Interval { lo, hi }: Interval,
    t: u32,
) -> provenn_fixed_point::Piecewise {
    provenn_fixed_point::Piecewise {
        first: lo >> t,
        entries: (lo >> t..=hi >> t).map(|h| (1, h << t)).collect(),
    }
}

/// Every coefficient of Σ K_ci·X_ci, by plane and position.
fn full_product(
    block: &Block,
    input_shape: &[usize],
    input: &[i64],
    kernel: &[i64],
    [outputs, inputs, kernel_height, kernel_width]: [usize; 4],
    dilation: [usize; 2],
) -> Vec<Vec<i64>> {
    let (height, width) = (input_shape[1], input_shape[2]);
    let stride = block.layout.stride;
    let mut planes = vec![vec![0_i64; block.layout.length]; outputs];
    for (o, plane) in planes.iter_mut().enumerate() {
        for c in 0..inputs {
            for a in 0..kernel_height {
                for b in 0..kernel_width {
                    let k = kernel[((o * inputs + c) * kernel_height + a) * kernel_width + b];
                    if k == 0 {
                        continue;
                    }
                    let shift = (kernel_height - 1 - a) * dilation[0] * stride
                        + (kernel_width - 1 - b) * dilation[1];
                    for i in 0..height {
                        let from = &input[(c * height + i) * width..][..width];
                        let to = &mut plane[shift + i * stride..][..width];
                        for (y, x) in to.iter_mut().zip(from) {
                            *y += k * x;
                        }
                    }
                }
            }
        }
    }
    planes
}
