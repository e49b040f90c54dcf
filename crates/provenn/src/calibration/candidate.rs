//! One candidate: settings, their error on the data, their modelled cost.

use provenn_circuit::{Cost, Plan};
use provenn_fixed_point::Settings;

/// Settings and what they give.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The settings.
    pub settings: Settings,
    /// Error on the data, by the metric asked for.
    pub error: f64,
    /// Largest |float output| on the data.
    pub magnitude: f64,
    /// Modelled cost.
    pub cost: Cost,
    /// The layout that has this cost.
    pub plan: Plan,
}

impl AsRef<Candidate> for Candidate {
    fn as_ref(&self) -> &Candidate {
        self
    }
}

impl Candidate {
    /// Whether S is at most 16 and bits at most 18 everywhere: the yardstick of a sane error.
    pub(super) fn usual(&self) -> bool {
        self.settings.shift <= 16 && self.settings.bits <= 18 && self.settings.node_bits.is_empty()
    }
}
