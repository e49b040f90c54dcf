//! Views: Reshape, Transpose, Concat, Slice, Take, Pad, Expand, Tile; and tensors made of elements.

use super::affine::Affine;
use super::error::QuantiseError;
use super::gather::{Pick, picks};
use super::lowering::Lowering;
use super::value::{Elements, Form, Pending, Term, Value};
use crate::convert::{ceil_log2, exponent, index, index32, power_of_two, real};
use crate::observe::{columns_of, is_mask};
use crate::quant_graph::{QuantOp, Source, TensorId};
use provenn_onnx_ir::Op;

/// Steps of a concatenation's parts this far apart are kept.
const APART: f64 = 64.0;

impl Lowering<'_> {
    pub(super) fn view(&mut self, node: usize) -> Result<Value, QuantiseError> {
        let this = self.node(node);
        let shapes: Vec<&[usize]> = this.inputs.iter().map(|id| self.shape(id.0)).collect();
        let picks = picks(&this.op, &shapes, &this.shape)
            .ok_or_else(|| self.unsupported(node, "it is not a view"))?;
        let single = matches!(this.inputs.as_slice(), [_]);
        let moved: Option<Vec<usize>> = picks
            .iter()
            .map(|pick| match *pick {
                Pick::From { index, .. } if single => Some(index),
                Pick::From { .. } | Pick::Fill(_) => None,
            })
            .collect();
        let first = self.operand(node, 0)?;
        if let (Some(moved), Value::Pending(pending)) = (&moved, self.value(first))
            && let permutes = matches!(this.op, Op::Reshape | Op::Transpose { .. })
            && let repeats = (self.compared(node).is_some() || self.is_in_columns(first))
            && let Some(pending) = under_view(pending, moved, permutes, repeats)
        {
            return Ok(Value::Pending(pending));
        }
        let in_columns = || {
            let part = this.inputs.iter().any(|id| self.is_in_columns(id.0));
            part && self.weights_of_readers(node, true).is_some()
        };
        let compared = || matches!(this.op, Op::Concat { .. }) && self.compared(node).is_some();
        if matches!(this.op, Op::Concat { .. } | Op::Pad { .. }) && (compared() || in_columns()) {
            // Whoever compares takes over any scale and shift; others do where parts have columns of their own.
            let mut parts = vec![];
            for id in &this.inputs {
                parts.push(self.affine_elements(id.0)?);
            }
            if let Some(value) = self.concat_as_they_are(&parts, node) {
                return Ok(value);
            }
        }
        let mut operands = vec![];
        for id in &this.inputs {
            operands.push(match self.learned_elements(id.0, node)? {
                Some(elements) => elements,
                None => self.elements(id.0)?,
            });
        }
        if matches!(this.op, Op::Concat { .. }) && apart(&operands) {
            operands = self.no_finer_than_told_apart(operands, node)?;
        }
        if let Some(value) = self.concat_of_steps(&this.op, &operands, node) {
            return Ok(value);
        }
        let lengths: Vec<usize> = operands.iter().map(Elements::len).collect();
        let all = self.join(operands, node)?;
        let mut constants = all.constants;
        let element = |pick: &Pick| match *pick {
            Pick::From { input, index } => {
                let at = lengths.iter().take(input).sum::<usize>() + index;
                Ok(all.map.get(at).copied().unwrap_or(Source::Constant(0)))
            }
            Pick::Fill(value) => {
                let integer = self.integer(value, all.step, node)?;
                constants = constants.max((real(integer) * all.step - value).abs());
                Ok(Source::Constant(integer))
            }
        };
        let map = picks.iter().map(element).collect::<Result<Vec<_>, QuantiseError>>()?;
        Ok(Value::Elements(Elements { sources: all.sources, map, step: all.step, constants }))
    }

    /// Whether a node's elements have steps that one step for all would swallow.
    pub(super) fn is_in_columns(&self, node: usize) -> bool {
        let Value::Pending(pending) = self.value(node) else { return false };
        let Some((term, _)) = pending.affine().filter(|_| pending.order.is_none()) else {
            return false;
        };
        let sizes = || term.coefficients.iter().map(|c| c.abs()).filter(|&c| c > 0.0);
        sizes().fold(0.0, f64::max) > APART * sizes().fold(f64::MAX, f64::min)
    }

    /// Parts of a concatenation, exact roots with no more bits than their values need: a factor that takes their much
    /// finer step to a coarse one would be no whole number.
    fn no_finer_than_told_apart(
        &mut self,
        parts: Vec<Elements>,
        node: usize,
    ) -> Result<Vec<Elements>, QuantiseError> {
        let mut told = Vec::with_capacity(parts.len());
        for (part, id) in parts.into_iter().zip(&self.node(node).inputs) {
            let bits = exponent(self.bits(id.0)) - 1;
            let needed = self.range(id.0).magnitude() / power_of_two(bits) / part.step;
            let root = |id: &TensorId| matches!(self.out.tensors[id.0].op, QuantOp::Root { .. });
            let roots = part.sources.iter().any(root);
            told.push(match needed >= 2.0 && roots {
                true => self.restep(
                    part.clone(),
                    part.step * power_of_two(ceil_log2(needed) - 1),
                    node,
                )?,
                false => part,
            });
        }
        Ok(told)
    }

    /// A concatenation of parts whose steps differ so much that a common one would swallow the finer: the integers
    /// as they are, each part with a factor of its own that its readers take over.
    fn concat_of_steps(&self, op: &Op, parts: &[Elements], node: usize) -> Option<Value> {
        let Op::Concat { .. } = op else { return None };
        if !apart(parts) || self.weights_of_readers(node, false).is_none() {
            return None;
        }
        let parts: Vec<_> = parts.iter().map(|part| (part.clone(), None)).collect();
        self.concat_as_they_are(&parts, node)
    }

    /// A concatenation (or one part padded) of the integers as they are, each part with what applies to it.
    fn concat_as_they_are(
        &self,
        parts: &[(Elements, Option<Affine>)],
        node: usize,
    ) -> Option<Value> {
        let this = self.node(node);
        let shapes: Vec<&[usize]> = this.inputs.iter().map(|id| self.shape(id.0)).collect();
        self.as_they_are(parts, &picks(&this.op, &shapes, &this.shape)?, node)
    }

    /// Elements of parts as they are, each with what applies to it.
    pub(super) fn as_they_are(
        &self,
        parts: &[(Elements, Option<Affine>)],
        picks: &[Pick],
        node: usize,
    ) -> Option<Value> {
        let steps = || parts.iter().map(|(part, _)| part).filter(|part| !part.sources.is_empty());
        let coarsest = steps().map(|part| part.step).fold(0.0, f64::max);
        let mut all = Elements { sources: vec![], map: vec![], step: coarsest, constants: 0.0 };
        let (mut coefficients, mut bias, mut filled) = (vec![], vec![], vec![]);
        let bases: Vec<usize> = parts
            .iter()
            .scan(0, |next, (part, _)| Some(std::mem::replace(next, *next + part.sources.len())))
            .collect();
        all.sources.extend(parts.iter().flat_map(|(part, _)| part.sources.iter().copied()));
        for &pick in picks {
            let (input, at) = match pick {
                Pick::From { input, index } => (input, index),
                Pick::Fill(value) if is_mask(value) || !value.is_finite() => return None,
                Pick::Fill(value) => {
                    filled.push(coefficients.len());
                    all.map.push(Source::Constant(0));
                    coefficients.push(0.0);
                    bias.push(value);
                    continue;
                }
            };
            let (part, affine) = parts.get(input)?;
            let base = index32(*bases.get(input)?)?;
            all.map.push(match *part.map.get(at)? {
                Source::Element { source, index } => {
                    Source::Element { source: source + base, index }
                }
                constant @ Source::Constant(_) => constant,
            });
            let (scale, shift) = match affine {
                Some(affine) => (*affine.scale.get(at)?, *affine.shift.get(at)?),
                None => (1.0, 0.0),
            };
            coefficients.push(scale * part.step / coarsest);
            bias.push(shift);
        }
        // Zero times any factor: times that of the column, so that readers find one.
        let (columns, inner) = columns_of(self.shape(node));
        let mut factors = vec![0.0; columns];
        for (i, &factor) in coefficients.iter().enumerate().filter(|(_, factor)| **factor != 0.0) {
            factors[i / inner % columns] = factor;
        }
        for i in filled {
            coefficients[i] = factors[i / inner % columns];
        }
        let worst = |(part, _): &(Elements, Option<Affine>)| part.constants * coarsest / part.step;
        all.constants = parts.iter().map(worst).fold(0.0, f64::max);
        let terms = vec![Term { input: all, coefficients }];
        (coarsest > 0.0).then(|| Value::Pending(Pending::of(Form::Combine { terms, bias }, node)))
    }

    /// The tensor that holds these elements in this order: an existing one where there is, else a `View`.
    ///
    /// `shape` is asked for by operations that depend on it; others read elements in order.
    pub(super) fn tensor(
        &mut self,
        elements: &Elements,
        shape: Option<&[usize]>,
        node: usize,
    ) -> Result<TensorId, QuantiseError> {
        let compact = compact(elements);
        if let [only] = compact.sources.as_slice() {
            let tensor = &self.out.tensors[only.0];
            let in_order = compact.map.iter().enumerate().all(|(i, source)| match *source {
                Source::Element { index: at, .. } => index(at) == i,
                Source::Constant(_) => false,
            });
            if in_order
                && tensor.step.to_bits() == compact.step.to_bits()
                && tensor.len() == compact.map.len()
                && shape.is_none_or(|shape| shape == tensor.shape)
            {
                return Ok(*only);
            }
        }
        let deviation = self.view_deviation(&compact);
        let Elements { sources, map, step, .. } = compact;
        let shape = shape.map_or_else(|| vec![map.len()], <[usize]>::to_vec);
        let same = self.out.tensors.iter().position(|tensor| {
            tensor.shape == shape
                && tensor.step.to_bits() == step.to_bits()
                && matches!(&tensor.op, QuantOp::View { sources: s, map: m } if *s == sources && *m == map)
        });
        let (id, deviation) = match same {
            // The same integers may stand for other constants.
            Some(id) => (TensorId(id), deviation.or(&self.deviations[id])),
            None => {
                let op = QuantOp::View { sources, map };
                (self.push(node, shape, step, op, None)?, deviation)
            }
        };
        self.deviations[id.0] = deviation;
        Ok(id)
    }
}

/// The steps of what is not constant.
fn steps(parts: &[Elements]) -> impl Iterator<Item = f64> {
    parts.iter().filter(|part| !part.sources.is_empty()).map(|part| part.step)
}

/// Whether steps differ so much that a common one would swallow the finer.
fn apart(parts: &[Elements]) -> bool {
    steps(parts).fold(0.0, f64::max) > APART * steps(parts).fold(f64::MAX, f64::min)
}

/// The sources in use, each once.
fn compact(elements: &Elements) -> Elements {
    let mut sources: Vec<TensorId> = vec![];
    let mut renamed: Vec<Option<u32>> = vec![None; elements.sources.len()];
    let map = elements.map.iter().map(|source| match *source {
        Source::Constant(c) => Source::Constant(c),
        Source::Element { source, index: at } => {
            let old = index(source);
            let new = renamed[old].or_else(|| {
                let known = sources.iter().position(|&id| id == elements.sources[old]);
                let new = known.unwrap_or_else(|| {
                    sources.push(elements.sources[old]);
                    sources.len() - 1
                });
                index32(new)
            });
            renamed[old] = new;
            Source::Element { source: new.unwrap_or(source), index: at }
        }
    });
    let map = map.collect();
    Elements { sources, map, step: elements.step, constants: elements.constants }
}

/// The pending form seen through a view, where that costs nothing: any selection of an affine form (that `repeats`
/// elements, where readers take the form over), and permutations of every form.
pub(super) fn under_view(
    pending: &Pending,
    moved: &[usize],
    permutes: bool,
    repeats: bool,
) -> Option<Pending> {
    if let Form::Combine { terms, bias } = &pending.form
        && (repeats || moved.len() <= bias.len())
    {
        let terms = terms.iter().map(|term| Term {
            input: term.input.gather(moved),
            coefficients: moved.iter().map(|&i| term.coefficients[i]).collect(),
        });
        let form = Form::Combine {
            terms: terms.collect(),
            bias: moved.iter().map(|&i| bias[i]).collect(),
        };
        return Some(Pending::of(form, pending.node));
    }
    if !permutes {
        return None;
    }
    let order = match &pending.order {
        None => moved.to_vec(),
        Some(order) => moved.iter().map(|&i| order[i]).collect(),
    };
    Some(Pending { form: pending.form.clone(), order: Some(order), node: pending.node })
}
