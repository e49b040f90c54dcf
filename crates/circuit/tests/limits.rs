//! Limits that two layers state: a quantised graph and the shape of its circuit agree.
#![allow(missing_docs)]

use provenn_fixed_point::limits;
use provenn_fixed_point::{COMMITTED_BITS, COMMITTED_LIMB};
use provenn_gadgets::{params, weight_ranges};

#[test]
fn shapes_have_the_limits_of_graphs() {
    assert_eq!(params::LOGROWS, limits::LOGROWS);
    assert_eq!(params::SHIFT, limits::FORMAT_SHIFT);
    assert_eq!(params::MOST_FORMATS, limits::MOST_FORMATS);
    assert_eq!(params::LOW_BITS, limits::LOW_BITS);
}

#[test]
fn weights_have_the_bits_of_graphs() {
    assert_eq!(u32::from(weight_ranges::MOST_BITS), *COMMITTED_BITS.end());
    assert_eq!(u32::from(weight_ranges::LIMB), COMMITTED_LIMB);
}
