//! Outputs are called as the model calls them, whatever node gives them.

use provenn_onnx_ir::{ImportOptions, load_bytes};

use crate::onnx_file::File;

/// Names of the outputs, and of the nodes that give them.
fn outputs(file: File) -> (Vec<String>, Vec<String>) {
    let graph = load_bytes(&file.bytes(), &ImportOptions::default()).unwrap();
    let names = (0..graph.outputs.len()).map(|i| graph.output_name(i).unwrap().to_owned());
    let nodes = graph.outputs.iter().map(|id| graph.nodes[id.0].name.clone());
    (names.collect(), nodes.collect())
}

#[test]
fn outputs_keep_their_names() {
    let file = File::new().input("x", &["1", "3"]).node("Relu", "relu", &["x"], "y");
    assert_eq!(outputs(file), (vec!["y".into()], vec!["relu".into()]));
}

#[test]
fn one_node_may_be_several_outputs_and_an_input_one() {
    let file = File::new()
        .input("x", &["1", "3"])
        .node("Relu", "relu", &["x"], "a")
        .node("Identity", "same", &["a"], "y")
        .node("Identity", "through", &["x"], "b")
        .output("a")
        .output("b");
    let (names, nodes) = outputs(file);
    assert_eq!(names, ["a", "b", "y"]);
    assert_eq!(nodes, ["relu", "x", "relu"]);
}
