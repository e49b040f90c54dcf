//! Learned constants of elementwise operators where weights are committed: shifts, scales, and parts of a concatenation.
//!
//! What is added or joined is a tensor of its own, whose elements are the one row of a committed table: whatever repeats it
//! is a view of that tensor, so that its repeats cannot differ (those that fold into biases and weights can). A scale along one axis is a depthwise convolution of 1×1,
//! which a shift along that axis follows into its bias. Constants that fold into the weights of products are part of these.
//!
//! Which of these it is follows from shapes and readers, never from the constant's values, but that a constant which reaches
//! 1000 when settings are made is a mask.

use super::affine::{fold, push_term};
use super::compared::moves;
use super::error::QuantiseError;
use super::gather::{Pick, broadcast, picks};
use super::gather_computed::{Lines, Named};
use super::lowering::Lowering;
use super::value::{ConvForm, Elements, Form, Pending, Term, Value};
use crate::committed::COMMITTED_BITS;
use crate::convert::{exponent, power_of_two, real_count};
use crate::quant_graph::{Keys, Linear, QuantOp, Source, TensorId};
use provenn_onnx_ir::{Op, Tensor};

/// Constants that stand between a node and the products that take them, at most.
const DEEPEST: usize = 6;
/// What is as large leaves out what it is added to: a mask, and nothing that is learned.
const MASKING: f32 = 1000.0;

impl Lowering<'_> {
    /// The constant that a node is, if it is one that a model learns: of several real numbers. Scalars and whole numbers are
    /// of the architecture, and so are masks.
    fn learned_tensor(&self, node: usize) -> Option<&Tensor> {
        let Op::Constant(tensor) = &self.node(node).op else { return None };
        let learned = self.learned.as_ref()?;
        if tensor.data.len() <= 1 || self.is_whole(node) {
            return None;
        }
        // One that settings know is no mask, however large it has become: then it is refused.
        let known = learned.given.contains_key(&self.node(node).name);
        (known || tensor.data.iter().all(|x| x.abs() < MASKING)).then_some(tensor)
    }

    /// Whether a node is such a constant.
    pub(super) fn is_learned(&self, node: usize) -> bool {
        self.learned_tensor(node).is_some()
    }

    /// The learned constant that a node's elements are, and which of its elements each is.
    fn learned_source(&self, node: usize) -> Option<(usize, Vec<usize>)> {
        // Down to the constant, in a loop: a file may have any number of moves.
        let (mut source, mut path) = (node, vec![]);
        while self.learned_tensor(source).is_none() {
            let this = self.node(source);
            let [operand] = this.inputs.as_slice() else { return None };
            if !self.commits() || !moves(&this.op) && !matches!(this.op, Op::Tile { .. }) {
                return None;
            }
            path.push(this);
            source = operand.0;
        }
        let mut from: Vec<usize> = (0..self.shape(source).iter().product()).collect();
        for this in path.into_iter().rev() {
            let picks = picks(&this.op, &[self.shape(this.inputs[0].0)], &this.shape)?;
            let element = |pick: Pick| match pick {
                Pick::From { index, .. } => from.get(index).copied(),
                Pick::Fill(_) => None,
            };
            from = picks.into_iter().map(element).collect::<Option<_>>()?;
        }
        Some((source, from))
    }

    /// The elements of a learned constant, which are committed; `None` of others.
    pub(super) fn learned_elements(
        &mut self,
        operand: usize,
        node: usize,
    ) -> Result<Option<Elements>, QuantiseError> {
        let Some((source, picks)) = self.learned_source(operand) else { return Ok(None) };
        let known = self.learned.as_ref().and_then(|learned| learned.constants.get(&source));
        if let Some(elements) = known {
            return Ok(Some(elements.gather(&picks)));
        }
        let Op::Constant(tensor) = &self.node(source).op else { return Ok(None) };
        let values: Vec<f64> = tensor.data.iter().map(|&x| f64::from(x)).collect();
        self.note_constant(&values, source, node)?;
        let most =
            self.most_of_constant(&values, source)?.unwrap_or_default().max(f64::MIN_POSITIVE);
        // Twice as fine as what is computed, and no more than the bits allow that it takes.
        let bits = self.bits(node).min(COMMITTED_BITS.end() - 1);
        let step = most / (power_of_two(exponent(bits)) - 1.0);
        let largest = self.integer(most, step, node)?.unsigned_abs();
        let committed = self.bits_of((largest, 0), node)?;
        // Its one row is that of a key that is known.
        let index =
            Elements { sources: vec![], map: vec![Source::Constant(0)], step: 1.0, constants: 0.0 };
        let keys = Keys { first: 0, unit: 1 };
        let lines = Lines { outer: values.len(), extent: 1, inner: 1 };
        let named = (&index, Named { keys, elements: vec![0] });
        let elements = self.table_rows(&values, (step, Some(committed)), lines, named, source)?;
        if let Some(learned) = &mut self.learned {
            learned.constants.insert(source, elements.clone());
        }
        Ok(Some(elements.gather(&picks)))
    }

    /// `sign·x + of·constant` of a learned constant; `None` where that is none.
    pub(super) fn shifted_by_learned(
        &mut self,
        [x, constant]: [usize; 2],
        node: usize,
        [sign, of]: [f64; 2],
    ) -> Result<Option<Value>, QuantiseError> {
        if self.learned_source(constant).is_none() || self.is_constant(x) {
            return Ok(None);
        }
        let Some(shift) = self.broadcast_constant(constant, node) else { return Ok(None) };
        let places = broadcast(self.shape(constant), self.shape(node));
        let folds = sign == 1.0 && self.folds_into_weights(x, node, [None, Some(&places)]);
        if folds || self.moves_into_products(node, constant, DEEPEST) {
            if !folds {
                self.settle_affine(x)?;
            }
            let shift: Vec<f64> = shift.iter().map(|value| of * value).collect();
            return self.affine(x, node, sign, &shift).map(Some);
        }
        let Some(elements) = self.learned_elements(constant, node)? else { return Ok(None) };
        let (mut terms, mut bias) = self.terms(x, node)?;
        for term in &mut terms {
            term.coefficients.iter_mut().for_each(|c| *c *= sign);
        }
        bias.iter_mut().for_each(|b| *b *= sign);
        let coefficients = vec![of; places.len()];
        push_term(&mut terms, Term { input: elements.gather(&places), coefficients });
        Ok(Some(Value::Pending(Pending::of(Form::Combine { terms, bias }, node))))
    }

    /// `x·constant` of a learned constant along one axis; `None` of others.
    pub(super) fn scaled_by_learned(
        &mut self,
        [x, constant]: [usize; 2],
        node: usize,
    ) -> Result<Option<Value>, QuantiseError> {
        let (shape, of) = (self.shape(node), self.shape(constant));
        let Some((source, picks)) = self.learned_source(constant) else { return Ok(None) };
        if self.is_constant(x) || self.shape(x) != shape {
            return Ok(None);
        }
        let Some(scale) = self.broadcast_constant(constant, node) else { return Ok(None) };
        let places = broadcast(of, shape);
        let zeros = vec![0.0; places.len()];
        if self.folds_into_weights(x, node, [Some(&places), None]) {
            return self.scaled(x, node, &scale, &zeros).map(Some);
        }
        if self.moves_into_products(node, constant, DEEPEST) {
            self.settle_affine(x)?;
            return self.scaled(x, node, &scale, &zeros).map(Some);
        }
        let Some(Channels { count, inner }) = channels(of, shape) else { return Ok(None) };
        let Some(values) = self.constant(constant).map(<[f64]>::to_vec) else { return Ok(None) };
        // Of a part of a constant a commitment would not show whose it is.
        if values.len() != count || picks.len() != self.shape(source).iter().product::<usize>() {
            return Ok(None);
        }
        self.note_constant(&values, source, node)?;
        let positions = places.len() / count;
        // Position p of channel c, in the node's order.
        let at = |c: usize, p: usize| (p / inner * count + c) * inner + p % inner;
        let all = (0..count).flat_map(|c| (0..positions).map(move |p| at(c, p)));
        let moved: Vec<usize> = all.collect();
        let input = self.elements(x)?.gather(&moved);
        let input = self.tensor(&input, Some(&[count, 1, positions]), node)?;
        let mut order = vec![0; moved.len()];
        moved.iter().enumerate().for_each(|(own, &at)| order[at] = own);
        let form = Form::Conv(ConvForm {
            input,
            kernel: values.into(),
            kernel_shape: [count, 1, 1, 1],
            groups: count,
            dilation: [1, 1],
            pad_before: [0, 0],
            pad_after: [0, 0],
            bias: vec![0.0; count],
            out: [1, positions],
            learned: true,
            empty: vec![],
        });
        Ok(Some(Value::Pending(Pending { form, order: Some(order), node })))
    }

    /// Whether a pending product by learned weights takes constants that are equal where these places are.
    fn folds_into_weights(&self, x: usize, node: usize, constants: [Option<&[usize]>; 2]) -> bool {
        let Value::Pending(pending) = self.value(x) else { return false };
        if pending.form.learned().is_none() || self.shape(x) != self.shape(node) {
            return false;
        }
        // Each place's number for its value: what values fold must not be seen.
        let len = pending.form.len();
        let [scale, shift] = constants.map(|places| match places {
            Some(places) => places.iter().map(|&at| real_count(at) + 2.0).collect(),
            None => vec![1.0; len],
        });
        fold(&mut pending.clone(), &scale, &shift)
    }

    /// Whether all readers of a node are products by weights, which take over a constant that is the same for every row,
    /// or other such constants and then products.
    fn moves_into_products(&self, node: usize, constant: usize, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let (of, shape) = (self.shape(constant), self.shape(node));
        let per_column = of.last() == shape.last() && of.iter().rev().skip(1).all(|&n| n == 1);
        let published = self.graph.outputs.iter().any(|id| id.0 == node);
        let takes = |&(reader, at): &(usize, usize)| {
            let this = self.node(reader);
            let other = this.inputs.get(1 - at.min(1)).map(|id| id.0);
            let other = other.filter(|&id| self.learned_source(id).is_some());
            match (&this.op, other) {
                (Op::MatMul, Some(other)) => at == 0 && matches!(*self.shape(other), [1, _, _]),
                (Op::Add | Op::Sub | Op::Mul, Some(other)) => {
                    self.shape(reader) == shape && self.moves_into_products(reader, other, depth)
                }
                (Op::Reshape, None) => {
                    self.shape(reader).last() == shape.last()
                        && self.moves_into_products(reader, constant, depth)
                }
                _ => false,
            }
        };
        per_column && !published && self.readers[node].iter().all(takes)
    }

    /// Whether a committed tensor has its weights element by element: a constant of its own, or a scale along an axis.
    pub(super) fn is_of_elements(&self, id: TensorId) -> bool {
        match &self.out.tensors[id.0].op {
            QuantOp::Embedding(embedding) => self.out.tensors[embedding.indices.0].len() == 1,
            op => matches!(
                op.linear(),
                Some(Linear::Conv { kernel_shape: [count, 1, 1, 1], groups, .. }) if count == groups
            ),
        }
    }

    /// Rescales a node whose constants no product would take, so that it is affine in one tensor, alike in every row: what
    /// differs from row to row a product has applied before, and learned constants with it.
    fn settle_affine(&mut self, x: usize) -> Result<(), QuantiseError> {
        let width = self.shape(x).last().copied().unwrap_or(1).max(1);
        let alike = |all: &[f64]| all.chunks(width).all(|row| row == &all[..row.len()]);
        let affine = match self.value(x) {
            Value::Pending(pending) => pending
                .affine()
                .is_some_and(|(term, bias)| alike(&term.coefficients) && alike(bias)),
            _ => false,
        };
        if !affine {
            self.elements(x)?;
        }
        Ok(())
    }
}

/// Where a constant has its values: along one axis, of so many, each for runs of so many.
struct Channels {
    count: usize,
    inner: usize,
}

fn channels(of: &[usize], shape: &[usize]) -> Option<Channels> {
    let skip = shape.len().checked_sub(of.len())?;
    let mut axes = of.iter().enumerate().filter(|(_, extent)| **extent > 1);
    let (axis, &count) = axes.next()?;
    let alone = axes.next().is_none() && shape.get(skip + axis) == Some(&count);
    let inner = shape.get(skip + axis + 1..)?.iter().product();
    alone.then_some(Channels { count, inner })
}
