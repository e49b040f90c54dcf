//! The candidates that no other beats, confirmed.

use super::candidate::Candidate;

/// Error against cost over the whole range, measured on all observations.
#[derive(Clone, Debug)]
pub struct Frontier {
    /// The points, cheapest first, their errors over all observations; the chosen settings are one of them.
    pub points: Vec<Candidate>,
    /// Which point is the chosen one.
    pub chosen: usize,
    /// Everything that was tried, its errors over the observations compared.
    pub tried: Vec<Candidate>,
    /// Observations that points are confirmed on: all of them.
    pub observations: usize,
    /// Observations that candidates are compared on.
    pub compared: usize,
}
