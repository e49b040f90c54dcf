//! Damaged files give errors or other models, never a panic.

use provenn_onnx_ir::{ImportError, ImportOptions, load, load_bytes};

use crate::onnx_file::{File, small_cnn};
use crate::words;

#[test]
fn the_small_model_is_sound() {
    let graph = load_bytes(&small_cnn(), &ImportOptions::default()).unwrap();
    assert_eq!(graph.nodes[graph.outputs[0].0].shape, [1, 3]);
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = small_cnn();
    for length in (0..bytes.len()).step_by(7).chain(bytes.len() - 16..bytes.len()) {
        let result = load_bytes(&bytes[..length], &ImportOptions::default());
        assert!(result.is_err(), "{length} of {} bytes were accepted", bytes.len());
        words(&result.unwrap_err());
    }
}

#[test]
fn flipped_bits_never_panic() {
    let bytes = small_cnn();
    for bit in (0..bytes.len() * 8).step_by(11) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        match load_bytes(&damaged, &ImportOptions::default()) {
            Ok(graph) => graph.validate().unwrap(),
            Err(error) => drop(words(&error)),
        }
    }
}

#[test]
fn garbage_is_malformed() {
    for bytes in [&b""[..], b"not a model", &[0xff; 64], &[0; 64], b"{\"input_data\": [[1]]}"] {
        let error = load_bytes(bytes, &ImportOptions::default()).unwrap_err();
        assert!(matches!(error, ImportError::Malformed { .. }), "{}", words(&error));
    }
}

#[test]
fn a_missing_file_is_named() {
    let path = std::path::Path::new("no such folder/network.onnx");
    let error = load(path, &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, ImportError::Read { .. }));
    assert!(error.to_string().contains("network.onnx"), "{error}");
}

#[test]
fn a_tensor_cannot_claim_more_than_it_stores() {
    let bytes = File::new()
        .input("x", &["1", "4"])
        .floats("w", &[1 << 40, 1 << 40], &[1.0])
        .node("MatMul", "product", &["x", "w"], "y")
        .bytes();
    let error = load_bytes(&bytes, &ImportOptions::default()).unwrap_err();
    assert!(error.to_string().contains("tensor w"), "{error}");
}

#[test]
fn a_constant_cannot_grow_without_bound() {
    let bytes = File::new()
        .input("x", &["1", "4"])
        .integers("size", &[1 << 30, 1 << 30])
        .node("ConstantOfShape", "zeros", &["size"], "z")
        .node("Add", "sum", &["x", "z"], "y")
        .bytes();
    let error = load_bytes(&bytes, &ImportOptions::default()).unwrap_err();
    assert!(error.to_string().contains("zeros"), "{error}");
}

#[test]
fn a_name_that_nothing_produces_is_named() {
    let bytes =
        File::new().input("x", &["1", "4"]).node("Add", "sum", &["x", "missing"], "y").bytes();
    let error = load_bytes(&bytes, &ImportOptions::default()).unwrap_err();
    assert!(error.to_string().contains("missing"), "{error}");
}
