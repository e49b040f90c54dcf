//! Groups of arguments that several commands share, named as users of this field know them.

mod calibration;
mod prove;
mod run;

pub(crate) use calibration::{CalibrationArguments, TargetArgument};
pub(crate) use prove::ProveArguments;
pub(crate) use run::RunArguments;
