//! Operators that the import reads itself: what they refuse, and that sizes are known before anything is made.

use provenn_onnx_ir::{Graph, ImportError, ImportOptions, Op, Tensor, load, load_bytes};
use std::path::Path;

use crate::onnx_file::File;
use crate::words;

const INT64: i32 = 7;

fn import(file: File, fixed: &[(&str, f64)]) -> Result<Graph, Box<ImportError>> {
    let mut options = ImportOptions::default();
    options.fixed.extend(fixed.iter().map(|(name, value)| ((*name).to_owned(), vec![*value])));
    load_bytes(&file.bytes(), &options).map_err(Box::new)
}

/// Why a file is not imported: one line, which has all of `says`.
fn refused(file: File, says: &[&str]) {
    let message = words(&import(file, &[]).unwrap_err());
    assert!(says.iter().all(|says| message.contains(says)), "{says:?}: {message}");
    assert!(!message.contains('\n'), "{message}");
}

fn vector() -> File {
    File::new().input("x", &["1", "4"])
}

#[test]
fn what_decides_a_size_must_be_constant_and_may_be_fixed() {
    let counted = || {
        vector()
            .typed_input("count", INT64, &[])
            .integers("start", &[0])
            .integers("delta", &[1])
            .integers("no_axes", &[])
            .node("Reshape", "first", &["start", "no_axes"], "a")
            .node("Reshape", "step", &["delta", "no_axes"], "d")
            .node("Range", "places", &["a", "count", "d"], "r")
            .node("CastLike", "floats", &["r", "x"], "f")
            .node("Add", "sum", &["x", "f"], "y")
    };
    refused(counted(), &["places (Range)", "limit", "--fix"]);
    let graph = import(counted(), &[("count", 4.0)]).unwrap();
    let y = graph.run(&[Tensor { shape: vec![1, 4], data: vec![0.5; 4] }]).unwrap();
    assert_eq!(y[0].data, [0.5, 1.5, 2.5, 3.5]);
    let sized = vector().typed_input("size", INT64, &[]).node("HannWindow", "w", &["size"], "y");
    refused(sized, &["w (HannWindow)", "size", "--fix"]);
    let axes = vector().typed_input("axes", INT64, &["1"]);
    refused(axes.node("ReduceSum", "sum", &["x", "axes"], "y"), &["sum (ReduceSum)", "axes"]);
    let shaped = vector().typed_input("shape", INT64, &["2"]);
    refused(shaped.node("Expand", "wide", &["x", "shape"], "y"), &["wide (Expand)", "shape"]);
}

#[test]
fn constants_beyond_all_size_are_refused_before_they_are_made() {
    let large = 1i64 << 40;
    let one = |op: &'static str, inputs: &'static [&'static str]| {
        File::new()
            .input("x", &["1", "1"])
            .integers("large", &[large])
            .integers("one", &[1])
            .integers("zero", &[0])
            .floats("low", &[], &[0.0])
            .floats("high", &[], &[4000.0])
            .node(op, "made", inputs, "c")
            .node("CastLike", "floats", &["c", "x"], "f")
            .node("Mul", "product", &["x", "f"], "y")
    };
    for (op, inputs) in [
        ("HannWindow", &["large"][..]),
        ("ConstantOfShape", &["large"]),
        ("Range", &["zero", "large", "one"]),
        ("MelWeightMatrix", &["large", "large", "one", "low", "high"]),
    ] {
        refused(one(op, inputs), &["made"]);
    }
    refused(one("Range", &["zero", "one", "zero"]), &["made (Range)", "leads nowhere"]);
}

#[test]
fn what_runtimes_do_not_agree_on_is_refused() {
    let window = vector().integers("one", &[1]).node("HammingWindow", "w", &["one"], "c");
    refused(window.int("periodic", 0).node("Mul", "m", &["x", "c"], "y"), &["w (HammingWindow)"]);
    let theta = || File::new().input("x", &["1", "2", "3"]).integers("size", &[1, 1, 1, 2]);
    let grid = theta().node("AffineGrid", "grid", &["x", "size"], "y");
    refused(grid.int("align_corners", 1), &["grid (AffineGrid)", "corners"]);
    assert!(import(theta().node("AffineGrid", "grid", &["x", "size"], "y"), &[]).is_ok());
    let spectrum = || File::new().input("x", &["1", "6", "2"]).integers("length", &[6]);
    let inverse = spectrum().node("DFT", "dft", &["x", "length"], "y").int("inverse", 1);
    refused(inverse.int("onesided", 1), &["dft (DFT)", "4 frequencies"]);
    refused(spectrum().node("DFT", "dft", &["x"], "y").int("onesided", 1), &["real signal"]);
    let det = File::new().input("x", &["5", "5"]).node("Det", "det", &["x"], "y");
    refused(det, &["det (Det)", "5 rows"]);
    let pool = File::new().input("x", &["1", "1", "4"]).node("LpPool", "pool", &["x"], "y");
    refused(pool.ints("kernel_shape", &[2]).int("p", 9), &["pool (LpPool)", "p = 9"]);
}

#[test]
fn values_without_elements_are_dropped_or_refused_by_name() {
    let split = || vector().integers("parts", &[4, 0]).node("Split", "split", &["x", "parts"], "a");
    let split = || split().int("axis", 1).more_output("none");
    let joined = split().node("Concat", "join", &["none", "a"], "y").int("axis", 1);
    let graph = import(joined, &[]).unwrap();
    assert!(matches!(graph.nodes.as_slice(), [only] if matches!(only.op, Op::Input { .. })));
    refused(split().output("none").node("Relu", "relu", &["a"], "y"), &["split (Split)", "output"]);
    let read = split().integers("axes", &[1]).node("ReduceSum", "sum", &["none", "axes"], "s");
    refused(read.node("Add", "add", &["a", "s"], "y"), &["split (Split)", "sum (ReduceSum)"]);
    let input = File::new().input("x", &["2", "0"]).node("Relu", "relu", &["x"], "y");
    refused(input, &["axis 1 of x", "without elements", "-V x.1="]);
}

#[test]
fn what_is_written_beyond_its_axis_has_no_result() {
    let path = "../../models/ops/states/tensor_scatter.onnx";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let graph = load(&path, &ImportOptions::default()).unwrap();
    let run = |starts: [f32; 2]| {
        let tensor = |shape: &[usize], data: Vec<f32>| Tensor { shape: shape.to_vec(), data };
        let cache = tensor(&[2, 5, 3], vec![0.0; 30]);
        graph.run(&[cache, tensor(&[2, 1, 3], vec![1.0; 6]), tensor(&[2], starts.to_vec())])
    };
    let written = run([0.0, 4.0]).unwrap().remove(0).data;
    let places: Vec<usize> = (0..30).filter(|&at| written[at] == 1.0).collect();
    assert_eq!(places, [0, 1, 2, 27, 28, 29]);
    for start in [5.0, -1.0, -5.0, -6.0] {
        assert!(run([start, 0.0]).is_err() && run([0.0, start]).is_err(), "{start}");
    }
}
