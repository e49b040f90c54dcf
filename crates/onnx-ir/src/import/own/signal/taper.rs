//! `BlackmanWindow`, `HammingWindow`, `HannWindow`: sums of cosines.

use tract_onnx::prelude::{DatumType, Tensor};

use super::super::fold::{output_type, rounded};
use super::super::site::Site;
use super::number;
use super::turn::turn;
use crate::import::reason::Reason;

/// How many places a window has.
fn size(site: &Site<'_>) -> Result<usize, Reason> {
    let size = number(site, 0, "size")?.ok_or("its size must be a constant")?;
    usize::try_from(size).map_err(|_| Reason(format!("its size {size} is no length")))
}

pub(in super::super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    Ok(vec![(output_type(site)?, vec![size(site)?])])
}

pub(in super::super) fn value(site: &Site<'_>) -> Result<Tensor, Reason> {
    let size = size(site)?;
    // What is periodic goes on with its first value; what is not ends with it.
    let turn_of = if site.int("periodic", 1) != 0 { size } else { size.saturating_sub(1) };
    if size == 1 && turn_of == 0 {
        return Err("a window of one place is no number unless it is periodic".into());
    }
    let [mean, once, twice] = match site.node.op_type.as_str() {
        "BlackmanWindow" => [0.42, -0.5, 0.08],
        "HammingWindow" => [25.0 / 46.0, -21.0 / 46.0, 0.0],
        _ => [0.5, -0.5, 0.0],
    };
    let place = |at: usize| mean + once * turn(at, turn_of).0 + twice * turn(2 * at, turn_of).0;
    rounded(site, &[size], (0..size).map(place).collect())
}
