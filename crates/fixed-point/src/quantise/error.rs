//! Why a model cannot be quantised.

use crate::committed::Magnitudes;
use crate::run_args::RunArgs;
use crate::settings::SettingsError;
use provenn_onnx_ir::GraphError;

/// Why a model cannot be quantised.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantiseError {
    /// The settings themselves are wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The graph itself is inconsistent.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The settings know no range for a node.
    #[error(
        "the settings have no range for node `{node}`: they were made for another model; make them again with gen-settings"
    )]
    MissingRange {
        /// The node.
        node: String,
    },
    /// The settings name a node that the model does not have.
    #[error(
        "the settings name node `{node}`, which the model does not have: they were made for another model; make them again with gen-settings"
    )]
    UnknownNode {
        /// The name.
        node: String,
    },
    /// A range that no calibration makes.
    #[error("the settings give node `{node}` the range [{lo}, {hi}]; calibrate again")]
    BadRange {
        /// The node.
        node: String,
        /// Its lower end.
        lo: f64,
        /// Its upper end.
        hi: f64,
    },
    /// An operator, attribute or operand that cannot be quantised.
    #[error("node `{node}` ({op}): {reason}")]
    Unsupported {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// What is not supported and what to do.
        reason: String,
    },
    /// A divisor whose range holds zero.
    #[error(
        "node `{node}`: its divisor is calibrated to [{lo}, {hi}]; calibrate with data that keeps it on one side of zero"
    )]
    Divisor {
        /// The dividing node.
        node: String,
        /// Lower end of the divisor's range.
        lo: f64,
        /// Upper end.
        hi: f64,
    },
    /// A square root of what calibration found below zero.
    #[error(
        "node `{node}`: it takes the square root of values calibrated to [{lo}, {hi}]; calibrate with data that keeps them from being negative"
    )]
    Negative {
        /// The node.
        node: String,
        /// Lower end of the operand's range.
        lo: f64,
        /// Upper end.
        hi: f64,
    },
    /// A function of what lies where it has no value.
    #[error(
        "node `{node}` ({op}): its operand is calibrated to [{lo}, {hi}], where it does not always have a value; calibrate with data that keeps it where it has one"
    )]
    Domain {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// Lower end of the operand's range.
        lo: f64,
        /// Upper end.
        hi: f64,
    },
    /// Values so large that they must be masks, where nothing tells these from others.
    #[error(
        "node `{node}` ({op}): its values reach {magnitude:.1e}, a mask that leaves no bits to what is not masked; a maximum, a bound or a saturating function may follow a mask, nothing else"
    )]
    Mask {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// The largest of its values.
        magnitude: f64,
    },
    /// An accumulator could reach 2^62.
    #[error(
        "node `{node}` ({op}): an accumulator could wrap around (2^62); lower shift (now {shift}) or bits (now {bits}), or rescale its weights"
    )]
    WrapAround {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// S.
        shift: u32,
        /// Bits of an activation.
        bits: u32,
    },
    /// A function's table would be too long.
    #[error(
        "node `{node}` ({op}): its table would have {rows} rows, at most {limit} are allowed; raise low_bits or lower bits, or bring its operand nearer to the part of the range that it keeps (widen bounds that are far narrower than what they bound)"
    )]
    TableTooLarge {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// Rows needed.
        rows: u64,
        /// Rows allowed.
        limit: u64,
    },
    /// Committed weights larger than settings allow.
    #[error(
        "node `{node}` ({op}): its weights reach {:.4e}, their sums {:.4e} and {:.4e} by sign, its biases {:.4e}; the settings leave room for {:.4e}, {:.4e} and {:.4e}, and {:.4e}; raise these magnitudes in the settings and make keys for them, or keep to them", own.weight, own.positive, own.negative, own.bias, most.weight, most.positive, most.negative, most.bias
    )]
    Magnitudes {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// The model's.
        own: Box<Magnitudes>,
        /// What settings allow.
        most: Box<Magnitudes>,
    },
    /// Weights are to be committed, and there are none.
    #[error(
        "the model has no products with weights and no tables of numbers, so that there is nothing to commit to; leave --param-visibility fixed"
    )]
    NoWeights,
    /// A constant does not fit an integer of its step.
    #[error(
        "node `{node}` ({op}): the constant {value:e} does not fit an integer of step {step:e}; calibrate with data of the right magnitude"
    )]
    Constant {
        /// The node.
        node: String,
        /// Its operator.
        op: String,
        /// The constant.
        value: f64,
        /// The step.
        step: f64,
    },
}

impl QuantiseError {
    /// Whether other calibrated ranges could make the model quantisable, since no choice in `args` stands in the
    /// way.
    pub(crate) fn is_of_ranges(&self, args: &RunArgs) -> bool {
        let RunArgs { input_scale, output_scale, shift, low_bits, bits, .. } = args;
        let free = input_scale.is_none()
            && output_scale.is_none()
            && [shift, low_bits, bits].iter().all(|choice| choice.is_none());
        match self {
            QuantiseError::Divisor { .. }
            | QuantiseError::Negative { .. }
            | QuantiseError::Domain { .. } => true,
            QuantiseError::WrapAround { .. }
            | QuantiseError::TableTooLarge { .. }
            | QuantiseError::Constant { .. } => free,
            QuantiseError::Settings(_)
            | QuantiseError::Graph(_)
            | QuantiseError::MissingRange { .. }
            | QuantiseError::UnknownNode { .. }
            | QuantiseError::BadRange { .. }
            | QuantiseError::Magnitudes { .. }
            | QuantiseError::NoWeights
            | QuantiseError::Mask { .. }
            | QuantiseError::Unsupported { .. } => false,
        }
    }
}
