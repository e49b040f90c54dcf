//! Limits that two layers state: a quantised graph and the shape of its circuit agree.
#![allow(missing_docs)]

use provenn_fixed_point::limits;
use provenn_gadgets::shape;

#[test]
fn shapes_have_the_limits_of_graphs() {
    assert_eq!(shape::LOGROWS, limits::LOGROWS);
    assert_eq!(shape::SHIFT, limits::FORMAT_SHIFT);
    assert_eq!(shape::MOST_FORMATS, limits::MOST_FORMATS);
    assert_eq!(shape::LOW_BITS, limits::LOW_BITS);
}
