//! What the float reference accepts, and what validation refuses.

use provenn_onnx_ir::{EvaluateError, Graph, GraphError, Node, NodeId, Op, Tensor};

fn node(name: &str, op: Op, inputs: &[usize], shape: &[usize]) -> Node {
    Node {
        name: name.into(),
        op,
        inputs: inputs.iter().map(|&id| NodeId(id)).collect(),
        shape: shape.to_vec(),
    }
}

/// Two inputs of `[2]` and their sum.
fn sum() -> Graph {
    Graph {
        nodes: vec![
            node("a", Op::Input { index: 0 }, &[], &[2]),
            node("b", Op::Input { index: 1 }, &[], &[2]),
            node("sum", Op::Add, &[0, 1], &[2]),
        ],
        inputs: vec![NodeId(0), NodeId(1)],
        outputs: vec![NodeId(2)],
        ..Graph::default()
    }
}

fn tensor(data: &[f32]) -> Tensor {
    Tensor::new(vec![data.len()], data.to_vec()).unwrap()
}

#[test]
fn every_value_is_returned_in_order() {
    let values = sum().evaluate(&[tensor(&[1.0, 2.0]), tensor(&[3.0, 4.0])]).unwrap();
    assert_eq!(
        values.iter().map(|value| value.data.clone()).collect::<Vec<_>>(),
        [[1.0, 2.0], [3.0, 4.0], [4.0, 6.0]]
    );
}

#[test]
fn inputs_are_checked() {
    let good = tensor(&[1.0, 2.0]);
    let count = sum().run(std::slice::from_ref(&good)).unwrap_err();
    assert_eq!(count, EvaluateError::InputCount { expected: 2, got: 1 });
    let shape = sum().run(&[good.clone(), tensor(&[1.0])]).unwrap_err();
    assert!(matches!(shape, EvaluateError::InputShape { index: 1, .. }));
    let short = Tensor { shape: vec![2], data: vec![1.0] };
    let length = sum().run(&[short, good.clone()]).unwrap_err();
    assert!(matches!(length, EvaluateError::InputLength { index: 0, expected: 2, got: 1, .. }));
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let error = sum().run(&[good.clone(), tensor(&[0.0, bad])]).unwrap_err();
        assert!(
            matches!(&error, EvaluateError::InputNotFinite { index: 1, position: 1, name, .. } if name == "b")
        );
        assert!(error.to_string().contains("position 1"), "{error}");
    }
}

#[test]
fn validation_names_what_is_wrong() {
    let broken = |change: fn(&mut Graph)| {
        let mut graph = sum();
        change(&mut graph);
        graph.validate().unwrap_err()
    };
    assert!(matches!(broken(|g| g.nodes.swap(0, 2)), GraphError::Order { .. }));
    assert!(matches!(broken(|g| g.nodes[1].name = "a".into()), GraphError::DuplicateName { .. }));
    assert!(matches!(
        broken(|g| g.nodes[1].shape = vec![3]),
        GraphError::Inapplicable { op: "Add", .. }
    ));
    assert!(matches!(broken(|g| g.nodes[2].shape = vec![3]), GraphError::Shape { .. }));
    assert!(matches!(broken(|g| g.inputs.swap(0, 1)), GraphError::Inputs { .. }));
    assert!(matches!(broken(|g| g.outputs[0] = NodeId(9)), GraphError::Output { .. }));
    assert!(matches!(broken(|g| g.nodes[2].inputs[1] = NodeId(2)), GraphError::Order { .. }));
    let mut large = sum();
    large.nodes[0].shape = vec![usize::MAX, 2];
    large.nodes[1].shape = vec![usize::MAX, 2];
    large.nodes[2].shape = vec![usize::MAX, 2];
    assert!(matches!(large.validate().unwrap_err(), GraphError::TooLarge { .. }));
}

#[test]
fn casts_truncate_towards_zero() {
    let graph = Graph {
        nodes: vec![
            node("x", Op::Input { index: 0 }, &[], &[4]),
            node("cast", Op::Trunc, &[0], &[4]),
        ],
        inputs: vec![NodeId(0)],
        outputs: vec![NodeId(1)],
        ..Graph::default()
    };
    assert_eq!(
        graph.run(&[tensor(&[1.9, -1.9, 0.5, -0.5])]).unwrap()[0].data,
        [1.0, -1.0, 0.0, 0.0]
    );
}
