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
    assert!(message.contains("-V N=VALUE,x.1=VALUE,M=VALUE"), "{message}");
}

/// A value for a symbol that the model does not have would be ignored; `batch_size` is no exception.
#[test]
fn values_of_unknown_symbols_are_refused() {
    for (shape, known) in [(["2", "3"], "no symbols"), (["N", "3"], "symbols are N")] {
        let mut options = ImportOptions::default();
        options.variables.insert("batch_size".to_owned(), 1);
        let error = load_bytes(&file(&shape), &options).unwrap_err();
        assert!(
            matches!(&error, ImportError::UnknownVariable { name, .. } if name == "batch_size")
        );
        assert!(error.to_string().contains(known), "{error}");
    }
}

/// A model that was exported for one input at a time takes as many as asked for.
#[test]
fn a_first_extent_of_one_is_a_batch_where_variables_say_so() {
    for name in ["batch_size", "x.0"] {
        let mut options = ImportOptions::default();
        options.variables.insert(name.to_owned(), 5);
        let graph = load_bytes(&file(&["1", "3"]), &options).unwrap();
        assert_eq!(graph.nodes[0].shape, [5, 3]);
        // A symbol of that name is meant, where there is one.
        let bytes = File::new()
            .input("x", &["batch_size", "3"])
            .input("z", &["1", "3"])
            .node("Add", "sum", &["x", "z"], "y")
            .bytes();
        let graph = load_bytes(&bytes, &options);
        match name {
            "batch_size" => assert_eq!(graph.unwrap().nodes[1].shape, [1, 3]),
            // Of that input there is a symbol.
            _ => assert!(matches!(graph, Err(ImportError::UnknownVariable { .. }))),
        }
    }
}

/// Outputs of one input become outputs of as many as there are, or the model is refused: here it joins them.
#[test]
fn an_output_that_does_not_follow_the_batch_is_refused() {
    let file = |shape: &[i64]| {
        File::new()
            .input("x", &["1", "3"])
            .integers("shape", shape)
            .node("Reshape", "flat", &["x", "shape"], "y")
            .bytes_declaring(Some(&[1, 3]))
    };
    let mut options = ImportOptions::default();
    options.variables.insert("batch_size".to_owned(), 2);
    let graph = load_bytes(&file(&[-1, 3]), &options).unwrap();
    assert_eq!(graph.nodes[graph.outputs[0].0].shape, [2, 3]);
    let error = load_bytes(&file(&[1, -1]), &options).unwrap_err();
    assert!(matches!(error, ImportError::DeclaredShape { .. }), "{error}");
    assert!(load_bytes(&file(&[1, 3]), &options).is_err());
}

fn imported(file: File) -> Result<provenn_onnx_ir::Graph, ImportError> {
    load_bytes(&file.bytes(), &ImportOptions::default())
}

/// Exporters leave the first axis open, with a name or without: observations, of which one is taken.
#[test]
fn an_open_first_axis_that_counts_observations_is_one() {
    for (symbol, name) in [("?", "x.0"), ("N", "N")] {
        let graph = imported(
            File::new()
                .input("x", &[symbol, "3"])
                .input("z", &["1", "3"])
                .floats("w", &[3, 2], &[0.5, -1.0, 2.0, 0.25, 1.0, 3.0])
                .node("Sub", "shifted", &["x", "z"], "d")
                .node("MatMul", "product", &["d", "w"], "p")
                .node("Softmax", "shares", &["p"], "y"),
        )
        .unwrap();
        assert_eq!(graph.nodes[graph.outputs[0].0].shape, [1, 2]);
        assert_eq!(graph.assumed.iter().collect::<Vec<_>>(), [(&name.to_owned(), &1)]);
    }
    let several = File::new().input("a", &["?", "1"]).input("b", &["?", "1"]);
    let graph = imported(several.node("Add", "sum", &["a", "b"], "y")).unwrap();
    assert_eq!(graph.assumed.len(), 2);
    // As many as asked for, by the name that stands for them, too.
    let mut options = ImportOptions::default();
    options.variables.insert("batch_size".to_owned(), 4);
    let graph = load_bytes(&file(&["?", "3"]), &options).unwrap();
    assert_eq!(graph.nodes[0].shape, [4, 3]);
    assert!(graph.assumed.is_empty());
}

/// An axis over which anything is summed, compared or carried on counts no observations, whatever it is called.
#[test]
fn an_open_first_axis_that_does_not_count_observations_stays_open() {
    let rows = || File::new().input("x", &["batch", "3"]);
    let weights = |file: File, names: [&str; 3]| {
        let [w, r, b] = names;
        let ramp =
            |count: u8| -> Vec<f32> { (0..count).map(|i| f32::from(i) / 8.0 - 1.0).collect() };
        file.floats(w, &[1, 2, 3], &ramp(6)).floats(r, &[1, 2, 2], &ramp(4)).floats(
            b,
            &[1, 4],
            &ramp(4),
        )
    };
    let time = File::new().input("x", &["batch", "1", "3"]);
    let time = weights(time, ["w", "r", "b"])
        .node("RNN", "steps", &["x", "w", "r", "b"], "y")
        .int("hidden_size", 2);
    for file in [
        rows().node("Softmax", "over rows", &["x"], "y").int("axis", 0),
        rows().node("Transpose", "turned", &["x"], "t").node("MatMul", "seen", &["x", "t"], "y"),
        rows().integers("axis", &[0]).node("CumSum", "sums", &["x", "axis"], "y"),
        time,
        // Two names may be two numbers, and a written 0 is none that was left open.
        rows().input("z", &["M", "3"]).node("Concat", "both", &["x", "z"], "y").int("axis", 1),
        File::new().input("x", &["0", "3"]).node("Relu", "relu", &["x"], "y"),
    ] {
        let error = imported(file).unwrap_err();
        assert!(matches!(error, ImportError::UnresolvedExtents { .. }), "{error}");
    }
}

#[test]
fn an_input_without_shape_is_named() {
    let bytes = File::new().input_without_shape("x").node("Relu", "relu", &["x"], "y").bytes();
    let error = load_bytes(&bytes, &ImportOptions::default()).unwrap_err();
    assert!(matches!(error, ImportError::MissingShape { input } if input == "x"));
}
