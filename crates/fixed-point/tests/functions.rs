//! Functions without end, comparisons and choices, on hand-made graphs.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    clippy::print_stdout
)]

use provenn_fixed_point::{
    InputError, InterpretError, Piecewise, QuantGraph, QuantOp, QuantiseError, RunArgs, calibrate,
    generate_settings, quantise, quantise_with_bounds,
};
use provenn_onnx_ir::{
    ElementType, EvaluateError, Function, Graph, Node, NodeId, Op, Tensor, functions,
};

/// A graph of nodes of one shape.
#[derive(Default)]
struct Model {
    nodes: Vec<Node>,
    inputs: Vec<NodeId>,
}

impl Model {
    fn push(&mut self, op: Op, inputs: &[NodeId], shape: &[usize]) -> NodeId {
        let id = NodeId(self.nodes.len());
        let name = format!("n{}", id.0);
        self.nodes.push(Node { name, op, inputs: inputs.to_vec(), shape: shape.to_vec() });
        id
    }

    fn input(&mut self, shape: &[usize]) -> NodeId {
        let index = self.inputs.len();
        let id = self.push(Op::Input { index }, &[], shape);
        self.inputs.push(id);
        id
    }

    fn finish(self, outputs: &[NodeId]) -> Graph {
        let Model { nodes, inputs } = self;
        Graph { nodes, inputs, outputs: outputs.to_vec(), ..Graph::default() }
    }
}

/// An operator, its function, the ends of its operands, and how many units it may be off by.
type Case = (Op, fn(f64) -> f64, f32, f32, f64);

/// A case of a function that has its own definition.
type Tabulated = (Function, f32, f32, f64);

fn tabulated() -> Vec<Tabulated> {
    use Function::{
        Acos, Acosh, Asin, Asinh, Atan, Atanh, Cos, Cosh, Elu, Mish, Power, Probit, Sin, Sinh,
        Swish, Tan,
    };
    vec![
        (Sin, -3.0, 3.0, 1.0),
        (Sin, -40.0, 40.0, 1.0),
        (Cos, 5.0, 5.5, 1.0),
        (Cos, -400.0, 300.0, 9.0),
        (Tan, -1.0, 1.2, 1.0),
        (Tan, 2.0, 4.0, 1.0),
        (Tan, -1.53, 1.5, 4.0),
        (Asin, -0.5, 0.5, 1.0),
        (Asin, -1.0, 1.0, 2.0),
        (Acos, 0.2, 1.0, 2.0),
        (Atan, -3.0, 3.0, 1.0),
        (Atan, -300.0, 90.0, 4.0),
        (Sinh, -4.0, 4.0, 1.0),
        (Sinh, 1.0, 12.0, 4.0),
        (Cosh, -4.0, 4.0, 1.0),
        (Asinh, -4.0, 4.0, 1.0),
        (Asinh, -1000.0, 400.0, 1.0),
        (Acosh, 1.0, 8.0, 2.0),
        (Acosh, 1.0, 700.0, 4.0),
        (Atanh, -0.9, 0.9, 1.0),
        (Atanh, -0.999, 0.99, 4.0),
        (Probit, 0.1, 0.9, 1.0),
        (Probit, 0.001, 0.98, 4.0),
        (Elu { slope: 1.0, depth: 1.0, width: 1.0 }, -6.0, 4.0, 1.0),
        (Elu { slope: 1.0, depth: 0.3, width: 0.3 }, -600.0, 2.0, 2.0),
        (Elu { slope: 1.05, depth: 1.75, width: 1.0 }, -3.0, 900.0, 1.0),
        (Elu { slope: 1.0, depth: 2.0, width: 1.0 }, -6.0, -2.0, 2.0),
        (Swish { beta: 1.0 }, -9.0, 6.0, 1.0),
        (Swish { beta: 1.702 }, -300.0, 2.0, 1.0),
        (Swish { beta: 1.0 }, -3.0, 900.0, 1.0),
        (Mish, -9.0, 6.0, 1.0),
        (Mish, -30.0, 900.0, 1.0),
        (Power { exponent: 1.7 }, 0.5, 4.0, 1.0),
        (Power { exponent: 0.3 }, 0.0, 4.0, 4.0),
        (Power { exponent: -1.5 }, 0.02, 4.0, 4.0),
        (Power { exponent: 9.0 }, -1.5, 1.2, 2.0),
        (Power { exponent: -3.0 }, -4.0, -0.3, 2.0),
    ]
}

/// Three quarters of a unit of the result and a little of the operand's: a unit at most.
#[test]
fn tables_of_functions_without_end_are_off_by_a_unit_at_most() {
    // A logarithm of many octaves has parts, before which the operand is cut and rounded; so is one that reaches far
    // beyond a table. Where results are small beside their operands, 2^-15 of these shows.
    let named: [Case; 11] = [
        (Op::Exp, functions::exp, -7.0, 3.0, 1.0),
        (Op::Erf, functions::erf, -8.0, 8.0, 1.0),
        (Op::Gelu { tanh: false }, |x| functions::gelu(x, false), -9.0, 6.0, 1.0),
        (Op::Gelu { tanh: true }, |x| functions::gelu(x, true), -3.0, 40.0, 1.0),
        (Op::Softplus, functions::softplus, -20.0, 6.0, 1.0),
        (Op::Softplus, functions::softplus, -5.0, -4.0, 2.0),
        (Op::Softplus, functions::softplus, -30.0, -4.0, 12.0),
        (Op::Softplus, functions::softplus, 3.0, 5.0, 1.0),
        (Op::Softplus, functions::softplus, -1.0, 1000.0, 1.0),
        (Op::Log, functions::log, 1.5, 6.0, 1.0),
        (Op::Log, functions::log, 0.01, 300.0, 1.0),
    ];
    let cases = named.into_iter().map(|(op, f, lo, hi, units)| {
        let f: Box<dyn Fn(f64) -> f64> = Box::new(f);
        (op, f, lo, hi, units)
    });
    let cases = cases.chain(tabulated().into_iter().map(|(function, lo, hi, units)| {
        let f: Box<dyn Fn(f64) -> f64> = Box::new(move |x| function.of(x));
        (Op::Function(function), f, lo, hi, units)
    }));
    let mut failures = vec![];
    for (op, f, lo, hi, units) in cases {
        let mut m = Model::default();
        let x = m.input(&[1, 4001, 1]);
        let y = m.push(op.clone(), &[x], &[1, 4001, 1]);
        let graph = m.finish(&[y]);
        let data: Vec<f32> = (0..4001).map(|i| lo + (hi - lo) * i as f32 / 4000.0).collect();
        let inputs = vec![vec![Tensor { shape: vec![1, 4001, 1], data }]];
        let scale = 18 - lo.abs().max(hi.abs()).log2().ceil() as i32;
        let args = RunArgs { input_scale: Some(scale), ..RunArgs::default() };
        let settings = generate_settings(&graph, &args, "digest").unwrap();
        let settings = calibrate(&graph, &settings, &inputs).unwrap();
        let quantised = quantise(&graph, &settings).unwrap();
        let integers = quantised.quantise_inputs(&inputs[0]).unwrap().values;
        let values = quantised.interpret(&integers).unwrap();
        let (input, output) = (&quantised.tensors[0], &quantised.tensors[quantised.outputs[0].0]);
        let results = &quantised.outputs(&values)[0];
        let off = integers[0].iter().zip(results).map(|(&x, &y)| {
            // Rounding an end of a domain may have moved it beyond.
            let x = x as f64 * input.step;
            let wanted =
                if f(x).is_nan() { f(x.clamp(f64::from(lo), f64::from(hi))) } else { f(x) };
            ((y as f64 * output.step - wanted).abs() / output.step, x)
        });
        let (error, x) = off.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let rows_of_tables: usize = tables(&quantised).iter().sum();
        println!(
            "{op:?} in [{lo}, {hi}]: {error:.2} units at {x}, {rows_of_tables} rows of {} tables, t = {}",
            tables(&quantised).len(),
            settings.low_bits
        );
        if error > units {
            failures.push(format!("{op:?} in [{lo}, {hi}]: {error} units at {x}"));
        }
        if rows_of_tables > 40_000 {
            failures.push(format!("{op:?} in [{lo}, {hi}]: {rows_of_tables} rows"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Rows of every distinct table.
fn tables(quantised: &QuantGraph) -> Vec<usize> {
    let mut tables: Vec<&Piecewise> = vec![];
    for tensor in &quantised.tensors {
        if let QuantOp::Rescale { function, .. } = &tensor.op
            && !tables.contains(&function)
        {
            tables.push(function);
        }
    }
    tables.iter().map(|table| table.entries.len()).collect()
}

#[test]
fn a_logarithm_of_what_may_be_zero_is_refused_by_name() {
    let mut m = Model::default();
    let x = m.input(&[1, 4]);
    let y = m.push(Op::Log, &[x], &[1, 4]);
    let graph = m.finish(&[y]);
    // Without data the range is an assumption, which need not be where the model is defined.
    let settings = generate_settings(&graph, &RunArgs::default(), "digest").unwrap();
    assert!(settings.outputs.is_empty());
    let refused = quantise(&graph, &settings);
    assert!(matches!(refused, Err(QuantiseError::Domain { node, .. }) if node == "n1"));
}

#[test]
fn a_tangent_of_data_on_both_sides_of_a_pole_is_refused_by_name() {
    for (x, accepted) in
        [([-1.5, 1.5], true), ([-1.5, 1.7], false), ([2.0, 4.5], true), ([1.5, 4.5], false)]
    {
        let mut model = Model::default();
        let input = model.input(&[1, 2]);
        let y = model.push(Op::Function(Function::Tan), &[input], &[1, 2]);
        let graph = model.finish(&[y]);
        let settings = generate_settings(&graph, &RunArgs::default(), "test").unwrap();
        let data = vec![vec![Tensor::new(vec![1, 2], x.to_vec()).unwrap()]];
        let quantised = calibrate(&graph, &settings, &data).and_then(|s| Ok(quantise(&graph, &s)?));
        assert_eq!(quantised.is_ok(), accepted, "{x:?}: {quantised:?}");
    }
}

#[test]
fn whole_numbers_are_compared_and_chosen_exactly() {
    let mut m = Model::default();
    let (x, z) = (m.input(&[1, 8]), m.input(&[1, 8]));
    let truth = [Op::Less, Op::LessOrEqual, Op::Equal].map(|op| m.push(op, &[x, z], &[1, 8]));
    let chosen = m.push(Op::Where, &[truth[1], x, z], &[1, 8]);
    let outputs = [truth.as_slice(), &[chosen]].concat();
    let mut graph = m.finish(&outputs);
    let whole = ElementType::Integer { bits: 32, signed: true };
    graph.elements.extend([(x, whole), (z, whole), (chosen, whole)]);
    graph.elements.extend(truth.map(|id| (id, ElementType::Boolean)));
    let tensor = |data: [f32; 8]| Tensor { shape: vec![1, 8], data: data.to_vec() };
    let inputs = vec![
        tensor([-9.0, 0.0, 3.0, 3.0, 70_000.0, 5.0, -1.0, 1.0]),
        tensor([-9.0, 1.0, 2.0, 3.0, 69_999.0, 6.0, -2.0, 1.0]),
    ];
    let settings = generate_settings(&graph, &RunArgs::default(), "digest").unwrap();
    let settings = calibrate(&graph, &settings, std::slice::from_ref(&inputs)).unwrap();
    let (quantised, bounds) = quantise_with_bounds(&graph, &settings).unwrap();
    let integers = quantised.quantise_inputs(&inputs).unwrap().values;
    let values = quantised.interpret(&integers).unwrap();
    let got = quantised.dequantise(&quantised.outputs(&values));
    for (got, expected) in got.iter().zip(graph.run(&inputs).unwrap()) {
        assert_eq!(got.data, expected.data);
    }
    assert!(bounds.outputs.iter().all(|bound| bound.worst_case == 0.0), "{:?}", bounds.outputs);
}

#[test]
fn computed_indices_read_tables_and_tensors_and_are_refused_where_they_reach_beyond() {
    let mut m = Model::default();
    let (index, data) = (m.input(&[2, 2]), m.input(&[2, 3, 2]));
    let table: Vec<f32> = (0..24).map(|i| (i * i % 17) as f32 / 8.0 - 1.0).collect();
    let table = Op::Constant(Tensor { shape: vec![2, 3, 4], data: table });
    let table = m.push(table, &[], &[2, 3, 4]);
    let of_table = m.push(Op::Gather { axis: 1 }, &[table, index], &[2, 2, 2, 4]);
    let of_data = m.push(Op::Gather { axis: 1 }, &[data, index], &[2, 2, 2, 2]);
    let mut graph = m.finish(&[of_table, of_data]);
    graph.elements.insert(index, ElementType::Integer { bits: 64, signed: true });
    let inputs = |index: [f32; 4]| {
        let data = (0..12).map(|i| i as f32 / 3.0 - 2.0).collect();
        vec![
            Tensor { shape: vec![2, 2], data: index.to_vec() },
            Tensor { shape: vec![2, 3, 2], data },
        ]
    };
    let seen = [inputs([0.0, 1.0, 2.0, 1.0]), inputs([-1.0, -3.0, -2.0, 0.0])];
    let settings = generate_settings(&graph, &RunArgs::default(), "digest").unwrap();
    let settings = calibrate(&graph, &settings, &seen).unwrap();
    let (quantised, bounds) = quantise_with_bounds(&graph, &settings).unwrap();
    for inputs in &seen {
        let integers = quantised.quantise_inputs(inputs).unwrap().values;
        let values = quantised.interpret(&integers).unwrap();
        let got = quantised.dequantise(&quantised.outputs(&values));
        let wanted = graph.run(inputs).unwrap();
        for ((got, wanted), bound) in got.iter().zip(wanted).zip(&bounds.outputs) {
            for (got, wanted) in got.data.iter().zip(&wanted.data) {
                let error = f64::from((got - wanted).abs());
                assert!(error <= bound.worst_case + 1e-6 && error < 1e-3, "{got} {wanted}");
            }
        }
        assert_eq!(quantised.saturation(inputs, &values).unwrap(), []);
    }
    let far = quantised.quantise_inputs(&inputs([0.0, 5000.0, 0.0, 0.0]));
    assert!(matches!(far, Err(InputError::Index { index: 0, element: 1, .. })), "{far:?}");
    let beyond = inputs([3.0, 0.0, 0.0, 0.0]);
    assert!(matches!(graph.run(&beyond), Err(EvaluateError::Index { extent: 3, .. })));
    let integers = quantised.quantise_inputs(&beyond).unwrap().values;
    let refused = quantised.interpret(&integers);
    assert!(
        matches!(refused, Err(InterpretError::Index { value: 3, first: -3, last: 2, .. })),
        "{refused:?}"
    );
}

/// A label as a float, of the first class in all data: the others are in the table all the same.
#[test]
fn a_table_of_which_only_zeros_were_met_has_its_other_rows() {
    let mut m = Model::default();
    let index = m.input(&[1]);
    let table = Op::Constant(Tensor { shape: vec![3], data: vec![0.0, 1.0, 2.0] });
    let table = m.push(table, &[], &[3]);
    let label = m.push(Op::Gather { axis: 0 }, &[table, index], &[1]);
    let mut graph = m.finish(&[label]);
    graph.elements.insert(index, ElementType::Integer { bits: 64, signed: true });
    let inputs = |index| vec![Tensor { shape: vec![1], data: vec![index] }];
    let settings = generate_settings(&graph, &RunArgs::default(), "digest").unwrap();
    let settings = calibrate(&graph, &settings, &[inputs(0.0)]).unwrap();
    let quantised = quantise(&graph, &settings).unwrap();
    for wanted in [0.0, 1.0, 2.0] {
        let integers = quantised.quantise_inputs(&inputs(wanted)).unwrap().values;
        let values = quantised.interpret(&integers).unwrap();
        let got = quantised.dequantise(&quantised.outputs(&values)).remove(0).data;
        assert!((got[0] - wanted).abs() < 1e-3, "{got:?}");
    }
}

/// Calibration met few of them, none negative: the last is there all the same, and no other stands for one that is not.
#[test]
fn every_index_of_an_axis_is_one() {
    for extent in [2, 3, 16, 17, 33, 64] {
        for elementwise in [false, true] {
            let mut m = Model::default();
            let (index, data) = (m.input(&[1, 2]), m.input(&[1, extent]));
            let (op, shape) = match elementwise {
                true => (Op::GatherElements { axis: 1 }, vec![1, 2]),
                false => (Op::Gather { axis: 1 }, vec![1, 1, 2]),
            };
            let picked = m.push(op, &[data, index], &shape);
            let mut graph = m.finish(&[picked]);
            graph.elements.insert(index, ElementType::Integer { bits: 64, signed: true });
            let inputs = |index: [f32; 2]| {
                let data = (0..extent).map(|i| i as f32 - 1.5).collect();
                vec![
                    Tensor { shape: vec![1, 2], data: index.to_vec() },
                    Tensor { shape: vec![1, extent], data },
                ]
            };
            let args = RunArgs { low_bits: Some(4), ..RunArgs::default() };
            let settings = generate_settings(&graph, &args, "digest").unwrap();
            let settings = calibrate(&graph, &settings, &[inputs([0.0, 1.0])]).unwrap();
            let quantised = quantise(&graph, &settings).unwrap();
            let last = (extent - 1) as f32;
            let integers = quantised.quantise_inputs(&inputs([last, 0.0])).unwrap().values;
            let values = quantised.interpret(&integers).unwrap();
            let got = quantised.dequantise(&quantised.outputs(&values)).remove(0).data;
            assert!((got[0] - (last - 1.5)).abs() < 0.01, "{extent}: {got:?}");
            for none in [-1.0, extent as f32, 5000.0] {
                let integers = quantised.quantise_inputs(&inputs([0.0, none]));
                let result = integers.map(|integers| quantised.interpret(&integers.values));
                assert!(!matches!(result, Ok(Ok(_))), "{extent}: index {none} has a result");
            }
        }
    }
}

/// An index that may be another is as far off as the data reach.
#[test]
fn rows_of_an_uncertain_index_are_bounded_by_the_table() {
    let mut m = Model::default();
    let x = m.input(&[1, 4]);
    let order = m.push(Op::TopK { axis: 1, largest: true }, &[x], &[1, 4]);
    let table = Op::Constant(Tensor { shape: vec![4, 1], data: vec![-1.0, 2.0, 0.5, 1.0] });
    let table = m.push(table, &[], &[4, 1]);
    let rows = m.push(Op::Gather { axis: 0 }, &[table, order], &[1, 4, 1]);
    let sorted = m.push(Op::GatherElements { axis: 1 }, &[x, order], &[1, 4]);
    let graph = m.finish(&[rows, sorted]);
    let inputs = vec![Tensor { shape: vec![1, 4], data: vec![0.5, -1.0, 2.0, 1.5] }];
    let settings = generate_settings(&graph, &RunArgs::default(), "digest").unwrap();
    let settings = calibrate(&graph, &settings, std::slice::from_ref(&inputs)).unwrap();
    let (_, bounds) = quantise_with_bounds(&graph, &settings).unwrap();
    assert!(bounds.outputs[0].worst_case >= 2.9, "{:?}", bounds.outputs[0]);
    assert!(bounds.outputs[1].worst_case < 0.01, "{:?}", bounds.outputs[1]);
}

#[test]
fn comparisons_that_no_value_changes_are_constant() {
    let mut m = Model::default();
    let x = m.input(&[1, 4]);
    let far = Op::Constant(Tensor { shape: vec![1, 4], data: vec![f32::MIN, -1e9, 1e9, 0.25] });
    let far = m.push(far, &[], &[1, 4]);
    let none = m.push(Op::Constant(Tensor::scalar(f32::MIN)), &[], &[]);
    let (mixed, equal) =
        (m.push(Op::Less, &[far, x], &[1, 4]), m.push(Op::Equal, &[x, none], &[1, 4]));
    let graph = m.finish(&[mixed, equal]);
    let inputs = vec![Tensor { shape: vec![1, 4], data: vec![0.5, -1.0, 2.0, 0.5] }];
    let settings = generate_settings(&graph, &RunArgs::default(), "digest").unwrap();
    let settings = calibrate(&graph, &settings, std::slice::from_ref(&inputs)).unwrap();
    let quantised = quantise(&graph, &settings).unwrap();
    let integers = quantised.quantise_inputs(&inputs).unwrap().values;
    let values = quantised.interpret(&integers).unwrap();
    let got = quantised.dequantise(&quantised.outputs(&values));
    assert_eq!(got[0].data, [1.0, 1.0, 0.0, 1.0]);
    assert_eq!(got[1].data, [0.0; 4]);
    // Equality with what no value reaches takes no row of a table.
    let rescaled = quantised.tensors.iter().filter(|tensor| tensor.onnx_op == "Equal");
    assert!(rescaled.into_iter().all(|tensor| !matches!(tensor.op, QuantOp::Rescale { .. })));
}
