//! Tables whose rows a commitment holds: nothing else of a graph follows from what they are.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn_fixed_point::{
    Committed, Embedding, Interval, Linear, QuantGraph, QuantOp, RunArgs, Settings, TensorId,
    ValidateError, Visibility, calibrate, generate_settings, quantise,
};
use provenn_onnx_ir::{ElementType, Graph, Node, NodeId, Op, Tensor};

const INTEGER: ElementType = ElementType::Integer { bits: 64, signed: true };

/// Rows of a table of 8 by 4 for three tokens, and what is made of them.
#[derive(Clone)]
struct Model {
    table: Vec<f32>,
    of_table: ElementType,
    head: Head,
}

#[derive(Clone)]
enum Head {
    /// A product with these weights.
    Weights(Vec<f32>),
    /// A product with the transpose of the table.
    Tied,
    /// A comparison with another input.
    Compared,
    /// Nothing: rows are published, and those of a second look-up.
    Twice,
}

fn noise(seed: u32, count: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        f32::from(u16::try_from(state >> 16).unwrap()) / 32768.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

impl Model {
    fn new() -> Self {
        Model {
            table: noise(1, 32),
            of_table: ElementType::Float,
            head: Head::Weights(noise(2, 8)),
        }
    }

    fn graph(&self) -> Graph {
        let mut nodes: Vec<Node> = vec![];
        let mut push = |op: Op, inputs: &[NodeId], shape: &[usize]| {
            let name = format!("n{}", nodes.len());
            nodes.push(Node { name, op, inputs: inputs.to_vec(), shape: shape.to_vec() });
            NodeId(nodes.len() - 1)
        };
        let constant = |shape: &[usize], data: &[f32]| {
            Op::Constant(Tensor { shape: shape.to_vec(), data: data.to_vec() })
        };
        let tokens = push(Op::Input { index: 0 }, &[], &[3]);
        let table = push(constant(&[8, 4], &self.table), &[], &[8, 4]);
        let rows = push(Op::Gather { axis: 0 }, &[table, tokens], &[3, 4]);
        let (mut inputs, mut outputs) = (vec![tokens], vec![]);
        match &self.head {
            Head::Weights(_) | Head::Tied => {
                let (weights, n) = match &self.head {
                    Head::Weights(weights) => (push(constant(&[4, 2], weights), &[], &[4, 2]), 2),
                    _ => (push(Op::Transpose { perm: vec![1, 0] }, &[table], &[4, 8]), 8),
                };
                let rows = push(Op::Reshape, &[rows], &[1, 3, 4]);
                let weights = push(Op::Reshape, &[weights], &[1, 4, n]);
                outputs.push(push(Op::MatMul, &[rows, weights], &[1, 3, n]));
            }
            Head::Compared => {
                let other = push(Op::Input { index: 1 }, &[], &[3, 4]);
                inputs.push(other);
                outputs.push(push(Op::Less, &[rows, other], &[3, 4]));
            }
            Head::Twice => {
                let again = push(Op::Gather { axis: 0 }, &[table, tokens], &[3, 4]);
                outputs.extend([rows, again]);
            }
        }
        let elements = [(tokens, INTEGER), (table, self.of_table)];
        let elements = elements.into_iter().filter(|(_, of)| *of != ElementType::Float);
        Graph { nodes, inputs, outputs, elements: elements.collect(), ..Graph::default() }
    }

    /// Settings from these tokens, in a row.
    fn settings(&self, tokens: &[f32]) -> Result<Settings, String> {
        let param_visibility = Visibility::Committed;
        let args = RunArgs { param_visibility, shift: Some(12), ..RunArgs::default() };
        let graph = self.graph();
        let settings = generate_settings(&graph, &args, "digest").map_err(|e| e.to_string())?;
        let run = |tokens: &[f32]| {
            let of = |(at, id): (usize, &NodeId)| {
                let shape = graph.nodes[id.0].shape.clone();
                let data = if at == 0 { tokens.to_vec() } else { noise(9, 12) };
                Tensor { shape, data }
            };
            graph.inputs.iter().enumerate().map(of).collect()
        };
        let runs: Vec<Vec<Tensor>> = tokens.chunks_exact(3).map(run).collect();
        calibrate(&graph, &settings, &runs).map_err(|e| e.to_string())
    }

    fn made(&self, tokens: &[f32]) -> Result<QuantGraph, String> {
        let settings = self.settings(tokens)?;
        quantise(&self.graph(), &settings).map_err(|e| e.to_string())
    }
}

const TOKENS: [f32; 9] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 0.0];

/// The first table of a graph: where it is, and its rows.
fn first_table(graph: &QuantGraph) -> (TensorId, &Embedding) {
    let table = |(at, tensor): (usize, &provenn_fixed_point::QuantTensor)| match &tensor.op {
        QuantOp::Embedding(_) => Some(TensorId(at)),
        _ => None,
    };
    let id = graph.tensors.iter().enumerate().find_map(table).unwrap();
    let QuantOp::Embedding(embedding) = &graph.tensors[id.0].op else { unreachable!() };
    (id, embedding)
}

/// The same with all committed integers zero.
fn blank(graph: &QuantGraph) -> QuantGraph {
    let mut graph = graph.clone();
    let zero = |integers: &[i64]| vec![0; integers.len()].into();
    for id in graph.committed.keys() {
        match &mut graph.tensors[id.0].op {
            QuantOp::Embedding(embedding) => embedding.rows = zero(&embedding.rows),
            QuantOp::Rescale {
                linear: Linear::Dense { weights, .. } | Linear::Conv { kernel: weights, .. },
                bias,
                ..
            } => {
                *weights = zero(weights);
                bias.fill(0);
            }
            _ => unreachable!(),
        }
    }
    graph
}

#[test]
fn nothing_but_rows_follows_from_a_committed_table() {
    let original = Model::new();
    let settings = original.settings(&TOKENS).unwrap();
    let graph = quantise(&original.graph(), &settings).unwrap();
    let (id, _) = first_table(&graph);
    assert_eq!(graph.tensors[id.0].interval, graph.committed[&id].weight());
    assert_eq!(graph.committed.len(), 2);
    let whole = |at: usize| if at.is_multiple_of(3) { 1.0 } else { 0.0 };
    let tables: [Vec<f32>; 4] = [
        noise(5, 32),
        vec![0.0; 32],
        // Tables of whole numbers have a step of one where they stand in the key.
        (0..32).map(whole).collect(),
        noise(6, 32).into_iter().map(|x| x / 64.0).collect(),
    ];
    for table in tables {
        let retrained = Model { table, ..original.clone() };
        let made = quantise(&retrained.graph(), &settings).unwrap();
        assert_ne!(made, graph);
        assert_eq!(blank(&made), blank(&graph));
    }
    let larger = original.table.iter().map(|x| 1.7 * x).collect();
    let larger = Model { table: larger, ..original };
    let error = quantise(&larger.graph(), &settings).unwrap_err().to_string();
    assert!(error.contains("the settings leave room for"), "{error}");
}

#[test]
fn a_table_that_is_read_twice_cannot_be_committed() {
    for head in [Head::Tied, Head::Twice] {
        let error = Model { head, ..Model::new() }.made(&TOKENS).unwrap_err();
        assert!(error.contains("same weights as node"), "{error}");
    }
}

#[test]
fn what_committed_numbers_have_too_few_bits_for_is_refused() {
    let error = Model { head: Head::Compared, ..Model::new() }.made(&TOKENS).unwrap_err();
    assert!(error.contains("is looked up to be compared"), "{error}");
}

/// Whole numbers are indices and counts, of the architecture.
#[test]
fn a_table_of_whole_numbers_stays_in_the_key() {
    let table = (0_u8..32).map(f32::from).collect();
    let graph = Model { table, of_table: INTEGER, ..Model::new() }.made(&TOKENS).unwrap();
    let (id, _) = first_table(&graph);
    assert!(!graph.committed.contains_key(&id));
    assert_eq!(graph.committed.len(), 1);
}

/// A row with two names would be two rows of a commitment, which nothing shows to be equal.
#[test]
fn a_row_has_one_name() {
    let model = Model::new();
    let graph = model.made(&TOKENS).unwrap();
    assert_eq!(first_table(&graph).1.rows.len(), 32);
    let from_end: Vec<f32> = TOKENS.iter().map(|token| token - 8.0).collect();
    let graph = model.made(&from_end).unwrap();
    assert_eq!((first_table(&graph).1.rows.len(), first_table(&graph).1.keys.first), (32, -8));
    let both = [TOKENS.as_slice(), &from_end].concat();
    let error = model.made(&both).unwrap_err();
    assert!(error.contains("count from both ends"), "{error}");
}

#[test]
fn forged_graphs_with_rows_beyond_their_bits_are_refused() {
    let graph = Model::new().made(&TOKENS).unwrap();
    graph.validate().unwrap();
    let (id, embedding) = first_table(&graph);
    let committed = graph.committed[&id];
    let Interval { lo, hi } = committed.weight();
    let with_row = |value: i64| {
        let mut forged = graph.clone();
        let mut rows = embedding.rows.to_vec();
        rows[7] = value;
        let QuantOp::Embedding(embedding) = &mut forged.tensors[id.0].op else { unreachable!() };
        embedding.rows = rows.into();
        forged
    };
    for value in [lo, hi] {
        with_row(value).validate().unwrap();
    }
    let malformed = |forged: &QuantGraph| match forged.validate() {
        Err(ValidateError::Malformed { tensor, reason, .. }) => {
            tensor == id.0 && reason == "its committed rows are none of their bits"
        }
        _ => false,
    };
    for value in [lo - 1, hi + 1, i64::MIN, i64::MAX] {
        assert!(malformed(&with_row(value)), "{value}");
    }
    let with = |committed: Committed| {
        let mut forged = graph.clone();
        forged.committed.insert(id, committed);
        forged
    };
    for bits in [0, 1, 25, 64, 65] {
        assert!(malformed(&with(Committed { bits, radix: 1, ..committed })), "{bits}");
    }
    // Rows have no bias.
    assert!(malformed(&with(Committed { digits: 1, ..committed })));
    // No narrower claim than bits allow, whatever rows are.
    let mut narrower = graph.clone();
    narrower.tensors[id.0].interval.hi -= 1;
    assert!(matches!(narrower.validate(), Err(ValidateError::Interval { .. })));
    // Nothing but tables and what is rescaled has anything to commit to.
    let mut input = graph.clone();
    input.committed.insert(graph.inputs[0], committed);
    assert!(matches!(input.validate(), Err(ValidateError::Ends { .. })));
}
