//! What a node stands for while the graph is lowered.

use crate::quant_graph::{Source, TensorId};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Weights of a form: the largest part of a model, so that copies of a form share them until one is changed.
pub(super) type Reals = Arc<[f64]>;

/// The value of a node.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A constant of the model, which most products need not look at again.
    Stored,
    /// Known now.
    Constant(Vec<f64>),
    /// Elements of tensors, all of one step.
    Elements(Elements),
    /// A linear form whose integers nothing has asked for yet.
    Pending(Pending),
}

/// Elements of tensors in some order; the view is made when a tensor is asked for.
#[derive(Clone, Debug)]
pub(super) struct Elements {
    /// Tensors drawn from, all of step `step`.
    pub(super) sources: Vec<TensorId>,
    /// One per element.
    pub(super) map: Vec<Source>,
    /// The step.
    pub(super) step: f64,
    /// No constant among them is farther from its real value than this.
    pub(super) constants: f64,
}

/// Equal integers: how far constants are from their real values decides none.
impl PartialEq for Elements {
    fn eq(&self, other: &Self) -> bool {
        self.sources == other.sources && self.map == other.map && self.step == other.step
    }
}

/// A linear form in real numbers.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// The form.
    pub(super) form: Form,
    /// Element `i` of the node is element `order[i]` of the form (a permutation); `None` for the same order.
    pub(super) order: Option<Vec<usize>>,
    /// The node whose range the form's values have.
    pub(super) node: usize,
}

/// One term of a sum: `coefficients[i]·input[i]`.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) input: Elements,
    pub(super) coefficients: Vec<f64>,
}

/// A stride-1 convolution.
#[derive(Clone, Debug)]
pub(super) struct ConvForm {
    /// Shape `[C,H,W]` or `[B,C,H,W]`.
    pub(super) input: TensorId,
    pub(super) kernel: Reals,
    /// `[O,C/G,KH,KW]`.
    pub(super) kernel_shape: [usize; 4],
    /// G: outputs of a group read its channels alone.
    pub(super) groups: usize,
    pub(super) dilation: [usize; 2],
    pub(super) pad_before: [usize; 2],
    pub(super) pad_after: [usize; 2],
    /// One per plane of the output: B·O.
    pub(super) bias: Vec<f64>,
    /// Height and width of the output.
    pub(super) out: [usize; 2],
    /// Whether the kernel is the model's, not an operator's.
    pub(super) learned: bool,
    /// Places of an output's row of the kernel that no weight stands in, in order.
    pub(super) empty: Vec<usize>,
}

/// Real-valued linear and bilinear forms, one for one with [`Linear`](crate::Linear).
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// `weights [N,K] · input + bias`; learned where the weights are the model's, not an operator's.
    Dense { input: TensorId, weights: Reals, bias: Vec<f64>, learned: bool },
    /// A convolution.
    Conv(ConvForm),
    /// `scale · a·b + bias`, `[M,K]·[K,N]`.
    MatMul { a: TensorId, b: TensorId, scale: f64, bias: Vec<f64>, shape: [usize; 2] },
    /// `scale · Σ a·b + bias` over as many consecutive products as the operands have elements for each of the
    /// result: one of an elementwise product.
    Contract { a: TensorId, b: TensorId, scale: f64, bias: Vec<f64> },
    /// `Σ terms + bias`.
    Combine { terms: Vec<Term>, bias: Vec<f64> },
}

impl Form {
    /// Outputs that have weights of their own.
    pub(super) fn outputs(&self) -> usize {
        match self {
            Form::Conv(conv) => conv.kernel_shape[0],
            Form::Dense { .. }
            | Form::MatMul { .. }
            | Form::Contract { .. }
            | Form::Combine { .. } => self.len(),
        }
    }

    /// Weights and biases that a model has learned.
    pub(super) fn learned(&self) -> Option<(&[f64], &[f64])> {
        match self {
            Form::Dense { weights, bias, learned: true, .. } => Some((weights, bias)),
            Form::Conv(conv) if conv.learned => Some((&conv.kernel, &conv.bias)),
            Form::Dense { .. }
            | Form::Conv(_)
            | Form::MatMul { .. }
            | Form::Contract { .. }
            | Form::Combine { .. } => None,
        }
    }

    /// Elements of the result.
    pub(super) fn len(&self) -> usize {
        match self {
            Form::Dense { bias, .. }
            | Form::MatMul { bias, .. }
            | Form::Contract { bias, .. }
            | Form::Combine { bias, .. } => bias.len(),
            Form::Conv(conv) => conv.bias.len() * conv.out[0] * conv.out[1],
        }
    }
}

impl ConvForm {
    /// Weights of one output channel.
    pub(super) fn taps(&self) -> usize {
        self.kernel_shape[1..].iter().product()
    }

    /// Output channels, each with its weights, image after image: one per plane.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        let rows = self.kernel.chunks(self.taps().max(1));
        rows.cycle().take(self.bias.len())
    }

    /// Images.
    pub(super) fn images(&self) -> usize {
        self.bias.len() / self.kernel_shape[0].max(1)
    }

    /// Whether its window is one element.
    pub(super) fn is_pointwise(&self) -> bool {
        self.kernel_shape[2..] == [1, 1] && self.pad_before == [0, 0] && self.pad_after == [0, 0]
    }
}

impl Elements {
    /// Equal for equal elements; to find these among many.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (&self.sources, &self.map, self.step.to_bits()).hash(&mut hasher);
        hasher.finish()
    }

    pub(super) fn len(&self) -> usize {
        self.map.len()
    }

    /// The elements at `picks`.
    pub(super) fn gather(&self, picks: &[usize]) -> Elements {
        let map = picks.iter().filter_map(|&i| self.map.get(i).copied()).collect();
        Elements { sources: self.sources.clone(), map, step: self.step, constants: self.constants }
    }

    /// The elements at `picks`, zero for `None`.
    pub(super) fn gather_or_zero(&self, picks: impl Iterator<Item = Option<usize>>) -> Elements {
        let element = |pick: Option<usize>| {
            pick.and_then(|i| self.map.get(i).copied()).unwrap_or(Source::Constant(0))
        };
        Elements {
            sources: self.sources.clone(),
            map: picks.map(element).collect(),
            step: self.step,
            constants: self.constants,
        }
    }
}

impl Pending {
    /// `Σ 1·elements`, a form that changes nothing.
    pub(super) fn identity(input: Elements, node: usize) -> Self {
        let len = input.len();
        let terms = vec![Term { input, coefficients: vec![1.0; len] }];
        Pending { form: Form::Combine { terms, bias: vec![0.0; len] }, order: None, node }
    }

    /// A form in its own order.
    pub(super) fn of(form: Form, node: usize) -> Self {
        Pending { form, order: None, node }
    }

    /// The one term and bias, where the form is affine in one tensor.
    pub(super) fn affine(&self) -> Option<(&Term, &[f64])> {
        let Form::Combine { terms, bias } = &self.form else { return None };
        let [term] = terms.as_slice() else { return None };
        Some((term, bias))
    }
}
