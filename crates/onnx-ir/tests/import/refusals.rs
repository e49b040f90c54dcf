//! What is not supported is listed completely, by the model's own names.

use provenn_onnx_ir::{ImportError, ImportOptions, Unsupported, load_bytes};

use crate::onnx_file::File;
use crate::words;

fn refused(bytes: &[u8]) -> Vec<Unsupported> {
    let error = load_bytes(bytes, &ImportOptions::default()).unwrap_err();
    words(&error);
    match error {
        ImportError::Unsupported { operators } => operators,
        other => panic!("expected a list of operators, got {other:?}"),
    }
}

fn names(operators: &[Unsupported]) -> Vec<(&str, &str)> {
    operators.iter().map(|found| (found.node.as_str(), found.op.as_str())).collect()
}

#[test]
fn all_unsupported_operators_are_listed() {
    let bytes = File::new()
        .input("x", &["1", "4"])
        .node("NonZero", "first", &["x"], "a")
        .node("Relu", "fine", &["a"], "b")
        .foreign_node("com.example", "Relu", "second", &["b"], "c")
        .node("NoSuchOperator", "third", &["c"], "y")
        .bytes();
    let operators = refused(&bytes);
    assert_eq!(
        names(&operators),
        [("first", "NonZero"), ("second", "com.example.Relu"), ("third", "NoSuchOperator")]
    );
    let message = load_bytes(&bytes, &ImportOptions::default()).unwrap_err().to_string();
    assert!(
        message.starts_with("3 operators are not supported") && !message.contains('\n'),
        "{message}"
    );
    assert!(["first", "second", "third"].iter().all(|name| message.contains(name)), "{message}");
}

#[test]
fn all_unsupported_attributes_are_listed() {
    let bytes = File::new()
        .input("x", &["1", "4"])
        .integers("pads", &[0, 1, 0, 1])
        .floats("exponent", &[], &[f32::INFINITY])
        .node("Pad", "mirror", &["x", "pads"], "a")
        .text("mode", "mirrored")
        .node("Relu", "fine", &["a"], "b")
        .node("Pow", "power", &["b", "exponent"], "y")
        .bytes();
    assert_eq!(names(&refused(&bytes)), [("mirror", "Pad"), ("power", "Pow")]);
}

#[test]
fn inputs_that_must_be_constant_are_named() {
    let bytes = File::new()
        .input("x", &["4"])
        .node("Cast", "whole", &["x"], "p")
        .int("to", 7)
        .node("Pad", "around", &["x", "p"], "y")
        .bytes();
    let operators = refused(&bytes);
    assert_eq!(names(&operators), [("around", "Pad")]);
    assert!(operators[0].reason.contains("pads"), "{operators:?}");
}

#[test]
fn extents_from_attributes_are_checked_before_anything_is_made() {
    let huge = 1 << 40;
    let pool = File::new()
        .input("x", &["1", "1", "4"])
        .node("LpPool", "pool", &["x"], "y")
        .ints("kernel_shape", &[huge])
        .ints("pads", &[huge, huge])
        .bytes();
    let depth = File::new()
        .input("x", &["1", "4"])
        .node("Cast", "whole", &["x"], "i")
        .int("to", 7)
        .integers("depth", &[huge])
        .floats("values", &[2], &[0.0, 1.0])
        .node("OneHot", "hot", &["i", "depth", "values"], "y")
        .bytes();
    for bytes in [pool, depth] {
        words(&load_bytes(&bytes, &ImportOptions::default()).unwrap_err());
    }
}

#[test]
fn training_mode_is_refused() {
    let ones = [1.0; 4];
    let bytes = File::new()
        .input("x", &["1", "4"])
        .floats("p", &[4], &ones)
        .node("BatchNormalization", "norm", &["x", "p", "p", "p", "p"], "y")
        .int("training_mode", 1)
        .bytes();
    assert_eq!(names(&refused(&bytes)), [("norm", "BatchNormalization")]);
}

#[test]
fn operators_on_constants_alone_are_folded() {
    let bytes = File::new()
        .input("x", &["1", "4"])
        .floats("c", &[4], &[0.0, 1.0, 2.0, 3.0])
        .node("Exp", "exp", &["c"], "e")
        .node("Add", "sum", &["x", "e"], "y")
        .bytes();
    let graph = load_bytes(&bytes, &ImportOptions::default()).unwrap();
    let ops: Vec<&str> = graph.nodes.iter().map(|node| node.op.name()).collect();
    assert_eq!(ops, ["Input", "Constant", "Add"]);
}

#[test]
fn weights_must_be_finite() {
    let bytes = File::new()
        .input("x", &["1", "2"])
        .floats("w", &[2], &[1.0, f32::NAN])
        .node("Mul", "scale", &["x", "w"], "y")
        .bytes();
    let operators = refused(&bytes);
    assert!(operators[0].reason.contains("position 1"), "{operators:?}");
}
