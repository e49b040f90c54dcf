//! A set of one's own: two members are replaced, the others are the standard ones.

use crate::dot_product::DotProduct;
use crate::running_sums::RunningSums;
use provenn_gadgets::{
    ActivationBank, ArithmeticBank, BoundaryBank, BusMemory, GadgetSet, MaximumBank, PlainBank,
    PoseidonBank, RangeBank, WeightedMemory,
};

/// The standard gadgets, but for the linear identity and the lookup argument.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OwnGadgets;

impl GadgetSet for OwnGadgets {
    const NAME: &'static str = "dot products and running sums";

    type Activation = ActivationBank;
    type Maximum = MaximumBank;
    type Range = RangeBank;
    type Fingerprint = PlainBank;
    type Linear = DotProduct;
    type Arithmetic = ArithmeticBank;
    type Boundary = BoundaryBank;
    type Memory = BusMemory;
    type Occurrences = WeightedMemory;
    type Hash = PoseidonBank;
    type Lookups = RunningSums;
}
