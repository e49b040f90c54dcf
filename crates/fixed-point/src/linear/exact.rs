//! Numbers in which sums of products are exact.
//!
//! Magnitudes are read first. Where `|a|·|b|·terms` is at most 2^53, each product and each partial sum is an integer
//! that `f64` holds exactly: floating point, of which the machine does several at a time, gives the same integers,
//! in any order. Below 2^63 the same holds of 64-bit integers. Beyond, callers sum in 128 bits.

use crate::convert::{float, integer_of};

/// What sums are exact in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exact {
    Float,
    Integer,
}

impl Exact {
    /// For sums of `terms` products of an element of `a` by one of `b`; `None` where a sum could exceed 64 bits.
    pub(super) fn of(a: &[i64], b: &[i64], terms: usize) -> Option<Self> {
        let terms = terms.checked_next_power_of_two()?.ilog2();
        match bits(a) + bits(b) + terms {
            0..=53 => Some(Exact::Float),
            54..=62 => Some(Exact::Integer),
            _ => None,
        }
    }
}

/// An e with `|x| ≤ 2^e` for all x.
fn bits(values: &[i64]) -> u32 {
    // What is negative has the length of -x - 1, which may be one less than that of -x: never more than 2^e.
    let all = values.iter().fold(0, |all, &x| all | (x ^ (x >> 63)));
    i64::BITS - all.leading_zeros()
}

/// Σ of products of pairs, summed in 64-bit integers: to convert each number would take longer than that.
pub(super) fn dot(a: &[i64], b: &[i64]) -> i64 {
    a.iter().zip(b).fold(0, |sum, (a, b)| sum.add_product(*a, *b))
}

/// A sum of products, in 64 bits where they hold every one, else in 128.
pub(super) trait Sum: Copy + Default {
    /// `self + a·b`, if it fits.
    fn plus(self, a: i64, b: i64) -> Option<Self>;
    /// As a result.
    fn narrow(self) -> Option<i64>;
}

impl Sum for i64 {
    fn plus(self, a: i64, b: i64) -> Option<Self> {
        Some(self.add_product(a, b))
    }
    fn narrow(self) -> Option<i64> {
        Some(self)
    }
}

impl Sum for i128 {
    fn plus(self, a: i64, b: i64) -> Option<Self> {
        self.checked_add(i128::from(a) * i128::from(b))
    }
    fn narrow(self) -> Option<i64> {
        i64::try_from(self).ok()
    }
}

/// A number in which they are.
pub(super) trait Number: Copy + Default + Send + Sync {
    fn of(x: i64) -> Self;
    fn integer(self) -> i64;
    fn add_product(self, a: Self, b: Self) -> Self;
}

impl Number for f64 {
    fn of(x: i64) -> Self {
        float(x)
    }
    fn integer(self) -> i64 {
        integer_of(self)
    }
    fn add_product(self, a: Self, b: Self) -> Self {
        self + a * b
    }
}

impl Number for i64 {
    fn of(x: i64) -> Self {
        x
    }
    fn integer(self) -> i64 {
        self
    }
    /// Does not wrap around, as [`Exact`] says: a check at every step would keep it from being done several at a time.
    fn add_product(self, a: Self, b: Self) -> Self {
        self.wrapping_add(a.wrapping_mul(b))
    }
}
