//! Models that count right labels.

use provenn_onnx_ir::{
    Graph, ImportError, ImportOptions, NO_LABEL, Tensor, counting_model, load_bytes,
};

use crate::onnx_file::File;

/// A row of scores for each of four observations: they are the inputs.
fn scorer() -> File {
    File::new().input("x", &["N", "3"]).node("Neg", "less", &["x"], "z").node(
        "Neg",
        "y",
        &["z"],
        "y",
    )
}

fn graph(bytes: &[u8]) -> Graph {
    let mut options = ImportOptions::default();
    options.variables.insert("N".to_owned(), 4);
    load_bytes(bytes, &options).unwrap()
}

#[test]
fn labels_are_counted_that_are_the_first_of_the_largest_scores() {
    let counting = graph(&counting_model(&scorer().bytes_declaring(Some(&[4, 3])), None).unwrap());
    let scores = vec![0.0, 2.0, 1.0, 5.0, 5.0, 5.0, -1.0, -2.0, 0.0, 0.0, 0.0, 1.0];
    let scores = Tensor { shape: vec![4, 3], data: scores };
    #[allow(clippy::cast_precision_loss)] // −1
    let none = NO_LABEL as f32;
    for (labels, counts) in [
        ([1.0, 0.0, 2.0, 2.0], [4.0, 4.0]),
        ([1.0, 1.0, 2.0, 2.0], [3.0, 4.0]),
        ([1.0, 0.0, none, none], [2.0, 2.0]),
        ([0.0, 7.0, none, 2.0], [1.0, 3.0]),
        ([none; 4], [0.0, 0.0]),
    ] {
        let labels = Tensor { shape: vec![4], data: labels.to_vec() };
        let outputs = counting.run(&[scores.clone(), labels.clone()]).unwrap();
        let got: Vec<f32> = outputs.iter().flat_map(|output| output.data.clone()).collect();
        assert_eq!(got, counts, "{labels:?}");
    }
}

/// An output that is a class itself is compared as it is.
#[test]
fn what_is_no_classifier_is_refused() {
    let refused = |bytes: &[u8], output| match counting_model(bytes, output) {
        Err(error @ ImportError::NoClassifier { .. }) => crate::words(&error),
        other => panic!("{other:?}"),
    };
    let two = scorer().output("z").bytes_declaring(Some(&[4, 3]));
    assert!(refused(&two, None).contains("name the output"));
    assert!(refused(&two, Some("w")).contains("no output w"));
    assert!(refused(&scorer().bytes_declaring(None), None).contains("neither a class"));
    assert!(matches!(counting_model(&[1, 2, 3], None), Err(ImportError::Malformed { .. })));
}
