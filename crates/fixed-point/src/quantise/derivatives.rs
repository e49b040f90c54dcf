//! The first two derivatives of a [`Function`], and between which points they only rise or only fall, so that their
//! values there enclose them on any interval.

use core::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, PI};
use provenn_onnx_ir::Function;
use provenn_onnx_ir::functions::{exp, pow, softplus, tanh};

/// Which derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    First,
    Second,
}

/// Where the first or second derivative of x/(1 + e^-x) turns.
const SWISH: [f64; 5] = [
    -3.435_840_993_535_111,
    -2.399_357_280_515_467_7,
    0.0,
    2.399_357_280_515_467_7,
    3.435_840_993_535_111,
];
/// The same of x·tanh(log(1 + e^x)).
const MISH: [f64; 5] = [
    -3.267_337_846_520_405,
    -2.256_376_396_360_793,
    -0.087_934_431_314_914_2,
    1.490_571_179_485_428_5,
    2.114_842_563_021_077,
];
const THIRD: f64 = 0.577_350_269_189_625_8; // 1/√3

/// The derivative's values on [a, b], within the function's domain: their least and their largest, which may be infinite
/// at an end of the domain.
pub(super) fn enclose(function: Function, order: Order, (a, b): (f64, f64)) -> (f64, f64) {
    // A function that is not smooth at zero has its own derivative on either side.
    let ends = [derivative(function, order, a, false), derivative(function, order, b, true)];
    let turns = turning(function, (a, b));
    let inner = turns
        .iter()
        .filter(|&&x| a < x && x < b)
        .flat_map(|&x| [true, false].map(|below| derivative(function, order, x, below)));
    let all = ends.into_iter().chain(inner);
    all.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), x| (lo.min(x), hi.max(x)))
}

/// Points between which the first two derivatives are monotone; of a periodic function those in [a, b], at most as many
/// as show every value.
fn turning(function: Function, (a, b): (f64, f64)) -> Vec<f64> {
    match function {
        Function::Sin | Function::Cos => {
            let first = (a / FRAC_PI_2).ceil() * FRAC_PI_2;
            (0..4).map(|at| first + f64::from(at) * FRAC_PI_2).filter(|&x| x < b).collect()
        }
        Function::Atan => vec![-THIRD, 0.0, THIRD],
        Function::Asinh => vec![-FRAC_1_SQRT_2, 0.0, FRAC_1_SQRT_2],
        Function::Probit => vec![0.5],
        Function::Swish { beta } => SWISH.map(|x| x / f64::from(beta)).to_vec(),
        Function::Mish => MISH.to_vec(),
        Function::Tan => vec![(a / PI).round() * PI, (b / PI).round() * PI],
        Function::Log
        | Function::Asin
        | Function::Acos
        | Function::Sinh
        | Function::Cosh
        | Function::Acosh
        | Function::Atanh
        | Function::Elu { .. }
        | Function::Power { .. } => vec![0.0],
    }
}

/// A derivative at x; with `below` that towards smaller x.
fn derivative(function: Function, order: Order, x: f64, below: bool) -> f64 {
    let [first, second] = derivatives(function, x, below);
    match order {
        Order::First => first,
        Order::Second => second,
    }
}

fn derivatives(function: Function, x: f64, below: bool) -> [f64; 2] {
    let value = || function.of(x);
    match function {
        Function::Log => [1.0 / x, -1.0 / (x * x)],
        Function::Sin => [Function::Cos.of(x), -value()],
        Function::Cos => [-Function::Sin.of(x), -value()],
        Function::Tan => {
            let (t, slope) = (value(), 1.0 + value() * value());
            [slope, 2.0 * t * slope]
        }
        Function::Asin | Function::Acos => {
            let rest = (1.0 - x) * (1.0 + x);
            let (slope, curvature) = (1.0 / rest.sqrt(), x / (rest * rest.sqrt()));
            if function == Function::Asin { [slope, curvature] } else { [-slope, -curvature] }
        }
        Function::Atan => {
            let whole = 1.0 + x * x;
            [1.0 / whole, -2.0 * x / (whole * whole)]
        }
        Function::Sinh => [Function::Cosh.of(x), value()],
        Function::Cosh => [Function::Sinh.of(x), value()],
        Function::Asinh => {
            let whole = 1.0 + x * x;
            [1.0 / whole.sqrt(), -x / (whole * whole.sqrt())]
        }
        Function::Acosh => {
            let rest = (x - 1.0) * (x + 1.0);
            [1.0 / rest.sqrt(), -x / (rest * rest.sqrt())]
        }
        Function::Atanh => {
            let rest = (1.0 - x) * (1.0 + x);
            [1.0 / rest, 2.0 * x / (rest * rest)]
        }
        // With y = probit(x): y' = √(2π)·e^(y²/2), y'' = y·y'².
        Function::Probit => {
            let y = value();
            let slope = (2.0 * PI).sqrt() * exp(y * y / 2.0);
            [slope, y * slope * slope]
        }
        Function::Elu { slope, .. } if x > 0.0 || (x == 0.0 && !below) => [f64::from(slope), 0.0],
        Function::Elu { depth, width, .. } => {
            let (depth, width) = (f64::from(depth), f64::from(width));
            let slope = depth / width * exp(x / width);
            [slope, slope / width]
        }
        Function::Swish { beta } => {
            let beta = f64::from(beta);
            let (u, gate) = (beta * x, 1.0 / (1.0 + exp(-beta * x)));
            let rise = gate * (1.0 - gate);
            [gate + u * rise, beta * rise * (2.0 + u * (1.0 - 2.0 * gate))]
        }
        Function::Mish => {
            let (t, gate) = (tanh(softplus(x)), 1.0 / (1.0 + exp(-x)));
            let rest = (1.0 - t) * (1.0 + t);
            let rise = rest * gate;
            let bend = rise * ((1.0 - gate) - 2.0 * t * gate);
            [t + x * rise, 2.0 * rise + x * bend]
        }
        Function::Power { exponent } => {
            let p = f64::from(exponent);
            let power = |factor: f64, exponent: f64| {
                if factor == 0.0 { 0.0 } else { factor * pow(x, exponent) }
            };
            [power(p, p - 1.0), power(p * (p - 1.0), p - 2.0)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: f64 = 1.0 / 4096.0;

    fn functions() -> Vec<(Function, f64, f64)> {
        vec![
            (Function::Log, 0.1, 5.0),
            (Function::Sin, -7.0, 9.0),
            (Function::Cos, -7.0, 9.0),
            (Function::Tan, -1.4, 1.4),
            (Function::Tan, 2.0, 4.4),
            (Function::Asin, -0.97, 0.97),
            (Function::Acos, -0.97, 0.97),
            (Function::Atan, -6.0, 6.0),
            (Function::Sinh, -4.0, 4.0),
            (Function::Cosh, -4.0, 4.0),
            (Function::Asinh, -6.0, 6.0),
            (Function::Acosh, 1.05, 6.0),
            (Function::Atanh, -0.97, 0.97),
            (Function::Probit, 0.02, 0.98),
            (Function::Elu { slope: 1.5, depth: 0.7, width: 1.25 }, -6.0, 3.0),
            (Function::Elu { slope: 1.0, depth: -0.7, width: 1.0 }, -6.0, 3.0),
            (Function::Swish { beta: 1.0 }, -9.0, 9.0),
            (Function::Swish { beta: -1.7 }, -9.0, 9.0),
            (Function::Mish, -9.0, 9.0),
            (Function::Power { exponent: 9.0 }, -1.5, 1.5),
            (Function::Power { exponent: 10.0 }, -1.5, 1.5),
            (Function::Power { exponent: 2.5 }, 0.1, 3.0),
            (Function::Power { exponent: 0.3 }, 0.1, 3.0),
            (Function::Power { exponent: -1.2 }, 0.2, 3.0),
            (Function::Power { exponent: -3.0 }, -3.0, -0.2),
        ]
    }

    /// On a grid finer than any table's.
    #[test]
    fn derivatives_are_what_they_are_said_to_be() {
        for (function, lo, hi) in functions() {
            for i in 1.. {
                let x = lo + f64::from(i) * STEP;
                if x + STEP > hi {
                    break;
                }
                let kink = matches!(function, Function::Elu { .. }) && x.abs() < 2.0 * STEP;
                if kink {
                    continue;
                }
                let at = |k: f64| function.of(x + k * STEP);
                let [first, second] = derivatives(function, x, false);
                let slope = (at(1.0) - at(-1.0)) / (2.0 * STEP);
                let curvature = (at(1.0) - 2.0 * at(0.0) + at(-1.0)) / (STEP * STEP);
                let scale = 1.0 + first.abs() + second.abs();
                assert!((slope - first).abs() < 1e-3 * scale, "{function:?} {x} {slope} {first}");
                let off = (curvature - second).abs();
                assert!(off < 1e-2 * scale, "{function:?} {x} {curvature} {second}");
            }
        }
    }

    /// Derivatives inside a segment lie where its ends and turning points say.
    #[test]
    fn segments_enclose_their_derivatives() {
        for (function, lo, hi) in functions() {
            for width in [0.02, 0.11, 0.9, 20.0] {
                let mut a = lo;
                while a < hi {
                    let b = (a + width).min(hi);
                    for order in [Order::First, Order::Second] {
                        let (least, most) = enclose(function, order, (a, b));
                        for i in 0..=64 {
                            let x = a + (b - a) * f64::from(i) / 64.0;
                            if x == 0.0 {
                                continue;
                            }
                            let inside = derivative(function, order, x, false);
                            let slack = 1e-12 * (1.0 + least.abs().max(most.abs()));
                            let holds = inside >= least - slack && inside <= most + slack;
                            assert!(holds, "{function:?} {order:?} {x} in [{a}, {b}]");
                        }
                    }
                    a = b;
                }
            }
        }
    }
}
