//! What settings say to the planner.

use provenn_circuit::{BoundaryTerms, PlanOptions};
use provenn_fixed_point::{Settings, Visibility};
use provenn_gadgets::TensorVisibility;

/// How a model's settings translate to a plan's.
pub(crate) fn plan_options(settings: &Settings) -> PlanOptions {
    PlanOptions {
        logrows: settings.run_args.logrows,
        max_logrows: settings.run_args.max_logrows,
        boundary: settings.run_args.two_phases.then_some(BoundaryTerms::InLanes),
        undropped: None,
        terms_per_helper: None,
        input_visibility: shown(settings.run_args.input_visibility),
        output_visibility: shown(settings.run_args.output_visibility),
    }
}

/// What a proof shows of inputs or outputs that settings say this of; what is said of weights alone shows nothing.
pub(crate) fn shown(visibility: Visibility) -> TensorVisibility {
    match visibility {
        Visibility::Public => TensorVisibility::Public,
        Visibility::Hashed => TensorVisibility::Hashed,
        Visibility::Committed => TensorVisibility::Committed,
        Visibility::Private | Visibility::Fixed => TensorVisibility::Private,
    }
}

/// The same as settings say it.
pub(crate) fn said(visibility: TensorVisibility) -> Visibility {
    match visibility {
        TensorVisibility::Public => Visibility::Public,
        TensorVisibility::Hashed => Visibility::Hashed,
        TensorVisibility::Private => Visibility::Private,
        TensorVisibility::Committed => Visibility::Committed,
    }
}
