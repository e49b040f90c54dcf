//! Constraints polynomial by polynomial: a name may stand for several of a gadget's, one for each column that they define.

use super::Subject;
use super::key::Constraint;
use crate::gadget_set::GadgetSet;

/// A polynomial that must vanish on every row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Polynomial {
    /// Its constraint.
    pub name: String,
    /// Its gadget, by number among those of the circuit that have constraints.
    pub gadget: usize,
    /// Its number among the gadget's of this name.
    pub at: usize,
}

impl Polynomial {
    fn of(constraint: &Constraint) -> Self {
        let Constraint { name, gadget, at, .. } = constraint;
        Polynomial { name: name.clone(), gadget: *gadget, at: *at }
    }
}

impl<G: GadgetSet> Subject<G> {
    /// All of them.
    pub fn polynomials(&self) -> impl Iterator<Item = Polynomial> {
        self.key.constraints.iter().map(Polynomial::of)
    }

    /// Those that do not vanish.
    pub fn refusing(&self) -> impl Iterator<Item = Polynomial> {
        let rows = self.params().active_rows() + 1;
        let violated = self.key.constraints.iter().filter(move |c| self.is_violated(c, rows));
        violated.map(Polynomial::of)
    }

    /// The circuit with this one gone.
    #[must_use]
    pub fn without_polynomial(&self, gone: &Polynomial) -> Self {
        self.of_another_key(|key| key.constraints.retain(|c| Polynomial::of(c) != *gone))
    }
}
