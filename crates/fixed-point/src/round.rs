//! Rounding: half up, everywhere; and steps that are powers of two.

use crate::convert::{ceil_log2, power_of_two, real, truncated};

/// Rounds to the nearest integer, halves upwards (2.5 → 3, −2.5 → −2).
///
/// `None` for NaN and for results outside ±2^62.
#[must_use]
pub fn round(x: f64) -> Option<i64> {
    // Weights are many: no `floor`, which is a call where the processor is of any kind. Whole parts beyond 2^53, where
    // `real` would round, have no fraction.
    let whole = truncated(x)?;
    let floor = whole - i64::from(real(whole) > x);
    Some(floor + i64::from(x - real(floor) >= 0.5))
}

/// Numbers that are rounded together.
const TOGETHER: usize = 64;
/// 1.5·2^52: a float of this size has no fraction, so that adding it rounds to the nearest, ties to even.
const WHOLE: f64 = 6_755_399_441_055_744.0;
/// Below this in magnitude a sum with `WHOLE` keeps its exponent.
const FEW_BITS: f64 = 1_125_899_906_842_624.0;

/// [`round`] of each; false where one has no result, which is 0 then. As fast as a processor of any kind does several at once.
pub(crate) fn round_each(xs: impl Fn(f64) -> f64, from: &[f64], into: &mut [i64]) -> bool {
    let mut all = true;
    for (from, into) in from.chunks(TOGETHER).zip(into.chunks_mut(TOGETHER)) {
        let small = from.iter().fold(true, |small, &x| small & (xs(x).abs() < FEW_BITS));
        for (&x, rounded) in from.iter().zip(into) {
            let x = xs(x);
            *rounded = if small {
                let even = (x + WHOLE) - WHOLE;
                // A tie that went down goes up.
                let up = if x - even == 0.5 { 1.0 } else { 0.0 };
                let bits = (even + up + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits());
                bits.cast_signed()
            } else {
                let rounded = round(x);
                all &= rounded.is_some();
                rounded.unwrap_or(0)
            };
        }
    }
    all
}

/// Drops `shift` bits with rounding half up: `floor((y + 2^(shift−1)) / 2^shift)`;
/// `shift` is 0..=61, and 0 drops nothing.
///
/// Exact for every `y` (no overflow): the result is below 2^63 in magnitude.
#[must_use]
pub fn rescale(y: i64, shift: u32) -> i64 {
    match shift {
        0 => y,
        // The highest dropped bit decides, without forming a sum that could overflow.
        _ => (y >> shift) + ((y >> (shift - 1)) & 1),
    }
}

/// The float 2^−scale.
#[must_use]
pub fn step_of_scale(scale: i32) -> f64 {
    power_of_two(-scale)
}

/// −log2 of a step that is a power of two.
#[must_use]
pub fn scale_of(step: f64) -> Option<i32> {
    let scale = -ceil_log2(step);
    (power_of_two(-scale).to_bits() == step.to_bits()).then_some(scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn halves_go_up() {
        for (x, expected) in [
            (0.5, 1),
            (-0.5, 0),
            (1.5, 2),
            (-1.5, -1),
            (2.5, 3),
            (-2.5, -2),
            (0.499_999_999_999_999_94, 0),
        ] {
            assert_eq!(round(x), Some(expected), "{x}");
        }
        assert_eq!(round(f64::NAN), None);
        assert_eq!(round(f64::INFINITY), None);
        assert_eq!(round(1e19), None);
    }

    proptest! {
        #[test]
        fn each_is_rounded_as_it_is_alone(
            mut xs in prop::collection::vec(prop_oneof![
                -1e6_f64..1e6,
                (-1_000_000_i64..1_000_000).prop_map(|half| real(half) / 2.0),
                (-1_000_000_i64..1_000_000).prop_map(|half| (real(half) / 2.0).next_down()),
                -FEW_BITS..FEW_BITS,
            ], 0..200),
            large in any::<u64>(),
            at in any::<prop::sample::Index>(),
            mixed: bool,
        ) {
            if mixed && !xs.is_empty() {
                *at.get_mut(&mut xs) = f64::from_bits(large);
            }
            let mut rounded = vec![7; xs.len()];
            let all = round_each(|x| x, &xs, &mut rounded);
            prop_assert_eq!(all, xs.iter().all(|x| round(*x).is_some()));
            let alone: Vec<i64> = xs.iter().map(|x| round(*x).unwrap_or(0)).collect();
            prop_assert_eq!(rounded, alone);
        }

        #[test]
        fn rounding_is_that_of_the_floor(bits in any::<u64>(), small in -1e6_f64..1e6, half in -1_000_000_i64..1_000_000) {
            let by_floor = |x: f64| {
                let floor = x.floor();
                crate::convert::integer(if x - floor >= 0.5 { floor + 1.0 } else { floor })
            };
            let half = real(half) / 2.0;
            for x in [f64::from_bits(bits), small, half, half.next_up(), half.next_down(), real(1 << 53) + small] {
                prop_assert_eq!(round(x), by_floor(x), "{}", x);
            }
        }
    }

    #[test]
    fn rescaling_rounds_half_up_at_the_edges() {
        assert_eq!(rescale(-7, 0), -7);
        for shift in [1, 4, 14] {
            let one = 1_i64 << shift;
            for (y, expected) in [
                (one / 2, 1),
                (-one / 2, 0),
                (one / 2 - 1, 0),
                (-one / 2 - 1, -1),
                (one - 1, 1),
                (one, 1),
                (one + 1, if shift == 1 { 2 } else { 1 }),
                (0, 0),
            ] {
                assert_eq!(rescale(y, shift), expected, "{y} >> {shift}");
            }
        }
    }

    proptest! {
        #[test]
        fn rescaling_is_the_floor_of_the_definition(y in any::<i64>(), shift in 1_u32..=61) {
            let exact = (i128::from(y) + (1_i128 << (shift - 1))).div_euclid(1_i128 << shift);
            prop_assert_eq!(i128::from(rescale(y, shift)), exact);
        }

        #[test]
        fn rounding_agrees_with_the_integer_definition(y in -(1_i64 << 40)..(1_i64 << 40), shift in 1_u32..=11) {
            prop_assert_eq!(round(crate::convert::real(y) / f64::from(1_u32 << shift)), Some(rescale(y, shift)));
        }
    }
}
