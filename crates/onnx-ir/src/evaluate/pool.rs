//! `MaxPool` and `AveragePool`.

use super::conv::{inside, position};
use super::precision::{count, store};
use crate::{Tensor, Window};

/// Padding counts as minus infinity.
pub(super) fn max_pool(x: &Tensor, window: &Window, shape: &[usize]) -> Option<Vec<f32>> {
    pool(x, window, shape, f32::NEG_INFINITY, f32::max)
}

/// The divisor is the number of taps on the input, or of all taps when padding counts.
pub(super) fn average_pool(
    x: &Tensor,
    window: &Window,
    count_include_pad: bool,
    shape: &[usize],
) -> Option<Vec<f32>> {
    let ones = Tensor { shape: x.shape.clone(), data: vec![1.0; x.data.len()] };
    let sums = pool(x, window, shape, 0f64, |sum, value| sum + f64::from(value))?;
    let all = count(window.kernel[0].saturating_mul(window.kernel[1]));
    let counts = if count_include_pad {
        vec![all; sums.len()]
    } else {
        pool(&ones, window, shape, 0f64, |n, _| n + 1.0)?
    };
    Some(sums.iter().zip(counts).map(|(sum, count)| store(sum / count)).collect())
}

/// Folds the taps of every window that lie on the input.
fn pool<T: Copy>(
    x: &Tensor,
    window: &Window,
    shape: &[usize],
    start: T,
    fold: impl Fn(T, f32) -> T,
) -> Option<Vec<T>> {
    let (&[_, _, in_h, in_w], &[batch, channels, out_h, out_w]) = (&*x.shape, shape) else {
        return None;
    };
    let mut out = vec![start; batch * channels * out_h * out_w];
    let [rows, columns] = [window.taps(0, in_h, out_h), window.taps(1, in_w, out_w)];
    for plane in 0..batch * channels {
        let source = &x.data[plane * in_h * in_w..][..in_h * in_w];
        let target = &mut out[plane * out_h * out_w..][..out_h * out_w];
        for &kh in &rows {
            for &kw in &columns {
                for h in inside(window, 0, kh, in_h, out_h) {
                    let row = position(window, 0, kh, h) * in_w;
                    for w in inside(window, 1, kw, in_w, out_w) {
                        let cell = &mut target[h * out_w + w];
                        *cell = fold(*cell, source[row + position(window, 1, kw, w)]);
                    }
                }
            }
        }
    }
    Some(out)
}
