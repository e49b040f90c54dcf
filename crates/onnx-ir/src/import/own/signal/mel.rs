//! `MelWeightMatrix`: triangles over frequencies, at equal distances of how high they sound.

use tract_onnx::prelude::{DatumType, Tensor};

use super::super::fold::{output_type, rounded};
use super::super::site::Site;
use super::length;
use crate::evaluate::precision::count as double;
use crate::import::reason::Reason;

/// Triangles, and length of the transformation.
fn sizes(site: &Site<'_>) -> Result<(usize, usize), Reason> {
    let triangles = length(site, 0, "num_mel_bins")?.ok_or("its num_mel_bins is missing")?;
    let length = length(site, 1, "dft_length")?.ok_or("its dft_length is missing")?;
    Ok((triangles, length))
}

pub(in super::super) fn shapes(site: &Site<'_>) -> Result<Vec<(DatumType, Vec<usize>)>, Reason> {
    let (triangles, length) = sizes(site)?;
    Ok(vec![(output_type(site)?, vec![length / 2 + 1, triangles])])
}

pub(in super::super) fn value(site: &Site<'_>) -> Result<Tensor, Reason> {
    let (triangles, dft_length) = sizes(site)?;
    let rate = length(site, 2, "sample_rate")?.ok_or("its sample_rate is missing")?;
    let edge = |slot: usize| -> Result<f64, Reason> {
        match site.numbers(slot)?.as_deref() {
            Some(&[edge]) if edge >= 0.0 => Ok(f64::from(edge)),
            _ => Err("the edges of its triangles must be frequencies".into()),
        }
    };
    let mel = |hertz: f64| 2595.0 * libm::log10(1.0 + hertz / 700.0);
    let hertz = |mel: f64| 700.0 * (libm::pow(10.0, mel / 2595.0) - 1.0);
    let (low, high) = (mel(edge(3)?), mel(edge(4)?));
    let step = (high - low) / double(triangles + 2);
    let rows = dft_length / 2 + 1;
    let corner = |at: usize| {
        let frequency = hertz(low + step * double(at));
        (double(dft_length + 1) * frequency / double(rate)).floor()
    };
    let corners: Option<Vec<usize>> = (0..triangles + 2).map(|at| row(corner(at), rows)).collect();
    let corners = corners.ok_or("its triangles reach beyond half of its sample_rate")?;
    let mut weights = vec![0.0; rows * triangles];
    for (triangle, corners) in corners.windows(3).enumerate() {
        let &[left, middle, right] = corners else { continue };
        let mut set = |row: usize, weight: f64| {
            let place = weights.get_mut(row * triangles + triangle);
            place.into_iter().for_each(|place| *place = weight);
        };
        if left > middle || middle > right {
            return Err("its upper edge is below its lower one".into());
        }
        if left == middle {
            set(middle, 1.0);
        }
        for row in left..middle + usize::from(left < middle) {
            set(row, double(row - left) / double(middle - left));
        }
        for row in middle..right {
            set(row, double(right - row) / double(right - middle));
        }
    }
    rounded(site, &[rows, triangles], weights)
}

/// A row of the matrix; a triangle may end behind the last.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number that is a row"
)]
fn row(corner: f64, rows: usize) -> Option<usize> {
    (corner >= 0.0 && corner <= double(rows)).then_some(corner as usize)
}
