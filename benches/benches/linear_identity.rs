//! The linear identities of the family on one model: proving with each.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a bench reports by panicking

#[path = "../../crates/provenn/examples/own_gadgets/dot_product.rs"]
mod dot_product;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dot_product::DotProduct;
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::{QuantGraph, RunArgs, generate_settings, quantise};
use provenn_gadgets::{
    ActivationBank, ArithmeticBank, BoundaryBank, Challenges, Committed, GadgetSet, LogUp,
    MaximumBank, PlainBank, RangeBank, Standard, second_phase,
};
use provenn_onnx_ir::{Graph, Node, NodeId, Op, Tensor};

/// The standard gadgets, but for the linear identity.
#[derive(Clone, Copy, Debug, Default)]
struct WithDotProducts;

impl GadgetSet for WithDotProducts {
    const NAME: &'static str = "dot products";

    type Activation = ActivationBank;
    type Maximum = MaximumBank;
    type Range = RangeBank;
    type Fingerprint = PlainBank;
    type Linear = DotProduct;
    type Arithmetic = ArithmeticBank;
    type Boundary = BoundaryBank;
    type Memory = provenn_gadgets::BusMemory;
    type Occurrences = provenn_gadgets::WeightedMemory;
    type Hash = provenn_gadgets::PoseidonBank;
    type Lookups = LogUp;
}

/// y = W·x with W of n × n.
fn dense(n: usize) -> (QuantGraph, Vec<Vec<i64>>) {
    let data = |count: usize| (0..count).map(|i| [0.5, -0.25, 0.75, -1.0, 0.125][i % 5]).collect();
    let node = |name: &str, op, inputs, shape| Node { name: name.into(), op, inputs, shape };
    let weights = Tensor { shape: vec![1, n, n], data: data(n * n) };
    let nodes = vec![
        node("x", Op::Input { index: 0 }, vec![], vec![1, 1, n]),
        node("w", Op::Constant(weights), vec![], vec![1, n, n]),
        node("y", Op::MatMul, vec![NodeId(0), NodeId(1)], vec![1, 1, n]),
    ];
    let graph =
        Graph { nodes, inputs: vec![NodeId(0)], outputs: vec![NodeId(2)], ..Graph::default() };
    let settings = generate_settings(&graph, &RunArgs::default(), "bench").unwrap();
    let quantised = quantise(&graph, &settings).unwrap();
    let x = Tensor { shape: vec![1, 1, n], data: data(n) };
    let inputs = quantised.quantise_inputs(&[x]).unwrap().values;
    (quantised, inputs)
}

fn bench<G: GadgetSet>(criterion: &mut Criterion, name: &str) {
    let mut group = criterion.benchmark_group("linear_identity");
    group.sample_size(10);
    for n in [16, 64] {
        let (graph, inputs) = dense(n);
        let compiled = CompiledCircuit::<G>::with_gadgets(graph, &PlanOptions::default()).unwrap();
        let (circuit, instance) = compiled.assign(&compiled.witness(&inputs).unwrap()).unwrap();
        let first = circuit.first_phase().unwrap();
        let committed = Committed { first, boundary: circuit.boundary(), instance: &instance };
        let challenges = Challenges::all(
            [3_u64, 5, 0x1234_5678_9abc_def1, 0x2345_6789_abcd_ef12, 0x3456_789a_bcde_f123]
                .map(Fr::from),
        );
        group.bench_function(BenchmarkId::new(name, n), |b| {
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

fn linear_identities(criterion: &mut Criterion) {
    bench::<Standard>(criterion, "freivalds");
    bench::<WithDotProducts>(criterion, "plain_dot_products");
}

criterion_group!(benches, linear_identities);
criterion_main!(benches);
