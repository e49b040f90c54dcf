//! Limits that two layers state: a quantised graph and the shape of its circuit agree.
#![allow(missing_docs)]

use provenn_fixed_point::limits;
use provenn_gadgets::params;

#[test]
fn shapes_have_the_limits_of_graphs() {
    assert_eq!(params::LOGROWS, limits::LOGROWS);
    assert_eq!(params::SHIFT, limits::FORMAT_SHIFT);
    assert_eq!(params::MOST_FORMATS, limits::MOST_FORMATS);
    assert_eq!(params::LOW_BITS, limits::LOW_BITS);
}
