//! Of every kind of layer, and of random graphs (others every day), circuits state what the oracle says, and it evaluates as
//! the interpreter does.

use crate::{MOST, PLACES, compiled, honest, most_claims, stated};
use provenn_adversary::oracle::{Difference, Oracle, cells, tables};
use provenn_adversary::random::{Random, any_circuit, any_graph, any_inputs, committing, todays};
use provenn_adversary::sample::{convolutions, inputs, samples};
use provenn_circuit::CompiledCircuit;
use provenn_fixed_point::{QuantGraph, QuantOp, QuantTensor};
use provenn_gadgets::TensorVisibility;

/// Seeds of a run.
const DRAWN: u64 = 400;
/// Rows of random circuits.
const MOST_K: u32 = 7;
/// Others than the day's, as `1000..1500`, for long runs.
const SEEDS: &str = "ORACLE_SEEDS";

fn seeds() -> std::ops::Range<u64> {
    std::env::var(SEEDS).ok().map_or_else(
        || todays(DRAWN),
        |range| {
            let (first, end) = range.split_once("..").expect("two numbers with two points between");
            first.parse().unwrap()..end.parse().unwrap()
        },
    )
}

/// What was held against the oracle.
#[derive(Debug, Default)]
struct Tally {
    /// Circuits whose identities hold as the oracle says, and those that were solved.
    held: usize,
    solved: usize,
    /// Those whose unknowns are all determined but for documented ones.
    unique: usize,
    committed: usize,
    /// Outputs of tables, and those of them that were claimed to be others.
    outputs: usize,
    claimed: usize,
    unknowns: usize,
    rank: usize,
}

/// Holds a circuit of a graph against the oracle; says whether it has few enough unknowns for its identities.
fn hold(
    name: &str,
    graph: &QuantGraph,
    compiled: &CompiledCircuit,
    inputs: &[Vec<i64>],
    random: &mut Random,
    tally: &mut Tally,
) -> bool {
    let oracle = Oracle::of(compiled.graph());
    let values = oracle.values(inputs).unwrap();
    // The circuit's graph may be the same divided through.
    assert_eq!(Oracle::of(graph).values(inputs).as_ref(), Some(&values), "{name}: values");
    let subject = honest(compiled, inputs);
    assert_eq!(cells(compiled, &oracle, &values, &subject), [], "{name}: cells");
    assert_eq!(tables(compiled, &oracle, &subject), [], "{name}: tables");
    let claims = most_claims(compiled, &oracle, inputs, random).expect("honest columns");
    tally.held += 1;
    tally.outputs += compiled.activation_places().len();
    tally.claimed += claims.claimed;
    // What the oracle says solves the identities; tables object, and so the bus.
    let violations = claims.subject.violations();
    let bus = |name: &String| name.starts_with("logup/");
    assert!(violations.iter().all(bus), "{name}: {violations:?}");
    if subject.unknowns() > MOST {
        return false;
    }
    // And it is the only solution.
    // What a prover keeps private it chooses, and an order is bound by ranges and the bus alone.
    let sorts = |tensor: &QuantTensor| matches!(tensor.op, QuantOp::Sort { .. });
    let chosen = compiled.parts().plan.input_visibility != TensorVisibility::Public
        || compiled.graph().tensors.iter().any(sorts);
    let mut stated = stated(compiled, &claims.subject);
    let demanded = |difference: &Difference| !matches!(difference, Difference::Free(_));
    stated.differences.retain(|difference| demanded(difference) || !chosen);
    assert_eq!(stated.differences, [], "{name}: {} of {}", stated.rank, stated.unknowns);
    tally.solved += 1;
    tally.unique += usize::from(!chosen);
    tally.committed += usize::from(claims.subject.params().commits_weights());
    tally.unknowns += stated.unknowns;
    tally.rank += stated.rank;
    true
}

#[test]
fn random_graphs_evaluate_as_the_oracle_says() {
    let (mut graphs, mut elements, mut none) = (0, 0, 0);
    for seed in seeds() {
        let mut random = Random::new(seed);
        let Some(graph) = any_graph(&mut random) else { continue };
        let oracle = Oracle::of(&graph);
        for _ in 0..4 {
            let inputs = any_inputs(&mut random, &graph);
            let values = graph.interpret(&inputs).ok();
            assert_eq!(oracle.values(&inputs), values, "seed {seed}");
            none += usize::from(values.is_none());
            elements += values.iter().flatten().map(Vec::len).sum::<usize>();
        }
        graphs += 1;
    }
    println!("{graphs} graphs, {elements} elements; {none} inputs without a result");
    assert!(graphs > 50 && elements > 5000, "{graphs} graphs, {elements} elements");
}

#[test]
fn every_kind_of_layer_states_what_the_oracle_says() {
    let (mut tally, mut kinds) = (Tally::default(), 0);
    let both = samples().into_iter().chain(convolutions()).flat_map(|(name, graph)| {
        let committed = committing(&graph).map(|graph| (name, graph));
        std::iter::once((name, graph)).chain(committed)
    });
    for (name, graph) in both {
        let mut random = Random::new(3);
        let mut fits = false;
        for boundary in PLACES {
            let compiled = compiled(&graph, boundary);
            fits |= hold(name, &graph, &compiled, &inputs(&graph, 1), &mut random, &mut tally);
        }
        kinds += usize::from(fits);
    }
    println!("{kinds} kinds: {tally:?}");
    assert!(kinds >= 18 && tally.claimed > 500, "{kinds} kinds: {tally:?}");
}

#[test]
fn random_circuits_state_what_the_oracle_says() {
    let mut tally = Tally::default();
    for seed in seeds() {
        let mut random = Random::new(seed);
        let Some(graph) = any_graph(&mut random) else { continue };
        let Ok(compiled) = any_circuit(&mut random, graph.clone()) else { continue };
        let inputs = any_inputs(&mut random, compiled.graph());
        if compiled.params().k > MOST_K || compiled.witness(&inputs).is_err() {
            continue;
        }
        hold(&format!("seed {seed}"), &graph, &compiled, &inputs, &mut random, &mut tally);
    }
    println!("{tally:?}");
    assert!(tally.unique >= 10 && tally.claimed > 50, "{tally:?}");
}
