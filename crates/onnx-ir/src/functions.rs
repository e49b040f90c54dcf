//! Smooth functions by their definition in `f64`: the float reference evaluates them, quantisation tabulates them.
//!
//! The exponential, the logarithms and erf are those of the `libm` crate rather than of the system, so that every
//! machine makes the same tables.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

/// e^x
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}

/// The natural logarithm.
#[must_use]
pub fn log(x: f64) -> f64 {
    libm::log(x)
}

/// x to a real power.
#[must_use]
pub fn pow(x: f64, exponent: f64) -> f64 {
    libm::pow(x, exponent)
}

/// The hyperbolic tangent.
#[must_use]
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// 2/√π · ∫ e^(-t²) dt from 0 to x
#[must_use]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// The y for which Φ(y) = x, Φ being the distribution of a standard normal variable; NaN but for 0 < x < 1.
#[must_use]
pub fn probit(x: f64) -> f64 {
    if !(0.0 < x && x < 1.0) {
        return f64::NAN;
    }
    // In the lower half the complement of erf keeps its digits.
    if x > 0.5 {
        return -probit(1.0 - x);
    }
    // Winitzki's approximation of the inverse of erf, good to 0.2 %.
    let near = {
        const A: f64 = 0.147;
        let l = libm::log(4.0 * x * (1.0 - x));
        let v = core::f64::consts::FRAC_2_PI / A + l / 2.0;
        -core::f64::consts::SQRT_2 * ((v * v - l / A).sqrt() - v).max(0.0).sqrt()
    };
    // Halley's iteration triples digits: f = Φ − x, f'' = −y·f'.
    (0..3).fold(near, |y, _| {
        let density = FRAC_2_SQRT_PI * FRAC_1_SQRT_2 / 2.0 * exp(-y * y / 2.0);
        let step = (0.5 * libm::erfc(-y * FRAC_1_SQRT_2) - x) / density;
        y - step / (1.0 + y * step / 2.0)
    })
}

/// x·Φ(x); with `tanh`, Φ is the approximation of [`Op::Gelu`](crate::Op::Gelu).
#[must_use]
pub fn gelu(x: f64, tanh: bool) -> f64 {
    // Far out on the left erf is -1 to the last bit, where the complement still has its digits.
    let doubled = if tanh { 1.0 + libm::tanh(inner(x)) } else { libm::erfc(-x * FRAC_1_SQRT_2) };
    0.5 * x * doubled
}

/// √(2/π)·(x + 0.044715·x³), of which `gelu` takes the hyperbolic tangent.
#[must_use]
pub fn inner(x: f64) -> f64 {
    FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * (x + CUBIC * x * x * x)
}

/// The factor of x³ in [`inner`].
pub const CUBIC: f64 = 0.044715;

/// log(1 + e^x)
#[must_use]
pub fn softplus(x: f64) -> f64 {
    // e^-|x| is 1 at most, so nothing overflows, and far out on the left it keeps its digits beside the 1.
    x.max(0.0) + libm::log1p(exp(-x.abs()))
}

/// The x of which `softplus` is y > 0: log(e^y − 1).
#[must_use]
pub fn softplus_inverse(y: f64) -> f64 {
    y + log(-libm::expm1(-y))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_tables() {
        for (got, want) in [
            (erf(0.5), 0.520_499_877_813_046_5),
            (erf(-2.0), -0.995_322_265_018_952_7),
            (gelu(1.0, false), 0.841_344_746_068_542_8),
            (gelu(-6.0, false), -5.919_525_870_226_207e-9),
            (gelu(1.0, true), 0.841_191_990_608_276_8),
            (softplus(0.0), core::f64::consts::LN_2),
            (softplus(1.0), 1.313_261_687_518_222_8),
            (softplus(-40.0), 4.248_354_255_291_589e-18),
            (softplus(1e4), 1e4),
            (softplus_inverse(softplus(-9.0)), -9.0),
            (softplus_inverse(softplus(50.0)), 50.0),
        ] {
            assert!((got - want).abs() <= 1e-14 * want.abs(), "{got} instead of {want}");
        }
    }
}
