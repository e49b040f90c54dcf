//! Where coefficients stand that a convolution computes and its layer does not keep.

use serde::{Deserialize, Serialize};

/// Where coefficients stand that a convolution's full product has and the layer drops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BoundaryTerms {
    /// In the lanes of the activations, channel by channel; two phases.
    #[default]
    InLanes,
    /// In banks of their own, combined over channels after ρ; three phases.
    Combined,
}
