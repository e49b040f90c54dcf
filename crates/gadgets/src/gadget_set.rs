//! Which gadget serves each family.

use crate::activation::ActivationBank;
use crate::arithmetic::ArithmeticBank;
use crate::boundary::BoundaryBank;
use crate::families::{
    Activation, Arithmetic, Boundary, Fingerprint, Hash, LookupArgument, Maximum, Memory,
    Occurrences, Range,
};
use crate::freivalds::Freivalds;
use crate::hash::PoseidonBank;
use crate::linear::LinearIdentity;
use crate::logup::LogUp;
use crate::maximum::MaximumBank;
use crate::memory::BusMemory;
use crate::occurrences::WeightedMemory;
use crate::plain::PlainBank;
use crate::range::RangeBank;
use std::fmt::Debug;

/// One choice per gadget family. A family is a trait; an implementation of it replaces ours in a set of its
/// own, and planner, circuit, keys, proofs, harness and benches follow.
///
/// Its name is in the circuit's digest and in the verifying key, so that a key of one set is not taken for another's. What
/// the name stands for is in the key as well: halo2's digest of the constraint system.
pub trait GadgetSet: Clone + Copy + Debug + Default + Send + Sync + 'static {
    /// What the set is called: at most 64 bytes, and no other set's name.
    const NAME: &'static str;

    /// Rescaling and a function.
    type Activation: Activation;
    /// The largest of a window's elements, and a function of it.
    type Maximum: Maximum;
    /// Values in a range.
    type Range: Range;
    /// Cells and their fingerprints.
    type Fingerprint: Fingerprint;
    /// Fixed weights times inputs.
    type Linear: LinearIdentity;
    /// Arithmetic on fingerprints.
    type Arithmetic: Arithmetic;
    /// Coefficients that convolutions drop.
    type Boundary: Boundary;
    /// Values found by their keys.
    type Memory: Memory;
    /// Where keys occur.
    type Occurrences: Occurrences;
    /// Digests of tensors.
    type Hash: Hash;
    /// What balances the bus.
    type Lookups: LookupArgument;
}

/// The gadgets that proofs use unless told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standard;

impl GadgetSet for Standard {
    const NAME: &'static str = "standard";

    type Activation = ActivationBank;
    type Maximum = MaximumBank;
    type Range = RangeBank;
    type Fingerprint = PlainBank;
    type Linear = Freivalds;
    type Arithmetic = ArithmeticBank;
    type Boundary = BoundaryBank;
    type Memory = BusMemory;
    type Occurrences = WeightedMemory;
    type Hash = PoseidonBank;
    type Lookups = LogUp;
}
