//! Trees that are none, and what is refused of classical models.

use provenn_onnx_ir::{ImportError, ImportOptions, Tensor, load_bytes};

use crate::onnx_file::File;
use crate::words;

/// What a regressor stores: one tree, x ≤ 0 and two leaves.
#[derive(Clone)]
struct Trees {
    trees: Vec<i64>,
    nodes: Vec<i64>,
    features: Vec<i64>,
    modes: Vec<&'static str>,
    values: Vec<f32>,
    yes: Vec<i64>,
    no: Vec<i64>,
    leaves: Vec<(i64, i64, i64, f32)>,
    targets: i64,
}

impl Trees {
    fn stump() -> Self {
        Trees {
            trees: vec![0; 3],
            nodes: vec![0, 1, 2],
            features: vec![0; 3],
            modes: vec!["BRANCH_LEQ", "LEAF", "LEAF"],
            values: vec![0.0; 3],
            yes: vec![1, 0, 0],
            no: vec![2, 0, 0],
            leaves: vec![(0, 1, 0, 1.5), (0, 2, 0, -0.5)],
            targets: 1,
        }
    }

    fn file(&self) -> Vec<u8> {
        let of = |part: fn(&(i64, i64, i64, f32)) -> i64| self.leaves.iter().map(part).collect();
        let (trees, nodes, ids): (Vec<i64>, Vec<i64>, Vec<i64>) =
            (of(|l| l.0), of(|l| l.1), of(|l| l.2));
        let weights: Vec<f32> = self.leaves.iter().map(|leaf| leaf.3).collect();
        File::new()
            .input("x", &["1", "2"])
            .foreign_node("ai.onnx.ml", "TreeEnsembleRegressor", "trees", &["x"], "y")
            .ints("nodes_treeids", &self.trees)
            .ints("nodes_nodeids", &self.nodes)
            .ints("nodes_featureids", &self.features)
            .texts("nodes_modes", &self.modes)
            .reals("nodes_values", &self.values)
            .ints("nodes_truenodeids", &self.yes)
            .ints("nodes_falsenodeids", &self.no)
            .ints("target_treeids", &trees)
            .ints("target_nodeids", &nodes)
            .ints("target_ids", &ids)
            .reals("target_weights", &weights)
            .int("n_targets", self.targets)
            .bytes()
    }

    fn refused(&self) -> String {
        let error = load_bytes(&self.file(), &ImportOptions::default()).unwrap_err();
        let message = words(&error);
        assert!(matches!(error, ImportError::Unsupported { .. }), "{message}");
        assert!(message.contains("trees (ai.onnx.ml.TreeEnsembleRegressor)"), "{message}");
        message
    }
}

#[test]
fn a_tree_decides() {
    let graph = load_bytes(&Trees::stump().file(), &ImportOptions::default()).unwrap();
    for (x, y) in [(0.0, 1.5), (-3.0, 1.5), (f32::MIN_POSITIVE, -0.5), (1.0, -0.5)] {
        let x = Tensor::new(vec![1, 2], vec![x, 9.0]).unwrap();
        assert_eq!(graph.run(&[x]).unwrap()[0].data, [y]);
    }
}

#[test]
fn circles_and_nodes_with_two_parents_are_refused() {
    let mut circle = Trees::stump();
    circle.modes[1] = "BRANCH_LT";
    (circle.yes[1], circle.no[1]) = (0, 2);
    assert!(circle.refused().contains("two parents"));
    let mut shared = Trees::stump();
    shared.yes[0] = 2;
    assert!(shared.refused().contains("two parents"));
    let mut own = Trees::stump();
    own.yes[0] = 0;
    assert!(own.refused().contains("two parents"));
}

#[test]
fn what_does_not_exist_is_refused() {
    let changes: [fn(&mut Trees); 9] = [
        |trees| trees.yes[0] = 7,
        |trees| trees.no[0] = -1,
        |trees| trees.features[0] = -1,
        |trees| trees.modes[0] = "BRANCH_ABOUT",
        |trees| trees.values[0] = f32::NAN,
        |trees| trees.leaves[1].1 = 9,
        |trees| trees.leaves[1].2 = 1,
        |trees| trees.nodes[2] = 1,
        |trees| trees.values.truncate(2),
    ];
    for change in changes {
        let mut trees = Trees::stump();
        change(&mut trees);
        trees.refused();
    }
    for targets in [0, -1, 3, i64::MAX] {
        let mut trees = Trees::stump();
        trees.targets = targets;
        trees.refused();
    }
}

/// A column beyond the input is found by the analysis.
#[test]
fn columns_beyond_the_input_are_refused() {
    let mut trees = Trees::stump();
    trees.features[0] = 2;
    words(&load_bytes(&trees.file(), &ImportOptions::default()).unwrap_err());
}

#[test]
fn trees_beyond_all_depth_are_refused_before_anything_is_made() {
    let mut chain = Trees::stump();
    let count: i64 = 20_001;
    let is_leaf = |node: &i64| node % 2 == 1 || *node == count - 1;
    chain.nodes = (0..count).collect();
    chain.trees = vec![0; chain.nodes.len()];
    chain.features = chain.trees.clone();
    chain.values = vec![0.0; chain.nodes.len()];
    chain.modes =
        chain.nodes.iter().map(|n| if is_leaf(n) { "LEAF" } else { "BRANCH_LT" }).collect();
    chain.yes = chain.nodes.iter().map(|n| if is_leaf(n) { 0 } else { n + 1 }).collect();
    chain.no = chain.nodes.iter().map(|n| if is_leaf(n) { 0 } else { n + 2 }).collect();
    assert!(chain.refused().contains("levels"));
}

#[test]
fn tables_beyond_all_size_are_refused_before_they_are_made() {
    let mut wide = Trees::stump();
    // Each weight in a column of its own.
    wide.leaves = (0..20_000).map(|column| (0, 1 + column % 2, column, 1.0)).collect();
    let leaves: i64 = 2_000;
    wide.targets = 20_000;
    // A tree of one level more for every two leaves.
    wide.nodes = (0..2 * leaves).collect();
    for node in 3..2 * leaves {
        wide.trees.push(node);
        wide.features.push(0);
        wide.modes.push("LEAF");
        wide.values.push(0.0);
        wide.yes.push(0);
        wide.no.push(0);
    }
    assert!(wide.refused().contains("too large"));
}

#[test]
fn strings_are_refused_by_name() {
    let message =
        |file: File| words(&load_bytes(&file.bytes(), &ImportOptions::default()).unwrap_err());
    let ml = |op: &str| {
        File::new().input("x", &["1", "2"]).foreign_node("ai.onnx.ml", op, "node", &["x"], "y")
    };
    let files = [
        ml("LinearClassifier").texts("classlabels_strings", &["no", "yes"]),
        ml("TreeEnsembleClassifier").texts("classlabels_strings", &["no", "yes"]),
        ml("SVMClassifier").texts("classlabels_strings", &["no", "yes"]),
        ml("LabelEncoder").texts("keys_strings", &["a"]).ints("values_int64s", &[1]),
        ml("LabelEncoder").ints("keys_int64s", &[1]).texts("values_strings", &["a"]),
        ml("OneHotEncoder").texts("cats_strings", &["a", "b"]),
        ml("CategoryMapper").texts("cats_strings", &["a"]).ints("cats_int64s", &[1]),
    ];
    for file in files {
        let message = message(file);
        assert!(message.contains("node (ai.onnx.ml.") && message.contains("strings"), "{message}");
    }
}

/// Names of nodes need not be distinct, and values may be called as new ones would be.
#[test]
fn equal_names_do_not_mix_nodes() {
    let bytes = File::new()
        .input("x", &["1", "2"])
        .foreign_node("ai.onnx.ml", "Scaler", "scaler", &["x"], "scaler.2.x")
        .reals("offset", &[1.0, 2.0])
        .reals("scale", &[2.0, 2.0])
        .foreign_node("ai.onnx.ml", "Scaler", "scaler", &["scaler.2.x"], "y")
        .reals("offset", &[5.0, 5.0])
        .reals("scale", &[0.5, 0.25])
        .bytes();
    let graph = load_bytes(&bytes, &ImportOptions::default()).unwrap();
    let x = Tensor::new(vec![1, 2], vec![3.0, 4.0]).unwrap();
    assert_eq!(graph.run(&[x]).unwrap()[0].data, [-0.5, -0.25]);
}
