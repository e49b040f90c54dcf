//! Making tensors, and the row-major arithmetic that all operators share.

use crate::Tensor;

impl Tensor {
    /// A tensor of `shape`; `None` when `data` has another number of elements.
    pub fn new(shape: Vec<usize>, data: Vec<f32>) -> Option<Self> {
        (volume(&shape)? == data.len()).then_some(Self { shape, data })
    }

    /// A tensor without axes.
    pub fn scalar(value: f32) -> Self {
        Self { shape: Vec::new(), data: vec![value] }
    }

    /// The value all elements share; `None` when they differ or there are none.
    pub fn uniform(&self) -> Option<f32> {
        let first = *self.data.first()?;
        // Bits, so that a tensor of NaN or of mixed zeros is not mistaken for a plain one.
        self.data.iter().all(|value| value.to_bits() == first.to_bits()).then_some(first)
    }
}

/// Number of elements, `None` on overflow.
pub(crate) fn volume(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |total, &extent| total.checked_mul(extent))
}

/// Row-major strides. The caller has checked that the volume does not overflow.
pub(crate) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    let mut step = 1usize;
    for (stride, &extent) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step = step.saturating_mul(extent);
    }
    strides
}

/// The shape two operands broadcast to, by ONNX's rules.
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let extent = |shape: &[usize], axis: usize| {
        (axis + shape.len()).checked_sub(rank).and_then(|i| shape.get(i).copied()).unwrap_or(1)
    };
    (0..rank)
        .map(|axis| match (extent(a, axis), extent(b, axis)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

/// Strides that read `from` as if it had the shape `to`; broadcast axes step by 0.
/// The caller has checked that `from` broadcasts to `to`.
pub(crate) fn broadcast_strides(from: &[usize], to: &[usize]) -> Vec<usize> {
    let missing = to.len().saturating_sub(from.len());
    let mut out = vec![0; missing];
    out.extend(
        strides(from)
            .iter()
            .zip(from)
            .map(|(&stride, &extent)| if extent == 1 { 0 } else { stride }),
    );
    out
}

/// Visits every position of `shape` in row-major order with the offsets that two stride vectors give it.
pub(crate) fn walk(
    shape: &[usize],
    first: &[usize],
    second: &[usize],
    mut visit: impl FnMut(usize, usize),
) {
    let Some((&inner, outer)) = shape.split_last() else {
        visit(0, 0);
        return;
    };
    if shape.contains(&0) {
        return;
    }
    let last = outer.len();
    let (step_a, step_b) = (first[last], second[last]);
    let mut index = vec![0; last];
    let (mut a, mut b) = (0, 0);
    loop {
        for i in 0..inner {
            visit(a + i * step_a, b + i * step_b);
        }
        let mut axis = last;
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            index[axis] += 1;
            a += first[axis];
            b += second[axis];
            if index[axis] < outer[axis] {
                break;
            }
            a -= first[axis] * outer[axis];
            b -= second[axis] * outer[axis];
            index[axis] = 0;
        }
    }
}
