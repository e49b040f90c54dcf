//! How far a quantised model can be from its float model: the public result of the propagation in `quantise`.

use serde::{Deserialize, Serialize};

/// Error bounds of a [`QuantGraph`](crate::QuantGraph), made by
/// [`quantise_with_bounds`](crate::quantise_with_bounds).
///
/// **Premise.** The bounds hold for every input for which the float value of every node lies in that node's
/// calibrated range. Then no table saturates by more than the bounds say.
///
/// **Float value** is the evaluation of the float graph in real numbers, its constants as the `f32` that they are
/// (those computed from constants alone are stored as `f32` too).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorBounds {
    /// One for each of [`QuantGraph::tensors`](crate::QuantGraph), in the same order.
    pub tensors: Vec<TensorBound>,
    /// The bounds of the graph's outputs, in order.
    pub outputs: Vec<TensorBound>,
}

/// The distance of a tensor, `step · integer`, from the value that the float graph gives it. All in the tensor's
/// real units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TensorBound {
    /// The ONNX node.
    pub node: String,
    /// Its operator.
    pub onnx_op: String,
    /// Real value of one unit.
    pub step: f64,
    /// **Proven**: no element is farther from its float value than this. The sum of `terms`.
    pub worst_case: f64,
    /// **An estimate, not a bound**: root-mean-square distance over the elements if all roundings were
    /// independent and uniform, weights' rounding errors as they are, and activations had a root-mean-square
    /// of a quarter of their largest magnitude.
    pub expected: f64,
    /// What this operator adds to `worst_case` itself, if its operands were exact.
    pub own: f64,
    /// `worst_case`, by cause.
    pub terms: ErrorTerms,
    /// Whether it stands for its node's value only as far as the node's readers tell values apart (a mask before
    /// a maximum): then the distance is that from the value so cut.
    pub cut: bool,
}

/// The causes of an error. Those before the operator's function are multiplied by its Lipschitz constant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorTerms {
    /// Operands' errors: `Σ|w|·e`; of a product `|a|·e_b + |b|·e_a`.
    pub inherited: f64,
    /// The product of two operands' errors, `e_a·e_b`.
    pub cross: f64,
    /// Weights' rounding, `|Σ δw·x|` at its largest.
    pub weights: f64,
    /// The rounding of the bias, or of constant elements.
    pub bias: f64,
    /// The rounding of the result: half a unit, or nothing where all dropped bits are zero.
    pub rounding: f64,
    /// The distance between table and function: interpolation, kinks between units, saturation.
    pub function: f64,
}

impl ErrorTerms {
    /// The sum.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.inherited + self.cross + self.own()
    }

    /// What the operator adds if its operands are exact.
    #[must_use]
    pub fn own(&self) -> f64 {
        self.weights + self.bias + self.rounding + self.function
    }

    /// After a function of this Lipschitz constant.
    pub(crate) fn through(self, lipschitz: f64) -> Self {
        ErrorTerms {
            inherited: self.inherited * lipschitz,
            cross: self.cross * lipschitz,
            weights: self.weights * lipschitz,
            bias: self.bias * lipschitz,
            rounding: self.rounding * lipschitz,
            function: self.function * lipschitz,
        }
    }
}
