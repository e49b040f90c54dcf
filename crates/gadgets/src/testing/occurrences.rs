//! Conformance of occurrences: for every key the powers of ρ at which a list names it, and no index that is no key.

use super::{Subject, every_second_cell_is_bound};
use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, set};
use crate::families::Occurrences;
use crate::gadget::Gadget;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;

/// A list of indices, and where it and its keys stand.
struct List {
    bank: usize,
    row: usize,
    indices: &'static [i64],
    /// Bank and row of the first, and the keys.
    keys: [(usize, usize, &'static [i64]); 2],
}

/// The first and the last have equal indices, and equal sums.
const LISTS: [List; 3] = [
    List { bank: 0, row: 1, indices: &[2, 0, 2, 3], keys: [(0, 0, &[0, 1, 2]), (1, 9, &[3])] },
    List { bank: 0, row: 5, indices: &[5, 5, -1], keys: [(0, 8, &[-1]), (0, 12, &[5, 2])] },
    List { bank: 1, row: 0, indices: &[2, 0, 2, 3], keys: [(1, 1, &[0, 1]), (0, 20, &[2, 3])] },
];

fn number(list: usize) -> i64 {
    i64::try_from(list + 1).unwrap_or(i64::MAX)
}

impl List {
    /// The row of an index: the last one stands first.
    fn index_row(&self, at: usize) -> usize {
        self.row + self.indices.len() - 1 - at
    }

    /// Bank, row and key.
    fn each_key(&self) -> Vec<(usize, usize, i64)> {
        let run = |&(bank, row, keys): &(usize, usize, &'static [i64])| {
            (row..).zip(keys).map(move |(row, &key)| (bank, row, key))
        };
        self.keys.iter().flat_map(run).collect()
    }
}

/// Sums of the first and the last list must be equal, key by key.
fn subject<G: GadgetSet>() -> Subject<G> {
    let params = CircuitParams {
        k: 5,
        lanes: 1,
        weight_lanes: 1,
        occurrence_banks: 2,
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
    let mut copies = vec![];
    if let Some(gadget) = &layout.occurrences {
        for (at, list) in LISTS.iter().enumerate() {
            let rows = list.row..list.row + list.indices.len();
            gadget.lay_list(list.bank, rows, number(at), &mut fixed);
            for (bank, row, key) in list.each_key() {
                gadget.lay_key(bank, row, (number(at), key), &mut fixed);
            }
            for (i, &index) in list.indices.iter().enumerate() {
                set(&mut first, gadget.index(list.bank), list.index_row(i), index);
            }
        }
        let sums = |list: &List| {
            let cell = |(bank, row, _)| CellRef::second(gadget.sum(bank), row);
            list.each_key().into_iter().map(cell)
        };
        copies = sums(&LISTS[0]).zip(sums(&LISTS[2])).collect();
    }
    let assignment = Assignment { fixed, copies, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    Subject::new(&circuit.with_witness(first, vec![]), &[])
}

/// The contract and the duties of occurrences.
///
/// # Panics
/// Naming what does not hold.
pub fn occurrences_conform<G: GadgetSet>() {
    let honest = subject::<G>();
    assert!(honest.holds(), "{:?}", honest.violations());
    let layout = honest.layout();
    let Some(gadget) = &layout.occurrences else {
        assert!(layout.occurrences.is_some(), "banks of occurrences without a gadget");
        return;
    };
    let rho = honest.challenges().rho;
    for list in &LISTS {
        for (bank, row, key) in list.each_key() {
            let powers = std::iter::successors(Some(Fr::one()), |power| Some(power * rho));
            let found = list.indices.iter().zip(powers).filter(|(index, _)| **index == key);
            let expected = found.fold(Fr::zero(), |sum, (_, power)| sum + power);
            assert_eq!(honest.second(gadget.sum(bank), row), expected, "key {key} in row {row}");
        }
        let copied = layout.equality_columns();
        let [index, sum] =
            [Column::First(gadget.index(list.bank)), Column::Second(gadget.sum(list.bank))];
        assert!([index, sum].iter().all(|column| copied.contains(column)));
    }
    let early = gadget.before_sigma();
    assert!(early.contains(&gadget.sum(0)), "sums are not committed before σ");
    assert!(early.iter().all(|&column| layout.phase(column) == 1));
    // Indices that are no keys of their list, those of others, and keys that others look up.
    for (at, list) in LISTS.iter().enumerate() {
        for i in 0..list.indices.len() {
            for index in [-7, -1, 0, 1, 2, 3, 5, 99] {
                if index == list.indices[i] {
                    continue;
                }
                let mut forged = honest.clone();
                forged.set_first(gadget.index(list.bank), list.index_row(i), index);
                forged.finish();
                let is_key = list.each_key().iter().any(|(_, _, key)| *key == index);
                // Nothing reads the second list's sums.
                assert_eq!(forged.holds(), is_key && at == 1, "index {i} of list {at} as {index}");
            }
        }
    }
    // Weights of one's own, and what they sum to.
    let mut forged = honest.clone();
    for &column in &early {
        forged.second[column].iter_mut().for_each(|value| *value = value.double());
    }
    forged.follow(&early);
    assert!(!forged.holds(), "weights are not powers of ρ");
    every_second_cell_is_bound(&honest, &honest.determined_cells());
}
