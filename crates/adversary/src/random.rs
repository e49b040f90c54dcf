//! Random small quantised graphs of one to five operations.
#![allow(missing_docs, clippy::must_use_candidate)]

use crate::sample::{Sample, clamp};
use provenn_fixed_point::{Coefficients, Interval, Linear, QuantGraph, QuantOp, Source, TensorId};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};

/// Values of every tensor lie within ±this.
const MOST: i64 = 16;

pub struct Random(ChaCha20Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(ChaCha20Rng::seed_from_u64(seed))
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.next_u64() % n as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn integers(&mut self, count: usize, most: i64) -> Vec<i64> {
        let span = usize::try_from(2 * most + 1).unwrap();
        (0..count).map(|_| self.below(span) as i64 - most).collect()
    }
}

const SHAPES: [&[usize]; 7] =
    [&[1, 2, 3], &[2, 2, 2], &[1, 1, 5], &[2, 1, 3], &[4], &[3], &[1, 3, 2]];

/// The graph of a seed; it may be invalid, which whoever asked for it finds out by `validate`.
pub fn random_graph(seed: u64) -> QuantGraph {
    let mut random = Random::new(seed);
    let (shift, low) = random.pick(&[(4, 3), (3, 3), (5, 2), (2, 3), (7, 3)]);
    let mut of = Maker { sample: Sample::with(shift, low), made: vec![], shift, low };
    for _ in 0..1 + random.below(2) {
        let shape = random.pick(&SHAPES).to_vec();
        let id = of.sample.input(&shape);
        of.made.push((id, shape));
    }
    for _ in 0..1 + random.below(5) {
        of.operation(&mut random);
    }
    let mut outputs = vec![of.made[of.made.len() - 1].0];
    if random.one_in(3) {
        let other = random.below(of.made.len());
        outputs.push(of.made[other].0);
    }
    of.sample.finish(&outputs)
}

struct Maker {
    sample: Sample,
    made: Vec<(TensorId, Vec<usize>)>,
    shift: u32,
    low: u32,
}

impl Maker {
    /// A tensor, most often the last.
    fn any(&self, random: &mut Random) -> (TensorId, Vec<usize>) {
        let last = self.made.len() - 1;
        let at = if random.one_in(2) { last } else { random.below(self.made.len()) };
        self.made[at].clone()
    }

    /// One of so many elements.
    fn alike(&self, random: &mut Random, len: usize) -> TensorId {
        let same = |(_, shape): &&(TensorId, Vec<usize>)| shape.iter().product::<usize>() == len;
        let all: Vec<TensorId> = self.made.iter().filter(same).map(|(id, _)| *id).collect();
        random.pick(&all)
    }

    fn rescaled(&mut self, shape: Vec<usize>, linear: Linear, bias: Vec<i64>, bound: i64) {
        let function = clamp(self.shift, self.low, bound);
        let id = self.sample.rescale(&shape, linear, bias, function);
        self.made.push((id, shape));
    }

    fn operation(&mut self, random: &mut Random) {
        let (x, shape) = self.any(random);
        let len: usize = shape.iter().product();
        match random.below(8) {
            0 => self.dense(random, x, len),
            1 | 2 => match *shape.as_slice() {
                [c, h, w] => self.conv(random, x, [c, h, w]),
                _ => self.dense(random, x, len),
            },
            3 => {
                let (mut terms, mut bound) = (vec![], 40);
                for _ in 0..1 + random.below(3) {
                    let coefficients = match random.one_in(2) {
                        true => Coefficients::Scalar(random.integers(1, 20)[0]),
                        false => Coefficients::PerElement(random.integers(len, 20)),
                    };
                    terms.push((self.alike(random, len), coefficients));
                    bound += 20 * MOST;
                }
                let bias = if random.one_in(2) { random.integers(len, 40) } else { vec![] };
                self.rescaled(shape, Linear::Combine { terms }, bias, bound);
            }
            4 => {
                let b = self.alike(random, len);
                let linear = Linear::Contract { a: x, b, multiplier: 2 };
                self.rescaled(shape, linear, vec![], 2 * MOST * MOST);
            }
            5 => {
                let other = self.alike(random, len);
                let op = QuantOp::sum([(x, 1), (other, -1)]);
                let sum = self.sample.derived(&shape, op);
                let terms = vec![(sum, Coefficients::Scalar(1 << self.shift))];
                let bound = (2 * MOST) << self.shift;
                self.rescaled(shape, Linear::Combine { terms }, vec![], bound);
            }
            6 => self.view(random, x, len),
            _ => {
                let (m, k, n) = (1 + random.below(2), 1 + random.below(3), 1 + random.below(2));
                let (other, others) = self.any(random);
                let a = self.picked(random, x, len, &[m, k]);
                let b = self.picked(random, other, others.iter().product(), &[k, n]);
                let bias = if random.one_in(2) { random.integers(m * n, 20) } else { vec![] };
                let bound = 3 * MOST * MOST * k as i64 + 20;
                self.rescaled(vec![m, n], Linear::MatMul { a, b, multiplier: 3 }, bias, bound);
            }
        }
    }

    fn dense(&mut self, random: &mut Random, input: TensorId, len: usize) {
        let n = 1 + random.below(4);
        let weights = random.integers(n * len, 5).into();
        let bias = if random.one_in(2) { random.integers(n, 40) } else { vec![] };
        let bound = 5 * MOST * len as i64 + 40;
        self.rescaled(vec![n], Linear::Dense { input, weights }, bias, bound);
    }

    fn conv(&mut self, random: &mut Random, input: TensorId, [c, h, w]: [usize; 3]) {
        let groups = if c > 1 && random.one_in(3) { c } else { 1 };
        let o = groups * (1 + random.below(2));
        let kernel = [1 + random.below(2), 1 + random.below(3)];
        let dilation = [1 + random.below(2), 1];
        let reach = [0, 1].map(|axis| (kernel[axis] - 1) * dilation[axis]);
        let pad_before = reach.map(|reach| random.below(reach + 1));
        let pad_after = reach.map(|reach| random.below(reach + 1));
        let from = [h, w];
        let padded = |axis: usize| from[axis] + pad_before[axis] + pad_after[axis];
        if (0..2).any(|axis| padded(axis) <= reach[axis]) {
            return self.dense(random, input, c * h * w);
        }
        let out = [padded(0) - reach[0], padded(1) - reach[1]];
        let taps = (c / groups) * kernel[0] * kernel[1];
        let linear = Linear::Conv {
            input,
            kernel: random.integers(o * taps, 3).into(),
            kernel_shape: [o, c / groups, kernel[0], kernel[1]],
            groups,
            dilation,
            pad_before,
            pad_after,
        };
        let bias = if random.one_in(2) { random.integers(o, 30) } else { vec![] };
        let bound = 3 * MOST * taps as i64 + 30;
        self.rescaled(vec![o, out[0], out[1]], linear, bias, bound);
    }

    /// Elements of a tensor in any order and number, with constants among them.
    fn view(&mut self, random: &mut Random, x: TensorId, len: usize) {
        let shape = random.pick(&SHAPES).to_vec();
        let map = (0..shape.iter().product()).map(|_| match random.one_in(6) {
            true => Source::Constant(random.integers(1, MOST - 1)[0]),
            false => element(random.below(len)),
        });
        let op = QuantOp::View { sources: vec![x], map: map.collect() };
        let id = self.sample.derived(&shape, op);
        self.made.push((id, shape));
    }

    fn picked(
        &mut self,
        random: &mut Random,
        x: TensorId,
        len: usize,
        shape: &[usize],
    ) -> TensorId {
        let map = (0..shape.iter().product()).map(|_| element(random.below(len))).collect();
        let id = self.sample.push(shape, QuantOp::View { sources: vec![x], map });
        self.sample.0.tensors[id.0].interval = Interval { lo: -MOST, hi: MOST };
        if let Some(of) = self.sample.0.tensors.get(x.0) {
            self.sample.0.tensors[id.0].interval = of.interval;
        }
        id
    }
}

fn element(index: usize) -> Source {
    Source::Element { source: 0, index: u32::try_from(index).unwrap() }
}
