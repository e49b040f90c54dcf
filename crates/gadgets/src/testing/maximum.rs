//! Conformance of a maximum bank: its contract, and the duties of its columns.

use super::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};
use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, set};
use crate::families::{Fingerprint, Lane, Maximum, Reading, Window};
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::{CircuitParams, MaximumBanks};
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;

const LOW_BITS: u32 = 2;
const LANES: usize = 2;
const LIMBS: usize = 2;
/// What limbs can say.
const BEYOND: i64 = 16;
/// With a cell for a product and without; with remainders of limbs of one width, of two, and without.
const KINDS: [([usize; 2], u32); 3] = [([2, 2], 3), ([1, 3], 2), ([2, 1], 0)];
/// The window that tests change.
const CHANGED: usize = 2;

/// A window with what it claims.
#[derive(Clone, Debug)]
struct Claim {
    offset: i64,
    maximum: i64,
    /// q and r of each element.
    elements: Vec<(i64, i64)>,
}

impl Claim {
    fn sums(&self, shift: u32) -> impl Iterator<Item = i64> + '_ {
        self.elements.iter().map(move |(q, r)| (q << shift) + r - self.offset)
    }

    /// Whether it is allowed.
    fn is_honest(&self, shift: u32) -> bool {
        let largest = self.elements.iter().fold(0, |most, (q, _)| most.max(*q));
        let near = |q: i64| (0..BEYOND).contains(&(self.maximum - q));
        let remainders = self.elements.iter().all(|(_, r)| (0..1 << shift).contains(r));
        self.maximum == largest && near(0) && remainders && self.elements.iter().all(|e| near(e.0))
    }
}

/// Windows in three rows; the sixth lane holds none.
fn honest(window: [usize; 2], shift: u32) -> Vec<Claim> {
    let of = |offset, quotients: [i64; 4]| {
        let remainder = |at: i64| (at * 5 + offset) & ((1_i64 << shift) - 1);
        let elements: Vec<_> = quotients.into_iter().zip((0..).map(remainder)).collect();
        let elements = elements[..window[0] * window[1]].to_vec();
        let maximum = elements.iter().fold(0, |most, (q, _)| most.max(*q));
        Claim { offset, maximum, elements }
    };
    vec![
        of(7, [3, 9, 0, 9]),
        of(-2, [-5, -1, -4, -9]),
        of(0, [2, 1, 7, 4]),
        of(1, [12, -3, 5, 0]),
        of(0, [0, 0, 0, 0]),
    ]
}

/// A bank whose maxima and sums are what plain cells say: by fingerprints alone.
fn subject<G: GadgetSet>(window: [usize; 2], shift: u32, claims: &[Claim]) -> Subject<G> {
    let [height, width] = window;
    let banks =
        MaximumBanks { banks: 1, lanes: LANES, shift, low_bits: LOW_BITS, limbs: LIMBS, window };
    // A row of windows has a row of plain cells for each of its image rows.
    let lanes = LANES * width;
    let params = CircuitParams {
        k: 5,
        lanes,
        maxima: vec![banks],
        plain_banks: 1 + height,
        weight_lanes: 1,
        table_banks: 1,
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let (mut fixed, mut first) = (vec![vec![]; layout.fixed], vec![vec![]; layout.first]);
    let range = |width: u32| (0..1 << width).map(move |limb| [limb, 0, 0, i64::from(width)]);
    let mut widths = banks.remainder_limbs();
    widths.push(LOW_BITS);
    widths.sort_unstable();
    widths.dedup();
    let tuples = std::iter::once([0; 4]).chain(widths.into_iter().flat_map(range));
    for (row, tuple) in tuples.enumerate() {
        for (&column, value) in layout.table[0].tuple.iter().zip(tuple) {
            set(&mut fixed, column, row, value);
        }
    }
    let (bank, plain) = (&layout.maximum[0], &layout.plain);
    let mut say = |bank: &G::Fingerprint, position: usize, value: i64| {
        set(&mut first, bank.cells()[position % lanes], position / lanes, value);
    };
    for (i, claim) in claims.iter().enumerate() {
        say(&plain[0], i, claim.maximum);
        for (e, sum) in claim.sums(shift).enumerate() {
            say(&plain[1 + e / width], i * width + e % width, sum);
        }
    }
    for (i, Claim { offset, maximum, elements }) in claims.iter().enumerate() {
        let at = Lane { lane: i % LANES, row: i / LANES };
        bank.lay(at, *offset, &mut fixed);
        bank.fill(at, &Window { maximum: *maximum, elements }, &mut first);
    }
    for row in 1..claims.len().div_ceil(LANES) {
        set(&mut fixed, bank.chain().step, row - 1, 1);
        set(&mut fixed, bank.line(), row - 1, 1);
    }
    for bank in plain {
        for row in 1..claims.len().div_ceil(LANES) {
            set(&mut fixed, bank.chain().step, row - 1, 1);
        }
    }
    let of = std::iter::once(bank.output()).chain(bank.sums().iter().copied());
    let said = plain.iter().filter_map(|bank| bank.fingerprint(Reading::Sigma));
    let copies = of.zip(said).map(|(a, b)| (CellRef::second(a, 0), CellRef::second(b, 0)));
    let copies = copies.collect();
    let assignment = Assignment { fixed, copies, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    let mut subject = Subject::new(&circuit.with_witness(first, vec![]), &[]);
    subject.repair_multiplicities();
    subject.finish();
    subject
}

/// The contract and the duties of a maximum bank: the largest of 0 and a window's quotients holds and nothing else does,
/// fingerprints are the polynomials of what cells stand for, every cell is bound.
///
/// # Panics
/// Naming what does not hold.
pub fn maximum_conforms<G: GadgetSet>() {
    KINDS.into_iter().for_each(|(window, shift)| kind_conforms::<G>(window, shift));
}

fn kind_conforms<G: GadgetSet>(window: [usize; 2], shift: u32) {
    let honest = honest(window, shift);
    let subject = subject::<G>(window, shift, &honest);
    assert!(subject.holds(), "{:?}", subject.violations());
    fingerprints_are_polynomials(&subject, window, shift, &honest);
    let bank = &subject.layout().maximum[0];
    for column in std::iter::once(bank.output()).chain(bank.sums().iter().copied()) {
        assert!(subject.layout().equality_columns().contains(&Column::Second(column)));
    }
    let last = honest[CHANGED].elements.len() - 1;
    for maximum in -1..=BEYOND {
        for q in [-9, -8, -1, 0, 3, 7, 8, BEYOND - 1, BEYOND] {
            for r in [-1, 0, (1 << shift) - 1, 1 << shift] {
                let mut claims = honest.clone();
                claims[CHANGED].maximum = maximum;
                claims[CHANGED].elements[last] = (q, r);
                let changed = self::subject::<G>(window, shift, &claims);
                let expected = claims[CHANGED].is_honest(shift);
                assert_eq!(changed.holds(), expected, "{window:?}, S = {shift}: {:?}", claims[2]);
                if expected {
                    fingerprints_are_polynomials(&changed, window, shift, &claims);
                }
            }
        }
    }
    every_first_cell_is_bound(&subject, &subject.read_cells());
    every_second_cell_is_bound(&subject, &subject.determined_cells());
}

fn fingerprints_are_polynomials<G: GadgetSet>(
    subject: &Subject<G>,
    [height, width]: [usize; 2],
    shift: u32,
    claims: &[Claim],
) {
    let sigma = subject.challenges().sigma;
    let at = |values: Vec<i64>| {
        values.into_iter().rev().fold(Fr::zero(), |sum, value| sum * sigma + from_signed(value))
    };
    let bank = &subject.layout().maximum[0];
    for start in 0..claims.len().div_ceil(LANES) {
        let claims = &claims[start * LANES..];
        let maxima = claims.iter().map(|claim| claim.maximum).collect();
        assert_eq!(subject.second(bank.output(), start), at(maxima), "maxima at row {start}");
        for a in 0..height {
            let of_row = |claim: &Claim| {
                claim.sums(shift).skip(a * width).take(width).collect::<Vec<_>>()
            };
            let sums = at(claims.iter().flat_map(of_row).collect());
            assert_eq!(subject.second(bank.sums()[a], start), sums, "sums {a} at row {start}");
        }
    }
}
