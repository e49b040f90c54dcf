//! Cosines and sines of parts of a turn, exact at quarters.

use std::f64::consts::FRAC_PI_2;

use crate::evaluate::precision::count as double;

/// Cosine and sine of `part` turns out of `whole`.
pub(super) fn turn(part: usize, whole: usize) -> (f64, f64) {
    let quarters = 4 * (part % whole.max(1));
    let (quarter, rest) = (quarters / whole.max(1), quarters % whole.max(1));
    let angle = double(rest) / double(whole.max(1)) * FRAC_PI_2;
    let (cos, sin) = (libm::cos(angle), libm::sin(angle));
    match quarter {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    }
}

#[cfg(test)]
mod tests {
    use super::turn;

    #[test]
    #[allow(clippy::float_cmp)] // exact by definition
    fn quarters_are_exact() {
        assert_eq!([turn(0, 4), turn(1, 4), turn(2, 4)], [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)]);
        assert_eq!([turn(9, 12), turn(13, 4)], [(0.0, -1.0), (0.0, 1.0)]);
        let (cos, sin) = turn(5, 12);
        assert!((cos + 0.75f64.sqrt()).abs() < 1e-15 && (sin - 0.5).abs() < 1e-15);
    }
}
