//! Conformance of a memory: pairs that are looked up are entries of their space, and no others.

use super::{Subject, every_first_cell_is_bound};
use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::column::set;
use crate::families::{Fingerprint, Lane, Memory};
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;

const LANES: usize = 2;
/// Space, key, value; from the second cell on.
const ENTRIES: [(i64, i64, i64); 7] =
    [(1, 0, 7), (1, 1, -2), (1, 2, 7), (1, 3, 9), (2, 0, 7), (2, -1, 5), (3, 0, 0)];
/// The same, from the first cell on.
const LOOKUPS: [(i64, i64, i64); 5] = [(1, 1, -2), (1, 3, 9), (2, -1, 5), (1, 3, 9), (3, 0, 0)];

fn at(position: usize) -> Lane {
    Lane { lane: position % LANES, row: position / LANES }
}

/// These lookups, in a circuit of these entries.
fn subject<G: GadgetSet>(lookups: &[(i64, i64, i64)]) -> Subject<G> {
    let params = CircuitParams {
        k: 5,
        lanes: LANES,
        weight_lanes: 1,
        entry_banks: 1,
        lookup_banks: 1,
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
    let [entries, keys, values] = [0, 1, 2].map(|bank| layout.plain[bank].cells());
    if let Some(memory) = &layout.memory {
        for (i, &(space, key, value)) in ENTRIES.iter().enumerate() {
            let at = at(i + 1);
            memory.lay_entry(0, at, (space, key), &mut fixed);
            set(&mut first, entries[at.lane], at.row, value);
        }
        for (i, &(_, key, value)) in lookups.iter().enumerate() {
            let at = at(i);
            memory.lay_lookup(0, at, LOOKUPS[i].0, &mut fixed);
            set(&mut first, keys[at.lane], at.row, key);
            set(&mut first, values[at.lane], at.row, value);
        }
    }
    let assignment = Assignment { fixed, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    counted(Subject::new(&circuit.with_witness(first, vec![]), &[]))
}

/// With everything counted as well as can be.
fn counted<G: GadgetSet>(mut subject: Subject<G>) -> Subject<G> {
    subject.repair_multiplicities();
    subject.finish();
    subject
}

/// The contract and the duties of a memory. What a bus relation owes is refused: a pair that is no entry, a wrong key with
/// the right value, another space's pair, an entry that holds nothing, a pair counted once more, once less or elsewhere,
/// and a multiplicity that is no count.
///
/// # Panics
/// Naming what does not hold.
pub fn memory_conforms<G: GadgetSet>() {
    let honest = subject::<G>(&LOOKUPS);
    assert!(honest.layout().memory.is_some(), "banks of entries without a memory");
    assert!(honest.holds(), "{:?}", honest.violations());
    let changes = [
        ("another value", (1, 1, -3)),
        ("another entry's value", (1, 1, 9)),
        ("another key with the value", (1, 0, -2)),
        ("a key that there is not", (1, 4, 9)),
        ("another space's pair", (1, -1, 5)),
        ("nothing", (1, 0, 0)),
    ];
    for (what, change) in changes {
        let mut lookups = LOOKUPS;
        lookups[0] = change;
        assert!(!subject::<G>(&lookups).holds(), "{what}");
    }
    // A pair that is an entry of its space is one, whichever.
    let mut lookups = LOOKUPS;
    lookups[0] = (1, 0, 7);
    assert!(subject::<G>(&lookups).holds(), "an entry is not found");
    what_holds_nothing_is_no_entry(&honest);
    counts_are_right(&honest);
    let pairs = (1..3).flat_map(|bank| {
        let cells = honest.layout().plain[bank].cells();
        (0..LOOKUPS.len()).map(at).map(|at| (cells[at.lane], at.row))
    });
    let pairs: Vec<_> = pairs.collect();
    every_first_cell_is_bound(&honest, &pairs);
}

/// Cells of the bank of entries that hold none may hold anything; nobody finds it in a space.
fn what_holds_nothing_is_no_entry<G: GadgetSet>(honest: &Subject<G>) {
    for free in [0, ENTRIES.len() + 1, ENTRIES.len() + 4] {
        let (mut forged, free) = (honest.clone(), at(free));
        let [entries, keys, values] = [0, 1, 2].map(|b| honest.layout().plain[b].cells().to_vec());
        forged.set_first(entries[free.lane], free.row, 77);
        assert!(counted(forged.clone()).holds(), "a cell that holds nothing is bound");
        forged.set_first(keys[0], 0, 0);
        forged.set_first(values[0], 0, 77);
        assert!(!counted(forged).holds(), "a cell that holds nothing is an entry");
    }
}

fn counts_are_right<G: GadgetSet>(honest: &Subject<G>) {
    let rows = honest.params().active_rows();
    let refused = |what: &str, mut forged: Subject<G>| {
        forged.finish();
        assert!(!forged.holds(), "{what}");
    };
    for column in honest.key.counts() {
        for row in 0..rows {
            let count = honest.first(column, row);
            for delta in [1, -1, count + 1] {
                let mut forged = honest.clone();
                forged.set_first(column, row, count - delta);
                refused("a multiplicity that is off", forged);
            }
            let mut forged = honest.clone();
            let half = Option::<Fr>::from(Fr::from(2).invert()).unwrap_or(Fr::zero());
            forged.set_field(column, row, from_signed(count) + half);
            refused("a multiplicity that is no integer", forged);
        }
        for row in 0..ENTRIES.len() / LANES {
            let mut forged = honest.clone();
            forged.set_first(column, row, honest.first(column, row) + 1);
            forged.set_first(column, row + 1, honest.first(column, row + 1) - 1);
            refused("multiplicities that are moved", forged);
        }
    }
}
