//! Lowering: each quantised operation as blocks of cells and an identity between fingerprints.

mod blocks;
mod combine;
mod committed;
mod contract;
mod conv;
mod conv_identity;
mod conv_layouts;
mod dense;
mod embedding;
mod fingerprints;
mod gather;
mod input;
mod mat_mul;
mod maximum;
mod quotient;
mod ranges;
mod root;
mod sort;
mod waiting;

use crate::boundary::BoundaryTerms;
use crate::error::{CompileError, node_of};
use crate::fused::fused;
use crate::ids::{BlockId, PlainId, ValueId};
use crate::known::Known;
use crate::planes::PlaneLayout;
use crate::program::{MOST_VALUES, Point, Program};
use conv_identity::Kernel;
use provenn_fixed_point::{Linear, QuantGraph, QuantOp, TensorId};
use provenn_gadgets::TensorVisibility;
use ranges::Ratio;
use std::collections::{BTreeMap, HashMap};
use waiting::Waiting;

/// A graph on its way to a program.
pub(crate) struct Lowering<'g> {
    graph: &'g QuantGraph,
    known: &'g Known,
    lanes: usize,
    /// Of banks of maxima; they divide the others.
    window_lanes: usize,
    boundary: BoundaryTerms,
    program: Program<'g>,
    /// The block that each tensor was made in.
    primary: Vec<Option<BlockId>>,
    /// Tensors whose elements all have cells, those under views included.
    ready: Vec<bool>,
    /// Plain blocks by tensor and layout.
    copies: HashMap<(TensorId, PlaneLayout), PlainId>,
    /// Layout that users of a tensor would like.
    wanted: Vec<Option<PlaneLayout>>,
    /// Sums of powers of a challenge's power.
    geometric: HashMap<(Ratio, usize), ValueId>,
    /// The elements that sorts have put in order, by operand, sort and number of lines.
    sorted: HashMap<(TensorId, TensorId, usize), PlainId>,
    /// Cells of all blocks so far, gaps included.
    cells: usize,
    /// As many as they may be: as the graph may have elements.
    most_cells: usize,
    waiting: Waiting,
    /// The maximum that takes a convolution in, by convolution.
    fused: BTreeMap<TensorId, TensorId>,
}

/// Lowers a whole graph; inputs that are not public are range-checked, what is shown is listed.
///
/// # Errors
/// [`CompileError`] naming the node that has no program.
pub(crate) fn lower<'g>(
    graph: &'g QuantGraph,
    known: &'g Known,
    [lanes, window_lanes]: [usize; 2],
    boundary: BoundaryTerms,
    [of_inputs, of_outputs]: [TensorVisibility; 2],
) -> Result<Program<'g>, CompileError> {
    let mut lowering = Lowering {
        graph,
        known,
        lanes,
        window_lanes,
        boundary,
        program: Program::default(),
        primary: vec![None; graph.tensors.len()],
        ready: vec![false; graph.tensors.len()],
        copies: HashMap::new(),
        wanted: conv_layouts::wanted_layouts(graph, lanes, boundary),
        geometric: HashMap::new(),
        sorted: HashMap::new(),
        cells: 0,
        most_cells: usize::try_from(graph.most_elements()).unwrap_or(usize::MAX),
        waiting: Waiting::default(),
        fused: fused(graph, boundary, &known.alike),
    };
    for index in 0..graph.tensors.len() {
        lowering.tensor(TensorId(index))?;
        lowering.check_values()?;
    }
    lowering.nothing_waits()?;
    for &id in &graph.inputs {
        if of_inputs != TensorVisibility::Public {
            lowering.range_check(id)?;
        }
        lowering.show(id, of_inputs)?;
    }
    for &id in &graph.outputs {
        lowering.show(id, of_outputs)?;
    }
    lowering.check_values()?;
    Ok(lowering.program)
}

impl<'g> Lowering<'g> {
    fn tensor(&mut self, id: TensorId) -> Result<(), CompileError> {
        let graph = self.graph;
        match &graph.tensors[id.0].op {
            QuantOp::Input { .. } => self.input(id),
            QuantOp::View { .. } => Ok(()),
            QuantOp::Exact { linear } | QuantOp::Rescale { linear, .. } => self.form(id, linear),
            QuantOp::Quotient(quotient) => self.quotient(id, *quotient),
            QuantOp::Root { operand, .. } => self.root(id, *operand),
            QuantOp::Gather(gather) => self.gather(id, *gather),
            QuantOp::Embedding(embedding) => self.embedding(id, embedding),
            QuantOp::Sort { operand, extent } => self.sort(id, *operand, *extent),
            QuantOp::Maximum { operand, .. } => self.maximum(id, *operand),
        }
    }

    fn form(&mut self, id: TensorId, linear: &'g Linear) -> Result<(), CompileError> {
        match linear {
            Linear::Dense { input, weights } => self.dense(id, *input, weights),
            Linear::Conv { input, kernel, kernel_shape, groups, dilation, pad_before, .. } => {
                let kernel = Kernel::new(kernel, (*kernel_shape, *groups), *dilation);
                self.conv(id, *input, kernel, *pad_before)
            }
            Linear::MatMul { a, b, multiplier } => self.mat_mul(id, *a, *b, *multiplier),
            Linear::Combine { terms } => self.combine(id, terms),
            Linear::Contract { a, b, multiplier } => self.contract(id, [*a, *b], *multiplier),
        }
    }

    /// Demands `σ^offset·Y = form`, Y the fingerprint of the block's accumulators.
    fn identify(
        &mut self,
        block: BlockId,
        form: ValueId,
        offset: usize,
    ) -> Result<(), CompileError> {
        let y = self.accumulated(block)?;
        let y = self.moved(y, offset);
        self.program.equal(y, form);
        Ok(())
    }

    /// `σ^offset·value`
    fn moved(&mut self, value: ValueId, offset: usize) -> ValueId {
        if offset == 0 {
            return value;
        }
        let power = self.program.power(Point::Sigma, offset);
        self.program.multiply(power, value)
    }

    /// A tensor whose identity was never demanded could be anything.
    fn nothing_waits(&self) -> Result<(), CompileError> {
        match self.waiting.any() {
            Some(tensor) => Err(self.internal(tensor, "an identity that nobody demands")),
            None => Ok(()),
        }
    }

    fn check_values(&self) -> Result<(), CompileError> {
        match self.program.values.len() {
            0..=MOST_VALUES => Ok(()),
            values => Err(CompileError::TooMuchArithmetic { values, limit: MOST_VALUES }),
        }
    }

    fn name(&self, tensor: TensorId) -> String {
        node_of(self.graph, tensor)
    }

    fn unsupported(&self, tensor: TensorId, reason: impl Into<String>) -> CompileError {
        let op = self.graph.tensors.get(tensor.0).map_or(String::new(), |t| t.onnx_op.clone());
        CompileError::Unsupported { node: self.name(tensor), op, reason: reason.into() }
    }

    /// The lowering contradicts itself.
    fn internal(&self, tensor: TensorId, what: &'static str) -> CompileError {
        CompileError::internal(self.graph, tensor, what)
    }
}
