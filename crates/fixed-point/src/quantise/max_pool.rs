//! MaxPool: of windows side by side as one operation; else along the width, then along the height, where taps outside
//! repeat a valid element of their window.

use super::error::QuantiseError;
use super::in_columns::shared;
use super::lowering::Lowering;
use super::lowering::batchless;
use super::value::{Elements, Value};
use crate::convert::index;
use crate::quant_graph::{Linear, QuantOp, Source};
use provenn_onnx_ir::Window;

/// Windows from which on maxima are worth banks of their own, where no convolution is taken in: of fewer the tree's
/// activations stand in banks that are there.
const WORTH: usize = 512;

impl Lowering<'_> {
    pub(super) fn max_pool(
        &mut self,
        node: usize,
        window: &Window,
    ) -> Result<Value, QuantiseError> {
        let x = self.operand(node, 0)?;
        let (&[n, c, h, w], &[_, _, oh, ow]) = (self.shape(x), self.shape(node)) else {
            return Err(self.unsupported(node, "its operand is not [N,C,H,W]"));
        };
        let operand = x;
        let planes = |factors: Vec<f64>| shared(factors.into_iter(), h * w);
        let (x, planes) = self.elements_and_factors(operand, planes)?;
        let pooled = match side_by_side(window) {
            Some(windows) if self.is_convolved(&x) || n * c * oh * ow >= WORTH => {
                self.maxima(&x, [n, c, h, w], &windows, node)?
            }
            Some(_) | None => {
                let rows = self.pool_axis(&x, [n * c * h, w, 1], window, 1, ow, node)?;
                self.pool_axis(&rows, [n * c, h, ow], window, 0, oh, node)?
            }
        };
        self.watch_extremum(operand, &pooled);
        let each = |x: f64| std::iter::repeat_n(x, oh * ow);
        let factors = planes.map(|planes| planes.into_iter().flat_map(each).collect());
        Ok(self.perhaps_scaled(pooled, factors, node))
    }

    /// Whether elements are those of a rescaled convolution, in their order.
    fn is_convolved(&self, x: &Elements) -> bool {
        let [only] = x.sources.as_slice() else { return false };
        let tensor = &self.out.tensors[only.0];
        let in_order = x.map.iter().enumerate().all(|(i, source)| match *source {
            Source::Element { index: at, .. } => index(at) == i,
            Source::Constant(_) => false,
        });
        let convolved = matches!(tensor.op, QuantOp::Rescale { linear: Linear::Conv { .. }, .. });
        in_order && convolved && tensor.len() == x.len()
    }

    /// Maxima of images over windows side by side, and of these over the next ones.
    fn maxima(
        &mut self,
        x: &Elements,
        mut shape: [usize; 4],
        windows: &[[usize; 2]],
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let mut id = self.tensor(x, Some(&batchless(&shape)), node)?;
        for &window in windows {
            let ([_, _, height, width], [rows, columns]) = (&mut shape, window);
            (*height, *width) = (*height / rows, *width / columns);
            let op = QuantOp::Maximum { operand: id, window };
            let maximum = self.push(node, batchless(&shape), x.step, op, None)?;
            self.deviations[maximum.0] = self.extremum_deviation([id, id], maximum);
            id = maximum;
        }
        Ok(self.all(id))
    }

    /// Maxima over the middle axis of `[outer, extent, inner]`, `out` windows.
    fn pool_axis(
        &mut self,
        x: &Elements,
        [outer, extent, inner]: [usize; 3],
        window: &Window,
        axis: usize,
        out: usize,
        node: usize,
    ) -> Result<Elements, QuantiseError> {
        let at = |position: usize, tap: usize| {
            let shifted = position * window.stride[axis] + tap * window.dilation[axis];
            shifted.checked_sub(window.pad_before[axis]).filter(|&p| p < extent)
        };
        // Others lie in the padding at every position.
        let met = window.taps(axis, extent, out);
        // The first tap inside, for the positions that another misses.
        let first: Vec<Option<usize>> =
            (0..out).map(|position| met.iter().find_map(|&tap| at(position, tap))).collect();
        let mut taps = vec![];
        for &tap in &met {
            let mut sources = Vec::with_capacity(out);
            for (position, &first) in first.iter().enumerate() {
                let valid = at(position, tap).or(first);
                sources.push(valid.ok_or_else(|| {
                    self.unsupported(node, "a window lies in the padding entirely")
                })?);
            }
            let index: Vec<usize> = (0..outer * out * inner)
                .map(|i| {
                    (i / (out * inner) * extent + sources[i / inner % out]) * inner + i % inner
                })
                .collect();
            taps.push(x.gather(&index));
        }
        if taps.is_empty() {
            return Err(self.unsupported(node, "its windows lie in the padding entirely"));
        }
        self.maximum_of(taps, node)
    }
}

/// Windows that come to a pool's, one after the other, where its own lie side by side and nothing is padded.
fn side_by_side(window: &Window) -> Option<Vec<[usize; 2]>> {
    let Window { kernel, stride, dilation, pad_before, pad_after } = *window;
    let apart = |axis: usize| {
        let dense = dilation[axis] == 1 || kernel[axis] == 1;
        kernel[axis] == stride[axis] && dense && pad_before[axis] == 0 && pad_after[axis] == 0
    };
    (apart(0) && apart(1)).then(|| windows_of(kernel))?
}

/// Windows of two to four elements that come to one of these extents, one after the other; `None` where a factor is
/// neither 2 nor 3, and of one element.
fn windows_of([mut height, mut width]: [usize; 2]) -> Option<Vec<[usize; 2]>> {
    const WINDOWS: [[usize; 2]; 7] = [[2, 2], [1, 4], [4, 1], [1, 3], [3, 1], [1, 2], [2, 1]];
    let mut all = vec![];
    while [height, width] != [1, 1] {
        let divides = |[rows, columns]: &[usize; 2]| {
            height.is_multiple_of(*rows) && width.is_multiple_of(*columns)
        };
        let window = WINDOWS.into_iter().find(divides).filter(|_| height > 0 && width > 0)?;
        (height, width) = (height / window[0], width / window[1]);
        all.push(window);
    }
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::windows_of;

    #[test]
    fn windows_come_to_their_product() {
        for height in 0..20 {
            for width in 0..20 {
                let smooth = |mut n: usize| {
                    while n > 0 && (n.is_multiple_of(2) || n.is_multiple_of(3)) {
                        n /= if n.is_multiple_of(2) { 2 } else { 3 };
                    }
                    n == 1
                };
                let windows = windows_of([height, width]);
                let some = smooth(height) && smooth(width) && (height, width) != (1, 1);
                assert_eq!(windows.is_some(), some, "{height} by {width}");
                let windows = windows.unwrap_or_default();
                assert!(windows.iter().all(|[a, b]| (2..=4).contains(&(a * b))));
                let all = windows.iter().fold([1, 1], |all, of| [all[0] * of[0], all[1] * of[1]]);
                assert!(!some || all == [height, width]);
            }
        }
    }
}
