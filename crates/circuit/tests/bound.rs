//! Duty 2: every cell that a block uses is bound, whatever the prover recomputes after changing it.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, clippy::print_stdout)]

use provenn_adversary::committed::{INPUTS, WEIGHTS, ranges};
use provenn_adversary::forgery::{combined, subject};
use provenn_adversary::sample::{inputs, samples};
use provenn_gadgets::Column;
use provenn_gadgets::testing::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};

fn each(mut test: impl FnMut(&str, &Subject)) {
    for (name, graph) in samples() {
        for private in [false, true] {
            test(name, &subject(&graph, &inputs(&graph, 1), private));
            let combined = combined(&graph, &inputs(&graph, 1), private);
            if !combined.layout().boundary.is_empty() {
                test(name, &combined);
            }
        }
    }
}

#[test]
fn every_first_phase_cell_is_bound() {
    let (mut circuits, mut changed) = (0, 0);
    each(|name, s| {
        let cells = s.read_cells();
        assert!(cells.len() > 50, "{name}");
        every_first_cell_is_bound(s, &cells);
        (circuits, changed) = (circuits + 1, changed + cells.len());
    });
    println!("{circuits} circuits, {changed} cells of the first phase");
    assert!(circuits >= 36 && changed >= 97_564, "{circuits} circuits, {changed} cells");
}

#[test]
fn every_second_phase_cell_is_bound() {
    let (mut circuits, mut changed) = (0, 0);
    each(|_, s| {
        let cells = s.determined_cells();
        every_second_cell_is_bound(s, &cells);
        (circuits, changed) = (circuits + 1, changed + cells.len());
    });
    println!("{circuits} circuits, {changed} cells of later phases");
    assert!(circuits >= 36 && changed >= 91_745, "{circuits} circuits, {changed} cells");
}

/// Of the circuit that shows the ranges of committed weights: it has no copies, and its weights are what limbs make of them.
#[test]
fn every_cell_of_the_ranges_of_weights_is_bound() {
    let s = ranges(&WEIGHTS);
    let (layout, active) = (s.layout(), s.params().active_rows());
    let of = layout.weight_ranges.as_ref().unwrap();
    // Rows with weights, one without, the last.
    let rows = || (0..=INPUTS).chain([active - 1]);
    let columns = of.weight.iter().chain(of.limbs.as_flattened());
    let cells = columns.flat_map(|&column| rows().map(move |row| (column, row)));
    let counts = layout.table.iter().map(|table| table.multiplicity);
    let counts = counts.flat_map(|column| (0..active).step_by(9).map(move |row| (column, row)));
    let first: Vec<_> = cells.chain(counts).collect();
    every_first_cell_is_bound(&s, &first);
    let second = s.determined_cells();
    every_second_cell_is_bound(&s, &second);
    println!("{} cells of the first phase, {} of the second", first.len(), second.len());
    assert!(first.len() >= 275 && second.len() >= 2241, "{} {}", first.len(), second.len());
}

#[test]
fn every_activation_with_a_table_is_read() {
    each(|name, s| {
        let read: std::collections::BTreeSet<_> = s.read_cells().into_iter().collect();
        for bank in &s.layout().activation {
            for (&tag, &high) in bank.tag.iter().zip(&bank.high) {
                for row in 0..s.params().active_rows() {
                    let used = s.fixed_integer(tag, row) != 0;
                    assert!(!used || read.contains(&(high, row)), "{name}: row {row} is unread");
                }
            }
        }
        for bank in &s.layout().maximum {
            for (lane, &tag) in bank.tag.iter().enumerate() {
                let cells = bank.distance.iter().chain(&bank.remainder).flatten();
                let cells: Vec<usize> = cells.map(|limb| limb[lane]).collect();
                for row in
                    (0..s.params().active_rows()).filter(|&row| s.fixed_integer(tag, row) != 0)
                {
                    let all = cells.iter().all(|&cell| read.contains(&(cell, row)));
                    assert!(all, "{name}: row {row} is unread");
                }
            }
        }
    });
}

#[test]
fn every_operand_of_arithmetic_and_weights_is_a_copy() {
    each(|name, s| {
        let copied: std::collections::BTreeSet<_> =
            s.copies().iter().flat_map(|&(a, b)| [a, b]).collect();
        let layout = s.layout();
        let operands: std::collections::BTreeSet<usize> = layout
            .arithmetic
            .iter()
            .flat_map(|g| g.value[..3].to_vec())
            .chain(layout.linear.iter().map(|e| e.sums.x))
            .collect();
        for (column, row) in s.determined_cells() {
            let cell = provenn_gadgets::CellRef { column: Column::Second(column), row };
            assert!(
                !operands.contains(&column) || copied.contains(&cell),
                "{name}: operand in column {column} row {row} is free"
            );
        }
    });
}

#[test]
fn recomputing_a_part_equals_recomputing_all() {
    each(|name, s| {
        for &(column, row) in s.read_cells().iter().step_by(17) {
            let part = s.forge_first_recounted(column, row, 1);
            let mut all = part.clone();
            all.finish();
            for column in 0..s.layout().second {
                for row in 0..s.params().active_rows() {
                    assert_eq!(part.second(column, row), all.second(column, row), "{name}");
                }
            }
        }
    });
}
