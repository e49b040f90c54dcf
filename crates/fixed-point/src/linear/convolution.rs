//! Convolutions of images: stride 1, any dilation, padding and groups.
//!
//! Three ways, one result. As a product of matrices, `y = kernel · patches`, with a column of patches for each place
//! of the result. Where the result has clearly more places than the image, as the full product of a small one has, the
//! other way round: `kernel · image` tap by tap, whose rows are then added where their taps put them. And by weight:
//! where a group has few outputs or most weights are zero, and, in 128 bits, where sums could exceed 64.

use super::chunks::each;
use super::exact::{Exact, Sum};
use super::images::Images;
use super::product::{Left, add_product};
use crate::quant_graph::Linear;
use std::ops::Range;

/// Fewer outputs of a group are summed weight by weight.
const FEW_OUTPUTS: usize = 4;
/// Most elements that are made to be added up.
const MOST_ADDED: usize = 1 << 20;

/// Stride-1 cross-correlation of every image; `None` where sizes disagree or a sum exceeds 64 bits.
pub(super) fn convolve(
    linear: &Linear,
    x: &[i64],
    from: Images,
    pad_before: [usize; 2],
    out: Images,
) -> Option<Vec<i64>> {
    let Linear::Conv { kernel, kernel_shape, groups, dilation, .. } = linear else {
        return None;
    };
    let [all, channels, kernel_height, kernel_width] = *kernel_shape;
    let outputs = all.checked_div(*groups)?;
    let window = Window {
        outputs,
        channels,
        taps: [kernel_height, kernel_width],
        dilation: *dilation,
        pad_before,
        from: [from.height, from.width],
        to: [out.height, out.width],
    };
    let (terms, image) = (channels * window.taps(), channels * from.height * from.width);
    let fits = from.count == out.count
        && all == out.channels
        && outputs * groups == all
        && channels * groups == from.channels
        && kernel.len() == all * terms
        && x.len() == from.count * groups * image;
    if !fits || x.is_empty() || kernel.is_empty() {
        return None;
    }
    let exact = Exact::of(kernel, x, terms);
    let present = || kernel.iter().filter(|weight| **weight != 0).count();
    let by_weight = outputs < FEW_OUTPUTS || 4 * present() <= kernel.len();
    let products = kernel.len().saturating_mul(image / channels).saturating_mul(from.count);
    let mut y = vec![0; out.planes() * out.height * out.width];
    each(&mut y, outputs * out.height * out.width, products, |at, y| {
        let kernel = &kernel[at % groups * outputs * terms..][..outputs * terms];
        let x = &x[at * image..][..image];
        match exact {
            Some(_) if by_weight => window.by_weight::<i64>(kernel, x, y),
            Some(exact) if window.spreads() => window.by_tap(exact, kernel, x, y),
            Some(exact) => window.by_place(exact, kernel, x, y),
            None => window.by_weight::<i128>(kernel, x, y),
        }
    })?;
    Some(y)
}

/// A group's convolution of one image: extents of rows and columns.
struct Window {
    /// Planes of the result, and of the image.
    outputs: usize,
    channels: usize,
    taps: [usize; 2],
    dilation: [usize; 2],
    pad_before: [usize; 2],
    /// Of the image, and of the result.
    from: [usize; 2],
    to: [usize; 2],
}

impl Window {
    fn taps(&self) -> usize {
        self.taps[0] * self.taps[1]
    }

    fn image(&self) -> usize {
        self.from[0] * self.from[1]
    }

    fn result(&self) -> usize {
        self.to[0] * self.to[1]
    }

    /// How far into the padded image a tap lies.
    fn shift(&self, tap: usize) -> [usize; 2] {
        let [_, width] = self.taps;
        [tap / width * self.dilation[0], tap % width * self.dilation[1]]
    }

    /// Places of the result, among `within`, at which a tap so far in the padded image meets the image.
    fn meets(&self, axis: usize, shift: usize, within: Range<usize>) -> Range<usize> {
        let pad = self.pad_before[axis];
        let first = pad.saturating_sub(shift).clamp(within.start, within.end);
        let end = (self.from[axis] + pad).saturating_sub(shift).clamp(first, within.end);
        first..end
    }

    /// Whether it is added up after the product: that multiplies by the places of the image, not of the result.
    fn spreads(&self) -> bool {
        3 * self.image() <= 2 * self.result() && self.taps() * self.image() <= MOST_ADDED
    }

    /// Kernel times patches.
    fn by_place(&self, exact: Exact, kernel: &[i64], x: &[i64], y: &mut [i64]) -> Option<()> {
        let terms = self.channels * self.taps();
        let left = Left { data: kernel, row: |output| output * terms, step: 1 };
        let extents = [self.outputs, terms, self.result()];
        add_product(exact, extents, &left, |term, first, row| self.patch(x, term, first, row), y)
    }

    /// What one weight of each output meets from the place `first` of the result on.
    fn patch(&self, x: &[i64], term: usize, first: usize, row: &mut [i64]) {
        let (channel, tap) = (term / self.taps(), term % self.taps());
        let image = &x[channel * self.image()..][..self.image()];
        let [down, right] = self.shift(tap);
        let [_, width] = self.to;
        let mut at = 0;
        while at < row.len() {
            let (i, j) = ((first + at) / width, (first + at) % width);
            let length = (width - j).min(row.len() - at);
            let to = &mut row[at..at + length];
            at += length;
            to.fill(0);
            let columns = self.meets(1, right, j..j + length);
            if !columns.is_empty() && !self.meets(0, down, i..i + 1).is_empty() {
                let from = (i + down - self.pad_before[0]) * self.from[1] + columns.start + right
                    - self.pad_before[1];
                to[columns.start - j..columns.end - j]
                    .copy_from_slice(&image[from..from + columns.len()]);
            }
        }
    }

    /// Kernel times image for each tap, then each where it belongs.
    fn by_tap(&self, exact: Exact, kernel: &[i64], x: &[i64], y: &mut [i64]) -> Option<()> {
        let (taps, image) = (self.taps(), self.image());
        let outputs = (MOST_ADDED / (taps * image)).clamp(1, self.outputs);
        let mut products = vec![];
        for (kernel, y) in
            kernel.chunks(outputs * self.channels * taps).zip(y.chunks_mut(outputs * self.result()))
        {
            let rows = kernel.len() / self.channels;
            let row = |row: usize| row / taps * self.channels * taps + row % taps;
            let left = Left { data: kernel, row, step: taps };
            products.clear();
            products.resize(rows * image, 0);
            add_product(
                exact,
                [rows, self.channels, image],
                &left,
                |channel, first, row| {
                    row.copy_from_slice(&x[channel * image + first..][..row.len()])
                },
                &mut products,
            )?;
            let planes = products.chunks(taps * image);
            for (products, y) in planes.zip(y.chunks_mut(self.result())) {
                for (tap, product) in products.chunks(image).enumerate() {
                    self.add(tap, product, y, |y, x| Some(y.wrapping_add(x)))?;
                }
            }
        }
        Some(())
    }

    /// Weight by weight, plane by plane.
    fn by_weight<T: Sum>(&self, kernel: &[i64], x: &[i64], y: &mut [i64]) -> Option<()> {
        let (taps, image) = (self.taps(), self.image());
        let products = kernel.len().saturating_mul(image);
        each(y, self.result(), products, |output, y| {
            let kernel = &kernel[output * self.channels * taps..][..self.channels * taps];
            let mut sums = vec![T::default(); y.len()];
            for (at, weight) in kernel.iter().enumerate().filter(|(_, weight)| **weight != 0) {
                let plane = &x[at / taps * image..][..image];
                self.add(at % taps, plane, &mut sums, |sum, x| sum.plus(*weight, x))?;
            }
            for (y, sum) in y.iter_mut().zip(sums) {
                *y = sum.narrow()?;
            }
            Some(())
        })
    }

    /// Adds a plane of the image to one of the result, where a tap puts it.
    fn add<T: Copy>(
        &self,
        tap: usize,
        plane: &[i64],
        y: &mut [T],
        plus: impl Fn(T, i64) -> Option<T>,
    ) -> Option<()> {
        let ([down, right], [height, width]) = (self.shift(tap), self.to);
        let columns = self.meets(1, right, 0..width);
        if columns.is_empty() {
            return Some(());
        }
        let first = columns.start + right - self.pad_before[1];
        for i in self.meets(0, down, 0..height) {
            let from = (i + down - self.pad_before[0]) * self.from[1] + first;
            let from = &plane[from..from + columns.len()];
            for (y, x) in y[i * width..][columns.clone()].iter_mut().zip(from) {
                *y = plus(*y, *x)?;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quant_graph::TensorId;
    use proptest::prelude::*;

    #[derive(Clone, Debug)]
    struct Case {
        linear: Linear,
        pad_before: [usize; 2],
        from: Images,
        out: Images,
        x: Vec<i64>,
    }

    /// By the definition, in 128 bits, if it fits 64.
    fn plain(case: &Case) -> Option<Vec<i64>> {
        let Case { linear, pad_before, from, out, x } = case;
        let Linear::Conv { kernel, kernel_shape: [o, c, kh, kw], groups, dilation, .. } = linear
        else {
            unreachable!()
        };
        let mut y = vec![];
        for (image, plane) in (0..out.count).flat_map(|image| (0..*o).map(move |o| (image, o))) {
            for (i, j) in (0..out.height).flat_map(|i| (0..out.width).map(move |j| (i, j))) {
                let mut sum = 0_i128;
                for (tap, weight) in kernel[plane * c * kh * kw..][..c * kh * kw].iter().enumerate()
                {
                    let channel = plane / (o / groups) * c + tap / (kh * kw);
                    let row = (i + tap / kw % kh * dilation[0]).checked_sub(pad_before[0]);
                    let column = (j + tap % kw * dilation[1]).checked_sub(pad_before[1]);
                    let (Some(row), Some(column)) = (row, column) else { continue };
                    if row < from.height && column < from.width {
                        let plane = image * from.channels + channel;
                        let x = x[(plane * from.height + row) * from.width + column];
                        sum += i128::from(*weight) * i128::from(x);
                    }
                }
                y.push(i64::try_from(sum).ok()?);
            }
        }
        Some(y)
    }

    fn cases() -> impl Strategy<Value = Case> {
        let shape = [1_usize..3, 1..4, 1..7, 1..5];
        let places = [1_usize..4, 1..4, 1..20, 1..20];
        let window = [1_usize..3, 1..3, 0..4, 0..4];
        // Many outputs of few channels take one way, few of many another; short integers are summed in floating
        // point, longer ones in 64 bits, the longest in 128.
        (shape, places, window, 1_u32..45, any::<u64>(), any::<bool>()).prop_map(
            |([count, groups, outputs, channels], [kh, kw, h, w], window, bits, seed, sparse)| {
                let [d0, d1, p0, p1] = window;
                let reach = [(kh - 1) * d0, (kw - 1) * d1];
                let pad_before = [p0.min(reach[0]), p1.min(reach[1])];
                let extent = |size: usize, axis: usize| {
                    (size + 2 * pad_before[axis]).saturating_sub(reach[axis])
                };
                let mut state = seed | 1;
                let mut draw = |bits: u32, sparse: bool| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    let x = (state >> 16).cast_signed();
                    if sparse && x % 8 != 0 { 0 } else { (x << 16) >> (63 - bits) }
                };
                let kernel_len = groups * outputs * channels * kh * kw;
                let kernel = (0..kernel_len).map(|_| draw(bits / 2, sparse)).collect();
                let x = (0..count * groups * channels * h * w).map(|_| draw(bits, false)).collect();
                let linear = Linear::Conv {
                    input: TensorId(0),
                    kernel,
                    kernel_shape: [groups * outputs, channels, kh, kw],
                    groups,
                    dilation: [d0, d1],
                    pad_before,
                    pad_after: pad_before,
                };
                let from = Images { count, channels: groups * channels, height: h, width: w };
                let out = Images {
                    count,
                    channels: groups * outputs,
                    height: extent(h, 0),
                    width: extent(w, 1),
                };
                Case { linear, pad_before, from, out, x }
            },
        )
    }

    /// The same, with every coefficient of the full product.
    fn full(case: &Case) -> Case {
        let Linear::Conv { kernel_shape: [_, _, kh, kw], dilation, .. } = &case.linear else {
            unreachable!()
        };
        let pad_before = [(kh - 1) * dilation[0], (kw - 1) * dilation[1]];
        let Images { height, width, .. } = case.from;
        let out =
            Images { height: height + pad_before[0], width: width + pad_before[1], ..case.out };
        Case { pad_before, out, ..case.clone() }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn convolutions_are_those_of_the_definition(case in cases()) {
            for case in [full(&case), case] {
                let Case { linear, pad_before, from, out, x } = &case;
                if x.is_empty() { continue; }
                let got = convolve(linear, x, *from, *pad_before, *out);
                prop_assert_eq!(got, plain(&case));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let image = Images { count: 1, channels: 1, height: 1, width: 1 };
        let linear = |weight: i64, groups: usize| Linear::Conv {
            input: TensorId(0),
            kernel: vec![weight].into(),
            kernel_shape: [1, 1, 1, 1],
            groups,
            dilation: [1, 1],
            pad_before: [0, 0],
            pad_after: [0, 0],
        };
        let convolve =
            |weight, groups, x: &[i64]| convolve(&linear(weight, groups), x, image, [0, 0], image);
        assert_eq!(convolve(1 << 40, 1, &[-(1 << 23)]), Some(vec![i64::MIN]));
        assert_eq!(convolve(1 << 40, 1, &[1 << 23]), None);
        assert_eq!(convolve(1, 0, &[1]), None);
        assert_eq!(convolve(1, 2, &[1]), None);
        assert_eq!(convolve(1, 1, &[1, 2]), None);
    }
}
