//! Small files that ask for much, or for something else than they say: one line with the node's name.

use provenn_onnx_ir::{
    ElementType, EvaluateError, ImportOptions, Tensor, load_bytes, load_reading,
};

use crate::onnx_file::File;
use crate::words;

fn refusal(bytes: &[u8]) -> String {
    let message = words(&load_bytes(bytes, &ImportOptions::default()).unwrap_err());
    assert!(!message.contains('\n') && message.len() < 700, "{message}");
    message
}

#[test]
fn sizes_are_bounded_before_they_are_made() {
    let computed = File::new()
        .input("x", &["1", "4"])
        .integers("a", &[1 << 16])
        .floats("zero", &[], &[0.0])
        .node("Mul", "product", &["a", "a"], "p")
        .node("Expand", "grow", &["zero", "p"], "z")
        .node("ReduceSum", "sum", &["z"], "r")
        .node("Add", "add", &["x", "r"], "y")
        .bytes();
    let message = refusal(&computed);
    assert!(message.contains("grow"), "{message}");
    let repeated = File::new()
        .input("x", &["1", "4"])
        .integers("times", &[1 << 31, 1 << 31])
        .node("Tile", "again", &["x", "times"], "y")
        .bytes();
    assert!(refusal(&repeated).contains("again"));
    let large = File::new()
        .input("x", &["1099511627776", "1099511627776"])
        .node("Relu", "relu", &["x"], "y")
        .bytes();
    assert!(refusal(&large).contains('x'));
    let options = ImportOptions { total_elements: 7, ..ImportOptions::default() };
    let two = File::new().input("x", &["1", "4"]).node("Relu", "relu", &["x"], "y").bytes();
    assert!(load_bytes(&two, &options).unwrap_err().to_string().contains("relu"));
}

/// What `x + cast(op(operands))` adds to `x`, or why not.
fn computed(op: &str, operands: &[&[i64]]) -> Result<f32, String> {
    let names: Vec<String> = (0..operands.len()).map(|i| format!("c{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let file = File::new().input("x", &["1"]);
    let constants = names.iter().zip(operands);
    let file = constants.fold(file, |file, (name, data)| file.integers(name, data));
    let bytes = file
        .node(op, "whole", &names, "z")
        .node("Cast", "float", &["z"], "f")
        .int("to", 1)
        .node("Add", "add", &["x", "f"], "y")
        .bytes();
    let graph = load_bytes(&bytes, &ImportOptions::default()).map_err(|error| error.to_string())?;
    let zero = Tensor::new(vec![1], vec![0.0]).unwrap();
    Ok(graph.run(&[zero]).unwrap()[0].data[0])
}

#[test]
#[allow(clippy::float_cmp)] // powers of two
fn whole_numbers_of_constants_do_not_wrap_around() {
    const WORD: i64 = 1 << 32;
    let exact: [(&str, &[&[i64]], f32); 9] = [
        ("Add", &[&[WORD], &[WORD]], 8_589_934_592.0),
        ("Sub", &[&[-WORD], &[WORD]], -8_589_934_592.0),
        ("Mul", &[&[1 << 16], &[1 << 16]], 4_294_967_296.0),
        ("Mul", &[&[WORD], &[1 << 29]], 2f32.powi(61)),
        ("Div", &[&[WORD], &[-2]], -2_147_483_648.0),
        ("Mod", &[&[WORD + 3], &[-5]], -1.0),
        ("Neg", &[&[WORD]], -4_294_967_296.0),
        ("ReduceSum", &[&[WORD, WORD, -WORD]], 4_294_967_296.0),
        ("ReduceProd", &[&[1 << 16, 1 << 16, 2]], 8_589_934_592.0),
    ];
    for (op, operands, value) in exact {
        assert_eq!(computed(op, operands), Ok(value), "{op}");
    }
    let wrapped: [(&str, &[&[i64]], &str); 11] = [
        ("Add", &[&[i64::MAX], &[1]], "comes to 9223372036854775808"),
        ("Sub", &[&[i64::MIN], &[1]], "comes to -9223372036854775809"),
        ("Mul", &[&[WORD], &[WORD]], "comes to 18446744073709551616"),
        ("Div", &[&[i64::MIN], &[-1]], "comes to 9223372036854775808"),
        ("Div", &[&[WORD], &[0]], "divides by zero"),
        ("Pow", &[&[WORD], &[2]], "comes to 18446744073709551616"),
        ("Sum", &[&[i64::MAX], &[1], &[0]], "comes to 9223372036854775808"),
        ("Neg", &[&[i64::MIN]], "comes to 9223372036854775808"),
        ("Abs", &[&[i64::MIN]], "comes to 9223372036854775808"),
        ("ReduceSum", &[&[i64::MAX, i64::MAX, 2]], "comes to 18446744073709551616"),
        ("ReduceProd", &[&[WORD, WORD, WORD, WORD, WORD]], "product 4294967296·4294967296·"),
    ];
    for (op, operands, cause) in wrapped {
        let message = computed(op, operands).unwrap_err();
        let node = format!("node whole ({op}) computes whole numbers");
        assert!(message.contains(&node) && message.contains(cause), "{op}: {message}");
    }
}

/// A model in which `op` reads `[1 << 32 + 3]`, computed from constants, where it takes a size or a place.
fn sized(op: &str, before: &[&str]) -> File {
    let inputs: Vec<&str> = before.iter().copied().chain(["size"]).collect();
    let file = File::new()
        .input("x", &["3"])
        .integers("half", &[1 << 16])
        .integers("three", &[3])
        .floats("zero", &[], &[0.0])
        .node("Mul", "product", &["half", "half"], "square")
        .node("Add", "more", &["square", "three"], "size")
        .node(op, "reader", &inputs, "z");
    file.node("ReduceSum", "sum", &["z"], "s").node("Add", "add", &["x", "s"], "y")
}

/// Words of 32 bits would make 3 of 2^32 + 3.
#[test]
fn sizes_computed_from_constants_are_not_cut_to_words() {
    let readers: [(&str, &[&str]); 7] = [
        ("ConstantOfShape", &[]),
        ("Expand", &["zero"]),
        ("Expand", &["x"]),
        ("Tile", &["x"]),
        ("Reshape", &["x"]),
        ("Slice", &["x"]),
        ("Pad", &["x"]),
    ];
    for (op, before) in readers {
        let file = match op {
            "Slice" => {
                let ends = &["x", "size", "ends"][..];
                let file = File::new().input("x", &["4"]).integers("size", &[(1 << 32) + 3]);
                file.integers("ends", &[1 << 40]).node("Slice", "reader", ends, "y")
            }
            "Pad" => {
                let pads = [1, (1 << 32) + 3];
                let file = File::new().input("x", &["3"]).integers("size", &pads);
                file.node("Pad", "reader", &["x", "size"], "y")
            }
            _ => sized(op, before),
        };
        let message = refusal(&file.bytes());
        let named = format!("node reader ({op}) takes 4294967299 for a size");
        assert!(message.contains(&named), "{op}: {message}");
    }
    // A constant that meets a size is as good as one.
    let file = File::new()
        .input("x", &["3"])
        .integers("large", &[(1 << 32) + 3])
        .node("Shape", "shape", &["x"], "s")
        .node("Concat", "joined", &["large", "s"], "size")
        .int("axis", 0)
        .node("Expand", "reader", &["x", "size"], "y")
        .bytes();
    let message = refusal(&file);
    assert!(message.contains("node joined (Concat) takes 4294967299"), "{message}");
    // The ends of a slice lie beyond everything as a rule.
    let open = File::new()
        .input("x", &["4"])
        .integers("from", &[1])
        .integers("to", &[i64::MAX])
        .node("Slice", "rest", &["x", "from", "to"], "y")
        .bytes();
    let graph = load_bytes(&open, &ImportOptions::default()).unwrap();
    assert_eq!(graph.nodes[graph.outputs[0].0].shape, [3]);
    // Those of a shape's slice too: PyTorch's attention makes its shapes so.
    let open = File::new()
        .input("x", &["2", "4"])
        .integers("from", &[1])
        .integers("to", &[i64::MAX])
        .integers("tail", &[2])
        .node("Shape", "shape", &["x"], "s")
        .node("Slice", "rest", &["s", "from", "to"], "kept")
        .node("Concat", "joined", &["kept", "tail"], "size")
        .int("axis", 0)
        .node("Reshape", "reshape", &["x", "size"], "y")
        .bytes();
    let graph = load_bytes(&open, &ImportOptions::default()).unwrap();
    assert_eq!(graph.nodes[graph.outputs[0].0].shape, [4, 2]);
}

#[test]
fn declared_shapes_are_compared() {
    let file = || {
        File::new().input("x", &["2", "4"]).node("Relu", "relu", &["x"], "t").node(
            "Neg",
            "neg",
            &["t"],
            "y",
        )
    };
    let message = refusal(&file().bytes_declaring(Some(&[2, 5])));
    assert!(message.contains("node neg") && message.contains("[2, 5]"), "{message}");
    assert!(refusal(&file().bytes_declaring(Some(&[1, 4]))).contains("node neg"));
    assert!(refusal(&file().declared("t", &[2, 5]).bytes()).contains("node relu"));
    // The batch was edited after the shapes were noted.
    for right in [file().declared("t", &[1, 4]).bytes(), file().bytes_declaring(Some(&[2, 4]))] {
        assert!(load_bytes(&right, &ImportOptions::default()).is_ok());
    }
}

#[test]
fn unknown_variables_are_refused_with_those_that_exist() {
    let bytes = File::new().input("x", &["N", "3"]).node("Relu", "relu", &["x"], "y").bytes();
    let mut options = ImportOptions::default();
    options.variables.extend([("N".to_owned(), 2), ("M".to_owned(), 2)]);
    let message = load_bytes(&bytes, &options).unwrap_err().to_string();
    assert!(message.contains("symbol M") && message.contains("are N"), "{message}");
}

#[test]
fn an_empty_tensor_is_refused_by_name() {
    let bytes = File::new()
        .input("x", &["2", "3"])
        .integers("start", &[0])
        .integers("end", &[0])
        .node("Slice", "cut", &["x", "start", "end"], "s")
        .node("ReduceSum", "sum", &["s"], "y")
        .bytes();
    assert!(refusal(&bytes).contains("cut (Slice)"));
}

#[test]
fn an_input_keeps_its_name() {
    let bytes = File::new()
        .input("x", &["1", "3"])
        .floats("c", &[], &[0.5])
        .node("Mul", "x", &["x", "c"], "t")
        .node("Relu", "relu", &["t"], "y")
        .bytes();
    let graph = load_bytes(&bytes, &ImportOptions::default()).unwrap();
    assert_eq!(graph.nodes[graph.inputs[0].0].name, "x");
}

#[test]
fn a_zero_divisor_is_refused_by_its_node() {
    let bytes = File::new()
        .typed_input("a", 7, &["1", "2"])
        .typed_input("b", 7, &["1", "2"])
        .node("Div", "quotient", &["a", "b"], "y")
        .bytes();
    let graph = load_bytes(&bytes, &ImportOptions::default()).unwrap();
    let pair = |a: f32, b: f32| Tensor::new(vec![1, 2], vec![a, b]).unwrap();
    let quotients = graph.run(&[pair(-7.0, 7.0), pair(2.0, -2.0)]).unwrap();
    assert_eq!(quotients[0].data, [-3.0, -3.0]);
    let error = graph.run(&[pair(1.0, 0.0), pair(1.0, 0.0)]).unwrap_err();
    assert!(
        matches!(&error, EvaluateError::ByZero { node, .. } if node.starts_with("quotient")),
        "{error}"
    );
}

#[test]
fn whole_numbers_are_exact_or_refused() {
    let bytes = File::new()
        .typed_input("a", 7, &["1", "2"])
        .typed_input("b", 7, &["1", "2"])
        .node("Mul", "product", &["a", "b"], "y")
        .bytes();
    let graph = load_bytes(&bytes, &ImportOptions::default()).unwrap();
    let element = graph.element(graph.inputs[0]);
    assert_eq!(element, ElementType::Integer { bits: 64, signed: true });
    assert!(element.holds(1_700_000_000.0) && !element.holds(1_700_000_003.0));
    assert!(ElementType::Float.holds(1_700_000_003.0) && !ElementType::Double.holds(16_777_217.0));
    let run = |value: f32| {
        let tensor = Tensor::new(vec![1, 2], vec![value, 1.0]).unwrap();
        graph.run(&[tensor.clone(), tensor])
    };
    assert_eq!(run(4095.0).unwrap()[0].data, [16_769_025.0, 1.0]);
    let error = run(4097.0).unwrap_err();
    assert!(matches!(&error, EvaluateError::Inexact { node, .. } if node == "product"), "{error}");
    let constant = File::new()
        .typed_input("a", 7, &["1", "1"])
        .integers("c", &[(1 << 24) + 1])
        .node("Sub", "age", &["a", "c"], "y")
        .bytes();
    let message = refusal(&constant);
    assert!(message.contains("age") && message.contains("16777217"), "{message}");
}

#[test]
fn external_data_are_read_once_and_from_below_the_folder() {
    let folder = std::env::temp_dir().join(format!("provenn-external-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let weights: Vec<u8> = [0.5f32, -1.0].iter().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(folder.join("weights.bin"), &weights).unwrap();
    let write = |location: &str| {
        let bytes = File::new()
            .input("x", &["1", "2"])
            .external("w", &[2], location)
            .node("Mul", "scale", &["x", "w"], "y")
            .bytes();
        let path = folder.join("network.onnx");
        std::fs::write(&path, &bytes).unwrap();
        (path, bytes)
    };
    let options = ImportOptions::default();
    let (path, bytes) = write("./weights.bin");
    let mut read = Vec::new();
    let mut reading = |name: &str, bytes: &[u8]| read.push((name.to_owned(), bytes.to_vec()));
    let graph = load_reading(&path, &options, &mut reading).unwrap();
    assert_eq!(read, [(String::new(), bytes), ("weights.bin".to_owned(), weights)]);
    let y = graph.run(&[Tensor::new(vec![1, 2], vec![2.0, 3.0]).unwrap()]).unwrap();
    assert_eq!(y[0].data, [1.0, -3.0]);
    for outside in ["../weights.bin", "/etc/hostname", "missing.bin", "."] {
        let (path, _) = write(outside);
        let message = provenn_onnx_ir::load(&path, &options).unwrap_err().to_string();
        assert!(message.contains("tensor w") && !message.contains('\n'), "{message}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What a few bytes ask for is counted before it is made: refused at once, by the node that asks.
#[test]
fn work_is_counted_before_it_is_done() {
    let x = |shape: &[&str]| File::new().input("x", shape);
    let ones = |file: File, name: &str, shape: &[i64]| {
        let size = format!("{name}.size");
        file.integers(&size, shape).node("ConstantOfShape", name, &[&size], name)
    };
    let image = || x(&["1", "1", "4", "4"]);
    let kernel = |file: File| file.floats("w", &[1, 1, 3, 3], &[1.0; 9]);
    let refused: [(&str, File); 9] =
        [
            // Each of the padded places has a product.
            (
                "asks (Conv)",
                kernel(image()).node("Conv", "asks", &["x", "w"], "y").ints("pads", &[2000; 4]),
            ),
            // 1500² terms for each of 1501² windows.
            (
                "asks (AveragePool)",
                x(&["1", "1", "3000", "3000"])
                    .node("AveragePool", "asks", &["x"], "y")
                    .ints("kernel_shape", &[1500, 1500]),
            ),
            (
                "asks (MaxPool)",
                x(&["1", "1", "1000", "1000"])
                    .node("MaxPool", "asks", &["x"], "y")
                    .ints("kernel_shape", &[500, 500]),
            ),
            ("asks (ReduceMax)", x(&["1", "4000000"]).node("ReduceMax", "asks", &["x"], "y")),
            (
                "asks (Mul)",
                x(&["1", "4096"]).input("t", &["4096", "1"]).node("Mul", "asks", &["x", "t"], "y"),
            ),
            // Products: 2^12 · 2^12 · 2^12.
            ("asks", x(&["4096", "4096"]).node("MatMul", "asks", &["x", "x"], "y")),
            // Constants: more than 2^23 elements, or 2^33 products.
            (
                "asks (ConstantOfShape)",
                ones(ones(ones(x(&["1"]), "c", &[1 << 22]), "d", &[1 << 22]), "asks", &[1 << 10])
                    .node("Add", "add", &["x", "asks"], "y"),
            ),
            (
                "asks (MatMul)",
                ones(x(&["1"]), "c", &[2048, 2048])
                    .node("Neg", "less", &["c"], "b")
                    .node("MatMul", "asks", &["c", "b"], "d")
                    .node("ReduceSum", "sum", &["d"], "s")
                    .node("Add", "add", &["x", "s"], "y"),
            ),
            // At one place, a kernel of 512 · 1024 · 4 has a weight for each of 16 · 16 places.
            (
                "asks (Conv)",
                ones(x(&["1", "1024", "16", "16"]), "w", &[512, 1024, 2, 2])
                    .node("Conv", "asks", &["x", "w"], "y")
                    .ints("dilations", &[15; 2]),
            ),
        ];
    for (asks, file) in refused {
        let started = std::time::Instant::now();
        let message = refusal(&file.bytes());
        assert!(message.contains(asks), "{asks}: {message}");
        assert!(started.elapsed().as_secs() < 20, "{asks} took too long");
    }
    // Groups keep no zeros.
    let file = ones(x(&["1", "4096", "2", "2"]), "w", &[4096, 1, 3, 3]);
    let file = file.node("Conv", "depthwise", &["x", "w"], "y").int("group", 4096);
    load_bytes(&file.ints("pads", &[1; 4]).bytes(), &ImportOptions::default()).unwrap();
    // Windows much larger than their input ask for little: most of their taps meet padding alone.
    let pads = [1500; 4];
    for op in ["MaxPool", "AveragePool"] {
        let file = image().node(op, "pool", &["x"], "y").ints("kernel_shape", &[3000, 3000]);
        let graph = load_bytes(&file.ints("pads", &pads).bytes(), &ImportOptions::default());
        let graph = graph.unwrap_or_else(|error| panic!("{op}: {error}"));
        let ones = Tensor::new(vec![1, 1, 4, 4], vec![1.0; 16]).unwrap();
        let y = &graph.run(&[ones]).unwrap()[0];
        assert!(y.data.iter().all(|value| (value - 1.0).abs() < 1e-6), "{op}: {y:?}");
    }
}

/// Who sends twice the bytes of an ordinary file may have twice the elements, and no more.
#[test]
fn elements_grow_with_what_a_file_stores() {
    // Each value has half of what an ordinary file may have.
    let import = |stored: usize, values: usize| {
        let size = [i64::try_from(stored).unwrap()];
        let file = File::new().input("t0", &["1", "16777216"]);
        let file = file.floats("w", &size, &vec![0.5; stored]);
        let file = (1..values - 1).fold(file, |file, at| {
            let [from, to] = [at - 1, at].map(|at| format!("t{at}"));
            file.node(if at % 2 == 0 { "Relu" } else { "Neg" }, &to, &[&from], &to)
        });
        let last = format!("t{}", values - 2);
        load_bytes(&file.node("Abs", "last", &[&last], "y").bytes(), &ImportOptions::default())
    };
    for (stored, most) in [(1, 2), ((1 << 22) - 100, 2), (1 << 23, 4)] {
        assert_eq!(import(stored, most).unwrap().nodes.len(), most, "{stored} numbers");
        let error = import(stored, most + 1).unwrap_err().to_string();
        assert!(error.contains("last (Abs)"), "{stored} numbers: {error}");
    }
}

/// An ordinary network on an ordinary image is far from every limit.
#[test]
fn a_network_of_convolutions_on_a_photograph_is_imported() {
    let mut file = File::new().input("x", &["1", "3", "224", "224"]);
    let mut channels = 3;
    let layers =
        [(64, 7, 2), (64, 3, 2), (64, 3, 1), (128, 3, 2), (128, 3, 1), (256, 3, 2), (512, 3, 2)];
    let mut from = "x".to_owned();
    for (i, (outputs, kernel, stride)) in layers.into_iter().enumerate() {
        let [w, c, r] = ["w", "c", "r"].map(|name| format!("{name}{i}"));
        let shape = [outputs, channels, kernel, kernel];
        let count = usize::try_from(shape.iter().product::<i64>()).unwrap();
        file = file
            .floats(&w, &shape, &vec![0.01; count])
            .node("Conv", &c, &[&from, &w], &c)
            .ints("strides", &[stride; 2])
            .ints("pads", &[kernel / 2; 4])
            .node("Relu", &r, &[&c], &r);
        (channels, from) = (outputs, r);
    }
    let bytes = file.node("GlobalAveragePool", "pool", &[&from], "y").bytes();
    let graph = load_bytes(&bytes, &ImportOptions::default()).unwrap();
    assert_eq!(graph.nodes.last().unwrap().shape, [1, 512, 1, 1]);
}
