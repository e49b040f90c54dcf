//! Learned constants of elementwise operators, which a commitment holds: nothing else of a graph follows from what they are.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn_fixed_point::{
    Linear, QuantGraph, QuantOp, RunArgs, Settings, Visibility, calibrate, generate_settings,
    quantise,
};
use provenn_onnx_ir::{ElementType, Graph, Node, NodeId, Op, Tensor};

/// Four rows of four numbers, of which the first is a token that the model has: `x·scale + shift`, then places for all.
#[derive(Clone)]
struct Model {
    scale: Vec<f32>,
    shift: Vec<f32>,
    token: Vec<f32>,
    /// For every element, or for a row that all share.
    places: Vec<f32>,
    of_places: ElementType,
    /// Whether the shift is added to what comes out as well.
    again: bool,
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
        let [scale, shift, token] = [1, 2, 3].map(|seed| noise(seed, 4));
        let (places, of_places) = (noise(4, 16), ElementType::Float);
        Model { scale, shift, token, places, of_places, again: false }
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
        let x = push(Op::Input { index: 0 }, &[], &[1, 3, 4]);
        let scale = push(constant(&[4], &self.scale), &[], &[4]);
        let shift = push(constant(&[4], &self.shift), &[], &[4]);
        let token = push(constant(&[1, 1, 4], &self.token), &[], &[1, 1, 4]);
        let of_places = [1, self.places.len() / 4, 4];
        let places = push(constant(&of_places, &self.places), &[], &of_places);
        let scaled = push(Op::Mul, &[x, scale], &[1, 3, 4]);
        let shifted = push(Op::Add, &[scaled, shift], &[1, 3, 4]);
        let joined = push(Op::Concat { axis: 1 }, &[token, shifted], &[1, 4, 4]);
        let mut y = push(Op::Add, &[joined, places], &[1, 4, 4]);
        if self.again {
            y = push(Op::Relu, &[y], &[1, 4, 4]);
            y = push(Op::Add, &[y, places], &[1, 4, 4]);
        }
        let elements = [(places, self.of_places)];
        let elements = elements.into_iter().filter(|(_, of)| *of != ElementType::Float);
        let (inputs, outputs) = (vec![x], vec![y]);
        Graph { nodes, inputs, outputs, elements: elements.collect(), ..Graph::default() }
    }

    fn settings(&self) -> Settings {
        let param_visibility = Visibility::Committed;
        let args = RunArgs { param_visibility, shift: Some(12), ..RunArgs::default() };
        let graph = self.graph();
        let settings = generate_settings(&graph, &args, "digest").unwrap();
        let run = |seed: u32| vec![Tensor { shape: vec![1, 3, 4], data: noise(seed, 12) }];
        calibrate(&graph, &settings, &[run(7), run(8), run(9)]).unwrap()
    }

    fn made(&self) -> QuantGraph {
        quantise(&self.graph(), &self.settings()).unwrap()
    }
}

/// Committed integers that stand in tables, and in weights.
fn committed(graph: &QuantGraph) -> [usize; 2] {
    graph.committed.keys().fold([0; 2], |[rows, weights], id| match &graph.tensors[id.0].op {
        QuantOp::Embedding(embedding) => [rows + embedding.rows.len(), weights],
        op => match op.linear().unwrap() {
            Linear::Conv { kernel, .. } => [rows, weights + kernel.len()],
            _ => unreachable!(),
        },
    })
}

/// The same with all committed integers zero.
fn blank(graph: &QuantGraph) -> QuantGraph {
    let mut graph = graph.clone();
    for id in graph.committed.keys() {
        match &mut graph.tensors[id.0].op {
            QuantOp::Embedding(embedding) => {
                embedding.rows = vec![0; embedding.rows.len()].into();
            }
            QuantOp::Rescale {
                linear: Linear::Conv { kernel: weights, .. } | Linear::Dense { weights, .. },
                bias,
                ..
            } => {
                *weights = vec![0; weights.len()].into();
                bias.fill(0);
            }
            _ => unreachable!(),
        }
    }
    graph
}

#[test]
fn nothing_follows_from_learned_constants() {
    let original = Model::new();
    let settings = original.settings();
    let graph = quantise(&original.graph(), &settings).unwrap();
    assert_eq!(committed(&graph), [4 + 16, 4]);
    let small = |seed, count| noise(seed, count).into_iter().map(|x| x / 2.0).collect();
    let others = [
        Model { scale: small(11, 4), ..original.clone() },
        Model { shift: small(12, 4), ..original.clone() },
        Model { token: small(13, 4), ..original.clone() },
        Model { places: small(14, 16), ..original.clone() },
        // What training begins with.
        Model {
            scale: vec![0.25; 4],
            shift: vec![0.0; 4],
            token: vec![0.0; 4],
            places: vec![0.0; 16],
            ..original.clone()
        },
        // A row for all, written out.
        Model { places: [0.5, -0.25, 0.125, 0.0].repeat(4), ..original.clone() },
    ];
    for other in others {
        let made = quantise(&other.graph(), &settings).unwrap();
        assert_ne!(made, graph);
        assert_eq!(blank(&made), blank(&graph));
    }
    for larger in [
        Model { scale: original.scale.iter().map(|x| 2.0 * x).collect(), ..original.clone() },
        Model { shift: vec![4.0; 4], ..original.clone() },
        Model { places: original.places.iter().map(|x| 2.0 * x).collect(), ..original.clone() },
        // No mask, since settings know it.
        Model { places: vec![1500.0; 16], ..original },
    ] {
        let error = quantise(&larger.graph(), &settings).unwrap_err().to_string();
        assert!(error.contains("the settings leave room for"), "{error}");
    }
}

/// `(x·R + shift)·W` with a scale R that differs from row to row: a product takes what is alike in every row alone.
#[test]
fn nothing_follows_from_a_shift_behind_what_differs_from_row_to_row() {
    let graph_of = |shift: Vec<f32>| {
        let mut nodes: Vec<Node> = vec![];
        let mut push = |op: Op, inputs: &[NodeId], shape: &[usize]| {
            let name = format!("n{}", nodes.len());
            nodes.push(Node { name, op, inputs: inputs.to_vec(), shape: shape.to_vec() });
            NodeId(nodes.len() - 1)
        };
        let constant = |shape: &[usize], data| Op::Constant(Tensor { shape: shape.to_vec(), data });
        let x = push(Op::Input { index: 0 }, &[], &[1, 3, 4]);
        let scale = push(constant(&[1, 3, 4], noise(21, 12)), &[], &[1, 3, 4]);
        let shift = push(constant(&[4], shift), &[], &[4]);
        let weights = push(constant(&[1, 4, 2], noise(22, 8)), &[], &[1, 4, 2]);
        let scaled = push(Op::Mul, &[x, scale], &[1, 3, 4]);
        let shifted = push(Op::Add, &[scaled, shift], &[1, 3, 4]);
        let y = push(Op::MatMul, &[shifted, weights], &[1, 3, 2]);
        Graph { nodes, inputs: vec![x], outputs: vec![y], ..Graph::default() }
    };
    let original = graph_of(noise(23, 4));
    let param_visibility = Visibility::Committed;
    let args = RunArgs { param_visibility, shift: Some(12), ..RunArgs::default() };
    let settings = generate_settings(&original, &args, "digest").unwrap();
    let run = |seed: u32| vec![Tensor { shape: vec![1, 3, 4], data: noise(seed, 12) }];
    let settings = calibrate(&original, &settings, &[run(7), run(8)]).unwrap();
    let other = noise(24, 4).into_iter().map(|x| x / 2.0).collect();
    let [made, graph] =
        [graph_of(other), original].map(|graph| quantise(&graph, &settings).unwrap());
    assert_ne!(made, graph);
    assert_eq!(blank(&made), blank(&graph));
}

/// A commitment does not say that two integers are equal.
#[test]
fn a_repeated_constant_is_committed_once() {
    let row = Model { places: noise(4, 4), ..Model::new() };
    assert_eq!(committed(&row.made()), [4 + 4, 4]);
    let twice = Model { again: true, ..row };
    assert_eq!(committed(&twice.made()), [4 + 4, 4]);
}

#[test]
fn what_the_architecture_has_stays_in_the_key() {
    let whole = ElementType::Integer { bits: 64, signed: true };
    let counts = (0_u8..16).map(f32::from).collect();
    let model = Model { places: counts, of_places: whole, ..Model::new() };
    assert_eq!(committed(&model.made()), [4, 4]);
    // A mask.
    let mut places = vec![0.0; 16];
    places[3] = -1500.0;
    let model = Model { places, ..Model::new() };
    assert_eq!(committed(&model.made()), [4, 4]);
}

/// Committed or not, as near to the model.
#[test]
fn committed_constants_are_those_of_the_model() {
    let model = Model::new();
    let graph = model.made();
    let x = noise(7, 12);
    let input = &graph.tensors[graph.inputs[0].0];
    #[allow(clippy::cast_possible_truncation)] // small numbers
    let integers = x.iter().map(|x| (f64::from(*x) / input.step).round() as i64).collect();
    let values = graph.interpret(&[integers]).unwrap();
    let output = graph.outputs[0];
    let step = graph.tensors[output.0].step;
    for (at, value) in values[output.0].iter().enumerate() {
        let column = at % 4;
        let own = match at {
            0..4 => model.token[at],
            _ => x[at - 4] * model.scale[column] + model.shift[column],
        };
        #[allow(clippy::cast_precision_loss)] // small numbers
        let got = *value as f64 * step;
        let expected = f64::from(own + model.places[at]);
        assert!((got - expected).abs() < 0.01, "{at}: {got} {expected}");
    }
}
