//! Symbols in the shapes of the inputs.

use provenn_onnx_ir::{ImportError, ImportOptions, load_bytes};

use crate::onnx_file::File;

fn file(shape: &[&str]) -> Vec<u8> {
    File::new().input("x", shape).node("Relu", "relu", &["x"], "y").bytes()
}

#[test]
fn batch_size_is_one_by_default() {
    let graph = load_bytes(&file(&["batch_size", "3"]), &ImportOptions::default()).unwrap();
    assert_eq!(graph.nodes[0].shape, [1, 3]);
}

#[test]
fn variables_give_symbols_and_gaps_their_values() {
    let mut options = ImportOptions::default();
    options.variables.extend([("N".to_owned(), 2), ("x.1".to_owned(), 5)]);
    let graph = load_bytes(&file(&["N", "?", "3"]), &options).unwrap();
    assert_eq!(graph.nodes[0].shape, [2, 5, 3]);
}

#[test]
fn open_extents_are_all_named_with_the_flag_that_closes_them() {
    let error = load_bytes(&file(&["N", "?", "M"]), &ImportOptions::default()).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, ImportError::UnresolvedExtents { extents } if extents.len() == 3));
    assert!(
        message.contains("--variables N=VALUE --variables x.1=VALUE --variables M=VALUE"),
        "{message}"
    );
}

#[test]
fn an_input_without_shape_is_named() {
    let bytes = File::new().input_without_shape("x").node("Relu", "relu", &["x"], "y").bytes();
    let error = load_bytes(&bytes, &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, ImportError::MissingShape { input } if input == "x"));
}
