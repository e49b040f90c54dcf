//! Small quantised graphs, one per kind of identity.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation
)]

use provenn_fixed_point::{
    Coefficients, Interval, Linear, Piecewise, QuantGraph, QuantOp, QuantTensor, Source, TensorId,
};

pub const SHIFT: u32 = 4;
pub const LOW: u32 = 3;

/// Deterministic small integers.
pub fn noise(seed: u64, count: usize, bound: i64) -> Vec<i64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) as i64 % (2 * bound + 1) - bound
        })
        .collect()
}

/// ReLU that saturates at 4 blocks, over `q` in ±2^bits.
pub fn relu(bits: u32) -> Piecewise {
    let blocks = 1_i64 << (bits - LOW);
    let entry = |h: i64| match h {
        h if h < 0 => (0, 0),
        h if h < 4 => (1, h << LOW),
        _ => (0, (4 << LOW) - 1),
    };
    Piecewise { first: -blocks, entries: (-blocks..blocks).map(entry).collect() }
}

pub fn identity(bits: u32) -> Piecewise {
    let blocks = 1_i64 << (bits - LOW);
    Piecewise { first: -blocks, entries: (-blocks..blocks).map(|h| (1, h << LOW)).collect() }
}

pub struct Sample(pub QuantGraph);

impl Sample {
    pub fn new() -> Self {
        Sample(QuantGraph {
            tensors: vec![],
            inputs: vec![],
            outputs: vec![],
            shift: SHIFT,
            low_bits: LOW,
        })
    }

    pub fn push(&mut self, shape: &[usize], op: QuantOp) -> TensorId {
        let id = TensorId(self.0.tensors.len());
        if matches!(op, QuantOp::Input { .. }) {
            self.0.inputs.push(id);
        }
        self.0.tensors.push(QuantTensor {
            name: format!("t{}", id.0),
            onnx_op: "Test".into(),
            shape: shape.to_vec(),
            step: 1.0,
            interval: Interval { lo: -4096, hi: 4095 },
            op,
        });
        id
    }

    pub fn input(&mut self, shape: &[usize]) -> TensorId {
        let index = self.0.inputs.len();
        let id = self.push(shape, QuantOp::Input { index });
        self.0.tensors[id.0].interval = Interval { lo: -16, hi: 15 };
        id
    }

    pub fn rescale(
        &mut self,
        shape: &[usize],
        linear: Linear,
        bias: Vec<i64>,
        function: Piecewise,
    ) -> TensorId {
        // Exactly what the table covers.
        let (step, half) = (SHIFT + LOW, 1 << (SHIFT - 1));
        let end = function.first + function.entries.len() as i64;
        let accumulator =
            Interval { lo: (function.first << step) - half, hi: (end << step) - half - 1 };
        let last = (1 << LOW) - 1;
        let values =
            || function.entries.iter().flat_map(|&(slope, base)| [base, base + slope * last]);
        let interval = Interval { lo: values().min().unwrap(), hi: values().max().unwrap() };
        let id = self.push(
            shape,
            QuantOp::Rescale { linear, bias, accumulator, function: function.clone() },
        );
        self.0.tensors[id.0].interval = interval;
        id
    }

    pub fn dense(&mut self, input: TensorId, n: usize, function: Piecewise) -> TensorId {
        let k = self.0.tensors[input.0].len();
        self.rescale(
            &[n],
            Linear::Dense { input, weights: noise(7, n * k, 5) },
            noise(8, n, 9),
            function,
        )
    }

    pub fn conv(
        &mut self,
        input: TensorId,
        o: usize,
        kernel: [usize; 2],
        dilation: [usize; 2],
        pad: [usize; 2],
        function: Piecewise,
    ) -> TensorId {
        let s = self.0.tensors[input.0].shape.clone();
        let out = [0, 1].map(|i| s[i + 1] + 2 * pad[i] - ((kernel[i] - 1) * dilation[i] + 1) + 1);
        let linear = Linear::Conv {
            input,
            kernel: noise(9, o * s[0] * kernel[0] * kernel[1], 3),
            kernel_shape: [o, s[0], kernel[0], kernel[1]],
            dilation,
            pad_before: pad,
            pad_after: pad,
        };
        self.rescale(&[o, out[0], out[1]], linear, noise(10, o, 9), function)
    }

    pub fn combine(
        &mut self,
        shape: &[usize],
        terms: Vec<(TensorId, Coefficients)>,
        function: Piecewise,
    ) -> TensorId {
        let n = shape.iter().product();
        self.rescale(shape, Linear::Combine { terms }, noise(11, n, 9), function)
    }

    pub fn finish(mut self, outputs: &[TensorId]) -> QuantGraph {
        self.0.outputs = outputs.to_vec();
        self.0
    }
}

pub fn scalar(tensor: TensorId, c: i64) -> (TensorId, Coefficients) {
    (tensor, Coefficients::Scalar(c))
}

/// Name and graph of every kind of identity.
pub fn samples() -> Vec<(&'static str, QuantGraph)> {
    let mut all = vec![];

    let mut s = Sample::new();
    let x = s.input(&[6]);
    let h = s.dense(x, 5, relu(10));
    let y = s.dense(h, 3, identity(12));
    all.push(("dense", s.finish(&[y])));

    let mut s = Sample::new();
    let x = s.input(&[2, 4, 5]);
    let a = s.conv(x, 3, [3, 3], [1, 1], [1, 1], relu(10));
    let b = s.conv(a, 2, [3, 3], [1, 1], [1, 1], relu(12));
    let sum = s.combine(&[2, 4, 5], vec![scalar(b, 16), scalar(x, 5)], relu(12));
    let y = s.dense(sum, 3, identity(12));
    all.push(("conv_residual", s.finish(&[y])));

    let mut s = Sample::new();
    let x = s.input(&[1, 5, 6]);
    let a = s.conv(x, 2, [2, 3], [2, 1], [0, 0], relu(10));
    let y = s.dense(a, 2, identity(12));
    all.push(("conv_valid_dilated", s.finish(&[y])));

    let mut s = Sample::new();
    let (a, b) = (s.input(&[2, 3]), s.input(&[3, 4]));
    let y = s.rescale(&[2, 4], Linear::MatMul { a, b, multiplier: 3 }, vec![], identity(12));
    all.push(("mat_mul", s.finish(&[y])));

    let mut s = Sample::new();
    let (a, b) = (s.input(&[7]), s.input(&[7]));
    let y = s.rescale(&[7], Linear::Product { a, b, multiplier: 2 }, vec![], identity(12));
    let z = s.combine(
        &[7],
        vec![(y, Coefficients::PerElement(noise(3, 7, 20))), scalar(a, 7)],
        relu(13),
    );
    all.push(("product_scaled", s.finish(&[z])));

    let mut s = Sample::new();
    let x = s.input(&[1, 4, 4]);
    let view = |s: &mut Sample, di: usize, dj: usize| {
        let map = (0..4)
            .map(|i| Source::Element {
                source: 0,
                index: ((i / 2 * 2 + di) * 4 + i % 2 * 2 + dj) as u32,
            })
            .collect();
        let id = s.push(&[4], QuantOp::View { sources: vec![x], map });
        s.0.tensors[id.0].interval = Interval { lo: -16, hi: 15 };
        id
    };
    let mut m = view(&mut s, 0, 0);
    for (di, dj) in [(0, 1), (1, 0), (1, 1)] {
        let b = view(&mut s, di, dj);
        let d = s.rescale(
            &[4],
            Linear::Combine { terms: vec![scalar(m, 16), scalar(b, -16)] },
            vec![],
            {
                let mut f = relu(10);
                for (h, e) in (f.first..).zip(f.entries.iter_mut()) {
                    *e = if h < 0 { (0, 0) } else { (1, h << LOW) };
                }
                f
            },
        );
        m = s.push(&[4], QuantOp::Exact { terms: vec![(d, 1), (b, 1)] });
        s.0.tensors[m.0].interval = Interval { lo: -16, hi: 15 };
    }
    let padded = s.push(
        &[6],
        QuantOp::View {
            sources: vec![m],
            map: (0..6)
                .map(|i| {
                    if i < 4 {
                        Source::Element { source: 0, index: 3 - i }
                    } else {
                        Source::Constant(i64::from(i) - 7)
                    }
                })
                .collect(),
        },
    );
    s.0.tensors[padded.0].interval = Interval { lo: -16, hi: 15 };
    let y = s.dense(padded, 2, identity(12));
    all.push(("max_pool", s.finish(&[y])));
    all
}

pub fn inputs(graph: &QuantGraph, seed: u64) -> Vec<Vec<i64>> {
    graph.inputs.iter().map(|id| noise(seed + id.0 as u64, graph.tensors[id.0].len(), 15)).collect()
}
