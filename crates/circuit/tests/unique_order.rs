//! Duty 3 of memories and sorts: of all positions and values that their cells can hold exactly one combination is
//! satisfiable, and it is the interpreter's.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use provenn_adversary::forgery::{settle, subject};
use provenn_adversary::refused;
use provenn_adversary::sample::Sample;
use provenn_fixed_point::{Keys, QuantOp};
use provenn_gadgets::families::{Fingerprint, Lane, Range};
use provenn_gadgets::testing::Subject;
use rayon::prelude::*;

/// Every list of `length` of these.
fn lists(of: &[i64], length: usize) -> Vec<Vec<i64>> {
    let longer = |all: Vec<Vec<i64>>, _| {
        let each = |list: Vec<i64>| of.iter().map(move |&x| [list.clone(), vec![x]].concat());
        all.into_iter().flat_map(each).collect()
    };
    (0..length).fold(vec![vec![]], longer)
}

/// Puts values in the first positions of a plain bank.
fn put(s: &mut Subject, bank: usize, values: &[i64]) {
    let cells = s.layout().plain[bank].cells().to_vec();
    for (at, &value) in values.iter().enumerate() {
        s.set_first(cells[at % cells.len()], at / cells.len(), value);
    }
}

/// Puts differences in the only block of values in a range, as far as its limbs hold them.
fn put_in_range(s: &mut Subject, values: &[i64]) {
    let bank = s.layout().range[0].clone();
    let limbs = (0..).take_while(|&row| s.fixed_integer(bank.within, row) != 0).count() + 1;
    let room = 1 << (bank.width as usize * limbs);
    for (at, value) in values.iter().enumerate() {
        let (lane, row) = (at % bank.limb.len(), at / bank.limb.len() * limbs);
        bank.fill(Lane { lane, row }, limbs, value.rem_euclid(room), &mut s.first);
    }
}

/// Of differences that limbs do not hold, the highest limb is what it would have to be.
fn spoil_in_range(s: &mut Subject, values: &[i64]) {
    let bank = s.layout().range[0].clone();
    let limbs = (0..).take_while(|&row| s.fixed_integer(bank.within, row) != 0).count() + 1;
    for (at, value) in values.iter().enumerate() {
        let (lane, row) = (at % bank.limb.len(), at / bank.limb.len() * limbs);
        let top = value >> (bank.width as usize * (limbs - 1));
        s.set_first(bank.limb[lane], row + limbs - 1, top);
    }
}

#[test]
fn one_order_is_provable() {
    for x in [[5, 7, 6], [7, 7, 7], [-3, 4, 4], [4, -3, -3], [0, 0, -1]] {
        let mut s = Sample::new();
        let data = s.input(&[1, 3]);
        let order = s.derived(&[1, 3], QuantOp::Sort { operand: data, extent: 3 });
        let best = s.gather(data, order, 1, Keys { first: 0, unit: 1 });
        let graph = s.finish(&[order, best]);
        let values = graph.interpret(&[x.to_vec()]).unwrap();
        let expected = (values[order.0].clone(), values[best.0].clone());
        let s = subject(&graph, &[x.to_vec()], false);
        let lookups = s.params().plain_banks + s.params().entry_banks;
        let mut of_values: Vec<i64> = [x.as_slice(), &[0, 1, 8]].concat();
        of_values.sort_unstable();
        of_values.dedup();
        let all = lists(&[0, 1, 2, -1], 3);
        let all = all.iter().flat_map(|p| lists(&of_values, 3).into_iter().map(|v| (p.clone(), v)));
        let satisfies = |(positions, values): &(Vec<i64>, Vec<i64>)| {
            let mut forged = s.clone();
            put(&mut forged, lookups, positions);
            put(&mut forged, lookups + 1, values);
            forged.instance[3..6].copy_from_slice(positions);
            forged.instance[6..9].copy_from_slice(values);
            let key = |at: usize| 3 * values[at] - positions[at];
            // One is the least difference.
            put_in_range(&mut forged, &[key(0) - key(1) - 1, key(1) - key(2) - 1]);
            forged.repair_multiplicities();
            forged.finish();
            forged.holds()
        };
        let all: Vec<_> = all.collect();
        let found: Vec<_> = all.into_par_iter().filter(satisfies).collect();
        assert_eq!(found, [expected], "{x:?}");
    }
}

/// Positions and elements of which each pair may be an entry of the line, and which are no order: a difference is below 1.
#[test]
fn orders_that_are_none() {
    for (what, x, positions, values) in [
        ("ties in another order", [7, 7, 4], [1, 0, 2], [7, 7, 4]),
        ("an element twice, another one not at all", [5, 7, 6], [1, 1, 2], [7, 7, 6]),
        ("a larger element behind", [5, 7, 6], [2, 1, 0], [6, 7, 5]),
        ("an element that is none", [5, 7, 6], [1, 2, 0], [9, 6, 5]),
    ] {
        let mut s = Sample::new();
        let data = s.input(&[1, 3]);
        let order = s.derived(&[1, 3], QuantOp::Sort { operand: data, extent: 3 });
        let best = s.gather(data, order, 1, Keys { first: 0, unit: 1 });
        let s = subject(&s.finish(&[order, best]), &[x.to_vec()], false);
        let lookups = s.params().plain_banks + s.params().entry_banks;
        let mut forged = s.clone();
        put(&mut forged, lookups, &positions);
        put(&mut forged, lookups + 1, &values);
        forged.instance[3..6].copy_from_slice(&positions);
        forged.instance[6..9].copy_from_slice(&values);
        assert_ne!(forged.instance, s.instance, "{what}");
        let key = |at: usize| 3 * values[at] - positions[at];
        let differences = [key(0) - key(1) - 1, key(1) - key(2) - 1];
        put_in_range(&mut forged, &differences);
        spoil_in_range(&mut forged, &differences);
        refused(&settle(forged), "logup/last");
    }
}

/// The elements at a sort's positions are what the interpreter says, be the lines of both the same or not.
#[test]
fn other_lines_than_the_sorts_are_not_taken_for_them() {
    for (extent, lines) in [(2, 1), (2, 2), (4, 1), (1, 1), (1, 4)] {
        let mut s = Sample::new();
        let data = s.input(&[4]);
        let order = s.derived(&[4], QuantOp::Sort { operand: data, extent });
        let picked = s.gather(data, order, lines, Keys { first: 0, unit: 1 });
        let graph = s.finish(&[picked]);
        for x in [[5, 7, -3, 9], [7, 7, 2, 2], [1, 0, 1, 0]] {
            let expected = graph.interpret(&[x.to_vec()]).unwrap()[picked.0].clone();
            let s = subject(&graph, &[x.to_vec()], false);
            assert_eq!(s.instance[4..], expected, "{extent} {lines}");
            // Neighbours that change places.
            for at in 0..3 {
                let mut forged = s.clone();
                forged.instance.swap(4 + at, 5 + at);
                let lookups = s.params().plain_banks + s.params().entry_banks;
                let cells = s.layout().plain[lookups + 1].cells().to_vec();
                let place = |i: usize| (cells[i % cells.len()], i / cells.len());
                let [left, right] = [at, at + 1].map(place);
                let (a, b) = (s.first(left.0, left.1), s.first(right.0, right.1));
                forged.set_first(left.0, left.1, b);
                forged.set_first(right.0, right.1, a);
                forged.repair_multiplicities();
                forged.finish();
                let same = forged.instance == s.instance;
                assert!(same || !forged.holds(), "{extent} {lines} {x:?} {at}");
            }
        }
    }
}

#[test]
fn one_element_is_provable() {
    let mut s = Sample::new();
    let (data, index) = (s.input(&[1, 16]), s.indices(&[1, 1], -8, 7));
    let picked = s.gather(data, index, 1, Keys { first: -8, unit: 1 });
    let graph = s.finish(&[picked]);
    let x: Vec<i64> = (0..16).map(|i| i * 7 % 16 - 8).collect();
    for index in -8..8 {
        let s = subject(&graph, &[x.clone(), vec![index]], false);
        let lookups = s.params().plain_banks + s.params().entry_banks;
        let satisfies = |value: &i64| {
            let mut forged = s.clone();
            put(&mut forged, lookups + 1, &[*value]);
            forged.instance[17] = *value;
            forged.repair_multiplicities();
            forged.finish();
            forged.holds()
        };
        let found: Vec<i64> = (-16..16).into_par_iter().filter(satisfies).collect();
        assert_eq!(found, [x[usize::try_from(index + 8).unwrap()]], "index {index}");
    }
}
