//! Inputs, constants, and nodes whose operands are all constant.

use super::error::QuantiseError;
use super::lowering::{Lowering, batchless};
use super::value::{Elements, Value};
use crate::convert::{ceil_log2, exponent, index32, integer, power_of_two, real, real_count};
use crate::input::input_interval;
use crate::observe::{MARGIN, is_mask};
use crate::quant_graph::{Interval, QuantOp, Source, TensorId};
use crate::round::{round, step_of_scale};
use crate::settings::Range;
use provenn_onnx_ir::{ElementType, Graph, Node, NodeId, Op, Tensor};

/// A range that holds all indices of an axis of this extent: counted from the end where some are negative. Its end is
/// rounded up to a power of two and is no index itself.
fn along(Range { lo, hi }: Range, extent: usize) -> Range {
    let extent = real_count(extent);
    Range { lo: if lo < 0.0 { lo.min(-extent) } else { lo }, hi: hi.max(extent) }
}

impl Lowering<'_> {
    /// A graph input: its step is 2^-scale, its interval the calibrated range rounded up to a power of two.
    pub(super) fn input(&mut self, node: usize, index: usize) -> Result<Value, QuantiseError> {
        let args = &self.settings.run_args;
        // Whole numbers that floats hold are themselves, whatever margin their range has; a scale that somebody asked for is that of every column.
        let whole = args.input_scale.is_none()
            && self.is_whole(node)
            && self.range(node).magnitude() <= MARGIN * power_of_two(24);
        let compared = if whole || args.input_scale.is_some() { None } else { self.compared(node) };
        let looked_up = match compared {
            None if !whole && args.input_scale.is_none() => self.looked_up(node),
            _ => None,
        };
        let normal = match (&compared, args.input_scale) {
            (_, Some(_)) => None,
            _ if whole || looked_up.is_some() => None,
            (Some(constants), None) => self.normalised_to_compare(node, constants),
            (None, None) => self.normalisation(node, true),
        };
        let columns = self.settings.columns.get(&self.node(node).name);
        let range = match (&normal, columns) {
            (Some(normal), Some(columns)) => self.normalised_range(&columns.ranges, normal),
            // Of an index calibration need not have met the largest.
            _ if whole => match self.indices.get(node).copied().flatten() {
                Some(extent) => along(self.range(node), extent),
                None => self.range(node),
            },
            _ => compared.iter().flatten().chain(&looked_up).fold(self.range(node), Self::reach),
        };
        let scale = args.input_scale.unwrap_or_else(|| {
            match self.settings.node_bits.get(&self.node(node).name) {
                _ if whole => 0,
                _ if looked_up.is_some() => {
                    let bits = super::compared::BITS_OF_ALL;
                    fitting_scale(range.magnitude(), bits).clamp(SCALES.0, SCALES.1)
                }
                _ if compared.is_some() => {
                    let magnitude = if normal.is_some() { 1.0 } else { range.magnitude() };
                    fitting_scale(magnitude, super::compared::BITS).clamp(SCALES.0, SCALES.1)
                }
                None if normal.is_some() => fitting_scale(1.0, self.settings.bits),
                Some(&bits) => fitting_scale(range.magnitude(), bits).clamp(SCALES.0, SCALES.1),
                None => default_scale(range.magnitude(), self.settings.bits),
            }
        });
        let step = step_of_scale(scale);
        let Some(interval) = input_interval(range, step, self.settings.low_bits) else {
            return Err(
                self.unsupported(node, "its range needs more than 40 bits; lower input_scale")
            );
        };
        let interval = if whole { self.of_type(node).unwrap_or(interval) } else { interval };
        let shape = batchless(self.shape(node));
        let id = self.push(node, shape, step, QuantOp::Input { index }, None)?;
        self.out.tensors[id.0].interval = interval;
        self.deviations[id.0] = self.input_deviation(id, index, range);
        if self.out.inputs.len() != index {
            return Err(self.unsupported(node, "inputs are not in order"));
        }
        self.out.inputs.push(id);
        let element = self.graph.element(NodeId(node));
        if element != ElementType::Float {
            self.out.elements.insert(id, element);
        }
        let elements = self.all(id);
        Ok(match normal {
            Some(normal) => {
                self.note_grid(&elements, normal.grid(step));
                Value::Pending(normal.form(elements, node))
            }
            None => Value::Elements(elements),
        })
    }

    /// All that a short type holds, and no more: a model of bytes is defined for every byte.
    fn of_type(&self, node: usize) -> Option<Interval> {
        let element = self.graph.element(NodeId(node));
        match element {
            ElementType::Integer { bits: ..=16, .. } | ElementType::Boolean => {
                let (lo, hi) = element.range()?;
                Some(Interval { lo: integer(lo)?, hi: integer(hi)? })
            }
            ElementType::Integer { .. } | ElementType::Float | ElementType::Double => None,
        }
    }

    /// Every element of a tensor, in order.
    pub(super) fn all(&self, id: TensorId) -> Elements {
        let tensor = &self.out.tensors[id.0];
        let map = (0..tensor.len())
            .filter_map(index32)
            .map(|index| Source::Element { source: 0, index })
            .collect();
        Elements { sources: vec![id], map, step: tensor.step, constants: 0.0 }
    }

    /// Constants as integers of a step; without one, of the step that `bits` gives their magnitude.
    pub(super) fn constant_elements(
        &self,
        data: &[f64],
        step: Option<f64>,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let magnitude = data.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
        let step = step.unwrap_or_else(|| step_of_scale(default_scale(magnitude, self.bits(node))));
        let mut constants = 0.0_f64;
        let map = data.iter().map(|&x| {
            let integer = self.integer(x, step, node)?;
            constants = constants.max((real(integer) * step - x).abs());
            Ok(Source::Constant(integer))
        });
        let map = map.collect::<Result<_, QuantiseError>>()?;
        Ok(Elements { sources: vec![], map, step, constants })
    }

    /// `x` as an integer of step `step`.
    #[inline] // weights are many, and what may go wrong is large
    pub(super) fn integer(&self, x: f64, step: f64, node: usize) -> Result<i64, QuantiseError> {
        match round(x / step) {
            Some(integer) => Ok(integer),
            None => Err(self.no_integer(x, step, node)),
        }
    }

    #[cold]
    fn no_integer(&self, value: f64, step: f64, node: usize) -> QuantiseError {
        if is_mask(value) {
            return self.masked(node, value.abs());
        }
        let node = self.node(node);
        let (node, op) = (node.name.clone(), node.op.name().into());
        QuantiseError::Constant { node, op, value, step }
    }

    /// The value of a node whose operands are all constant.
    pub(super) fn folded(&self, node: usize) -> Result<Option<Vec<f64>>, QuantiseError> {
        let this = self.node(node);
        if this.inputs.iter().any(|id| self.deferred.contains(&id.0)) {
            return Ok(None);
        }
        if this.inputs.is_empty() || !this.inputs.iter().all(|id| self.is_constant(id.0)) {
            return Ok(None);
        }
        let mut nodes: Vec<Node> = vec![];
        for id in &this.inputs {
            let data = self.constant(id.0).unwrap_or_default();
            let shape = self.shape(id.0).to_vec();
            let data = data.iter().map(|&x| crate::convert::single(x)).collect();
            let op = Op::Constant(Tensor { shape: shape.clone(), data });
            nodes.push(Node {
                name: format!("{} operand {}", this.name, nodes.len()),
                op,
                inputs: vec![],
                shape,
            });
        }
        let inputs = (0..nodes.len()).map(NodeId).collect();
        let output = NodeId(nodes.len());
        nodes.push(Node {
            name: this.name.clone(),
            op: this.op.clone(),
            inputs,
            shape: this.shape.clone(),
        });
        let graph = Graph { nodes, inputs: vec![], outputs: vec![output], ..Graph::default() };
        let values = graph.run(&[]).map_err(|error| self.unsupported(node, error.to_string()))?;
        Ok(values.first().map(|t| t.data.iter().map(|&x| f64::from(x)).collect()))
    }
}

/// 13 (more beyond 16 bits, and for values too small to have eleven bits then) where the values fit `bits`, less
/// otherwise.
fn default_scale(magnitude: f64, bits: u32) -> i32 {
    let usual = exponent(13 + bits.saturating_sub(16));
    let small = 11 - ceil_log2(not_zero(magnitude));
    fitting_scale(magnitude, bits).clamp(SCALES.0, usual.max(small))
}

/// The finest scale at which values up to `magnitude` fit `bits`.
fn fitting_scale(magnitude: f64, bits: u32) -> i32 {
    exponent(bits) - 1 - ceil_log2(not_zero(magnitude))
}

/// The coarsest and the finest scale of what is not rescaled.
const SCALES: (i32, i32) = (-20, 60);

/// A magnitude that calibration may have met as zero.
fn not_zero(magnitude: f64) -> f64 {
    if magnitude > power_of_two(-40) { magnitude } else { real(1) / 4096.0 }
}
