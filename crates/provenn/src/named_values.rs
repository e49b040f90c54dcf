//! A tensor as people read it.

use serde::Serialize;
use std::fmt;

/// A public tensor and its values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NamedValues {
    /// Its name.
    pub name: String,
    /// Extents, batch included.
    pub shape: Vec<usize>,
    /// Reals, row-major; none of a tensor that is hashed or committed.
    pub values: Vec<f64>,
    /// Of a tensor that is hashed: its digest, as proof files show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Whether a commitment holds it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub committed: bool,
}

/// Values of a tensor that are shown to people.
const SHOWN: usize = 16;

impl fmt::Display for NamedValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(digest) = &self.digest {
            return write!(f, "{} {:?} digest {digest}", self.name, self.shape);
        }
        if self.committed {
            return write!(f, "{} {:?} committed", self.name, self.shape);
        }
        write!(f, "{} {:?} =", self.name, self.shape)?;
        self.values.iter().take(SHOWN).try_for_each(|value| write!(f, " {value}"))?;
        match self.values.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, " … ({more} more)"),
        }
    }
}
