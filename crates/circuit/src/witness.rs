//! First-phase columns from the interpreter's integers.

use crate::error::AssignError;
use crate::place::{Block, BorderRun, Kind};
use crate::tables::Tables;
use provenn_fixed_point::{Interval, Linear, QuantGraph, QuantOp, accumulate};
use provenn_gadgets::logup::GAP;
use provenn_gadgets::{Dropped, FirstPhase, GadgetSet, Layout, Shape};

/// What the columns are filled from.
pub(crate) struct Filler<'a, G: GadgetSet> {
    pub(crate) graph: &'a QuantGraph,
    pub(crate) shape: &'a Shape,
    pub(crate) layout: &'a Layout<G>,
    pub(crate) blocks: &'a [Block],
    pub(crate) border_runs: &'a [BorderRun],
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
    /// Fills every first-phase column, and finds what convolutions drop.
    pub(crate) fn fill(&self) -> Result<(FirstPhase, Vec<Dropped>), AssignError> {
        let rows = self.shape.active_rows();
        let mut columns = vec![vec![0_i64; rows]; self.layout.first];
        let mut counts = vec![0_i64; self.tables.rows()];
        let mut used = 0;
        let mut dropped = vec![];
        for block in self.blocks {
            match block.kind {
                Kind::Plain => self.fill_plain(block, &mut columns),
                Kind::Activation => {
                    used += self.fill_activation(block, &mut columns, &mut counts, &mut dropped)?
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
        Ok((columns, dropped))
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
        dropped: &mut Vec<Dropped>,
    ) -> Result<usize, AssignError> {
        let Filler { graph, shape, layout, tables, .. } = *self;
        let node = &graph.tensors[block.tensor.0].name;
        let half = 1_i64 << (shape.shift - 1);
        let widths = shape.remainder_limbs();
        let Accumulators { table: function, positions, full } =
            accumulators(graph, block, tables, self.values)?;
        if let Some(full) = full {
            let runs = self.border_runs.iter().filter(|run| run.tensor == block.tensor);
            dropped.extend(runs.map(|run| full.dropped(run)));
        }
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

/// What an activation block is filled from.
struct Accumulators {
    /// Tag of the function's table.
    table: i64,
    /// Every position in use.
    positions: Vec<Position>,
    /// Of a convolution whose dropped coefficients stand elsewhere.
    full: Option<FullProduct>,
}

fn accumulators(
    graph: &QuantGraph,
    block: &Block,
    tables: &Tables,
    values: &[Vec<i64>],
) -> Result<Accumulators, AssignError> {
    let tensor = &graph.tensors[block.tensor.0];
    let layout = &block.layout;
    let at = |element: usize, y: i64| {
        let (plane, position) = layout.position(element);
        Position { plane, position, y, border: false }
    };
    let QuantOp::Rescale { linear, bias, function, .. } = &tensor.op else {
        // The range check of a private input rescales x·2^S by its own interval.
        let table = tables.tag(&range_function(tensor.interval, graph.low_bits));
        let values = values[block.tensor.0].iter().enumerate();
        let positions = values.map(|(i, &x)| at(i, x << graph.shift)).collect();
        return Ok(Accumulators { table, positions, full: None });
    };
    let table = tables.tag(function);
    let per_channel = layout.elements().checked_div(bias.len()).unwrap_or(1).max(1);
    let biased = |element: usize, y: i64| y + bias.get(element / per_channel).copied().unwrap_or(0);
    let Some(full) = FullProduct::of(linear, graph, values) else {
        let accumulators = accumulate(graph, block.tensor, values)
            .map_err(|error| AssignError::Interpret { reason: error.to_string() })?;
        let positions = accumulators.into_iter().enumerate();
        let positions = positions.map(|(i, y)| at(i, biased(i, y))).collect();
        return Ok(Accumulators { table, positions, full: None });
    };
    let [top, left] = full.kept;
    let mut positions: Vec<Position> = (0..layout.elements())
        .map(|element| {
            let in_plane = element % (layout.height * layout.width);
            let (i, j) = (in_plane / layout.width, in_plane % layout.width);
            let plane = element / (layout.height * layout.width);
            at(element, biased(element, full.at(plane, top + i, left + j)))
        })
        .collect();
    if layout.turned {
        return Ok(Accumulators { table, positions, full: Some(full) });
    }
    let mut border = vec![vec![true; layout.length]; layout.planes];
    positions.iter().for_each(|p| border[p.plane][p.position] = false);
    for (plane, flags) in border.iter().enumerate() {
        for (position, _) in flags.iter().enumerate().filter(|(_, border)| **border) {
            let y = full.at(plane, position / layout.stride, position % layout.stride);
            positions.push(Position { plane, position, y, border: true });
        }
    }
    Ok(Accumulators { table, positions, full: None })
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

/// Every coefficient of Σ K_ci·X_ci, by output channel and place.
struct FullProduct {
    width: usize,
    /// The first place that the layer keeps.
    kept: [usize; 2],
    planes: Vec<Vec<i64>>,
}

impl FullProduct {
    /// Of a `Conv`; no other operation has one.
    fn of(linear: &Linear, graph: &QuantGraph, values: &[Vec<i64>]) -> Option<Self> {
        let Linear::Conv { input, kernel, kernel_shape, dilation, pad_before, .. } = linear else {
            return None;
        };
        let (input_shape, input) = (&graph.tensors[input.0].shape, &values[input.0]);
        let &[outputs, inputs, kernel_height, kernel_width] = kernel_shape;
        let reach = [(kernel_height - 1) * dilation[0], (kernel_width - 1) * dilation[1]];
        let (height, width) = (input_shape[1], input_shape[2]);
        let full_width = width + reach[1];
        let mut planes = vec![vec![0_i64; (height + reach[0]) * full_width]; outputs];
        for (o, plane) in planes.iter_mut().enumerate() {
            for c in 0..inputs {
                for a in 0..kernel_height {
                    for b in 0..kernel_width {
                        let k = kernel[((o * inputs + c) * kernel_height + a) * kernel_width + b];
                        if k == 0 {
                            continue;
                        }
                        let shift = (reach[0] - a * dilation[0]) * full_width
                            + (reach[1] - b * dilation[1]);
                        for i in 0..height {
                            let from = &input[(c * height + i) * width..][..width];
                            let to = &mut plane[shift + i * full_width..][..width];
                            for (y, x) in to.iter_mut().zip(from) {
                                *y += k * x;
                            }
                        }
                    }
                }
            }
        }
        let kept = [reach[0] - pad_before[0], reach[1] - pad_before[1]];
        Some(FullProduct { width: full_width, kept, planes })
    }

    /// A coefficient; zero beyond the product's width.
    fn at(&self, plane: usize, i: usize, j: usize) -> i64 {
        if j < self.width { self.planes[plane][i * self.width + j] } else { 0 }
    }

    /// A run of dropped coefficients.
    fn dropped(&self, run: &BorderRun) -> Dropped {
        let from = run.i * self.width + run.j;
        let planes = self.planes.iter().map(|plane| plane[from..from + run.length].to_vec());
        Dropped { bank: run.bank, row: run.row, planes: planes.collect() }
    }
}
