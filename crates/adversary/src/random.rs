//! Graphs with parameters from their whole ranges: shifts, low bits, intervals, weights and biases of any
//! magnitude, tables with any entries. Claims are made true by reading what `validate` derives.
#![allow(missing_docs, clippy::must_use_candidate, clippy::cast_sign_loss)]

use provenn_circuit::{
    Binding, BoundaryTerms, CompileError, CompiledCircuit, CompiledParts, Plan, PlanOptions, Ranges,
};
use provenn_fixed_point::{
    Coefficients, Committed, Embedding, Format, FormatId, Gather, Images, Interval, Keys, Linear,
    Piecewise, QuantGraph, QuantOp, QuantTensor, Quotient, Source, TensorId, ValidateError,
};
use provenn_gadgets::TensorVisibility;
use provenn_gadgets::TermsPerHelper;
use provenn_gadgets::testing::Subject;
use std::time::SystemTime;

/// Deterministic numbers.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
    pub fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
    pub fn between(&mut self, lo: i64, hi: i64) -> i64 {
        let width = (i128::from(hi) - i128::from(lo) + 1) as u128;
        let at = (u128::from(self.next()) * width) >> 64;
        (i128::from(lo) + at as i128) as i64
    }
    /// Below 2^bits in magnitude, small ones and the ends as likely as the rest.
    pub fn integer(&mut self, bits: u32) -> i64 {
        let most = (1_i64 << bits.min(62)) - 1;
        match self.below(6) {
            0 => 0,
            1 => most,
            2 => -most,
            3 => self.between(-3, 3).clamp(-most, most),
            _ => self.between(-most, most),
        }
    }
    pub fn integers(&mut self, count: usize, bits: u32) -> Vec<i64> {
        (0..count).map(|_| self.integer(bits)).collect()
    }
}

/// A table's entries beyond this many make no circuit that a test could evaluate.
const MOST_ROWS: u64 = 1 << 9;

/// A graph that validates, or `None` where the numbers drawn allow none.
pub fn any_graph(random: &mut Random) -> Option<QuantGraph> {
    let low_bits = |random: &mut Random| {
        if random.chance(92) { 1 + random.below(8) as u32 } else { 9 + random.below(8) as u32 }
    };
    let formats: Vec<Format> = (0..1 + random.below(3))
        .map(|_| Format { shift: random.below(31) as u32, low_bits: low_bits(random) })
        .collect();
    let low_bits = formats[0].low_bits;
    let mut graph = QuantGraph { formats, ..QuantGraph::default() };
    for _ in 0..1 + random.below(2) {
        let shape = random
            .of(&[
                vec![1, 3, 3],
                vec![2, 2, 3],
                vec![4],
                vec![1, 1, 5],
                vec![2, 1, 2, 3],
                vec![3, 2, 2, 1],
            ])
            .clone();
        let index = graph.inputs.len();
        let interval = input_interval(random, low_bits);
        graph.inputs.push(TensorId(index));
        push(&mut graph, shape, interval, QuantOp::Input { index });
    }
    for _ in 0..1 + random.below(4) {
        let (shape, op) = operation(random, &graph)?;
        push(&mut graph, shape, Interval { lo: 1, hi: 0 }, op);
        // What rows can be is what everything behind them is made for.
        let last = graph.tensors.len() - 1;
        if let Some(committed) = of_rows(&graph, last).filter(|_| random.chance(30)) {
            graph.committed.insert(TensorId(last), committed);
        }
        settle(random, &mut graph)?;
    }
    graph.outputs.push(TensorId(graph.tensors.len() - 1));
    if random.chance(30) {
        graph.outputs.push(TensorId(random.below(graph.tensors.len())));
    }
    commit(&mut graph, || random.chance(30));
    Some(graph)
}

/// The same graph with all weights committed that can be; `None` if there are none.
#[must_use]
pub fn committing(graph: &QuantGraph) -> Option<QuantGraph> {
    let mut graph = graph.clone();
    commit(&mut graph, || true);
    (!graph.committed.is_empty()).then_some(graph)
}

/// Commits to the weights of layers and the rows of tables, where nothing stands against it.
fn commit(graph: &mut QuantGraph, mut whether: impl FnMut() -> bool) {
    for at in 0..graph.tensors.len() {
        if graph.committed.contains_key(&TensorId(at)) {
            continue;
        }
        let committed = of_rows(graph, at).or_else(|| of_weights(graph, at));
        let Some(committed) = committed.filter(|_| whether()) else { continue };
        let claimed = graph.tensors[at].interval;
        if of_rows(graph, at).is_some() {
            graph.tensors[at].interval = claimed.hull(committed.weight());
        }
        graph.committed.insert(TensorId(at), committed);
        if graph.validate().is_err() {
            graph.committed.remove(&TensorId(at));
            graph.tensors[at].interval = claimed;
        }
    }
}

fn largest(values: &[i64]) -> u64 {
    values.iter().map(|x| x.unsigned_abs()).max().unwrap_or(0)
}

/// Bits and digits of a layer's weights and bias, if it has any.
fn of_weights(graph: &QuantGraph, at: usize) -> Option<Committed> {
    let QuantOp::Rescale { linear, bias, .. } = &graph.tensors[at].op else { return None };
    let (Linear::Dense { weights, .. } | Linear::Conv { kernel: weights, .. }) = linear else {
        return None;
    };
    Committed::of(largest(weights), largest(bias))
}

/// Bits of a table's rows, if it is one.
fn of_rows(graph: &QuantGraph, at: usize) -> Option<Committed> {
    let QuantOp::Embedding(embedding) = &graph.tensors[at].op else { return None };
    Committed::of(largest(&embedding.rows), 0)
}

fn push(graph: &mut QuantGraph, shape: Vec<usize>, interval: Interval, op: QuantOp) {
    let name = format!("t{}", graph.tensors.len());
    graph.tensors.push(QuantTensor {
        name,
        onnx_op: "Test".into(),
        shape,
        step: 1.0,
        interval,
        op,
    });
}

/// Blocks of 2^t, of any width, anywhere.
fn input_interval(random: &mut Random, low_bits: u32) -> Interval {
    let blocks = 1 << random.below(5);
    let far = random.below(40) as u32;
    let first = if random.chance(50) { -blocks / 2 } else { random.integer(far) };
    Interval { lo: first << low_bits, hi: ((first + blocks) << low_bits) - 1 }
}

fn operation(random: &mut Random, graph: &QuantGraph) -> Option<(Vec<usize>, QuantOp)> {
    let format = FormatId(random.below(graph.formats.len()));
    let Format { shift, low_bits } = graph.format(format)?;
    let input = TensorId(if random.chance(60) {
        graph.tensors.len() - 1
    } else {
        random.below(graph.tensors.len())
    });
    let t = &graph.tensors[input.0];
    let (shape, len) = (t.shape.clone(), t.len());
    let magnitude = 64 - t.interval.magnitude().leading_zeros();
    // As large as a table of a few hundred rows bears; sometimes as large as anything.
    let room = (shift + low_bits + 5).saturating_sub(magnitude);
    let bits = if random.chance(90) { random.below(room as usize + 1) as u32 } else { 62 };
    let bias_bits = random.below(62) as u32;
    let bias = |random: &mut Random, count: usize| {
        // Near one another, so that a table covers them, but anywhere.
        let far = random.integer(bias_bits);
        let near = random.integers(count, shift + low_bits + 3);
        match random.below(3) {
            0 => vec![],
            _ => near.into_iter().map(|b| far.saturating_add(b)).collect(),
        }
    };
    let rescale = |linear, bias| QuantOp::Rescale {
        format,
        linear,
        bias,
        accumulator: Interval { lo: 1, hi: 0 },
        function: Piecewise { first: 0, entries: [].into() },
    };
    let alike: Vec<usize> =
        (0..graph.tensors.len()).filter(|&i| graph.tensors[i].len() == len).collect();
    Some(match random.below(13) {
        0 | 1 if shape.len() >= 3 => {
            let from = Images::of(&shape)?;
            let extents = [from.height, from.width];
            let outputs = 1 + random.below(2);
            let kernel = [1 + random.below(2), 1 + random.below(3)];
            let dilation = [1 + random.below(2), 1 + random.below(2)];
            let reach = [0, 1].map(|i| (kernel[i] - 1) * dilation[i]);
            let pad_before = reach.map(|reach| random.below(reach + 1));
            let pad_after = reach.map(|reach| random.below(reach + 1));
            let extent = |i: usize| {
                (extents[i] + pad_before[i] + pad_after[i]).checked_sub(reach[i]).filter(|&n| n > 0)
            };
            let (height, width) = (extent(0)?, extent(1)?);
            let out = Images { channels: outputs, height, width, ..from };
            let divides = |groups: &usize| {
                outputs.is_multiple_of(*groups) && from.channels.is_multiple_of(*groups)
            };
            let groups = *random.of(&[1, 2].into_iter().filter(divides).collect::<Vec<_>>());
            let kernel_shape = [outputs, from.channels / groups, kernel[0], kernel[1]];
            let kernel = random.integers(kernel_shape.iter().product(), bits);
            let count = *random.of(&[out.planes(), out.planes() * height * width]);
            let linear = Linear::Conv {
                input,
                kernel: kernel.into(),
                kernel_shape,
                groups,
                dilation,
                pad_before,
                pad_after,
            };
            (out.shape(), rescale(linear, bias(random, count)))
        }
        2 => {
            let n = 1 + random.below(3);
            let weights = random.integers(n * len, bits);
            (vec![n], rescale(Linear::Dense { input, weights: weights.into() }, bias(random, n)))
        }
        3 => {
            let other = TensorId(*random.of(&alike));
            let multiplier = random.integer(bits).checked_abs()?.max(1);
            let linear = Linear::Contract { a: input, b: other, multiplier };
            (shape, rescale(linear, bias(random, len)))
        }
        4 => {
            let terms = (0..1 + random.below(3)).map(|_| {
                let other = TensorId(*random.of(&alike));
                let coefficients = match random.chance(50) {
                    true => Coefficients::Scalar(random.integer(bits)),
                    false => Coefficients::PerElement(random.integers(len, bits)),
                };
                (other, coefficients)
            });
            let linear = Linear::Combine { terms: terms.collect() };
            (shape, rescale(linear, bias(random, len)))
        }
        7 => {
            let root = QuantOp::Root { operand: input, addend: random.integer(bits).abs() };
            (shape, root)
        }
        8 => {
            let divisor = TensorId(*random.of(&alike));
            let quotient = Quotient {
                numerator: random.chance(60).then(|| TensorId(*random.of(&alike))),
                multiplier: random.integer(bits).checked_abs()?.max(1),
                divisor,
                least: random.integer(6).abs().max(1),
            };
            (shape, QuantOp::Quotient(quotient))
        }
        9 => {
            let data = TensorId(random.below(graph.tensors.len()));
            let entries = graph.tensors[data.0].len();
            let common: Vec<usize> = (1..=len.min(entries))
                .filter(|n| len.is_multiple_of(*n) && entries.is_multiple_of(*n))
                .collect();
            let lines = *random.of(&common);
            (shape, QuantOp::Gather(Gather { data, indices: input, lines, keys: keys(random) }))
        }
        10 => {
            let (keys_, width) = (1 + random.below(9), 1 + random.below(3));
            let rows = random.integers(keys_ * width, bits);
            let embedding = Embedding { indices: input, rows: rows.into(), keys: keys(random) };
            (vec![len, width], QuantOp::Embedding(embedding))
        }
        11 => {
            let extents: Vec<usize> =
                (1..=len).filter(|extent| len.is_multiple_of(*extent)).collect();
            (shape, QuantOp::Sort { operand: input, extent: *random.of(&extents) })
        }
        12 if shape.len() >= 3 => {
            let images = Images::of(&shape)?;
            let windows = [[1, 2], [2, 1], [2, 2], [1, 3], [3, 1], [1, 4]];
            let fits =
                |window: &&[usize; 2]| window[0] <= images.height && window[1] <= images.width;
            let fitting: Vec<[usize; 2]> = windows.iter().filter(fits).copied().collect();
            let window = *fitting.get(random.below(fitting.len().max(1)))?;
            let (height, width) = (images.height / window[0], images.width / window[1]);
            let shape = Images { height, width, ..images }.shape();
            (shape, QuantOp::Maximum { operand: input, window })
        }
        5 => {
            let terms = (0..1 + random.below(3))
                .map(|_| (TensorId(*random.of(&alike)), random.integer(bits.min(8))));
            let op = QuantOp::sum(terms);
            (shape, op)
        }
        _ => {
            let sources = vec![input, TensorId(random.below(graph.tensors.len()))];
            let out = random.of(&[vec![1, 2, 3], vec![2, 3], vec![5]]).clone();
            let map = (0..out.iter().product()).map(|_| {
                if random.chance(15) {
                    return Source::Constant(random.integer(20));
                }
                let source = random.below(2);
                let index = random.below(graph.tensors[sources[source].0].len()) as u32;
                Source::Element { source: source as u32, index }
            });
            let map = map.collect();
            (out, QuantOp::View { sources, map })
        }
    })
}

/// Near zero, as indices are.
fn keys(random: &mut Random) -> Keys {
    Keys { first: random.between(-9, 1), unit: 1 + random.below(2) as i64 }
}

/// Makes the last tensor's claims those that `validate` derives, or wider ones where a file may claim them.
fn settle(random: &mut Random, graph: &mut QuantGraph) -> Option<()> {
    let formats = graph.formats.clone();
    let wider = |random: &mut Random, Interval { lo, hi }: Interval, bits: u32| match random
        .below(3)
    {
        0 => Interval { lo: lo - random.integer(bits).abs(), hi: hi + random.integer(bits).abs() },
        _ => Interval { lo, hi },
    };
    for _ in 0..4 {
        let Err(ValidateError::Interval { what, derived, .. }) = graph.validate() else {
            return graph.validate().is_ok().then_some(());
        };
        let tensor = graph.tensors.last_mut()?;
        match (what, &mut tensor.op) {
            ("accumulator", QuantOp::Rescale { format, accumulator, .. }) => {
                let Format { shift, low_bits } = formats[format.0];
                *accumulator = wider(random, derived, shift + low_bits + 2);
            }
            ("table", QuantOp::Rescale { function, .. }) => {
                if derived.hi.abs_diff(derived.lo) >= MOST_ROWS {
                    return None;
                }
                let bits = random.below(24) as u32;
                let low_bits = formats.iter().map(|format| format.low_bits).max()?;
                // A function that grows may be one of the largest of a window.
                let grows = random.chance(30);
                let mut least = random.integer(bits);
                let mut entry = |random: &mut Random| match grows {
                    false => (random.integer(3), random.integer(bits)),
                    true => {
                        let (slope, base) = (random.integer(3).abs(), least);
                        least += (slope << low_bits) + random.integer(3).abs();
                        (slope, base)
                    }
                };
                let entries = (derived.lo..=derived.hi).map(|_| entry(random)).collect();
                *function = Piecewise { first: derived.lo, entries };
            }
            _ => tensor.interval = wider(random, derived, 8),
        }
    }
    None
}

/// The graph's circuit, by the planner or under a plan with parameters of their whole ranges.
///
/// # Errors
/// [`CompileError`] where that is not possible.
pub fn any_circuit(
    random: &mut Random,
    graph: QuantGraph,
) -> Result<CompiledCircuit, CompileError> {
    let boundary = *random.of(&[BoundaryTerms::InLanes, BoundaryTerms::Combined]);
    let visibility = |random: &mut Random, public: usize| match random.chance(public) {
        true => TensorVisibility::Public,
        false => *random.of(&[
            TensorVisibility::Private,
            TensorVisibility::Hashed,
            TensorVisibility::Committed,
        ]),
    };
    let input_visibility = visibility(random, 50);
    let output_visibility = visibility(random, 70);
    if random.chance(50) {
        let options = PlanOptions {
            logrows: None,
            max_logrows: Some(12),
            boundary: Some(boundary),
            terms_per_helper: None,
            undropped: None,
            input_visibility,
            output_visibility,
        };
        return CompiledCircuit::compile(graph, &options);
    }
    let shows = |at: usize| graph.ranges(TensorId(at)).is_some_and(|ranges| !ranges.is_empty());
    let hidden = input_visibility != TensorVisibility::Public;
    let ranges = hidden && !graph.inputs.is_empty() || (0..graph.tensors.len()).any(shows);
    let of = Ranges { lanes: 1 + random.below(9), width: 1 + random.below(12) as u32 };
    let lanes: usize = *random.of(&[1, 2, 3, 5, 16]);
    let undropped = random.chance(50);
    let divided = graph.undropped().filter(|_| undropped);
    let formats = divided.as_ref().unwrap_or(&graph).formats.len();
    // Image rows that turn are whole rows of the circuit's lanes.
    let own = |random: &mut Random| *random.of(&[1, 2, 3, 5, 16]);
    let format_lanes = match boundary {
        BoundaryTerms::InLanes => (0..formats).map(|_| own(random)).collect(),
        BoundaryTerms::Combined => vec![lanes; formats],
    };
    let dividing: Vec<usize> = (1..=lanes).filter(|own| lanes.is_multiple_of(*own)).collect();
    let plan = Plan {
        window_lanes: *random.of(&dividing),
        format_lanes,
        undropped,
        ranges: ranges.then_some(of),
        k: 5 + random.below(7) as u32,
        lanes,
        weight_lanes: *random.of(&[1, 2, 3, 7]),
        terms_per_helper: *random.of(&TermsPerHelper::ALL),
        boundary,
        input_visibility,
        output_visibility,
    };
    let binding = Binding::of(&graph);
    CompiledCircuit::from_parts(CompiledParts { graph, plan, binding })
}

/// The ends of intervals, and anything between.
pub fn any_inputs(random: &mut Random, graph: &QuantGraph) -> Vec<Vec<i64>> {
    let value = |random: &mut Random, Interval { lo, hi }: Interval| match random.below(4) {
        0 => lo,
        1 => hi,
        _ => random.between(lo, hi),
    };
    let tensors = graph.inputs.iter().map(|id| &graph.tensors[id.0]);
    tensors.map(|t| (0..t.len()).map(|_| value(random, t.interval)).collect()).collect()
}

/// A circuit of any graph under any plan, with its columns for any inputs; `None` where there is none, or one of more
/// than 2^`k` rows.
pub fn any_subject(seed: u64, k: u32) -> Option<(CompiledCircuit, Subject)> {
    let mut random = Random::new(seed);
    let graph = any_graph(&mut random)?;
    let compiled = any_circuit(&mut random, graph).ok()?;
    let inputs = any_inputs(&mut random, compiled.graph());
    if compiled.params().k > k {
        return None;
    }
    let (circuit, instance) = compiled.assign(&compiled.witness(&inputs).ok()?).ok()?;
    let subject = Subject::new(&circuit, &instance);
    Some((compiled, subject))
}

/// So many seeds that are today's alone.
pub fn todays(count: u64) -> std::ops::Range<u64> {
    let today = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let first = today.as_secs() / 86_400 * count;
    first..first + count
}
