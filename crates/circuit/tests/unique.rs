//! Duty 3: of all assignments within the tables' ranges exactly one is satisfiable, and it states the
//! interpreter's output.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use provenn_adversary::forgery::{Output, Parts, subject, table};
use provenn_adversary::sample::{Sample, exact_relu};
use provenn_fixed_point::{Linear, Piecewise, QuantGraph};
use provenn_gadgets::testing::Subject;
use rayon::prelude::*;
use std::collections::BTreeSet;

const SHIFT: u32 = 2;
const LOW: u32 = 1;

fn neuron(weight: i64, bias: i64, function: Piecewise) -> QuantGraph {
    let mut s = Sample::with(SHIFT, LOW);
    let x = s.input(&[1]);
    let linear = Linear::Dense { input: x, weights: vec![weight].into() };
    let y = s.rescale(&[1], linear, vec![bias], function);
    s.finish(&[y])
}

/// Every combination of table key, limbs, slope, base and stated output.
fn assignments(s: &Subject, output: &Output) -> Vec<(Parts, i64)> {
    let rows = table(s, output.place.tag(s));
    let column = |i: usize| rows.iter().map(|row| row[i]).collect::<BTreeSet<_>>();
    let mut outputs = BTreeSet::new();
    let mut all = vec![];
    for &high in &column(0) {
        for low in 0..1 << LOW {
            for remainder in 0..1 << SHIFT {
                for &slope in &column(1) {
                    for &base in &column(2) {
                        let parts = Parts { high, low, remainder, slope, base };
                        outputs.insert(parts.output());
                        all.push(parts);
                    }
                }
            }
        }
    }
    outputs.extend([outputs.first().unwrap() - 1, outputs.last().unwrap() + 1]);
    all.into_iter().flat_map(|p| outputs.iter().map(move |&o| (p, o)).collect::<Vec<_>>()).collect()
}

fn exactly_one_output(graph: &QuantGraph, input: i64) {
    let s = subject(graph, &[vec![input]], false);
    let output = Output::last(&s);
    let expected = graph.interpret(&[vec![input]]).unwrap()[graph.outputs[0].0][0];
    let satisfiable: Vec<_> = assignments(&s, &output)
        .into_par_iter()
        .filter(|&(parts, stated)| {
            let mut forged = s.clone();
            output.place.write(&mut forged, parts);
            output.state(&mut forged, stated);
            forged.repair_multiplicities();
            forged.finish();
            forged.holds()
        })
        .collect();
    assert_eq!(satisfiable, [(output.place.read(&s), expected)], "input {input}");
}

#[test]
fn a_linear_neuron_has_one_output() {
    let function = Piecewise { first: -2, entries: (-2..3).map(|h| (1, h << LOW)).collect() };
    let graph = neuron(1, 0, function);
    // −2 and 2 are ties; −16 and 15 the ends of the interval.
    for input in [-16, -3, -2, -1, 0, 1, 2, 3, 15] {
        exactly_one_output(&graph, input);
    }
}

#[test]
fn a_rectified_neuron_has_one_output() {
    // 1·x + 1 with a tie at x = 1, and at x = −3 below zero.
    let graph = neuron(1, 1, exact_relu(SHIFT, LOW, 20));
    for input in [-16, -4, -3, -2, 0, 1, 2, 5] {
        exactly_one_output(&graph, input);
    }
}
