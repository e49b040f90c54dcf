//! Validation of graphs that were not made here: structure, sizes and intervals.
//!
//! Intervals are re-derived from those of the inputs on: a forged file may claim wider ones (which costs
//! rows), never narrower ones (which would break completeness or hide a wrap-around).

use crate::bounds;
use crate::convert::index;
use crate::interval::ACCUMULATOR_LIMIT;
use crate::quant_graph::{
    Coefficients, Interval, Linear, Piecewise, QuantGraph, QuantOp, QuantTensor, Source, TensorId,
    Watch, Watched,
};

/// Why a graph is not sound to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidateError {
    /// Shift or low bits out of range.
    #[error("{what} is {got}, expected {lo}..={hi}; quantise the model again")]
    Parameter {
        /// Which parameter.
        what: &'static str,
        /// Its value.
        got: u32,
        /// Smallest allowed.
        lo: u32,
        /// Largest allowed.
        hi: u32,
    },
    /// An operand that is not an earlier tensor.
    #[error(
        "tensor {tensor} (`{node}`) uses tensor {operand}, which is not earlier; the file is damaged"
    )]
    Order {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
        /// The operand.
        operand: usize,
    },
    /// Sizes disagree.
    #[error(
        "tensor {tensor} (`{node}`): {what} has {got} elements, expected {expected}; the file is damaged"
    )]
    Size {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
        /// Which size.
        what: &'static str,
        /// Expected.
        expected: usize,
        /// There.
        got: usize,
    },
    /// A value that no quantisation makes.
    #[error("tensor {tensor} (`{node}`): {reason}; the file is damaged")]
    Malformed {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A claimed interval does not cover what the operands allow.
    #[error("tensor {tensor} (`{node}`): the {what} claims [{}, {}] but its operands allow [{}, {}]; the file is forged or damaged", .claimed.lo, .claimed.hi, .derived.lo, .derived.hi)]
    Interval {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
        /// Accumulator, table or interval.
        what: &'static str,
        /// The claim.
        claimed: Interval,
        /// What is proven.
        derived: Interval,
    },
    /// A value could reach 2^62.
    #[error(
        "tensor {tensor} (`{node}`): a value could reach 2^62; lower the shift or the bits of the settings"
    )]
    WrapAround {
        /// The tensor.
        tensor: usize,
        /// Its node.
        node: String,
    },
    /// Inputs or outputs listed wrongly.
    #[error("the list of {what} does not match the tensors; the file is damaged")]
    Ends {
        /// Inputs or outputs.
        what: &'static str,
    },
}

impl QuantGraph {
    /// Checks everything that the circuit and the interpreter rely on.
    ///
    /// # Errors
    /// [`ValidateError`] naming the first tensor that fails.
    pub fn validate(&self) -> Result<(), ValidateError> {
        for (what, got, lo, hi) in
            [("shift", self.shift, 1, 40), ("low_bits", self.low_bits, 1, 24)]
        {
            if !(lo..=hi).contains(&got) {
                return Err(ValidateError::Parameter { what, got, lo, hi });
            }
        }
        for (tensor, t) in self.tensors.iter().enumerate() {
            self.validate_tensor(tensor, t)?;
        }
        let listed: Vec<usize> = self.inputs.iter().map(|t| t.0).collect();
        let mut found: Vec<(usize, usize)> = vec![];
        for (tensor, t) in self.tensors.iter().enumerate() {
            if let QuantOp::Input { index } = t.op {
                found.push((index, tensor));
            }
        }
        found.sort_unstable();
        if !found.iter().copied().eq(listed.into_iter().enumerate()) {
            return Err(ValidateError::Ends { what: "inputs" });
        }
        if self.outputs.iter().any(|t| t.0 >= self.tensors.len()) {
            return Err(ValidateError::Ends { what: "outputs" });
        }
        let len = |id: TensorId| self.tensors.get(id.0).map(QuantTensor::len);
        if self.grids.iter().any(|(id, grid)| !len(*id).is_some_and(|len| grid.fits(len))) {
            return Err(ValidateError::Ends { what: "grids" });
        }
        let watched = |watch: &Watch| match (self.tensors.get(watch.tensor.0), watch.what) {
            (Some(tensor), Watched::Rescaled) => matches!(tensor.op, QuantOp::Rescale { .. }),
            (tensor, Watched::Value) => tensor.is_some(),
            (None, Watched::Rescaled) => false,
        };
        if !self.watches.iter().all(watched) {
            return Err(ValidateError::Ends { what: "watched tensors" });
        }
        Ok(())
    }

    fn validate_tensor(&self, tensor: usize, t: &QuantTensor) -> Result<(), ValidateError> {
        let node = || t.name.clone();
        let malformed = |reason| Err(ValidateError::Malformed { tensor, node: node(), reason });
        let len = t.shape.iter().try_fold(1_usize, |n, &extent| n.checked_mul(extent));
        let Some(len) = len.filter(|&n| (1..=1 << 28).contains(&n)) else {
            return malformed("its shape is empty or holds more than 2^28 elements");
        };
        if !(t.step.is_finite() && t.step > 0.0) {
            return malformed("its step is not a positive number");
        }
        for operand in t.op.operands() {
            if operand.0 >= tensor {
                return Err(ValidateError::Order { tensor, node: node(), operand: operand.0 });
            }
        }
        self.validate_sizes(tensor, t, len)?;
        if let QuantOp::Rescale { linear, bias, accumulator, function } = &t.op {
            let derived = bounds::accumulator(self, linear, bias, len)
                .ok_or_else(|| ValidateError::WrapAround { tensor, node: node() })?;
            if !accumulator.covers(&derived) {
                let what = "accumulator";
                return Err(ValidateError::Interval {
                    tensor,
                    node: node(),
                    what,
                    claimed: *accumulator,
                    derived,
                });
            }
            if accumulator.magnitude() >= ACCUMULATOR_LIMIT.unsigned_abs() {
                return Err(ValidateError::WrapAround { tensor, node: node() });
            }
            let heads =
                Piecewise::heads_of(bounds::rescaled(*accumulator, self.shift), self.low_bits);
            let claimed = function.heads().unwrap_or(Interval { lo: 0, hi: -1 });
            if !claimed.covers(&heads) {
                return Err(ValidateError::Interval {
                    tensor,
                    node: node(),
                    what: "table",
                    claimed,
                    derived: heads,
                });
            }
        }
        let derived = bounds::derived(self, &t.op, t.interval)
            .ok_or_else(|| ValidateError::WrapAround { tensor, node: node() })?;
        if t.interval.lo > t.interval.hi || !t.interval.covers(&derived) {
            let (what, claimed) = ("interval", t.interval);
            return Err(ValidateError::Interval { tensor, node: node(), what, claimed, derived });
        }
        if t.interval.magnitude() >= ACCUMULATOR_LIMIT.unsigned_abs() {
            return Err(ValidateError::WrapAround { tensor, node: node() });
        }
        Ok(())
    }

    fn validate_sizes(
        &self,
        tensor: usize,
        t: &QuantTensor,
        len: usize,
    ) -> Result<(), ValidateError> {
        let size = |what, expected: Option<usize>, got: usize| {
            let expected = expected.unwrap_or(usize::MAX);
            if expected == got {
                return Ok(());
            }
            Err(ValidateError::Size { tensor, node: t.name.clone(), what, expected, got })
        };
        let malformed =
            |reason| Err(ValidateError::Malformed { tensor, node: t.name.clone(), reason });
        let operand = |id: TensorId| self.tensors[id.0].len();
        match &t.op {
            QuantOp::Input { .. } => Ok(()),
            QuantOp::View { sources, map } => {
                size("map", Some(len), map.len())?;
                let inside = |source: &Source| match *source {
                    Source::Constant(_) => true,
                    Source::Element { source, index: at } => {
                        sources.get(index(source)).is_some_and(|&t| index(at) < operand(t))
                    }
                };
                if map.iter().all(inside) {
                    Ok(())
                } else {
                    malformed("its map reads beyond a source")
                }
            }
            QuantOp::Exact { terms } => {
                terms.iter().try_for_each(|(id, _)| size("operand", Some(len), operand(*id)))
            }
            QuantOp::Rescale { linear, bias, .. } => {
                let channels = matches!(linear, Linear::Conv { .. })
                    .then(|| t.shape.first().copied())
                    .flatten();
                if !bias.is_empty() && Some(bias.len()) != channels {
                    size("bias", Some(len), bias.len())?;
                }
                match linear {
                    Linear::Dense { input, weights } => {
                        size("weights", operand(*input).checked_mul(len), weights.len())
                    }
                    Linear::Conv {
                        input,
                        kernel,
                        kernel_shape,
                        dilation,
                        pad_before,
                        pad_after,
                    } => {
                        let &[c, h, w] = self.tensors[input.0].shape.as_slice() else {
                            return malformed("the input of its convolution is not [C,H,W]");
                        };
                        let kernel_len = kernel_shape
                            .iter()
                            .try_fold(1_usize, |n, &extent| n.checked_mul(extent));
                        size("kernel", kernel_len, kernel.len())?;
                        size("kernel's channels", Some(c), kernel_shape[1])?;
                        if kernel.is_empty() || dilation.contains(&0) {
                            return malformed("its kernel is empty or its dilation 0");
                        }
                        let extent = |axis: usize, input: usize| {
                            let reach = (kernel_shape[axis + 2] - 1).checked_mul(dilation[axis])?;
                            let padded = input
                                .checked_add(pad_before[axis])?
                                .checked_add(pad_after[axis])?;
                            padded.checked_sub(reach)
                        };
                        let expected = [Some(kernel_shape[0]), extent(0, h), extent(1, w)];
                        if t.shape.len() != 3
                            || t.shape.iter().zip(expected).any(|(&got, e)| e != Some(got))
                        {
                            return malformed(
                                "the shape of its convolution does not follow from its window",
                            );
                        }
                        Ok(())
                    }
                    Linear::MatMul { a, b, multiplier } => {
                        let (a, b) = (&self.tensors[a.0].shape, &self.tensors[b.0].shape);
                        let (&[m, k], &[k2, n]) = (a.as_slice(), b.as_slice()) else {
                            return malformed("the operands of its product are not matrices");
                        };
                        if *multiplier <= 0 || k != k2 || t.shape != [m, n] {
                            return malformed(
                                "its matrix product has the wrong extents or multiplier",
                            );
                        }
                        Ok(())
                    }
                    Linear::Combine { terms } => terms.iter().try_for_each(|(id, coefficients)| {
                        if let Coefficients::PerElement(c) = coefficients {
                            size("coefficients", Some(len), c.len())?;
                        }
                        size("operand", Some(len), operand(*id))
                    }),
                    Linear::Product { a, b, multiplier } => {
                        if *multiplier <= 0 {
                            return malformed("its multiplier is not positive");
                        }
                        size("operand", Some(len), operand(*a))?;
                        size("operand", Some(len), operand(*b))
                    }
                }
            }
        }
    }
}

impl QuantOp {
    /// The tensors read, in order.
    #[must_use]
    pub fn operands(&self) -> Vec<TensorId> {
        match self {
            QuantOp::Input { .. } => vec![],
            QuantOp::View { sources, .. } => sources.clone(),
            QuantOp::Exact { terms } => terms.iter().map(|(id, _)| *id).collect(),
            QuantOp::Rescale { linear, .. } => linear.operands(),
        }
    }
}

impl Linear {
    /// The tensors read, in order.
    #[must_use]
    pub fn operands(&self) -> Vec<TensorId> {
        match self {
            Linear::Dense { input, .. } | Linear::Conv { input, .. } => vec![*input],
            Linear::MatMul { a, b, .. } | Linear::Product { a, b, .. } => vec![*a, *b],
            Linear::Combine { terms } => terms.iter().map(|(id, _)| *id).collect(),
        }
    }
}
