//! `MatMul`.

use super::precision::store;
use crate::Tensor;

/// `[B,M,K] x [B,K,N]`; a batch extent of 1 repeats.
pub(super) fn mat_mul(a: &Tensor, b: &Tensor, shape: &[usize]) -> Option<Vec<f32>> {
    let (&[batch_a, _, k], &[batch_b, _, _], &[batch, m, n]) = (&*a.shape, &*b.shape, shape) else {
        return None;
    };
    let mut out = Vec::with_capacity(batch * m * n);
    let mut row = vec![0f64; n];
    for batch in 0..batch {
        let (at_a, at_b) =
            (if batch_a == 1 { 0 } else { batch }, if batch_b == 1 { 0 } else { batch });
        for m_index in 0..m {
            row.fill(0.0);
            for k_index in 0..k {
                let left = f64::from(a.data[(at_a * m + m_index) * k + k_index]);
                let right = &b.data[(at_b * k + k_index) * n..][..n];
                for (sum, &right) in row.iter_mut().zip(right) {
                    *sum += left * f64::from(right);
                }
            }
            out.extend(row.iter().copied().map(store));
        }
    }
    Some(out)
}
