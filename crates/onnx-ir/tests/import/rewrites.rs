//! Operators that tract takes apart come back as themselves.

use provenn_onnx_ir::{Graph, ImportOptions, Op, load_bytes};

use crate::onnx_file::{File, small_cnn};

fn import(file: File) -> Graph {
    load_bytes(&file.bytes(), &ImportOptions::default()).unwrap()
}

fn output(graph: &Graph) -> &Op {
    &graph.nodes[graph.outputs[0].0].op
}

#[test]
fn bounds_become_relu_and_clip() {
    let relu = import(File::new().input("x", &["1", "4"]).node("Relu", "relu", &["x"], "y"));
    assert_eq!((output(&relu), relu.nodes.len()), (&Op::Relu, 2));
    let clip =
        File::new().input("x", &["1", "4"]).floats("low", &[], &[-1.0]).floats("high", &[], &[6.0]);
    let clip = import(clip.node("Clip", "clip", &["x", "low", "high"], "y"));
    assert_eq!((output(&clip), clip.nodes.len()), (&Op::Clip { min: -1.0, max: 6.0 }, 2));
}

#[test]
fn crossing_bounds_stay_as_they_are() {
    let file =
        File::new().input("x", &["1", "4"]).floats("low", &[], &[6.0]).floats("high", &[], &[-1.0]);
    let graph = import(file.node("Clip", "clip", &["x", "low", "high"], "y"));
    let x = provenn_onnx_ir::Tensor::new(vec![1, 4], vec![-9.0, 0.0, 3.0, 9.0]).unwrap();
    assert_eq!(graph.run(&[x]).unwrap()[0].data, [-1.0; 4]);
}

/// Inputs are finite; what is computed of them may not be, and is asked in earnest.
#[test]
fn inputs_are_numbers() {
    let filled = |file: File, x: &str| {
        let file = file.node("IsNaN", "gap", &[x], "gap").node("IsInf", "far", &[x], "far");
        let file = file.node("Or", "either", &["gap", "far"], "either").floats("zero", &[], &[0.0]);
        file.node("Where", "filled", &["either", "zero", x], "f").node("Relu", "relu", &["f"], "y")
    };
    let x = || File::new().input("x", &["1", "4"]);
    let moved = || x().node("Neg", "neg", &["x"], "n").node("Concat", "both", &["x", "n"], "m");
    assert_eq!(import(filled(x(), "x")).nodes.len(), 2);
    let graph = import(filled(moved().int("axis", 1), "m"));
    assert!(graph.nodes.iter().all(|node| node.op != Op::Where), "{graph}");
    let computed = x().node("Exp", "exp", &["x"], "e");
    let error = load_bytes(&filled(computed, "e").bytes(), &ImportOptions::default()).unwrap_err();
    assert!(error.to_string().contains("IsInf"), "{error}");
    let short = File::new().typed_input("x", 10, &["1", "4"]);
    assert!(load_bytes(&filled(short, "x").bytes(), &ImportOptions::default()).is_err());
}

#[test]
fn slopes_become_leaky_relu_and_prelu() {
    let one = File::new().input("x", &["1", "4"]).floats("s", &[1], &[0.5]);
    assert_eq!(
        output(&import(one.node("PRelu", "prelu", &["x", "s"], "y"))),
        &Op::LeakyRelu { alpha: 0.5 }
    );
    let many = File::new().input("x", &["1", "4"]).floats("s", &[4], &[0.5, 1.0, 2.0, 3.0]);
    assert_eq!(output(&import(many.node("PRelu", "prelu", &["x", "s"], "y"))), &Op::PRelu);
}

#[test]
fn quotients_and_means_come_back() {
    let quotient = File::new().input("a", &["1", "4"]).input("b", &["1", "4"]);
    assert_eq!(output(&import(quotient.node("Div", "div", &["a", "b"], "y"))), &Op::Div);
    let mean = File::new().input("x", &["1", "3", "2", "2"]).node(
        "GlobalAveragePool",
        "mean",
        &["x"],
        "y",
    );
    assert_eq!(output(&import(mean)), &Op::ReduceMean { axes: vec![2, 3] });
}

#[test]
fn constants_stand_on_the_right_of_products() {
    let file = File::new().input("x", &["1", "4"]).floats("w", &[4, 2], &[1.0; 8]);
    let graph = import(file.node("MatMul", "product", &["x", "w"], "y"));
    let product = graph.nodes.iter().find(|node| node.op == Op::MatMul).unwrap();
    assert!(matches!(graph.nodes[product.inputs[1].0].op, Op::Constant(_)));
    assert_eq!(product.name, "product");
}

#[test]
fn nodes_carry_the_models_names() {
    let graph = load_bytes(&small_cnn(), &ImportOptions::default()).unwrap();
    let names: Vec<&str> = graph.nodes.iter().map(|node| node.name.as_str()).collect();
    for name in ["x", "conv", "relu", "pool"] {
        assert!(names.contains(&name), "{name} is missing from {names:?}");
    }
    assert!(names.iter().any(|name| name.starts_with("gemm")), "{names:?}");
}

#[test]
fn printing_gives_a_line_per_node() {
    let graph = load_bytes(&small_cnn(), &ImportOptions::default()).unwrap();
    let text = graph.to_string();
    assert_eq!(text.lines().count(), graph.nodes.len());
    assert!(text.contains("MaxPool") && text.contains("kernel=[2, 2]"), "{text}");
}

#[test]
fn nodes_that_compute_the_same_are_one() {
    let bytes = File::new()
        .input("x", &["1", "3"])
        .floats("a", &[], &[2.0])
        .floats("b", &[], &[2.0])
        .node("Mul", "first", &["x", "a"], "s")
        .node("Mul", "again", &["x", "b"], "t")
        .node("Sigmoid", "left", &["s"], "u")
        .node("Sigmoid", "right", &["t"], "v")
        .node("Add", "sum", &["u", "v"], "y")
        .bytes();
    let graph = load_bytes(&bytes, &ImportOptions::default()).unwrap();
    let count = |op: &str| graph.nodes.iter().filter(|node| node.op.name() == op).count();
    assert_eq!((count("Mul"), count("Sigmoid"), count("Constant")), (1, 1, 1), "{graph}");
    assert_eq!(graph.nodes.last().map(|node| node.inputs.len()), Some(2));
}

#[test]
fn softplus_comes_back() {
    let one = import(File::new().input("x", &["1", "4"]).node("Softplus", "softplus", &["x"], "y"));
    assert_eq!((output(&one), one.nodes.len()), (&Op::Softplus, 2));
    let spelt = |added: f32, shape: &[i64]| {
        let file = File::new().input("x", &["1", "4"]).floats("one", shape, &[added]);
        let file = file.node("Exp", "exp", &["x"], "e").node("Add", "sum", &["one", "e"], "s");
        import(file.node("Log", "log", &["s"], "y"))
    };
    assert_eq!(output(&spelt(1.0, &[])), &Op::Softplus);
    // Another number, and a one that brings an axis.
    assert_eq!(output(&spelt(1.5, &[])), &Op::Log);
    assert_eq!(output(&spelt(1.0, &[1, 1, 1])), &Op::Log);
}

/// A time that grew with the square of the nodes would be minutes here.
#[test]
fn many_nodes_are_imported_in_proportion() {
    let chain = |op: &str, count: usize| {
        let file = (0..count).fold(File::new().input("x", &["2", "3"]), |file, i| {
            let (from, to) = (format!("t{i}"), format!("t{}", i + 1));
            let from = if i == 0 { "x" } else { &from };
            let to = if i + 1 == count { "y" } else { &to };
            file.node(op, &format!("n{i}"), &[from], to)
        });
        load_bytes(&file.bytes(), &ImportOptions::default()).unwrap()
    };
    let started = std::time::Instant::now();
    assert_eq!(chain("Relu", 2000).nodes.len(), 2);
    assert_eq!(chain("Transpose", 2000).nodes.len(), 1);
    let wide = (0..500).fold(File::new().input("x", &["3"]), |file, i| {
        file.node("Neg", &format!("n{i}"), &["x"], &format!("t{i}"))
    });
    let names: Vec<String> = (0..500).map(|i| format!("t{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let graph =
        load_bytes(&wide.node("Sum", "sum", &names, "y").bytes(), &ImportOptions::default());
    assert!(graph.unwrap().nodes.len() < 600);
    assert!(started.elapsed().as_secs() < 60);
}
