//! Which gadget serves each family.

use crate::engine::Freivalds;
use crate::linear::LinearIdentity;
use std::fmt::Debug;

/// One choice per gadget family. A family is a trait; an implementation of it replaces ours in a set of its
/// own, and the whole circuit, the harness and the benches follow. Families join this trait when a second
/// implementation exists; today that is the linear identity.
pub trait GadgetSet: Clone + Copy + Debug + Default + Send + Sync + 'static {
    /// Fixed weights times inputs.
    type Linear: LinearIdentity;
}

/// The gadgets that proofs use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standard;

impl GadgetSet for Standard {
    type Linear = Freivalds;
}
