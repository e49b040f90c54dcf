//! The state of lowering, and the dispatch by operator.

use super::bounded::Bounded;
use super::compared::only_compared;
use super::deviation::Deviation;
use super::edges::readers;
use super::error::QuantiseError;
use super::family::Family;
use super::kept::Kept;
use super::learned::Learned;
use super::made::Made;
use super::need::needs;
use super::readers::Weighed;
use super::value::{Elements, Form, Pending, Value};
use crate::convert::{ceil_log2, power_of_two};
use crate::error_bound::ErrorBounds;
use crate::format::{Format, FormatId};
use crate::quant_graph::{Piecewise, QuantGraph, QuantOp, TensorId};
use crate::round::{scale_of, step_of_scale};
use crate::settings::{Range, Settings};
use provenn_onnx_ir::{Function, Graph, Node, NodeId, Op};
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// What is asked of a node's step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    /// Nothing.
    Any,
    /// A power of two, so that people can reproduce it by hand.
    PowerOfTwo,
    /// Exactly 2^-scale.
    Scale(i32),
}

pub(super) struct Lowering<'g> {
    pub(super) graph: &'g Graph,
    pub(super) settings: &'g Settings,
    /// That of the node that is lowered or rescaled now.
    pub(super) format: Format,
    pub(super) out: QuantGraph,
    /// Family of each tensor's table.
    pub(super) families: Vec<Option<Family>>,
    /// Each tensor's distance from its float value.
    pub(super) deviations: Vec<Deviation>,
    values: Vec<Value>,
    /// Who reads each node, and as which operand.
    pub(super) readers: Vec<Vec<(usize, usize)>>,
    /// Which nodes nothing but comparisons may read in the end.
    pub(super) only_compared: Vec<bool>,
    wishes: Vec<Wish>,
    /// What the readers of each node tell apart.
    pub(super) needs: Vec<Range>,
    /// Quotients that their readers divide themselves.
    pub(super) deferred: BTreeSet<usize>,
    /// By node that serves as indices: the extent of the axis that they index.
    pub(super) indices: Vec<Option<usize>>,
    /// Tables of the nodes so far.
    pub(super) made: Made,
    /// Bounds of the form that was asked for last.
    pub(super) bounded: Bounded,
    /// How much elements weigh in their readers.
    pub(super) weighed: Weighed,
    /// The node that is lowered now.
    pub(super) at: usize,
    /// How large learned weights are, where they are committed.
    pub(super) learned: Option<Learned>,
    /// What other quantisations of the model have left.
    pub(super) kept: &'g Kept,
    /// Constants of the model that something has looked at.
    stored: Vec<OnceCell<Vec<f64>>>,
}

impl<'g> Lowering<'g> {
    pub(super) fn new(
        graph: &'g Graph,
        settings: &'g Settings,
        kept: &'g Kept,
    ) -> Result<Self, QuantiseError> {
        check_ranges(graph, settings)?;
        let (format, readers) = (settings.main_format(), readers(graph));
        Ok(Lowering {
            graph,
            settings,
            format,
            out: QuantGraph { formats: vec![format], ..QuantGraph::default() },
            families: vec![],
            deviations: vec![],
            values: vec![],
            only_compared: only_compared(graph, &readers),
            readers,
            wishes: wishes(graph, settings),
            needs: needs(graph, settings),
            deferred: BTreeSet::new(),
            indices: graph.index_extents(),
            made: Made::default(),
            bounded: Bounded::default(),
            weighed: Weighed::default(),
            at: 0,
            learned: Learned::of(settings),
            kept,
            stored: vec![OnceCell::new(); graph.nodes.len()],
        })
    }

    pub(super) fn node(&self, node: usize) -> &'g Node {
        &self.graph.nodes[node]
    }

    /// The calibrated range of a node.
    pub(super) fn range(&self, node: usize) -> Range {
        self.settings
            .ranges
            .get(&self.node(node).name)
            .copied()
            .unwrap_or(Range { lo: -1.0, hi: 1.0 })
    }

    /// Bits of the values that this node rescales to.
    pub(super) fn bits(&self, node: usize) -> u32 {
        let own = self.settings.node_bits.get(&self.node(node).name);
        own.copied().unwrap_or(self.settings.bits)
    }

    /// How often a node is read or published.
    fn users(&self, node: usize) -> usize {
        let published = self.graph.outputs.iter().filter(|id| id.0 == node).count();
        self.readers[node].len() + published
    }

    pub(super) fn wish(&self, node: usize) -> Wish {
        self.wishes[node]
    }

    pub(super) fn unsupported(&self, node: usize, reason: impl Into<String>) -> QuantiseError {
        let node = self.node(node);
        QuantiseError::Unsupported {
            node: node.name.clone(),
            op: node.op.name().into(),
            reason: reason.into(),
        }
    }

    /// The node of operand `at`.
    pub(super) fn operand(&self, node: usize, at: usize) -> Result<usize, QuantiseError> {
        let id = self.node(node).inputs.get(at).map(|id| id.0);
        id.ok_or_else(|| self.unsupported(node, format!("input {at} is missing")))
    }

    pub(super) fn shape(&self, node: usize) -> &'g [usize] {
        &self.node(node).shape
    }

    pub(super) fn value(&self, node: usize) -> &Value {
        &self.values[node]
    }

    /// The constant that a node stands for.
    pub(super) fn constant(&self, node: usize) -> Option<&[f64]> {
        match &self.values[node] {
            Value::Stored => {
                let Op::Constant(tensor) = &self.node(node).op else { return None };
                let widened = || tensor.data.iter().map(|&x| f64::from(x)).collect();
                Some(self.stored[node].get_or_init(widened))
            }
            Value::Constant(data) => Some(data),
            Value::Elements(_) | Value::Pending(_) => None,
        }
    }

    /// Whether a node is a constant of the model.
    pub(super) fn is_stored(&self, node: usize) -> bool {
        matches!(self.values[node], Value::Stored)
    }

    /// Whether a node is a constant.
    pub(super) fn is_constant(&self, node: usize) -> bool {
        matches!(self.values[node], Value::Stored | Value::Constant(_))
    }

    /// The constant that an operand of `node` stands for, to be kept: of its last reader without a copy.
    pub(super) fn weights(&mut self, operand: usize, node: usize) -> Option<Vec<f64>> {
        let last = self.is_last(operand, node) && self.readers[operand].len() == 1;
        match &mut self.values[operand] {
            Value::Constant(data) if last => Some(std::mem::take(data)),
            Value::Stored if last => {
                self.constant(operand)?;
                self.stored[operand].take()
            }
            Value::Stored | Value::Constant(_) => self.constant(operand).map(<[f64]>::to_vec),
            Value::Elements(_) | Value::Pending(_) => None,
        }
    }

    /// Whether nothing after `node` reads one of its operands.
    fn is_last(&self, operand: usize, node: usize) -> bool {
        let last = self.readers[operand].iter().all(|&(reader, _)| reader <= node);
        last && !self.graph.outputs.iter().any(|id| id.0 == operand)
    }

    /// S and t of a node's rescales.
    fn format_of(&self, node: usize) -> Format {
        let own = self.settings.node_formats.get(&self.node(node).name);
        own.copied().unwrap_or_else(|| self.settings.main_format())
    }

    /// Lists the present format, if it is not listed yet.
    pub(super) fn format_id(&mut self) -> FormatId {
        let known = self.out.formats.iter().position(|format| *format == self.format);
        FormatId(known.unwrap_or_else(|| {
            self.out.formats.push(self.format);
            self.out.formats.len() - 1
        }))
    }

    /// The form of a node, ready to be extended: its elements as a form where it is not pending.
    pub(super) fn pending(&mut self, node: usize) -> Result<Pending, QuantiseError> {
        match &self.values[node] {
            Value::Pending(pending) => Ok(pending.clone()),
            Value::Elements(_) | Value::Constant(_) | Value::Stored => {
                Ok(Pending::identity(self.elements(node)?, node))
            }
        }
    }

    /// The integers of a node, rescaled now if they were pending.
    pub(super) fn elements(&mut self, node: usize) -> Result<Elements, QuantiseError> {
        let elements = match &self.values[node] {
            Value::Elements(elements) => return Ok(elements.clone()),
            Value::Constant(_) | Value::Stored => {
                let data = self.constant(node).map(<[f64]>::to_vec);
                let data = data.ok_or_else(|| self.unsupported(node, "it is no constant"))?;
                return self.constant_elements(&data, None, node);
            }
            Value::Pending(pending) => {
                let pending = pending.clone();
                self.in_format_of(node, |this| this.emit_identity(pending, node, None))?
            }
        };
        self.values[node] = Value::Elements(elements.clone());
        Ok(elements)
    }

    /// What is emitted for a node while another is lowered, which may be of another format.
    pub(super) fn in_format_of<T>(
        &mut self,
        node: usize,
        emit: impl FnOnce(&mut Self) -> Result<T, QuantiseError>,
    ) -> Result<T, QuantiseError> {
        let own = self.format_of(node);
        let reader = std::mem::replace(&mut self.format, own);
        let emitted = emit(self);
        self.format = reader;
        emitted
    }

    /// What later readers find of a node.
    pub(super) fn set_value(&mut self, node: usize, value: Value) {
        self.values[node] = value;
    }

    /// Lowers all nodes.
    pub(super) fn lowered(mut self) -> Result<Self, QuantiseError> {
        (0..self.graph.nodes.len()).try_for_each(|node| self.lower(node))?;
        Ok(self)
    }

    /// Lowers the next node.
    fn lower(&mut self, node: usize) -> Result<(), QuantiseError> {
        self.at = node;
        self.format = self.format_of(node);
        let value = match self.folded(node)? {
            Some(data) => Value::Constant(data),
            None => self.dispatch(node)?,
        };
        self.values.push(value);
        // Several users would each repeat the whole form; an affine one costs them nothing.
        let shared = matches!(&self.values[node], Value::Pending(p) if p.affine().is_none());
        if shared && self.users(node) > 1 {
            if self.divides_rounded(node)
                && let Value::Pending(pending) = self.values[node].clone()
                && let Some(elements) = self.even_sum(&pending, node)?
            {
                self.values[node] = Value::Elements(elements);
            }
            if self.elements_in_columns(node)?.is_none() {
                self.elements(node)?;
            }
        }
        self.forget(node);
        Ok(())
    }

    /// Drops the constants and forms that `node` was the last to read: weights in `f64` are the largest part of a model, and a long sum
    /// would keep a form for each of its parts.
    fn forget(&mut self, node: usize) {
        if self.deferred.contains(&node) {
            return;
        }
        for operand in self.node(node).inputs.iter().map(|id| id.0) {
            let made = matches!(self.values[operand], Value::Elements(_));
            if self.is_last(operand, node) && !made {
                self.values[operand] = Value::Constant(vec![]);
                self.stored[operand] = OnceCell::new();
            }
        }
    }

    fn dispatch(&mut self, node: usize) -> Result<Value, QuantiseError> {
        match &self.node(node).op {
            Op::Input { index } => self.input(node, *index),
            Op::Constant(_) => Ok(Value::Stored),
            Op::MatMul => self.mat_mul(node),
            Op::Conv { window, groups } => self.conv(node, window, *groups),
            Op::ConvTranspose { window, groups, .. } => self.conv_transpose(node, window, *groups),
            Op::Add => self.add(node, 1.0),
            Op::Sub => self.add(node, -1.0),
            Op::Mul => self.mul(node),
            Op::Div => self.div(node),
            Op::Neg => self.neg(node),
            Op::Pow { exponent } => self.pow(node, *exponent),
            Op::Relu => self.clip(node, 0.0, f64::INFINITY),
            Op::Clip { min, max } => self.clip(node, f64::from(*min), f64::from(*max)),
            Op::LeakyRelu { alpha } => self.leaky_relu(node, f64::from(*alpha)),
            Op::PRelu => self.p_relu(node),
            Op::Abs => self.abs(node),
            Op::Sigmoid => self.sigmoid(node),
            Op::Tanh => self.tanh(node),
            Op::Exp => self.exp(node),
            Op::Log => self.function(node, Function::Log),
            Op::Erf => self.erf(node),
            Op::Gelu { tanh } => self.gelu(node, *tanh),
            Op::Softplus => self.softplus(node),
            Op::Function(function) => self.function(node, *function),
            Op::Sqrt => self.sqrt(node),
            Op::Where => self.select(node),
            Op::Less => self.less(node, false),
            Op::LessOrEqual => self.less(node, true),
            Op::Equal => self.equal(node),
            Op::Gather { axis } => self.gather_computed(node, *axis),
            Op::GatherElements { axis } => self.gather_elements(node, *axis),
            Op::TopK { axis, largest } => self.top_k(node, *axis, *largest),
            Op::Trunc => self.trunc(node),
            &Op::Round { rounding, min, max } => self.round(node, rounding, [min, max]),
            Op::MaxPool { window } => self.max_pool(node, window),
            Op::AveragePool { window, count_include_pad } => {
                self.average_pool(node, window, *count_include_pad)
            }
            Op::ReduceSum { axes } => self.reduce_sum(node, axes, false),
            Op::ReduceMean { axes } => self.reduce_sum(node, axes, true),
            Op::ReduceMax { axes } => self.reduce_max(node, axes),
            Op::Max => self.max(node, true),
            Op::Min => self.max(node, false),
            Op::Reshape
            | Op::Transpose { .. }
            | Op::Concat { .. }
            | Op::Slice { .. }
            | Op::Pad { .. }
            | Op::Expand
            | Op::Take { .. }
            | Op::Tile { .. } => self.view(node),
        }
    }

    /// The quantised graph, with outputs and shared tables; and its error bounds.
    pub(super) fn finish(mut self) -> Result<(QuantGraph, ErrorBounds), QuantiseError> {
        self.outputs()?;
        self.check_shared()?;
        self.share_tables();
        let bounds = self.error_bounds();
        Ok((self.out, bounds))
    }

    /// Lowers the outputs.
    pub(super) fn outputs(&mut self) -> Result<(), QuantiseError> {
        for id in self.graph.outputs.clone() {
            self.at = id.0;
            self.format = self.format_of(id.0);
            let output = self.output(id.0)?;
            self.out.outputs.push(output);
        }
        Ok(())
    }

    /// The tensor that stands for an output of the model: in columns of its own where it needs them and no scale
    /// is asked for.
    fn output(&mut self, node: usize) -> Result<TensorId, QuantiseError> {
        if self.settings.run_args.output_scale.is_none()
            && !self.is_whole(node)
            && let Value::Pending(pending) = &self.values[node]
        {
            let pending = pending.clone();
            if let Some(id) = self.published_in_columns(&pending) {
                return Ok(id);
            }
            if let Some(id) = self.output_in_columns(&pending, node)? {
                return Ok(id);
            }
        }
        let mut elements = self.elements(node)?;
        let step = match self.wish(node) {
            Wish::Scale(scale) => step_of_scale(scale),
            // The integers are the model's own.
            Wish::PowerOfTwo if self.is_dequantised(node) => elements.step,
            Wish::PowerOfTwo if scale_of(elements.step).is_none() => {
                power_of_two(ceil_log2(elements.step))
            }
            Wish::PowerOfTwo | Wish::Any => elements.step,
        };
        elements = self.restep(elements, step, node)?;
        let shape = batchless(self.shape(node));
        self.tensor(&elements, Some(&shape), node)
    }

    /// Gives nodes of one family one table, over the hull of their highs: tables are rows, and rows cost.
    fn share_tables(&mut self) {
        let mut groups: Vec<(Family, u32, Vec<TensorId>)> = vec![];
        for (at, family) in self.families.iter().enumerate() {
            let (Some(family), Some(low_bits)) = (family, self.low_bits(TensorId(at))) else {
                continue;
            };
            match groups.iter_mut().find(|(f, t, _)| (f, *t) == (family, low_bits)) {
                Some((.., members)) => members.push(TensorId(at)),
                None => groups.push((family.clone(), low_bits, vec![TensorId(at)])),
            }
        }
        for (family, low_bits, members) in groups {
            let tables = members.iter().filter_map(|id| self.table(*id)?.highs());
            let Some(hull) = tables.reduce(|a, b| a.hull(b)) else { continue };
            let Some(table) = family.table(hull, low_bits) else { continue };
            for id in members {
                if let QuantOp::Rescale { function, .. } = &mut self.out.tensors[id.0].op {
                    function.clone_from(&table);
                }
            }
        }
    }

    /// t of a tensor's table.
    fn low_bits(&self, id: TensorId) -> Option<u32> {
        let format = self.out.tensors[id.0].op.rescale()?.format;
        Some(self.out.format(format)?.low_bits)
    }

    fn table(&self, id: TensorId) -> Option<&Piecewise> {
        Some(self.out.tensors[id.0].op.rescale()?.function)
    }

    /// Pushes a tensor made by `op`, deriving its interval; the caller records its deviation.
    pub(super) fn push(
        &mut self,
        node: usize,
        shape: Vec<usize>,
        step: f64,
        op: QuantOp,
        family: Option<Family>,
    ) -> Result<TensorId, QuantiseError> {
        let id = TensorId(self.out.tensors.len());
        let (len, committed) = (shape.iter().product(), self.out.committed.get(&id).copied());
        let interval = op.interval(&self.out, len, crate::Interval::point(0), committed);
        let interval = interval.ok_or_else(|| self.wrap(node))?;
        let (name, onnx_op) = (self.node(node).name.clone(), self.node(node).op.name().to_owned());
        self.out.tensors.push(crate::QuantTensor { name, onnx_op, shape, step, interval, op });
        self.families.push(family);
        self.deviations.push(Deviation::default());
        Ok(id)
    }

    pub(super) fn wrap(&self, node: usize) -> QuantiseError {
        let node = self.node(node);
        let shift = self.format.shift;
        let bits = self.settings.node_bits.get(&node.name).copied().unwrap_or(self.settings.bits);
        QuantiseError::WrapAround {
            node: node.name.clone(),
            op: node.op.name().into(),
            shift,
            bits,
        }
    }
}

/// A shape without its batch axis of extent 1.
pub(super) fn batchless(shape: &[usize]) -> Vec<usize> {
    match shape {
        [1, rest @ ..] if !rest.is_empty() => rest.to_vec(),
        _ => shape.to_vec(),
    }
}

fn check_ranges(graph: &Graph, settings: &Settings) -> Result<(), QuantiseError> {
    let mut names = BTreeSet::new();
    for node in graph.nodes.iter().filter(|node| !matches!(node.op, Op::Constant(_))) {
        names.insert(node.name.as_str());
        let Some(&Range { lo, hi }) = settings.ranges.get(&node.name) else {
            return Err(QuantiseError::MissingRange { node: node.name.clone() });
        };
        let plausible = lo.is_finite()
            && hi.is_finite()
            && lo <= hi
            && lo.abs().max(hi.abs()) < power_of_two(100);
        if !plausible {
            return Err(QuantiseError::BadRange { node: node.name.clone(), lo, hi });
        }
    }
    let stated = settings.ranges.keys().chain(settings.node_formats.keys());
    let unknown = stated.into_iter().find(|name| !names.contains(name.as_str()));
    match unknown {
        Some(node) => Err(QuantiseError::UnknownNode { node: node.clone() }),
        None => Ok(()),
    }
}

fn is_constant(graph: &Graph, id: NodeId) -> bool {
    matches!(graph.nodes[id.0].op, Op::Constant(_))
}

/// Wishes of outputs, carried back through operators that keep the step.
fn wishes(graph: &Graph, settings: &Settings) -> Vec<Wish> {
    let mut wishes = vec![Wish::Any; graph.nodes.len()];
    for id in &graph.outputs {
        wishes[id.0] = settings.run_args.output_scale.map_or(Wish::PowerOfTwo, Wish::Scale);
    }
    for (at, node) in graph.nodes.iter().enumerate().rev() {
        let wish = match node.op {
            Op::Trunc => Wish::PowerOfTwo,
            // Without a scale, or divided by what is computed.
            Op::Round { .. } if !node.inputs.iter().skip(1).any(|id| is_constant(graph, *id)) => {
                Wish::PowerOfTwo
            }
            Op::MaxPool { .. }
            | Op::ReduceMax { .. }
            | Op::Max
            | Op::Min
            | Op::Reshape
            | Op::Transpose { .. }
            | Op::Concat { .. }
            | Op::Slice { .. }
            | Op::Pad { .. }
            | Op::Expand
            | Op::Take { .. }
            | Op::Tile { .. } => wishes[at],
            Op::Input { .. }
            | Op::Constant(_)
            | Op::MatMul
            | Op::Conv { .. }
            | Op::ConvTranspose { .. }
            | Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::Neg
            | Op::Pow { .. }
            | Op::Round { .. }
            | Op::Relu
            | Op::Clip { .. }
            | Op::LeakyRelu { .. }
            | Op::PRelu
            | Op::Abs
            | Op::Sigmoid
            | Op::Tanh
            | Op::Exp
            | Op::Log
            | Op::Sqrt
            | Op::Erf
            | Op::Gelu { .. }
            | Op::Softplus
            | Op::Function(_)
            | Op::AveragePool { .. }
            | Op::ReduceSum { .. }
            | Op::ReduceMean { .. }
            | Op::Less
            | Op::LessOrEqual
            | Op::Equal
            | Op::Where
            | Op::Gather { .. }
            | Op::GatherElements { .. }
            | Op::TopK { .. } => Wish::Any,
        };
        if wish != Wish::Any {
            for id in &node.inputs {
                if wishes[id.0] == Wish::Any {
                    wishes[id.0] = wish;
                }
            }
        }
    }
    wishes
}

impl Form {
    /// Whether the step of the result can only be approached, because the multiplier is an integer.
    pub(super) fn is_bilinear(&self) -> bool {
        matches!(self, Form::MatMul { .. } | Form::Contract { .. })
    }
}
