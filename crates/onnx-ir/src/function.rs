//! Functions of one number that quantisation tabulates as they are, by one method for all.

use serde::{Deserialize, Serialize};

use crate::functions::{exp, log, probit, softplus};

/// A function of one number. It is continuous between the ends of its [`domain`](Function::domain), and smooth there
/// except at zero.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Function {
    /// The natural logarithm.
    Log,
    /// sin x
    Sin,
    /// cos x
    Cos,
    /// tan x
    Tan,
    /// The angle between -π/2 and π/2 whose sine is x.
    Asin,
    /// The angle between 0 and π whose cosine is x.
    Acos,
    /// The angle between -π/2 and π/2 whose tangent is x.
    Atan,
    /// (e^x − e^-x)/2
    Sinh,
    /// (e^x + e^-x)/2
    Cosh,
    /// The number whose hyperbolic sine is x.
    Asinh,
    /// The number from 0 on whose hyperbolic cosine is x.
    Acosh,
    /// The number whose hyperbolic tangent is x.
    Atanh,
    /// The number that a standard normal variable is below with probability x.
    Probit,
    /// slope·x where x >= 0, depth·(e^(x/width) − 1) elsewhere.
    Elu {
        /// The slope from zero on.
        slope: f32,
        /// How far it falls below zero.
        depth: f32,
        /// Where the exponential is 1/e; above zero.
        width: f32,
    },
    /// x/(1 + e^(−beta·x))
    Swish {
        /// How steep the gate is.
        beta: f32,
    },
    /// x·tanh(log(1 + e^x))
    Mish,
    /// x to a power.
    Power {
        /// The exponent, neither zero nor infinite.
        exponent: f32,
    },
}

impl Function {
    /// The function's name in ONNX.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Function::Log => "Log",
            Function::Sin => "Sin",
            Function::Cos => "Cos",
            Function::Tan => "Tan",
            Function::Asin => "Asin",
            Function::Acos => "Acos",
            Function::Atan => "Atan",
            Function::Sinh => "Sinh",
            Function::Cosh => "Cosh",
            Function::Asinh => "Asinh",
            Function::Acosh => "Acosh",
            Function::Atanh => "Atanh",
            Function::Probit => "Probit",
            Function::Elu { .. } => "Elu",
            Function::Swish { .. } => "Swish",
            Function::Mish => "Mish",
            Function::Power { .. } => "Pow",
        }
    }

    /// Its value at x.
    #[must_use]
    pub fn of(self, x: f64) -> f64 {
        match self {
            Function::Log => log(x),
            Function::Sin => libm::sin(x),
            Function::Cos => libm::cos(x),
            Function::Tan => libm::tan(x),
            Function::Asin => libm::asin(x),
            Function::Acos => libm::acos(x),
            Function::Atan => libm::atan(x),
            Function::Sinh => libm::sinh(x),
            Function::Cosh => libm::cosh(x),
            Function::Asinh => libm::asinh(x),
            Function::Acosh => libm::acosh(x),
            Function::Atanh => libm::atanh(x),
            Function::Probit => probit(x),
            Function::Elu { slope, .. } if x >= 0.0 => f64::from(slope) * x,
            Function::Elu { depth, width, .. } => {
                f64::from(depth) * libm::expm1(x / f64::from(width))
            }
            Function::Swish { beta } => x / (1.0 + exp(-f64::from(beta) * x)),
            Function::Mish => x * libm::tanh(softplus(x)),
            Function::Power { exponent } => libm::pow(x, f64::from(exponent)),
        }
    }

    /// The ends of the part of its domain that `x` lies in; a function with poles has several. Where an end is finite,
    /// the function has a value there or grows beyond all bounds.
    #[must_use]
    pub fn domain(self, x: f64) -> (f64, f64) {
        const INFINITE: f64 = f64::INFINITY;
        match self {
            Function::Tan => {
                let half = core::f64::consts::FRAC_PI_2;
                let period = (x / core::f64::consts::PI).round() * core::f64::consts::PI;
                (period - half, period + half)
            }
            Function::Asin | Function::Acos | Function::Atanh => (-1.0, 1.0),
            Function::Probit => (0.0, 1.0),
            Function::Log => (0.0, INFINITE),
            Function::Acosh => (1.0, INFINITE),
            Function::Power { exponent } if exponent.fract() != 0.0 => (0.0, INFINITE),
            Function::Power { exponent } if exponent < 0.0 => match x < 0.0 {
                true => (-INFINITE, 0.0),
                false => (0.0, INFINITE),
            },
            Function::Sin
            | Function::Cos
            | Function::Atan
            | Function::Sinh
            | Function::Cosh
            | Function::Asinh
            | Function::Elu { .. }
            | Function::Swish { .. }
            | Function::Mish
            | Function::Power { .. } => (-INFINITE, INFINITE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_tables() {
        let selu = Function::Elu { slope: 1.5, depth: 3.0, width: 2.0 };
        for (function, x, want) in [
            (Function::Sin, 1.0, 0.841_470_984_807_896_5),
            (Function::Tan, -1.0, -1.557_407_724_654_902_3),
            (Function::Acos, -1.0, core::f64::consts::PI),
            (Function::Acosh, 1.0, 0.0),
            (Function::Atanh, 0.5, 0.549_306_144_334_054_8),
            (Function::Probit, 0.5, 0.0),
            (Function::Probit, 0.975, 1.959_963_984_540_054),
            (Function::Probit, 1e-9, -5.997_807_015_007_686_6),
            (selu, 2.0, 3.0),
            (selu, -2.0, -1.896_361_676_485_673),
            (Function::Swish { beta: 1.0 }, -800.0, 0.0),
            (Function::Swish { beta: 1.0 }, 1.0, 0.731_058_578_630_004_9),
            (Function::Mish, 1.0, 0.865_098_388_267_310_3),
            (Function::Power { exponent: 3.0 }, -2.0, -8.0),
            (Function::Power { exponent: -1.5 }, 4.0, 0.125),
        ] {
            let got = function.of(x);
            assert!((got - want).abs() <= 1e-14 * want.abs(), "{function:?}: {got}, not {want}");
        }
    }

    #[test]
    fn domains_hold_what_they_are_asked_of() {
        let (lo, hi) = Function::Tan.domain(10.0);
        assert!(lo < 10.0 && 10.0 < hi && (hi - lo - core::f64::consts::PI).abs() < 1e-12);
        assert_eq!(Function::Power { exponent: -2.0 }.domain(-3.0), (f64::NEG_INFINITY, 0.0));
        assert_eq!(Function::Power { exponent: 0.25 }.domain(3.0), (0.0, f64::INFINITY));
    }
}
