//! The real function that a plan's table stands for.

use crate::settings::Range;

/// Every real.
pub(super) const ANY: Range = Range { lo: f64::NEG_INFINITY, hi: f64::INFINITY };

/// A real function of a form.
#[derive(Clone, Debug)]
pub(super) enum Ideal {
    /// The projection on `[lo, hi]`, of result in `range`.
    Clip {
        /// Lower end, or minus infinity.
        lo: f64,
        /// Upper end, or infinity.
        hi: f64,
        /// Where the premise puts the result.
        range: Range,
    },
    /// `|x|`, of result in `range`.
    Abs {
        /// Where the premise puts the result.
        range: Range,
    },
    /// 1 from zero on, 0 below: any error may change it.
    Step,
    /// `floor(max(x, 0))`.
    Floor,
    /// `x` or `alpha·x`, of operand in `range`.
    Leaky {
        /// Slope for negative x.
        alpha: f64,
        /// Where the premise puts the operand.
        range: Range,
    },
    /// A function of this Lipschitz constant, its table off by `error`.
    Smooth {
        /// The Lipschitz constant.
        lipschitz: f64,
        /// Largest distance between table and function.
        error: f64,
        /// Root-mean-square slope over the operand's range: for the estimate.
        typical: f64,
    },
}

impl Ideal {
    /// `x`.
    pub(super) const IDENTITY: Ideal =
        Ideal::Clip { lo: f64::NEG_INFINITY, hi: f64::INFINITY, range: ANY };
    /// `max(x, 0)`.
    pub(super) const RELU: Ideal = Ideal::Clip { lo: 0.0, hi: f64::INFINITY, range: ANY };
}
