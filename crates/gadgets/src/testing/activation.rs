//! Conformance of an activation: its contract, and the duties of its columns.

use super::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};
use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, set};
use crate::families::{Activation, Decomposition, Fingerprint, Lane, Reading};
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::{ActivationBanks, CircuitParams};
use crate::table::FUNCTION;
use crate::terms::TermsPerHelper;
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;

/// Two functions' rows: h, slope, base.
const TABLES: [&[[i64; 3]]; 2] = [&[[0, 1, -2], [1, 0, 0], [2, 3, 5]], &[[0, 2, 1], [1, -1, 4]]];
/// With a remainder and without.
pub(super) const SHIFTS: [u32; 2] = [2, 0];
const LOW_BITS: u32 = 1;
const LANES: usize = 2;

/// What a position is filled with, and under which function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) function: usize,
    pub(super) offset: i64,
    pub(super) of: Decomposition,
}

impl Position {
    /// The accumulator and the output that its cells stand for.
    fn claims(&self, shift: u32) -> [i64; 2] {
        let Decomposition { remainder, low, high, slope, base } = self.of;
        let y = (high << (shift + LOW_BITS)) + (low << shift) + remainder - self.offset;
        [y, slope * low + base]
    }

    /// Whether they are allowed.
    fn is_honest(&self, shift: u32) -> bool {
        let Decomposition { remainder, low, high, slope, base } = self.of;
        let ranges = (0..1 << shift).contains(&remainder) && (0..1 << LOW_BITS).contains(&low);
        ranges && TABLES[self.function].contains(&[high, slope, base])
    }
}

/// Positions of both functions in three rows; the sixth lane holds nothing.
pub(super) fn honest(shift: u32) -> Vec<Position> {
    let position = |function: usize, row: usize, low, remainder, offset| {
        let [high, slope, base] = TABLES[function][row];
        let remainder = remainder & ((1_i64 << shift) - 1);
        Position { function, offset, of: Decomposition { remainder, low, high, slope, base } }
    };
    vec![
        position(0, 2, 1, 3, 10),
        position(1, 0, 0, 1, -3),
        position(0, 0, 1, 0, 10),
        position(1, 1, 1, 2, 7),
        position(0, 1, 0, 3, 0),
    ]
}

/// A bank of activations whose accumulators and outputs are what plain cells say: by fingerprints alone.
pub(super) fn subject<G: GadgetSet>(
    positions: &[Position],
    shift: u32,
    terms: TermsPerHelper,
) -> Subject<G> {
    let params = CircuitParams {
        k: 5,
        lanes: LANES,
        formats: vec![ActivationBanks { banks: 1, lanes: LANES, shift, low_bits: LOW_BITS }],
        plain_banks: 2,
        weight_lanes: 1,
        table_banks: 1,
        terms_per_helper: terms,
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
    let functions = TABLES.iter().zip(FUNCTION..).flat_map(|(rows, tag)| {
        rows.iter().map(move |&[high, slope, base]| [high, slope, base, tag])
    });
    let bits = (0..1 << LOW_BITS).map(|bit| [bit, 0, 0, i64::from(LOW_BITS)]);
    for (row, tuple) in std::iter::once([0; 4]).chain(bits).chain(functions).enumerate() {
        for (&column, value) in layout.table[0].tuple.iter().zip(tuple) {
            set(&mut fixed, column, row, value);
        }
    }
    let (bank, plain) = (&layout.activation[0], &layout.plain);
    for (i, position) in positions.iter().enumerate() {
        let at = Lane { lane: i % LANES, row: i / LANES };
        let tag = FUNCTION + i64::try_from(position.function).unwrap_or(i64::MAX);
        bank.lay(at, tag, position.offset, &mut fixed);
        bank.fill(at, &position.of, &mut first);
        for (plain, claim) in plain.iter().zip(position.claims(shift)) {
            set(&mut first, plain.cells()[at.lane], at.row, claim);
        }
    }
    for row in 1..positions.len().div_ceil(LANES) {
        for chain in [bank.chain(), plain[0].chain(), plain[1].chain()] {
            set(&mut fixed, chain.step, row - 1, 1);
        }
    }
    let sigma = |bank: &G::Fingerprint| {
        bank.fingerprint(Reading::Sigma).map(|column| CellRef::second(column, 0))
    };
    let of = [bank.accumulator(), bank.output()].map(|column| CellRef::second(column, 0));
    let copies = of.into_iter().zip(plain.iter().filter_map(sigma)).collect();
    let assignment = Assignment { fixed, copies, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    let mut subject = Subject::new(&circuit.with_witness(first, vec![]), &[]);
    subject.repair_multiplicities();
    subject.finish();
    subject
}

/// The contract and the duties of an activation: rows of the tables hold and no other claim does, both fingerprints are
/// the polynomials of what cells stand for, every cell is bound.
///
/// # Panics
/// Naming what does not hold.
pub fn activation_conforms<G: GadgetSet>() {
    SHIFTS.into_iter().for_each(format_conforms::<G>);
}

fn format_conforms<G: GadgetSet>(shift: u32) {
    let honest = honest(shift);
    let subject = subject::<G>(&honest, shift, TermsPerHelper::Three);
    assert!(subject.holds(), "{:?}", subject.violations());
    fingerprints_are_polynomials(&subject, &honest, shift);
    let bank = &subject.layout().activation[0];
    for column in [bank.accumulator(), bank.output()] {
        assert!(subject.layout().equality_columns().contains(&Column::Second(column)));
    }
    // Without a remainder there is no cell for one.
    let remainders = if shift == 0 { 0..1 } else { -1..5 };
    for (remainder, low, high) in triples(remainders, -1..3, -1..4) {
        let row = TABLES[0].get(usize::try_from(high).unwrap_or(usize::MAX));
        let [_, slope, base] = row.copied().unwrap_or([high, 1, 0]);
        for (slope, base) in [(slope, base), (slope + 1, base), (slope, base - 1), (2, 1)] {
            let mut positions = honest.clone();
            positions[2].of = Decomposition { remainder, low, high, slope, base };
            let changed = self::subject::<G>(&positions, shift, TermsPerHelper::Three);
            let expected = positions[2].is_honest(shift);
            assert_eq!(changed.holds(), expected, "{:?}", positions[2]);
            if expected {
                fingerprints_are_polynomials(&changed, &positions, shift);
            }
        }
    }
    every_first_cell_is_bound(&subject, &subject.read_cells());
    every_second_cell_is_bound(&subject, &subject.determined_cells());
}

fn triples(
    a: std::ops::Range<i64>,
    b: std::ops::Range<i64>,
    c: std::ops::Range<i64>,
) -> impl Iterator<Item = (i64, i64, i64)> {
    a.flat_map(move |a| {
        let c = c.clone();
        b.clone().flat_map(move |b| c.clone().map(move |c| (a, b, c)))
    })
}

fn fingerprints_are_polynomials<G: GadgetSet>(
    subject: &Subject<G>,
    positions: &[Position],
    shift: u32,
) {
    let sigma = subject.challenges().sigma;
    let bank = &subject.layout().activation[0];
    for (at, column) in [bank.accumulator(), bank.output()].into_iter().enumerate() {
        for start in 0..positions.len().div_ceil(LANES) {
            let claims =
                positions[start * LANES..].iter().map(|position| position.claims(shift)[at]);
            let expected =
                claims.rev().fold(Fr::zero(), |sum, claim| sum * sigma + from_signed(claim));
            assert_eq!(subject.second(column, start), expected, "fingerprint {at} at row {start}");
        }
    }
}
