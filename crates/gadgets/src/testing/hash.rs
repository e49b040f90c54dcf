//! Conformance of hash banks: digests are those of the native hash, whatever the form of messages, and nothing else.

use super::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};
use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, set};
use crate::families::Hash;
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::CircuitParams;
use crate::poseidon::message::Message;
use std::sync::Arc;

/// A message, and where it stands.
struct Hashed {
    bank: usize,
    row: usize,
    of: Message,
    integers: Vec<i64>,
}

/// Of each width, with zeros behind the end and without, of one permutation and of two.
#[allow(clippy::expect_used)] // a harness reports by panicking
fn hashed<H: Hash>() -> Vec<Hashed> {
    let mut next = [0; 2];
    let message = |(bank, integers): (usize, Vec<i64>)| {
        let (lo, hi) = (integers.iter().min(), integers.iter().max());
        let of = Message::of(integers.len(), *lo.unwrap_or(&0), *hi.unwrap_or(&0));
        let of = of.expect("a message");
        let row = next[bank];
        next[bank] += H::rows(of);
        Hashed { bank, row, of, integers }
    };
    let some = |n: i64, factor: i64| (0..n).map(|x| (x - 3) * factor).collect::<Vec<_>>();
    let messages = [
        (0, some(5, 40)),
        (1, some(62, 2)),
        (0, some(17, 1000)),
        (1, some(8, 1 << 20)),
        (0, some(7, 1 << 40)),
    ];
    messages.into_iter().map(message).collect()
}

fn subject<G: GadgetSet>() -> (Subject<G>, Vec<Hashed>) {
    let params = CircuitParams {
        k: 9,
        lanes: 1,
        weight_lanes: 1,
        hash_banks: 2,
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
    let (mut copies, mut instance) = (vec![], vec![]);
    let hashed = hashed::<G::Hash>();
    for Hashed { bank, row, of, integers } in &hashed {
        let bank = &layout.hash[*bank];
        bank.lay(*row, *of, &mut fixed);
        for (index, &x) in integers.iter().enumerate() {
            let (column, row) = bank.element(*row, *of, index);
            set(&mut first, column, row, x);
        }
        let stated = CellRef { column: Column::Instance, row: instance.len() };
        copies.push((CellRef::second(bank.digest(), *row), stated));
        instance.push(of.digest(integers).unwrap_or_default());
    }
    let assignment = Assignment { fixed, copies, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    (Subject::new(&circuit.with_witness(first, instance.clone()), &instance), hashed)
}

/// The contract and the duties of hash banks.
///
/// # Panics
/// Naming what does not hold.
pub fn hash_conforms<G: GadgetSet>() {
    let (honest, hashed) = subject::<G>();
    assert!(honest.holds(), "{:?}", honest.violations());
    let layout = honest.layout();
    let copied = layout.equality_columns();
    let mut elements = vec![];
    for Hashed { bank, row, of, integers } in &hashed {
        let bank = &layout.hash[*bank];
        let digest = of.digest(integers).unwrap_or_default();
        assert_eq!(honest.second(bank.digest(), *row), digest, "of {of:?}");
        assert!(copied.contains(&Column::Second(bank.digest())), "a digest nobody can state");
        for index in 0..of.padded() {
            let (column, row) = bank.element(*row, *of, index);
            assert!(copied.contains(&Column::First(column)), "an element nobody can copy");
            assert!(!elements.contains(&(column, row)), "two elements in one cell");
            elements.push((column, row));
        }
        // What stands behind the end is absorbed as well: it must be zero.
        for index in [integers.len(), of.padded() - 1] {
            if (integers.len()..of.padded()).contains(&index) {
                let (column, row) = bank.element(*row, *of, index);
                let forged = honest.forge_first(column, row, 1);
                assert!(!forged.holds(), "a gap of {of:?} is not absorbed");
            }
        }
    }
    every_first_cell_is_bound(&honest, &elements);
    // A prover who states what it likes for a digest, and computes on from there.
    for (at, Hashed { bank, row, .. }) in hashed.iter().enumerate() {
        let mut forged = honest.clone();
        forged.digests.insert(at, from_signed(7));
        assert!(!forged.holds(), "any digest can be stated");
        forged.pin(layout.hash[*bank].digest(), *row, from_signed(7));
        forged.finish();
        assert!(!forged.holds(), "a digest is no function of elements");
    }
    let used = honest.determined_cells().into_iter();
    every_second_cell_is_bound(&honest, &used.filter(|(_, row)| row % 5 == 0).collect::<Vec<_>>());
}
