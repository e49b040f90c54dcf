//! Columns of very different size that weights make up for.

use super::net::{Net, Quantised, noise};
use provenn_onnx_ir::{Graph, NodeId, Op, Window};

const SCALES: [f32; 4] = [1e6, 1e3, 1.0, 1e-3];

fn features(seed: usize) -> Vec<Vec<f32>> {
    vec![noise(seed, 4).iter().zip(SCALES).map(|(x, scale)| x * scale).collect()]
}

#[test]
fn features_of_different_size_that_weights_make_up_for() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let w = net.constant(&[1, 4, 2], &SCALES.map(|s| [1.0 / s, -0.5 / s]).concat());
    let y = net.push("fc", Op::MatMul, &[x, w], &[1, 1, 2]);
    let data: Vec<_> = (0..30).map(features).collect();
    let quantised = Quantised::new(net.finish(y), &data);
    quantised.tracks(&data, 1e-3);
}

#[test]
fn a_scaler_inside_the_model() {
    let (mean, std) = ([3e5_f32, 40.0, 0.5, 2e-3], [1e5_f32, 12.0, 0.3, 1e-3]);
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let m = net.constant(&[4], &mean);
    let s = net.constant(&[4], &std);
    let c = net.push("centre", Op::Sub, &[x, m], &[1, 1, 4]);
    let z = net.push("scale", Op::Div, &[c, s], &[1, 1, 4]);
    let w = net.constant(&[1, 4, 1], &[0.3, -0.6, 0.9, 1.2]);
    let y = net.push("fc", Op::MatMul, &[z, w], &[1, 1, 1]);
    let y = net.push("prob", Op::Sigmoid, &[y], &[1, 1, 1]);
    let data: Vec<Vec<Vec<f32>>> = (0..40)
        .map(|seed| vec![(0..4).map(|i| mean[i] + std[i] * 1.5 * noise(seed, 4)[i]).collect()])
        .collect();
    let quantised = Quantised::new(net.finish(y), &data);
    quantised.tracks(&data, 1e-3);
}

/// Naive Bayes: distances from the mean of each class, columns by their deviations.
#[test]
fn distances_whose_columns_are_of_different_size() {
    let deviations = [3e5_f32, 40.0, 0.5, 2e-3];
    let by_class =
        |seed, by: fn(f32) -> f32| (0..12).map(move |i| deviations[i % 4] * by(noise(seed, 12)[i]));
    let mut net = Net::default();
    let x = net.input(&[1, 4]);
    let x = net.push("column", Op::Reshape, &[x], &[1, 1, 4]);
    let means = net.constant(&[1, 3, 4], &by_class(7, |x| 3.0 * x).collect::<Vec<_>>());
    let c = net.push("centre", Op::Sub, &[x, means], &[1, 3, 4]);
    let roots: Vec<f32> = by_class(8, |x| 1.5 + x).map(|x| 1.0 / x).collect();
    let roots = net.constant(&[1, 3, 4], &roots);
    let z = net.push("weighed", Op::Mul, &[c, roots], &[1, 3, 4]);
    let squares = net.push("squares", Op::Pow { exponent: 2 }, &[z], &[1, 3, 4]);
    let y = net.push("distance", Op::ReduceSum { axes: vec![2] }, &[squares], &[1, 3, 1]);
    let data: Vec<Vec<Vec<f32>>> = (0..40)
        .map(|seed| vec![(0..4).map(|i| deviations[i] * 4.0 * noise(seed, 4)[i]).collect()])
        .collect();
    Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
}

#[test]
fn ranges_away_from_zero() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let c = net.constant(&[1], &[1000.5]);
    let t = net.push("centre", Op::Add, &[x, c], &[1, 1, 4]);
    let y = net.push("tanh", Op::Tanh, &[t], &[1, 1, 4]);
    let data: Vec<Vec<Vec<f32>>> =
        (0..10).map(|s| vec![noise(s, 4).iter().map(|x| x / 2.0 - 1000.5).collect()]).collect();
    let quantised = Quantised::new(net.finish(y), &data);
    quantised.tracks(&data, 1e-3);
}

#[test]
fn outputs_of_different_size_keep_their_bits_each() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let w: Vec<f32> = (0..16).map(|i| noise(9, 16)[i] * SCALES[i % 4]).collect();
    let w = net.constant(&[1, 4, 4], &w);
    let y = net.push("fc", Op::MatMul, &[x, w], &[1, 1, 4]);
    let data: Vec<_> = (0..20).map(|seed| vec![noise(seed, 4)]).collect();
    let quantised = Quantised::new(net.finish(y), &data);
    for x in &data {
        let (outputs, float, _) = quantised.run(x);
        for ((q, f), scale) in outputs.iter().zip(&float).zip(SCALES) {
            let error = (q - f64::from(*f)).abs() / f64::from(scale);
            assert!(error < 1e-2, "{outputs:?} for {float:?}");
        }
    }
}

#[test]
fn hidden_columns_of_different_size() {
    let mut net = Net::default();
    let x = net.input(&[1, 1, 4]);
    let sizes = [1e6_f32, 1e3, 1.0, 1e-3];
    let w: Vec<f32> = (0..16).map(|i| noise(9, 16)[i] * sizes[i % 4]).collect();
    let w = net.constant(&[1, 4, 4], &w);
    let h = net.push("hidden", Op::MatMul, &[x, w], &[1, 1, 4]);
    let h = net.push("relu", Op::Relu, &[h], &[1, 1, 4]);
    let w = net.constant(&[1, 4, 1], &sizes.map(|s| 1.0 / s));
    let y = net.push("out", Op::MatMul, &[h, w], &[1, 1, 1]);
    let data: Vec<_> = (0..20).map(|seed| vec![noise(seed, 4)]).collect();
    let quantised = Quantised::new(net.finish(y), &data);
    quantised.tracks(&data, 1e-2);
}

#[test]
fn a_concatenation_keeps_the_bits_of_its_small_part() {
    let mut net = Net::default();
    let (large, small) = (net.input(&[1, 1, 2]), net.input(&[1, 1, 2]));
    let abs = |net: &mut Net, x, name: &str| net.push(name, Op::Abs, &[x], &[1, 1, 2]);
    let (a, b) = (abs(&mut net, large, "large"), abs(&mut net, small, "small"));
    let c = net.push("both", Op::Concat { axis: 2 }, &[a, b], &[1, 1, 4]);
    let w = net.constant(&[1, 4, 1], &[1e-5, -1e-5, 1e3, 2e3]);
    let y = net.push("out", Op::MatMul, &[c, w], &[1, 1, 1]);
    let scaled = |seed, by: f32| noise(seed, 2).iter().map(|x| x * by).collect::<Vec<_>>();
    let data: Vec<_> = (0..20).map(|s| vec![scaled(s, 1e5), scaled(s + 50, 1e-3)]).collect();
    Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
}

/// Behind a function that scales with its operand, columns of 1e6 and 1e-3 count alike where weights make up for
/// their sizes: in one step the small ones would be nothing.
#[test]
fn columns_of_different_size_behind_functions_that_scale() {
    for (op, products_first) in
        [(Op::Relu, false), (Op::Abs, false), (Op::Relu, true), (Op::Abs, true)]
    {
        let mut net = Net::default();
        let x = net.input(&[1, 4]);
        let sizes = [1e6, 1e-3, 1e6, 1e-3];
        let large = net.constant(&[1, 4], &sizes);
        let small = net.constant(&[1, 4], &sizes.map(|x| 1.0 / x));
        let sized = match products_first {
            false => x,
            true => {
                let mixing = net.constant(&[1, 4, 4], &noise(5, 16));
                let rows = net.push("rows", Op::Reshape, &[x], &[1, 1, 4]);
                let mixed = net.push("mixed", Op::MatMul, &[rows, mixing], &[1, 1, 4]);
                let mixed = net.push("flat", Op::Reshape, &[mixed], &[1, 4]);
                net.push("sized", Op::Mul, &[mixed, large], &[1, 4])
            }
        };
        let cut = net.push("cut", op.clone(), &[sized], &[1, 4]);
        let even = net.push("even", Op::Mul, &[cut, small], &[1, 4]);
        let weights = net.constant(&[1, 4, 2], &noise(9, 8));
        let rows = net.push("even.rows", Op::Reshape, &[even], &[1, 1, 4]);
        let y = net.push("y", Op::MatMul, &[rows, weights], &[1, 1, 2]);
        let graph = net.finish(y);
        let of_size = |row: Vec<f32>| match products_first {
            false => row.iter().zip(sizes).map(|(x, size)| x * size).collect(),
            true => row,
        };
        let data: Vec<_> = (0..20).map(|seed| vec![of_size(noise(seed, 4))]).collect();
        Quantised::new(graph, &data).tracks(&data, 1e-3);
    }
}

/// The same beside the features themselves, as nets with skipping connections and pipelines of several inputs have them.
#[test]
fn columns_of_different_size_side_by_side() {
    let sizes = [1e6, 1e-3, 1e6, 1e-3];
    let mut net = Net::default();
    let (x, other) = (net.input(&[1, 4]), net.input(&[1, 2]));
    let cut = net.push("cut", Op::Relu, &[x], &[1, 4]);
    let all = net.push("all", Op::Concat { axis: 1 }, &[cut, x, other], &[1, 10]);
    let even: Vec<f32> =
        sizes.iter().chain(&sizes).chain(&[1e3, 1e-5]).map(|size| 1.0 / size).collect();
    let even = net.constant(&[1, 10], &even);
    let even = net.push("even", Op::Mul, &[all, even], &[1, 10]);
    let weights = net.constant(&[1, 10, 2], &noise(9, 20));
    let rows = net.push("even.rows", Op::Reshape, &[even], &[1, 1, 10]);
    let y = net.push("y", Op::MatMul, &[rows, weights], &[1, 1, 2]);
    let graph = net.finish(y);
    let of_size =
        |row: Vec<f32>, sizes: &[f32]| row.iter().zip(sizes).map(|(x, size)| x * size).collect();
    let data: Vec<_> = (0..20)
        .map(|seed| {
            vec![of_size(noise(seed, 4), &sizes), of_size(noise(seed + 50, 2), &[1e3, 1e-5])]
        })
        .collect();
    Quantised::new(graph, &data).tracks(&data, 1e-3);
}

/// An output whose columns need steps of their own, of a product whose rows are the output's columns: the order of a
/// form is not the node's.
#[test]
fn an_output_in_another_order_than_its_form() {
    let mut net = Net::default();
    let x = net.input(&[1, 2, 3]);
    let sizes = [1.0, 1e-3, 1.0, 1e-4, 1.0];
    let mut weights = noise(9, 15);
    for (i, weight) in weights.iter_mut().enumerate() {
        *weight *= sizes[i % 5];
    }
    let weights = net.constant(&[1, 3, 5], &weights);
    let y = net.push("y", Op::MatMul, &[x, weights], &[1, 2, 5]);
    let graph = net.finish(y);
    let data: Vec<_> = (0..20).map(|seed| vec![noise(seed, 6)]).collect();
    Quantised::new(graph, &data).tracks(&data, 1e-3);
}

const SIZES: [f32; 4] = [1e6, 1e-3, 1e6, 1e-3];

/// A net whose input's columns are as large as `SIZES`, through `function`, then brought to one size and mixed.
fn sized(function: impl Fn(&mut Net, NodeId) -> NodeId) -> Graph {
    let mut net = Net::default();
    let x = net.input(&[1, 4]);
    let y = function(&mut net, x);
    let small = net.constant(&[1, 4], &SIZES.map(|x| 1.0 / x));
    let even = net.push("even", Op::Mul, &[y, small], &[1, 4]);
    let weights = net.constant(&[1, 4, 2], &noise(9, 8));
    let rows = net.push("even.rows", Op::Reshape, &[even], &[1, 1, 4]);
    let y = net.push("y", Op::MatMul, &[rows, weights], &[1, 1, 2]);
    net.finish(y)
}

fn sizeable(elements: usize, inner: usize) -> Vec<Vec<Vec<f32>>> {
    let size = |i: usize| SIZES[i / inner % 4];
    let row = |seed| noise(seed, elements).iter().enumerate().map(|(i, x)| x * size(i)).collect();
    (0..20).map(|seed| vec![row(seed)]).collect()
}

/// What a net makes of a node.
type Function = fn(&mut Net, NodeId) -> NodeId;

/// Whatever scales with its operand keeps the columns of an input apart.
#[test]
fn columns_pass_what_scales() {
    let of_one: [(&str, Function); 8] = [
        ("LeakyRelu", |net, x| net.push("f", Op::LeakyRelu { alpha: 0.1 }, &[x], &[1, 4])),
        ("steep LeakyRelu", |net, x| net.push("f", Op::LeakyRelu { alpha: -1.5 }, &[x], &[1, 4])),
        ("PRelu", |net, x| {
            let slopes = net.constant(&[1, 4], &[0.1, 0.5, -0.2, 2.0]);
            net.push("f", Op::PRelu, &[x, slopes], &[1, 4])
        }),
        ("Clip", |net, x| net.push("f", Op::Clip { min: -4e5, max: 6e5 }, &[x], &[1, 4])),
        ("Clip from zero", |net, x| net.push("f", Op::Clip { min: 0.0, max: 6e5 }, &[x], &[1, 4])),
        ("Clip below", |net, x| {
            let none = f32::NEG_INFINITY;
            net.push("f", Op::Clip { min: none, max: 2e5 }, &[x], &[1, 4])
        }),
        ("Max", |net, x| {
            let other = net.constant(&[1, 4], &SIZES.map(|x| x * 0.3));
            net.push("f", Op::Max, &[x, other], &[1, 4])
        }),
        ("Min", |net, x| {
            let turned = net.push("t", Op::Neg, &[x], &[1, 4]);
            net.push("f", Op::Min, &[x, turned], &[1, 4])
        }),
    ];
    let data = sizeable(4, 1);
    for (name, function) in of_one {
        println!("{name}"); // beside a failure
        Quantised::new(sized(function), &data).tracks(&data, 1e-3);
    }
}

/// Products of columns with each other and with a gate, and their powers.
#[test]
fn columns_pass_products() {
    let gated = sized(|net, x| {
        let gate = net.input(&[1, 1]);
        let gate = net.push("gate", Op::Sigmoid, &[gate], &[1, 1]);
        let x = net.push("first", Op::Relu, &[x], &[1, 4]);
        net.push("f", Op::Mul, &[x, gate], &[1, 4])
    });
    let data = sizeable(4, 1).into_iter().enumerate();
    let data: Vec<_> = data.map(|(i, x)| [x, vec![noise(i, 1)]].concat()).collect();
    Quantised::new(gated, &data).tracks(&data, 1e-3);
    for op in [Op::Mul, Op::Pow { exponent: 2 }] {
        let squares = sized(|net, x| {
            let x = net.push("first", Op::Abs, &[x], &[1, 4]);
            let square = match op {
                Op::Mul => net.push("f", Op::Mul, &[x, x], &[1, 4]),
                _ => net.push("f", op.clone(), &[x], &[1, 4]),
            };
            let small = net.constant(&[1, 4], &SIZES.map(|x| 1.0 / x));
            net.push("once", Op::Mul, &[square, small], &[1, 4])
        });
        let data = sizeable(4, 1);
        Quantised::new(squares, &data).tracks(&data, 1e-3);
    }
}

/// The same of choices, by a constant and by data.
#[test]
fn columns_pass_choices() {
    let data = sizeable(4, 1);
    let constant = sized(|net, x| {
        let which = net.constant(&[1, 4], &[1.0, 1.0, 0.0, 0.0]);
        let other = net.push("t", Op::Neg, &[x], &[1, 4]);
        net.push("f", Op::Where, &[which, x, other], &[1, 4])
    });
    Quantised::new(constant, &data).tracks(&data, 1e-3);
    let filled = sized(|net, x| {
        let which = net.constant(&[1, 4], &[1.0, 1.0, 0.0, 1.0]);
        let other = net.constant(&[1, 1], &[7.0]);
        net.push("f", Op::Where, &[which, x, other], &[1, 4])
    });
    Quantised::new(filled, &data).tracks(&data, 1e-3);
    let computed = sized(|net, x| {
        let (zero, sign) = (net.constant(&[1, 1], &[0.0]), net.input(&[1, 1]));
        let which = net.push("which", Op::Less, &[zero, sign], &[1, 1]);
        let half = net.constant(&[1, 4], &SIZES.map(|x| x * 0.5));
        net.push("f", Op::Where, &[which, x, half], &[1, 4])
    });
    let data: Vec<_> =
        data.into_iter().enumerate().map(|(i, x)| [x, vec![noise(i, 1)]].concat()).collect();
    Quantised::new(computed, &data).tracks(&data, 1e-3);
}

/// A convolution whose window is one element.
fn pointwise() -> Op {
    let window = Window {
        kernel: [1, 1],
        stride: [1, 1],
        dilation: [1, 1],
        pad_before: [0, 0],
        pad_after: [0, 0],
    };
    Op::Conv { window, groups: 1 }
}

/// Channels of an image, through what works on each of them, into a convolution that makes up for their sizes.
#[test]
fn channels_pass_pools_and_means() {
    let halves = Window {
        kernel: [2, 2],
        stride: [2, 2],
        dilation: [1, 1],
        pad_before: [0, 0],
        pad_after: [0, 0],
    };
    let over = Window { stride: [1, 1], pad_before: [1, 1], pad_after: [0, 1], ..halves.clone() };
    let axes = vec![2, 3];
    let shapes = [[1, 4, 2, 2], [1, 4, 4, 5], [1, 4, 1, 1], [1, 4, 6, 4]];
    let ops = [
        (Op::MaxPool { window: halves.clone() }, shapes[0]),
        (Op::MaxPool { window: over.clone() }, shapes[1]),
        (Op::AveragePool { window: halves, count_include_pad: true }, shapes[0]),
        (Op::AveragePool { window: over, count_include_pad: false }, shapes[1]),
        (Op::ReduceMean { axes: axes.clone() }, shapes[2]),
        (Op::ReduceSum { axes: axes.clone() }, shapes[2]),
        (Op::ReduceMax { axes }, shapes[2]),
        (Op::Pad { before: vec![0, 0, 1, 0], after: vec![0, 0, 1, 0], value: 0.0 }, shapes[3]),
    ];
    let data = sizeable(64, 16);
    for ((op, shape), first) in
        ops.iter().flat_map(|op| [Op::Relu, Op::Abs].map(|first| (op, first)))
    {
        println!("{op:?} {first:?}"); // beside a failure
        let mut net = Net::default();
        let x = net.input(&[1, 4, 4, 4]);
        let x = net.push("first", first, &[x], &[1, 4, 4, 4]);
        let y = net.push("f", op.clone(), &[x], shape);
        let mix = noise(9, 8).iter().enumerate().map(|(i, w)| w / SIZES[i % 4]).collect::<Vec<_>>();
        let kernel = net.constant(&[2, 4, 1, 1], &mix);
        let conv = pointwise();
        let y = net.push("y", conv, &[y, kernel], &[1, 2, shape[2], shape[3]]);
        Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
    }
}

/// Sums over steps of a series and over its columns, and columns that are repeated.
#[test]
fn columns_pass_sums_and_repetitions() {
    let data = sizeable(12, 1);
    let mean = sized_series(Op::ReduceMean { axes: vec![1] }, [1, 1, 4]);
    Quantised::new(mean, &data).tracks(&data, 1e-3);
    let tiled = sized_series(Op::Tile { repeats: vec![1, 2, 1] }, [1, 6, 4]);
    Quantised::new(tiled, &data).tracks(&data, 1e-3);
}

fn sized_series(op: Op, shape: [usize; 3]) -> Graph {
    let mut net = Net::default();
    let x = net.input(&[1, 3, 4]);
    let x = net.push("first", Op::Abs, &[x], &[1, 3, 4]);
    let y = net.push("f", op, &[x], &shape);
    let mix = noise(9, 8).iter().enumerate().map(|(i, w)| w / SIZES[i / 2]).collect::<Vec<_>>();
    let weights = net.constant(&[1, 4, 2], &mix);
    let y = net.push("y", Op::MatMul, &[y, weights], &[1, shape[1], 2]);
    net.finish(y)
}

/// Channels that a kernel makes of very different size, cut at a bound that only the large ones meet, or summed with
/// others of their size, before weights that make up for them.
#[test]
fn hidden_channels_that_weights_make_up_for() {
    let conv = pointwise();
    let sizes = [6.0, 6e-4, 12.0, 6e-3];
    let shape = [1, 4, 2, 2];
    for between in ["Clip", "LeakyRelu", "Add", "nothing"] {
        println!("{between}"); // beside a failure
        let mut net = Net::default();
        let x = net.input(&[1, 2, 2, 2]);
        let kernel: Vec<f32> = (0..8).map(|i| noise(3, 8)[i] * sizes[i / 2]).collect();
        let kernel = net.constant(&[4, 2, 1, 1], &kernel);
        let h = net.push("h", conv.clone(), &[x, kernel], &shape);
        let h = match between {
            "Clip" => net.push("f", Op::Clip { min: 0.0, max: 6.0 }, &[h], &shape),
            "LeakyRelu" => net.push("f", Op::LeakyRelu { alpha: 0.2 }, &[h], &shape),
            "Add" => {
                let relu = net.push("f", Op::Relu, &[h], &shape);
                net.push("sum", Op::Add, &[h, relu], &shape)
            }
            _ => h,
        };
        let mix = noise(9, 8).iter().enumerate().map(|(i, w)| w / sizes[i % 4]).collect::<Vec<_>>();
        let mix = net.constant(&[2, 4, 1, 1], &mix);
        let y = net.push("y", conv.clone(), &[h, mix], &[1, 2, 2, 2]);
        let data: Vec<_> = (0..20).map(|seed| vec![noise(seed, 8)]).collect();
        Quantised::new(net.finish(y), &data).tracks(&data, 1e-3);
    }
}
