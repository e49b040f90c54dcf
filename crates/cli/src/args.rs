//! Groups of arguments that several commands share, named as users of this field know them.

mod calibration;
mod commitments;
mod data;
mod global;
mod paths;
mod prove;
mod range;
mod run;
mod variables;

pub(crate) use calibration::{CalibrationArguments, TargetArgument};
pub(crate) use commitments::CommitmentArguments;
pub(crate) use data::data_source;
pub(crate) use global::Global;
pub(crate) use paths::{CircuitArgument, ModelArgument};
pub(crate) use prove::ProveArguments;
pub(crate) use range::logrows;
pub(crate) use run::RunArguments;
pub(crate) use variables::{VariablesArgument, of_argument};
