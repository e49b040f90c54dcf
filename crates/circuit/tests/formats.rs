//! Several formats in one circuit: rescales in formats of their own, and such as drop nothing, divided through. The integers
//! are the same either way, and one output is provable.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use provenn_adversary::forgery::{Output, Parts, laid_with, settle, table};
use provenn_adversary::refused;
use provenn_adversary::sample::{Sample, clamp, exact_relu, scalar};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_fixed_point::{Coefficients, Format, FormatId, Linear, QuantGraph, QuantOp};
use provenn_gadgets::testing::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};
use rayon::prelude::*;

const SHIFT: u32 = 4;
const LOW: u32 = 2;
const UNDROPPED: Format = Format { shift: 0, low_bits: LOW };

/// A layer, and `max(a, b) = relu(a − b) + b` of its values and an input.
fn maximum() -> QuantGraph {
    let mut s = Sample::with(SHIFT, LOW);
    let (x, b) = (s.input(&[3]), s.input(&[3]));
    let weights = vec![7, -3, 5, 2, 9, -6, 1, 4, 8];
    let a = s.rescale(
        &[3],
        Linear::Dense { input: x, weights: weights.into() },
        vec![5, -9, 0],
        clamp(SHIFT, LOW, 400),
    );
    let bound = (64 + 16) << SHIFT;
    let terms = vec![scalar(a, 1 << SHIFT), scalar(b, -(1 << SHIFT))];
    let linear = Linear::Combine { terms };
    let d = s.rescale(&[3], linear, vec![], exact_relu(SHIFT, LOW, bound));
    let terms = vec![scalar(d, 1), scalar(b, 1)];
    let y = s.derived(&[3], QuantOp::Exact { linear: Linear::Combine { terms } });
    s.finish(&[y])
}

fn inputs(seed: i64) -> Vec<Vec<i64>> {
    let value = |i: i64| (seed * 7 + i * 11).rem_euclid(31) - 16;
    vec![(0..3).map(value).collect(), (3..6).map(value).collect()]
}

fn planned(graph: &QuantGraph, undropped: bool, values: &[Vec<i64>]) -> Subject {
    let options = PlanOptions { undropped: Some(undropped), ..PlanOptions::default() };
    let (plan, _) = CompiledCircuit::plan(graph, &options).unwrap();
    assert_eq!(plan.undropped, undropped);
    laid_with(graph, values, plan)
}

#[test]
fn divided_through_the_integers_are_the_same() {
    let graph = maximum();
    let divided = graph.undropped().unwrap();
    divided.validate().unwrap();
    assert_eq!(divided.formats, [graph.formats[0], UNDROPPED]);
    // The layer drops bits, and stays what it is.
    let formats = divided.tensors.iter().filter_map(|tensor| match tensor.op {
        QuantOp::Rescale { format, .. } => Some(format),
        _ => None,
    });
    assert_eq!(formats.collect::<Vec<_>>(), [FormatId::MAIN, FormatId(1)]);
    assert_eq!(divided.undropped(), None);
    for seed in 0..40 {
        let expected = graph.interpret(&inputs(seed)).unwrap();
        assert_eq!(divided.interpret(&inputs(seed)).unwrap(), expected);
        let (a, b) = (&expected[2], &expected[1]);
        let maximum: Vec<i64> = a.iter().zip(b).map(|(a, b)| *a.max(b)).collect();
        assert_eq!(expected.last(), Some(&maximum));
    }
}

#[test]
fn every_cell_is_bound_either_way() {
    for undropped in [false, true] {
        let s = planned(&maximum(), undropped, &inputs(3));
        let formats: Vec<u32> = s.params().formats.iter().map(|format| format.shift).collect();
        assert_eq!(formats, if undropped { vec![SHIFT, 0] } else { vec![SHIFT] });
        every_first_cell_is_bound(&s, &s.read_cells());
        every_second_cell_is_bound(&s, &s.determined_cells());
    }
}

/// `relu(3·x)` of one input, without a remainder.
fn neuron() -> QuantGraph {
    let mut s = Sample::with(SHIFT, LOW);
    let x = s.input(&[1]);
    let terms = vec![(x, Coefficients::Scalar(3 << SHIFT))];
    let linear = Linear::Combine { terms };
    let y = s.rescale(&[1], linear, vec![], exact_relu(SHIFT, LOW, (3 * 16) << SHIFT));
    s.finish(&[y])
}

#[test]
fn without_a_remainder_one_output_is_provable() {
    let graph = neuron();
    for input in [-16, -2, -1, 0, 1, 2, 15] {
        let s = planned(&graph, true, &[vec![input]]);
        let output = Output::last(&s);
        assert!(s.layout().activation[output.place.bank].remainder.is_empty());
        let expected = graph.interpret(&[vec![input]]).unwrap()[graph.outputs[0].0][0];
        let mut all = vec![];
        for [high, slope, base] in table(&s, output.place.tag(&s)) {
            for low in 0..1 << LOW {
                let parts = Parts { high, low, remainder: 0, slope, base };
                all.extend((-1..50).map(|stated| (parts, stated)));
            }
        }
        let satisfies = |&(parts, stated): &(Parts, i64)| {
            let mut forged = s.clone();
            output.place.write(&mut forged, parts);
            output.state(&mut forged, stated);
            settle(forged).holds()
        };
        let found: Vec<_> = all.into_par_iter().filter(satisfies).collect();
        assert_eq!(found, [(output.place.read(&s), expected)], "input {input}");
    }
}

/// The low limb makes up for another head, or is one too large: nothing but its range objects.
#[test]
fn a_low_limb_beyond_its_range() {
    let s = planned(&neuron(), true, &[vec![7]]);
    let output = Output::last(&s);
    let honest = output.place.read(&s);
    for heads in [-2, -1, 1, 2] {
        let low = honest.low - (heads << LOW);
        let forged =
            output.forge(&s, Parts { high: honest.high + heads, low, slope: 1, base: 3, ..honest });
        refused(&forged, "logup/last");
    }
    let mut parts = honest;
    parts.low += 1;
    refused(&output.forge(&s, parts), "copy");
}

/// Rescales of three formats in one graph, one after the other.
#[test]
fn rescales_in_formats_of_their_own() {
    let mut s = Sample::with(SHIFT, LOW);
    let x = s.input(&[4]);
    let mut last = x;
    for (shift, low) in [(SHIFT, LOW), (2, 3), (7, 1)] {
        let format = Format { shift, low_bits: low };
        let at = s.0.formats.iter().position(|of| *of == format).unwrap_or(s.0.formats.len());
        if at == s.0.formats.len() {
            s.0.formats.push(format);
        }
        // The sample's own helper rescales in the first format.
        s.0.formats.swap(0, at);
        let weights = provenn_adversary::sample::noise(5, 16, 3 << shift >> 2);
        let bound = 1 << (shift + 8);
        last = s.rescale(
            &[4],
            Linear::Dense { input: last, weights: weights.into() },
            vec![],
            clamp(shift, low, bound),
        );
        s.0.formats.swap(0, at);
        if let QuantOp::Rescale { format, .. } = &mut s.0.tensors[last.0].op {
            *format = FormatId(at);
        }
    }
    let graph = s.finish(&[last]);
    let s = planned(&graph, false, &[vec![3, -16, 15, 7]]);
    let formats: Vec<_> = s.params().formats.iter().map(|of| (of.shift, of.low_bits)).collect();
    assert_eq!(formats, [(SHIFT, LOW), (2, 3), (7, 1)]);
    every_first_cell_is_bound(&s, &s.read_cells());
    every_second_cell_is_bound(&s, &s.determined_cells());
}

#[test]
fn formats_that_the_graph_has_not_are_refused() {
    let mut graph = maximum();
    let QuantOp::Rescale { format, .. } = &mut graph.tensors[2].op else { panic!("a layer") };
    *format = FormatId(1);
    assert!(graph.validate().unwrap_err().to_string().contains("format"));
    let mut many = maximum();
    many.formats = vec![many.formats[0]; 9];
    assert!(many.validate().unwrap_err().to_string().contains("number of formats is 9"));
}
