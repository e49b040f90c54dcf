//! What settings say to the planner.

use provenn_circuit::{BoundaryTerms, PlanOptions};
use provenn_fixed_point::{Settings, Visibility};

/// How a model's settings translate to a plan's.
pub(crate) fn plan_options(settings: &Settings) -> PlanOptions {
    PlanOptions {
        logrows: settings.run_args.logrows,
        max_logrows: settings.run_args.max_logrows,
        boundary: settings.run_args.two_phases.then_some(BoundaryTerms::InLanes),
        undropped: None,
        terms_per_helper: None,
        private_inputs: settings.run_args.input_visibility == Visibility::Private,
        private_outputs: settings.run_args.output_visibility == Visibility::Private,
    }
}
