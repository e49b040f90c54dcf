//! Duty 3 of quotients and roots: of all values that their cells can hold exactly one combination is satisfiable,
//! and it is the interpreter's; none is for a divisor that is not positive. Quotients that other checks admit are refused
//! by name.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_adversary::forgery::{laid_with, public_cell, settle};
use provenn_adversary::refused;
use provenn_adversary::sample::Sample;
use provenn_circuit::{CompiledCircuit, Plan, PlanOptions, Ranges};
use provenn_fixed_point::{Interval, QuantGraph, QuantOp};
use provenn_gadgets::testing::{Subject, only_caught_by};
use provenn_gadgets::{CellRef, Column, from_signed};
use rayon::prelude::*;
use std::collections::BTreeSet;

const SHIFT: u32 = 2;
const LOW: u32 = 1;

/// The cells that copies tie to a public value.
fn tied(s: &Subject, instance: usize) -> Vec<(usize, usize)> {
    let mut all = BTreeSet::from([public_cell(s, instance)]);
    loop {
        let is = |cell: CellRef| match cell.column {
            Column::First(column) => Some((column, cell.row)),
            Column::Fixed(_) | Column::Second(_) | Column::Instance => None,
        };
        let pairs = s.copies().iter().filter_map(|&(a, b)| Some((is(a)?, is(b)?)));
        let more: Vec<_> = pairs
            .filter(|(a, b)| all.contains(a) != all.contains(b))
            .flat_map(|(a, b)| [a, b])
            .collect();
        if more.is_empty() {
            return all.into_iter().collect();
        }
        all.extend(more);
    }
}

fn state(s: &mut Subject, instance: usize, value: i64) {
    for (column, row) in tied(s, instance) {
        s.set_first(column, row, value);
    }
    s.instance[instance] = value;
}

/// One value on a row, in limbs of two bits.
const RANGES: Ranges = Ranges { lanes: 1, width: 2 };
/// Values that two limbs have.
const VALUES: i64 = 16;

fn laid(graph: &QuantGraph, inputs: &[Vec<i64>]) -> Subject {
    let (plan, _) = CompiledCircuit::plan(graph, &PlanOptions::default()).unwrap();
    laid_with(graph, inputs, Plan { ranges: Some(RANGES), ..plan })
}

/// The rows of each range, which stand below each other: every one of the key's rows but the last of a value goes on.
fn rows(s: &Subject) -> Vec<Vec<usize>> {
    let bank = &s.layout().range[0];
    let laid = |row: &usize| s.fixed_integer(bank.weight, *row) != 0;
    let mut all: Vec<Vec<usize>> = vec![];
    for row in (0..s.params().active_rows()).take_while(laid) {
        match all.last_mut().filter(|_| s.fixed_integer(bank.weight, row) != 1) {
            Some(value) => value.push(row),
            None => all.push(vec![row]),
        }
    }
    all
}

/// Writes a value's limbs; what does not fit spoils the highest alone.
fn write(s: &mut Subject, range: usize, value: i64) {
    let (rows, limb) = (rows(s).swap_remove(range), s.layout().range[0].limb[0]);
    let mut rest = value;
    for &row in &rows {
        let top = Some(&row) == rows.last();
        s.set_first(limb, row, if top { rest } else { rest & ((1 << RANGES.width) - 1) });
        rest >>= RANGES.width;
    }
}

fn read(s: &Subject, range: usize) -> i64 {
    let (rows, limb) = (rows(s).swap_remove(range), s.layout().range[0].limb[0]);
    rows.iter().rev().fold(0, |value, &row| (value << RANGES.width) + s.first(limb, row))
}

/// The results of every assignment of the first ranges' cells that satisfies the circuit with these inputs.
fn satisfying(s: &Subject, inputs: &[i64], ranges: usize) -> Vec<i64> {
    let mut combinations: Vec<Vec<i64>> = vec![vec![]];
    for _ in 0..ranges {
        let longer =
            |all: Vec<i64>| (0..VALUES).map(move |value| [all.clone(), vec![value]].concat());
        combinations = combinations.into_iter().flat_map(longer).collect();
    }
    // What is shown of the result is the first range: results that it cannot be are no other field elements.
    let result = s.instance.len() - 1;
    let least = s.instance[result] - read(s, 0);
    let satisfies = |above: &Vec<i64>| {
        let mut forged = s.clone();
        for (at, &input) in inputs.iter().enumerate() {
            state(&mut forged, at, input);
        }
        for (range, &value) in above.iter().enumerate() {
            write(&mut forged, range, value);
        }
        state(&mut forged, result, above[0] + least);
        forged.repair_multiplicities();
        forged.finish();
        forged.holds()
    };
    let found = combinations.into_par_iter().filter(|above| satisfies(above));
    found.map(|above| above[0] + least).collect()
}

/// `n/d` for d in 0..=3; where `least` is 1, a fourth range shows it.
fn division(least: i64) -> QuantGraph {
    let mut s = Sample::with(SHIFT, LOW);
    let (n, d) = (s.input(&[1]), s.input(&[1]));
    s.0.tensors[n.0].interval = Interval { lo: -8, hi: 7 };
    s.0.tensors[d.0].interval = Interval { lo: 0, hi: 3 };
    let q = s.quotient(Some(n), 1, d, least);
    s.finish(&[q])
}

/// Results with the divisor's own range as it must be, `d − 1`.
fn quotients(s: &Subject, [n, d]: [i64; 2]) -> Vec<i64> {
    let mut s = s.clone();
    // What is shown of the divisor is how far it is above 1: of 0 that is −1, which fits no limb.
    write(&mut s, 3, d - 1);
    satisfying(&s, &[n, d], 3)
}

#[test]
fn one_quotient_is_provable() {
    let graph = division(1);
    let s = laid(&graph, &[vec![5], vec![2]]);
    // Ties of both signs, divisors of every size.
    for [n, d] in [[5, 2], [-5, 2], [7, 3], [-7, 3], [0, 1], [-8, 1]] {
        let expected = graph.interpret(&[vec![n], vec![d]]).unwrap()[graph.outputs[0].0][0];
        assert_eq!(quotients(&s, [n, d]), [expected], "{n}/{d}");
    }
    for n in [0, 3] {
        assert!(quotients(&s, [n, 0]).is_empty(), "{n}/0");
    }
}

#[test]
fn one_reciprocal_is_provable() {
    let mut s = Sample::with(SHIFT, LOW);
    let d = s.input(&[1]);
    s.0.tensors[d.0].interval = Interval { lo: 1, hi: 4 };
    let q = s.quotient(None, 5, d, 1);
    let graph = s.finish(&[q]);
    let s = laid(&graph, &[vec![2]]);
    // 5/2 and 5/4 lie between two integers, one of them at equal distances.
    for d in 1..=4 {
        let expected = graph.interpret(&[vec![d]]).unwrap()[q.0][0];
        assert_eq!(satisfying(&s, &[d], 3), [expected], "5/{d}");
    }
}

/// All cells of the quotient x of the honest inputs, fitting or not.
fn claimed(s: &Subject, x: i64) -> Subject {
    let [n, d, honest] = s.instance[..] else { panic!("a numerator, a divisor, a quotient") };
    let r = 2 * n + d - 2 * d * x;
    let mut forged = s.clone();
    for (range, value) in [(0, read(s, 0) + x - honest), (1, r), (2, 2 * d - r - 1)] {
        write(&mut forged, range, value);
    }
    state(&mut forged, 2, x);
    settle(forged)
}

/// What `|n − x·d| < d` admits beside the quotient, and a remainder of 2d, which `2d − r ≥ 0` would.
#[test]
fn a_remainder_of_the_whole_divisor_or_below_zero() {
    for [n, d] in [[5, 2], [-5, 2], [7, 3], [2, 1]] {
        let s = laid(&division(1), &[vec![n], vec![d]]);
        let honest = s.instance[2];
        assert!(claimed(&s, honest).holds());
        for x in [honest - 1, honest + 1] {
            refused(&claimed(&s, x), "logup/last");
        }
    }
    // 2·5 + 2 = 3·4 + 0 = 2·4 + 4.
    let s = laid(&division(1), &[vec![5], vec![2]]);
    assert_eq!((s.instance[2], read(&s, 1), read(&s, 2)), (3, 0, 3));
}

/// The remainder is one more and the quotient 1/(2d) less, modulo p: were the quotient not in a range, nothing would object.
#[test]
fn a_quotient_modulo_p() {
    let s = laid(&division(1), &[vec![5], vec![2]]);
    let quotient = from_signed(3) - Option::<Fr>::from(Fr::from(4).invert()).unwrap();
    let mut forged = s.clone();
    for (range, value) in [(1, 1), (2, 2)] {
        write(&mut forged, range, value);
    }
    let lowest = (s.layout().range[0].limb[0], rows(&s)[0][0]);
    let off = quotient - from_signed(3);
    forged.set_field(lowest.0, lowest.1, from_signed(s.first(lowest.0, lowest.1)) + off);
    for (column, row) in tied(&s, 2) {
        forged.set_field(column, row, quotient);
    }
    forged.digests.insert(2, quotient);
    only_caught_by(&settle(forged), "logup/last");
}

#[test]
fn one_root_is_provable() {
    let mut s = Sample::with(SHIFT, LOW);
    let v = s.input(&[1]);
    s.0.tensors[v.0].interval = Interval { lo: 0, hi: 31 };
    let root = s.derived(&[1], QuantOp::Root { operand: v, addend: 1 });
    let graph = s.finish(&[root]);
    let s = laid(&graph, &[vec![9]]);
    for v in [0, 2, 3, 4, 7, 8, 9, 15, 31] {
        let expected = graph.interpret(&[vec![v]]).unwrap()[root.0][0];
        assert_eq!(satisfying(&s, &[v], 3), [expected], "root of {v} + 1");
    }
}
