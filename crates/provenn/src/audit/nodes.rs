//! Quantisation, and node by node: the proven interval, its margin to the modulus, where it stands, what it looks up.

use provenn_circuit::{BusCounts, CompiledCircuit, Place, TableInventory};
use provenn_fixed_point::{Linear, QuantGraph, QuantOp, TensorId};
use provenn_gadgets::GadgetSet;
use serde::Serialize;

/// The quantised model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Nodes {
    /// Formats of rescales, and how many tensors each has.
    pub rescale_formats: Vec<RescaleFormat>,
    /// Elements of all tensors.
    pub elements: usize,
    /// Multiply-accumulates of all tensors.
    pub multiply_accumulates: usize,
    /// First-phase cells of all tensors.
    pub cells: usize,
    /// Every integer below 2^this in magnitude is below half of the modulus.
    pub half_modulus_bits: u32,
    /// The smallest margin of a node.
    pub smallest_margin_bits: u32,
    /// Tensors of the quantised graph in topological order; several may share a node of the model.
    pub tensors: Vec<Node>,
    /// Where values beyond calibrated ranges are clamped.
    pub saturating: Vec<Watched>,
    /// Lookup tables, in the order of their rows.
    pub tables: Vec<TableInventory>,
    /// Pairs of equal cells in the key, operands and copied inputs apart.
    pub copies: usize,
    /// Steps of the later phases.
    pub steps: usize,
}

/// S and t of rescales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct RescaleFormat {
    /// Bits that a rescale drops.
    pub shift: u32,
    /// Low bits of its tables.
    pub low_bits: u32,
    /// How many tensors are rescaled so.
    pub tensors: usize,
}

/// A calibrated range beyond which values are clamped.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Watched {
    /// The tensor's position.
    pub tensor: usize,
    /// Smallest and largest integer that calibration expects.
    pub calibrated: [i64; 2],
    /// Real value of one unit.
    pub unit: f64,
}

/// A tensor of the quantised graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    /// The model's node.
    pub node: String,
    /// Its operator.
    pub operator: String,
    /// How the integers are made.
    pub made_by: &'static str,
    /// Positions of the tensors that it reads.
    pub reads: Vec<usize>,
    /// Extents.
    pub shape: Vec<usize>,
    /// Real value of one unit: the finest and the coarsest column's.
    pub steps: [f64; 2],
    /// The proven interval.
    pub interval: [i64; 2],
    /// The reals that it stands for.
    pub reals: [f64; 2],
    /// The proven interval of sums before the rescale, where there is one.
    pub accumulator: Option<[i64; 2]>,
    /// Every integer that its identities equate is below 2^bits in magnitude, whatever a prover puts into limbs.
    pub bits: u32,
    /// Bits left below half of the modulus.
    pub margin_bits: u32,
    /// Position of its function's table.
    pub table: Option<usize>,
    /// Multiply-accumulates.
    pub multiply_accumulates: usize,
    /// First-phase cells.
    pub cells: usize,
    /// Banks that hold it, whose gates bind it.
    pub places: Vec<Place>,
    /// Terms on the bus.
    pub bus: BusCounts,
}

pub(super) fn nodes<G: GadgetSet>(circuit: &CompiledCircuit<G>) -> Nodes {
    let graph = circuit.graph();
    let (inspection, inventory) = (circuit.inspect(), circuit.inventory());
    let shares = inspection.nodes.into_iter().zip(inventory.tensors);
    let all = graph.tensors.iter().zip(circuit.bounds()).zip(shares).enumerate();
    let node = |(at, ((tensor, bound), (share, stands)))| {
        let tensor: &provenn_fixed_point::QuantTensor = tensor;
        let bound: provenn_circuit::Bound = bound;
        let grid = graph.grid(TensorId(at));
        let interval = [bound.interval.lo, bound.interval.hi];
        let share: provenn_circuit::NodeInspection = share;
        let stands: provenn_circuit::TensorInventory = stands;
        Node {
            node: share.name,
            operator: share.onnx_op,
            made_by: made_by(&tensor.op),
            reads: tensor.op.operands().into_iter().map(|id| id.0).collect(),
            shape: tensor.shape.clone(),
            steps: ends(grid.steps.iter().copied()),
            interval,
            reals: reals(&grid.steps, &grid.offsets, interval),
            accumulator: bound.accumulator.map(|of| [of.lo, of.hi]),
            bits: bound.bits,
            margin_bits: bound.margin(),
            table: stands.table,
            multiply_accumulates: share.multiply_accumulates,
            cells: share.cells,
            places: stands.places,
            bus: stands.bus,
        }
    };
    let tensors: Vec<Node> = all.map(node).collect();
    let watched = |watch: &provenn_fixed_point::Watch| Watched {
        tensor: watch.tensor.0,
        calibrated: [watch.range.lo, watch.range.hi],
        unit: watch.unit,
    };
    let margins = tensors.iter().map(|node| node.margin_bits);
    Nodes {
        rescale_formats: rescale_formats(graph),
        elements: graph.tensors.iter().map(|tensor| tensor.len()).sum(),
        multiply_accumulates: inspection.multiply_accumulates,
        cells: inspection.cells,
        half_modulus_bits: provenn_circuit::HALF_MODULUS_BITS,
        smallest_margin_bits: margins.min().unwrap_or(provenn_circuit::HALF_MODULUS_BITS),
        saturating: graph.watches.iter().map(watched).collect(),
        tensors,
        tables: inventory.tables,
        copies: inventory.copies,
        steps: inventory.steps,
    }
}

fn rescale_formats(graph: &QuantGraph) -> Vec<RescaleFormat> {
    let of = |(at, format): (usize, &provenn_fixed_point::Format)| {
        let here = |tensor: &&provenn_fixed_point::QuantTensor| matches!(&tensor.op, QuantOp::Rescale { format, .. } if format.0 == at);
        RescaleFormat {
            shift: format.shift,
            low_bits: format.low_bits,
            tensors: graph.tensors.iter().filter(here).count(),
        }
    };
    graph.formats.iter().enumerate().map(of).collect()
}

fn made_by(op: &QuantOp) -> &'static str {
    match op {
        QuantOp::Input { .. } => "input",
        QuantOp::View { .. } => "elements in another order",
        QuantOp::Exact { linear } => match linear {
            Linear::Dense { .. } => "exact dense",
            Linear::Conv { .. } => "exact convolution",
            Linear::MatMul { .. } => "exact product of matrices",
            Linear::Combine { .. } => "exact sum",
            Linear::Contract { .. } => "exact products, summed",
        },
        QuantOp::Rescale { linear, .. } => match linear {
            Linear::Dense { .. } => "dense, rescaled",
            Linear::Conv { .. } => "convolution, rescaled",
            Linear::MatMul { .. } => "product of matrices, rescaled",
            Linear::Combine { .. } => "sum, rescaled",
            Linear::Contract { .. } => "products, summed and rescaled",
        },
        QuantOp::Quotient(_) => "exact quotient",
        QuantOp::Root { .. } => "exact root",
        QuantOp::Gather(_) => "elements found by computed keys",
        QuantOp::Embedding(_) => "constant rows found by computed keys",
        QuantOp::Sort { .. } => "order of lines",
        QuantOp::Maximum { .. } => "maxima of windows",
    }
}

/// The smallest and the largest; zeros of nothing.
pub(super) fn ends(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    let ends = values.clone().reduce(f64::min).zip(values.reduce(f64::max));
    ends.map_or([0.0; 2], |(least, most)| [least, most])
}

/// The reals that integers from `lo` to `hi` stand for, of all columns.
pub(super) fn reals(steps: &[f64], offsets: &[f64], [lo, hi]: [i64; 2]) -> [f64; 2] {
    #[allow(clippy::cast_precision_loss)] // for display: beyond 2^53 it is the nearest f64
    let at = |integer: i64| {
        steps.iter().zip(offsets).map(move |(step, offset)| offset + step * integer as f64)
    };
    ends(at(lo).chain(at(hi)))
}
