//! Operators that stand for several steps, or for one of two graphs; and inputs that have a value from the start.

use provenn_onnx_ir::{ElementType, Graph, ImportError, ImportOptions, Op, load_bytes};

use crate::onnx_file::File;
use crate::words;

const INT32: i32 = 6;
const INT64: i32 = 7;

fn load(file: File, fixed: &[(&str, &[f64])]) -> Result<Graph, Box<ImportError>> {
    let mut options = ImportOptions::default();
    options.fixed.extend(fixed.iter().map(|(name, values)| ((*name).to_owned(), values.to_vec())));
    load_bytes(&file.bytes(), &options).map_err(Box::new)
}

/// Why a file is not imported, in words that name `node`.
fn refused(file: File, node: &str) -> String {
    let error = load(file, &[]).unwrap_err();
    let message = words(&error);
    assert!(message.contains(node) && !message.contains('\n'), "{message}");
    message
}

fn ops(graph: &Graph) -> Vec<&Op> {
    graph.nodes.iter().map(|node| &node.op).collect()
}

/// What a detector of speech looks like: a number says how the sound was sampled.
fn with_a_mode() -> File {
    let branch = |op: &str| File::new().node(op, "inside", &["x"], "z").output("z");
    File::new()
        .input("x", &["1", "4"])
        .typed_input("rate", INT64, &[])
        .integers("known", &[16000])
        .node("Equal", "same", &["rate", "known"], "c")
        .node("If", "choose", &["c"], "y")
        .subgraph("then_branch", branch("Relu"))
        .subgraph("else_branch", branch("Neg"))
}

#[test]
fn a_fixed_input_chooses_a_branch() {
    for (rate, relu) in [(16000.0, true), (8000.0, false)] {
        let graph = load(with_a_mode(), &[("rate", &[rate])]).unwrap();
        assert_eq!(graph.inputs.len(), 1);
        let is_relu = matches!(ops(&graph).as_slice(), [Op::Input { .. }, Op::Relu]);
        assert_eq!(is_relu, relu, "{:?}", ops(&graph));
    }
    let message = refused(with_a_mode(), "choose (If)");
    assert!(message.contains("depends on an input"), "{message}");
}

#[test]
fn a_fixed_input_has_a_value_of_its_type_and_shape() {
    for (name, values, says) in [
        ("rate", &[1.5][..], "int64"),
        ("rate", &[f64::NAN], "NaN"),
        ("rate", &[1.0, 2.0], "2 values"),
        ("speed", &[1.0], "its inputs are x, rate"),
    ] {
        let error = load(with_a_mode(), &[(name, values)]).unwrap_err();
        let message = words(&error);
        assert!(message.contains(name) && message.contains(says), "{message}");
    }
    let error = load(with_a_mode(), &[("rate", &[1.0]), ("x", &[0.0])]).unwrap_err();
    assert!(words(&error).contains("leave an input open"), "{error}");
    // One number fills the input, a list has an element each; doubles and floats are the same here.
    let file = || {
        let file = File::new().input("x", &["1", "3"]).typed_input("state", 11, &["1", "3"]);
        file.node("Cast", "cast", &["state"], "s").int("to", 1).node("Add", "add", &["x", "s"], "y")
    };
    for (values, expected) in [(&[0.5][..], [0.5; 3]), (&[1.0, 2.0, 3.0], [1.0, 2.0, 3.0])] {
        let graph = load(file(), &[("state", values)]).unwrap();
        let constant = ops(&graph).into_iter().find_map(|op| match op {
            Op::Constant(tensor) => Some(tensor.data.clone()),
            _ => None,
        });
        assert_eq!(constant.unwrap(), expected);
        assert_eq!(graph.element(graph.inputs[0]), ElementType::Float);
    }
}

fn counting(count: &str) -> File {
    let body = File::new()
        .typed_input("i", INT64, &[])
        .typed_input("go", 9, &[])
        .input("s", &["1", "2"])
        .node("Relu", "step", &["s"], "t")
        .node("Identity", "on", &["go"], "on")
        .output("on")
        .output("t");
    let file = File::new().input("x", &["1", "2"]).typed_input("n", INT64, &[]);
    let file = file.integers("many", &[1 << 40]).integers("three", &[3]);
    file.node("Loop", "again", &[count, "", "x"], "z").subgraph("body", body).node(
        "Neg",
        "neg",
        &["z"],
        "y",
    )
}

#[test]
fn loops_take_as_many_steps_as_is_known_beforehand() {
    assert!(load(counting("three"), &[("n", &[0.0])]).is_ok());
    assert!(load(counting("n"), &[("n", &[2.0])]).is_ok());
    let message = refused(counting("n"), "again (Loop)");
    assert!(message.contains("n depends on an input"), "{message}");
    let message = refused(counting("many"), "again (Loop)");
    assert!(message.contains("more than"), "{message}");
}

/// A loop as long as a number that it multiplies is below 10^9.
fn multiplying(factor: f32) -> File {
    let body = File::new()
        .typed_input("i", INT64, &[])
        .typed_input("go", 9, &[])
        .input("s", &["1", "2"])
        .input("number", &["1"])
        .node("Tanh", "step", &["s"], "t")
        .node("Mul", "multiply", &["number", "factor"], "product")
        .node("Less", "on", &["product", "limit"], "on")
        .output("on")
        .output("t")
        .output("product");
    let file = File::new().input("x", &["1", "2"]).floats("one", &[1], &[1.0]);
    let file = file.floats("factor", &[1], &[factor]).floats("limit", &[1], &[1e9]);
    file.node("Loop", "again", &["", "", "x", "one"], "z")
        .more_output("last")
        .subgraph("body", body)
        .node("Add", "both", &["z", "last"], "y")
}

/// Steps are read once each, with what earlier ones have made of numbers.
#[test]
fn loops_follow_conditions_that_they_compute() {
    let graph = load(multiplying(2.0), &[]).unwrap();
    let steps = ops(&graph).into_iter().filter(|op| matches!(op, Op::Tanh)).count();
    assert_eq!(steps, 30);
    let last = ops(&graph).into_iter().find_map(|op| match op {
        Op::Constant(tensor) => Some(tensor.data.clone()),
        _ => None,
    });
    assert_eq!(last, Some(vec![f32::powi(2.0, 30)]));
    let error = load(multiplying(0.5), &[]).unwrap_err();
    assert!(words(&error).contains("more than 512 steps"), "{error}");
}

/// What steps are called may be what another value is called.
#[test]
fn steps_take_no_name_that_another_value_has() {
    let taken = |file: File| {
        let message = refused(file, "again (Loop)");
        assert!(message.contains("as another is: give the node another name"), "{message}");
    };
    taken(multiplying(2.0).floats("again.3.product", &[1], &[1.0]));
    taken(multiplying(2.0).input("again.0.count", &["1"]));
    taken(counting("three").typed_input("again.1.count", INT64, &[]));
}

/// What steps compute is counted of all steps together.
#[test]
fn steps_make_no_more_than_a_model_may() {
    let body = File::new()
        .typed_input("i", INT64, &[])
        .typed_input("go", 9, &[])
        .input("s", &["1", "2"])
        .integers("size", &[1 << 20])
        .node("Expand", "many", &["half", "size"], "halves")
        .node("ReduceMax", "most", &["halves"], "most")
        .node("Less", "on", &["most", "limit"], "on")
        .output("on")
        .output("s");
    let file = File::new().input("x", &["1", "2"]).floats("limit", &[1], &[1.0]);
    let file = file.floats("half", &[1], &[0.5]);
    let file = file.node("Loop", "again", &["", "", "x"], "z").subgraph("body", body);
    let message = refused(file.node("Relu", "relu", &["z"], "y"), "many");
    assert!(!message.contains("512 steps"), "{message}");
}

/// An LSTM of two units over three features.
fn lstm(steps: &str) -> File {
    File::new()
        .input("x", &[steps, "2", "3"])
        .typed_input("lengths", INT32, &["2"])
        .floats("w", &[1, 8, 3], &[0.1; 24])
        .floats("r", &[1, 8, 2], &[0.1; 16])
        .floats("b", &[1, 8], &[0.1; 8])
        .integers("short", &[2, 3])
        .node("Relu", "keeps", &["lengths"], "kept")
}

#[test]
fn what_recurrent_nodes_have_no_steps_for_is_refused_by_name() {
    let node = |inputs: &[&str]| lstm("3").node("LSTM", "cell", inputs, "y");
    for (file, says) in [
        (node(&["x", "w", "r", "", "lengths"]), "depends on an input"),
        (node(&["x", "w", "r", "", "short"]), "2 equal numbers from 1 to 3"),
        (node(&["x", "w", "r", "b"]), "its input B has shape [1, 8] instead of [1, 16]"),
        (node(&["x", "w", "r"]).text("direction", "sideways"), "sideways"),
        (node(&["x", "w", "r"]).int("hidden_size", 3), "hidden_size"),
        (node(&["x", "w", "r"]).texts("activations", &["Tanh"]), "1 activations where it needs 3"),
        (node(&["x", "w", "r"]).texts("activations", &["Tanh", "Sine", "Tanh"]), "Sine"),
        (node(&["x", "w", "r"]).texts("activations", &["Affine", "Tanh", "Tanh"]), "Affine needs"),
        (lstm("1000000").node("LSTM", "cell", &["x", "w", "r"], "y"), "more than"),
    ] {
        let message = refused(file, "cell (LSTM)");
        assert!(message.contains(says), "{message}");
    }
}

/// A few bytes can name a batch and weights whose states no machine holds.
#[test]
fn states_are_counted_before_they_are_made() {
    let file = File::new()
        .input("x", &["1", "1000000", "3"])
        .input("w", &["1", "4000", "3"])
        .input("r", &["1", "4000", "1000"])
        .node("LSTM", "cell", &["x", "w", "r"], "y");
    let message = refused(file, "cell (LSTM)");
    assert!(message.contains("more than 33554432 elements"), "{message}");
}

/// Of two values of one name readers would get either.
#[test]
fn names_stand_for_one_value() {
    let file = File::new().input("x", &["1", "2"]).node("Relu", "first", &["x"], "y");
    let error = load(file.node("Neg", "second", &["x"], "y"), &[]).unwrap_err();
    assert!(words(&error).contains("y is produced twice, by node second too"), "{error}");
}
