//! Duty 1: honest assignments of random small graphs violate nothing and state what the interpreter says.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use proptest::prelude::*;
use provenn_adversary::forgery;
use provenn_adversary::sample::{Sample, clamp, exact_relu, noise, scalar};
use provenn_circuit::{BoundaryTerms, CompiledCircuit, PlanOptions};
use provenn_fixed_point::{
    Coefficients, InterpretError, Interval, Keys, Linear, QuantGraph, QuantOp, Source,
};
use provenn_gadgets::testing::Subject;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Dense,
    Conv,
    Batch,
    Alike,
    MatMul,
    Product,
    Combine,
    View,
    Contract,
    Quotient,
    Gather,
    Embedding,
    Sort,
}

#[derive(Clone, Debug)]
struct Case {
    kind: Kind,
    shift: u32,
    low: u32,
    extents: [usize; 3],
    seed: u64,
    private: bool,
    boundary: BoundaryTerms,
    /// Drawn from for every input element.
    values: Vec<i64>,
}

fn cases() -> impl Strategy<Value = Case> {
    let kind = prop::sample::select(vec![
        Kind::Dense,
        Kind::Conv,
        Kind::Batch,
        Kind::Alike,
        Kind::MatMul,
        Kind::Product,
        Kind::Combine,
        Kind::View,
        Kind::Contract,
        Kind::Quotient,
        Kind::Gather,
        Kind::Embedding,
        Kind::Sort,
    ]);
    let edge = prop::sample::select(vec![-16, 15, 0, -1, 1, 8, -8]);
    let value = prop_oneof![edge, -16_i64..=15];
    (
        kind,
        1_u32..=7,
        1_u32..=4,
        [1_usize..=4, 1_usize..=4, 1_usize..=4],
        any::<u64>(),
        any::<bool>(),
        prop::sample::select(vec![BoundaryTerms::InLanes, BoundaryTerms::Combined]),
        prop::collection::vec(value, 8..40),
    )
        .prop_map(|(kind, shift, low, extents, seed, private, boundary, values)| Case {
            kind,
            shift,
            low,
            extents,
            seed,
            private,
            boundary,
            values,
        })
}

fn graph(case: &Case) -> QuantGraph {
    let Case { shift, low, extents: [m, k, n], seed, .. } = *case;
    let mut s = Sample::with(shift, low);
    let bias = |count| noise(seed ^ 5, count, 1 << shift);
    let bounded = |products: usize| 16 * 16 * products as i64 + (1 << shift);
    let y = match case.kind {
        Kind::Dense => {
            let x = s.input(&[k]);
            let linear = Linear::Dense { input: x, weights: noise(seed, m * k, 16).into() };
            let hidden = s.rescale(&[m], linear, bias(m), clamp(shift, low, bounded(k)));
            let linear =
                Linear::Dense { input: hidden, weights: noise(seed ^ 1, n * m, 16).into() };
            s.rescale(&[n], linear, vec![], exact_relu(shift, low, bounded(m)))
        }
        Kind::Conv | Kind::Batch => {
            let image = [n, k + 2, m + 2];
            let x = match case.kind {
                Kind::Batch => s.input(&[&[2 + seed as usize / 16 % 3], &image[..]].concat()),
                _ => s.input(&image),
            };
            let (height, width) = (1 + seed as usize % 2, 1 + seed as usize / 2 % 2);
            let pad = [seed as usize / 4 % height, seed as usize / 8 % width];
            let f = clamp(shift, low, bounded(n * height * width));
            let groups = if n % 2 == 0 { 1 + seed as usize / 64 % 2 } else { 1 };
            let hidden = s.conv_in(groups, x, 2, [height, width], [1, 1], pad, f);
            let f = exact_relu(shift, low, bounded(2 * height * width));
            s.conv(hidden, 1, [height, width], [1, 1], [0, 0], f)
        }
        // The same weights in towers, and in steps that read one another.
        Kind::Alike => {
            let f = || clamp(shift, low, bounded(8));
            let steps: Vec<_> = (0..=m).map(|_| s.input(&[1, k, 3])).collect();
            let steps: Vec<_> = steps
                .into_iter()
                .map(|x| s.conv(x, 4, [1, 2], [1, 1], [0, 1], clamp(shift, low, bounded(2))))
                .collect();
            let len = 4 * k * 4;
            let mut all = vec![];
            for x in steps {
                let linear = Linear::Dense { input: x, weights: noise(seed, 8 * len, 3).into() };
                let mut state =
                    s.rescale(&[8], linear, bias(8), clamp(shift, low, bounded(4 * len)));
                for _ in 0..n {
                    let linear =
                        Linear::Dense { input: state, weights: noise(seed ^ 1, 64, 8).into() };
                    state = s.rescale(&[8], linear, bias(8), f());
                }
                all.push(scalar(state, 1 + all.len() as i64));
            }
            s.combine(&[8], all, clamp(shift, low, bounded(3 * (m + 1))))
        }
        Kind::MatMul => {
            let (a, b) = (s.input(&[m, k]), s.input(&[k, n]));
            let linear = Linear::MatMul { a, b, multiplier: 3 };
            s.rescale(&[m, n], linear, bias(m * n), clamp(shift, low, 3 * bounded(k)))
        }
        Kind::Product => {
            let (a, b) = (s.input(&[m * n]), s.input(&[m * n]));
            let linear = Linear::Contract { a, b, multiplier: 1 + (seed % 3) as i64 };
            s.rescale(&[m * n], linear, bias(m * n), clamp(shift, low, 3 * bounded(1)))
        }
        Kind::Contract => {
            let (a, b) = (s.input(&[m, k]), s.input(&[m, k]));
            let linear = Linear::Contract { a, b, multiplier: 1 + (seed % 3) as i64 };
            let exact = s.derived(&[m], QuantOp::Exact { linear: linear.clone() });
            let c = s.rescale(&[m], linear, bias(m), clamp(shift, low, 3 * bounded(k)));
            let terms = vec![scalar(exact, 1), scalar(c, 2)];
            s.rescale(&[m], Linear::Combine { terms }, vec![], clamp(shift, low, 6 * bounded(k)))
        }
        Kind::Quotient => {
            let (x, n) = (s.input(&[m, k]), s.input(&[m]));
            // Roots of at least 1; sometimes no divisor as small as that is allowed.
            let root = s.norm(x, 1 + (seed % 9) as i64);
            let least = 1 + (seed / 16 % 2) as i64;
            let quotient = s.quotient(Some(n), 1 + (seed % 5) as i64, root, least);
            let reciprocal = s.quotient(None, 1 + (seed % 200) as i64, root, least);
            let terms = vec![scalar(quotient, 2), scalar(reciprocal, 3), scalar(root, -1)];
            s.rescale(&[m], Linear::Combine { terms }, vec![], clamp(shift, low, 4 * bounded(4)))
        }
        Kind::Gather => {
            let keys = Keys { first: -16, unit: 1 + (seed / 8 % 2) as i64 };
            let (x, i) = (s.input(&[m, 32]), s.input(&[m, n]));
            let i = s.derived(&[m, n], QuantOp::sum([(i, keys.unit)]));
            // Through a block of activations or not.
            let x = match seed % 2 {
                0 => x,
                _ => {
                    let terms = vec![scalar(x, 1 << shift)];
                    let f = clamp(shift, low, 16 << shift);
                    s.rescale(&[m, 32], Linear::Combine { terms }, vec![], f)
                }
            };
            s.gather(x, i, m, keys)
        }
        Kind::Embedding => {
            let i = s.input(&[n]);
            let a = s.embedding(i, noise(seed, 32 * k, 16), k, Keys { first: -16, unit: 1 });
            let linear = Linear::Dense { input: a, weights: noise(seed ^ 1, n * k, 16).into() };
            s.rescale(&[1], linear, bias(1), clamp(shift, low, bounded(n * k)))
        }
        Kind::Sort => {
            let x = s.input(&[m, k * n]);
            let extent = k * n;
            let operand = match seed % 2 {
                0 => x,
                _ => s.derived(&[m, extent], QuantOp::sum([(x, -1)])),
            };
            let order = s.derived(&[m, extent], QuantOp::Sort { operand, extent });
            let best = s.gather(operand, order, m, Keys { first: 0, unit: 1 });
            s.derived(&[m, extent], QuantOp::sum([(best, 100), (order, 1)]))
        }
        Kind::Combine => {
            let (a, b) = (s.input(&[m, n]), s.input(&[m, n]));
            let each = Coefficients::PerElement(noise(seed, m * n, 16));
            let terms = vec![(a, each), scalar(b, -7), scalar(a, 5)];
            let sum = Linear::Combine { terms };
            let c = s.rescale(&[m, n], sum, bias(m * n), clamp(shift, low, bounded(2)));
            let exact = s.push(&[m, n], QuantOp::sum([(c, 2), (a, -3)]));
            s.0.tensors[exact.0].interval = Interval { lo: -80, hi: 80 };
            s.combine(&[m, n], vec![scalar(exact, 3), scalar(c, -1)], clamp(shift, low, bounded(2)))
        }
        Kind::View => {
            let (a, b) = (s.input(&[m]), s.input(&[n]));
            let map = (0..m + n + 1)
                .map(|i| match i {
                    i if i < m => Source::Element { source: 1, index: (i * 7 % n) as u32 },
                    i if i < m + n => Source::Element { source: 0, index: ((i - m) % m) as u32 },
                    _ => Source::Constant(-5),
                })
                .collect();
            let view = s.push(&[m + n + 1], QuantOp::View { sources: vec![a, b], map });
            s.0.tensors[view.0].interval = Interval { lo: -16, hi: 15 };
            let linear =
                Linear::Dense { input: view, weights: noise(seed, k * (m + n + 1), 16).into() };
            s.rescale(&[k], linear, bias(k), clamp(shift, low, bounded(m + n + 1)))
        }
    };
    s.finish(&[y])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn circuits_agree_with_the_interpreter(case in cases()) {
        let graph = graph(&case);
        let mut next = case.values.iter().copied().cycle();
        let inputs: Vec<Vec<i64>> = graph
            .inputs
            .iter()
            .map(|id| (0..graph.tensors[id.0].len()).map(|_| next.next().unwrap()).collect())
            .collect();
        let expected = match graph.interpret(&inputs) {
            Ok(values) => values[graph.outputs[0].0].clone(),
            // There is no result, and so no proof.
            Err(error) => {
                prop_assert!(matches!(error, InterpretError::Divisor { .. }), "{error}");
                return Ok(());
            }
        };
        let options = PlanOptions {
            input_visibility: forgery::hidden(case.private),
            boundary: Some(case.boundary),
            ..PlanOptions::default()
        };
        let compiled = CompiledCircuit::compile(graph, &options).unwrap();
        let (circuit, instance) = compiled.assign(&compiled.witness(&inputs).unwrap()).unwrap();
        let subject = Subject::new(&circuit, &instance);
        prop_assert_eq!(subject.violations(), Default::default());
        let stated = &subject.instance[instance.len() - expected.len()..];
        prop_assert_eq!(stated, expected.as_slice());
        let mut forged = subject;
        *forged.instance.last_mut().unwrap() += 1;
        forged.finish();
        prop_assert!(!forged.holds());
    }
}
