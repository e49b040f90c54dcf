//! Each gadget at several sizes: filling its cells, and computing what depends on challenges.
#![allow(missing_docs, clippy::unwrap_used)] // a bench reports by panicking

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_circuit::{CompiledCircuit, PlanOptions, Witness};
use provenn_fixed_point::{RunArgs, generate_settings, quantise};
use provenn_gadgets::{Challenges, Committed, second_phase};
use provenn_onnx_ir::{Graph, Node, NodeId, Op, Tensor, Window};

/// Deterministic values in [-1, 1).
fn values(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    (0..count)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from(u16::try_from(state >> 16).unwrap()) / 32768.0 - 1.0
        })
        .collect()
}

fn graph(inputs: &[Vec<usize>], constant: Option<Vec<usize>>, op: Op, shape: Vec<usize>) -> Graph {
    let mut nodes = vec![];
    let mut push = |name: String, op: Op, inputs: Vec<NodeId>, shape: Vec<usize>| {
        nodes.push(Node { name, op, inputs, shape });
        NodeId(nodes.len() - 1)
    };
    let mut operands: Vec<NodeId> = inputs
        .iter()
        .enumerate()
        .map(|(index, shape)| push(format!("x{index}"), Op::Input { index }, vec![], shape.clone()))
        .collect();
    let graph_inputs = operands.clone();
    if let Some(shape) = constant {
        let data = values(shape.iter().product());
        operands.push(push(
            "w".into(),
            Op::Constant(Tensor { shape: shape.clone(), data }),
            vec![],
            shape,
        ));
    }
    let output = push("y".into(), op, operands, shape);
    Graph { nodes, inputs: graph_inputs, outputs: vec![output], ..Graph::default() }
}

fn cases() -> Vec<(&'static str, usize, Graph)> {
    let mut cases = vec![];
    for n in [64, 256] {
        cases.push((
            "dense",
            n,
            graph(&[vec![1, 1, n]], Some(vec![1, n, n]), Op::MatMul, vec![1, 1, n]),
        ));
    }
    for c in [4, 16] {
        let window = Window {
            kernel: [3, 3],
            stride: [1, 1],
            dilation: [1, 1],
            pad_before: [1, 1],
            pad_after: [1, 1],
        };
        let op = Op::Conv { window, groups: 1 };
        cases.push((
            "conv",
            c,
            graph(&[vec![1, c, 16, 16]], Some(vec![c, c, 3, 3]), op, vec![1, c, 16, 16]),
        ));
    }
    for n in [8, 32] {
        cases.push((
            "mat_mul",
            n,
            graph(&[vec![1, n, n], vec![1, n, n]], None, Op::MatMul, vec![1, n, n]),
        ));
    }
    for n in [256, 4096] {
        let one = || vec![vec![1, n]];
        let two = || vec![vec![1, n], vec![1, n]];
        cases.push(("product", n, graph(&two(), None, Op::Mul, vec![1, n])));
        cases.push(("combine", n, graph(&two(), None, Op::Add, vec![1, n])));
        cases.push(("scale", n, graph(&one(), Some(vec![1, n]), Op::Mul, vec![1, n])));
        cases.push(("maximum", n, graph(&two(), None, Op::Max, vec![1, n])));
        cases.push(("relu", n, graph(&one(), None, Op::Relu, vec![1, n])));
        cases.push(("sigmoid", n, graph(&one(), None, Op::Sigmoid, vec![1, n])));
    }
    cases
}

fn gadgets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gadgets");
    group.sample_size(10);
    let challenges = Challenges::all(
        [
            0x1234_5678_9abc_def1_u64,
            0x2345_6789_abcd_ef12,
            0x3456_789a_bcde_f123,
            0x4567_89ab_cdef_1234,
            0x5678_9abc_def1_2345,
        ]
        .map(Fr::from),
    );
    for (name, size, graph) in cases() {
        let settings = generate_settings(&graph, &RunArgs::default(), "bench").unwrap();
        let quantised = quantise(&graph, &settings).unwrap();
        let compiled = CompiledCircuit::compile(quantised, &PlanOptions::default()).unwrap();
        let inputs: Vec<Tensor> = graph
            .inputs
            .iter()
            .map(|id| {
                let shape = graph.nodes[id.0].shape.clone();
                Tensor { data: values(shape.iter().product()), shape }
            })
            .collect();
        let inputs = compiled.graph().quantise_inputs(&inputs).unwrap().values;
        let witness: Witness = compiled.witness(&inputs).unwrap();
        group.bench_function(BenchmarkId::new(format!("{name}/first_phase"), size), |b| {
            b.iter(|| compiled.assign(&witness).unwrap());
        });
        let (circuit, instance) = compiled.assign(&witness).unwrap();
        let first = circuit.first_phase().unwrap();
        let committed = Committed { first, boundary: circuit.boundary(), instance: &instance };
        group.bench_function(BenchmarkId::new(format!("{name}/second_phase"), size), |b| {
            b.iter(|| {
                second_phase(
                    compiled.params(),
                    compiled.layout(),
                    compiled.assignment(),
                    committed,
                    &challenges,
                )
            });
        });
    }
    group.finish();
}

criterion_group!(benches, gadgets);
criterion_main!(benches);
