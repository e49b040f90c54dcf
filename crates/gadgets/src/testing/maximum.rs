//! Conformance of a maximum bank: its contract, and the duties of its columns.

use super::{Subject, every_first_cell_is_bound, every_second_cell_is_bound};
use crate::assignment::Assignment;
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column, set};
use crate::families::{Decomposition, Fingerprint, Lane, Largest, Maximum, Reading, Window};
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::{CircuitParams, MaximumBanks};
use crate::table::FUNCTION;
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;

const LOW_BITS: u32 = 2;
const LANES: usize = 2;
const LIMBS: usize = 2;
/// What limbs can say.
const BEYOND: i64 = 16;
/// A function that grows: h, slope, base; of m from 0 on.
const TABLE: [[i64; 3]; 3] = [[0, 0, -1], [1, 2, 1], [2, 1, 9]];
/// Windows, S, and whether there is a function: with remainders of limbs of one width, of two, and without.
const KINDS: [([usize; 2], u32, bool); 4] =
    [([2, 2], 3, true), ([1, 3], 2, true), ([2, 1], 0, false), ([2, 2], 0, false)];
/// The window that tests change.
const CHANGED: usize = 2;

/// A kind of banks.
#[derive(Clone, Copy, Debug)]
struct Kind {
    window: [usize; 2],
    shift: u32,
    function: bool,
}

/// A window with what it claims.
#[derive(Clone, Debug)]
struct Claim {
    offset: i64,
    largest: i64,
    /// h, slope and base, where there is a function.
    row: [i64; 3],
    /// q and r of each element.
    elements: Vec<(i64, i64)>,
}

/// h and l.
fn split(m: i64) -> (i64, i64) {
    (m >> LOW_BITS, m & ((1 << LOW_BITS) - 1))
}

impl Claim {
    fn new(offset: i64, largest: i64, elements: Vec<(i64, i64)>) -> Self {
        let (high, _) = split(largest);
        let row = usize::try_from(high).ok().and_then(|at| TABLE.get(at).copied());
        Claim { offset, largest, row: row.unwrap_or([high, 1, 0]), elements }
    }

    fn sums(&self, kind: Kind) -> impl Iterator<Item = i64> + '_ {
        self.elements.iter().map(move |(q, r)| (q << kind.shift) + r - self.offset)
    }

    fn output(&self, kind: Kind) -> i64 {
        let [_, slope, base] = self.row;
        if kind.function { slope * split(self.largest).1 + base } else { self.largest }
    }

    /// Whether it is allowed.
    fn is_honest(&self, kind: Kind) -> bool {
        let largest = self.elements.iter().map(|(q, _)| *q).max();
        let near = |q: i64| (0..BEYOND).contains(&(self.largest - q));
        let elements =
            self.elements.iter().all(|(q, r)| near(*q) && (0..1 << kind.shift).contains(r));
        let tabled = TABLE.contains(&self.row) && self.row[0] == split(self.largest).0;
        largest == Some(self.largest) && elements && (tabled || !kind.function)
    }

    fn fill(&self, kind: Kind, at: Lane, bank: &impl Maximum, first: &mut [Vec<i64>]) {
        let [high, slope, base] = self.row;
        let low = split(self.largest).1;
        let largest = match kind.function {
            true => Largest::Looked(Decomposition { remainder: 0, low, high, slope, base }),
            false => Largest::Itself(self.largest),
        };
        let below = |(q, r): &(i64, i64)| (self.largest - q, *r);
        let elements: Vec<_> = self.elements.iter().map(below).collect();
        bank.fill(at, &Window { largest, elements: &elements }, first);
    }
}

/// Windows in three rows; the sixth lane holds none.
fn honest(kind: Kind) -> Vec<Claim> {
    let Kind { window, shift, .. } = kind;
    let of = |offset, quotients: [i64; 4]| {
        let remainder = |at: i64| (at * 5 + offset) & ((1_i64 << shift) - 1);
        let elements: Vec<_> = quotients.into_iter().zip((0..).map(remainder)).collect();
        let elements = elements[..window[0] * window[1]].to_vec();
        let largest = elements.iter().map(|(q, _)| *q).max();
        // Elements as they are have no offset.
        let offset = if shift == 0 { 0 } else { offset };
        Claim::new(offset, largest.unwrap_or(0), elements)
    };
    vec![
        of(7, [3, 9, 0, 9]),
        of(-2, [-5, 1, -4, -9]),
        of(0, [2, 1, 7, 4]),
        of(1, [11, -3, 5, 0]),
        of(0, [0, 0, 0, 0]),
    ]
}

/// A bank whose maxima and sums are what plain cells say: by fingerprints alone.
fn subject<G: GadgetSet>(kind: Kind, claims: &[Claim]) -> Subject<G> {
    subject_of(kind, claims, claims.len())
}

/// The same with windows in the key for so many of them.
fn subject_of<G: GadgetSet>(kind: Kind, claims: &[Claim], laid: usize) -> Subject<G> {
    let Kind { window, shift, function } = kind;
    let [height, width] = window;
    let banks = MaximumBanks {
        banks: 1,
        lanes: LANES,
        shift,
        low_bits: LOW_BITS,
        limbs: LIMBS,
        window,
        function,
    };
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
    let table = TABLE.iter().map(|&[high, slope, base]| [high, slope, base, FUNCTION]);
    let tuples = std::iter::once([0; 4]).chain(widths.into_iter().flat_map(range)).chain(table);
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
        say(&plain[0], i, claim.output(kind));
        for (e, sum) in claim.sums(kind).enumerate() {
            say(&plain[1 + e / width], i * width + e % width, sum);
        }
    }
    for (i, claim) in claims.iter().enumerate() {
        let at = Lane { lane: i % LANES, row: i / LANES };
        if i < laid {
            bank.lay(at, FUNCTION, claim.offset, &mut fixed);
        }
        claim.fill(kind, at, bank, &mut first);
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

/// The contract and the duties of a maximum bank: the largest of a window's quotients holds and nothing else does,
/// fingerprints are the polynomials of what cells stand for, every cell is bound.
///
/// # Panics
/// Naming what does not hold.
pub fn maximum_conforms<G: GadgetSet>() {
    for (window, shift, function) in KINDS {
        kind_conforms::<G>(Kind { window, shift, function });
    }
}

fn kind_conforms<G: GadgetSet>(kind: Kind) {
    let honest = honest(kind);
    let subject = subject::<G>(kind, &honest);
    assert!(subject.holds(), "{kind:?}: {:?}", subject.violations());
    fingerprints_are_polynomials(&subject, kind, &honest);
    let bank = &subject.layout().maximum[0];
    for column in std::iter::once(bank.output()).chain(bank.sums().iter().copied()) {
        assert!(subject.layout().equality_columns().contains(&Column::Second(column)));
    }
    let last = honest[CHANGED].elements.len() - 1;
    let remainders = if kind.shift == 0 { vec![0] } else { vec![-1, 0, (1 << kind.shift) - 1] };
    for largest in [-1, 0, 2, 6, 7, 8, 11, 12] {
        for q in [-9, -8, -1, 0, 2, 7, 8, 11, 12, BEYOND] {
            for r in &remainders {
                let Claim { offset, mut elements, .. } = honest[CHANGED].clone();
                elements[last] = (q, *r);
                let claim = Claim::new(offset, largest, elements);
                let [high, slope, base] = claim.row;
                for row in [claim.row, [high, slope + 1, base], [high, slope, base - 1]] {
                    let mut claims = honest.clone();
                    claims[CHANGED] = Claim { row, ..claim.clone() };
                    let changed = self::subject::<G>(kind, &claims);
                    let expected = claims[CHANGED].is_honest(kind);
                    assert_eq!(changed.holds(), expected, "{kind:?}: {:?}", claims[CHANGED]);
                    if expected {
                        fingerprints_are_polynomials(&changed, kind, &claims);
                    }
                }
            }
        }
    }
    every_first_cell_is_bound(&subject, &subject.read_cells());
    every_second_cell_is_bound(&subject, &subject.determined_cells());
    nothing_stands_where_no_window_does::<G>(kind, &honest);
}

/// A value in the lane without a window, claimed of its plain cell and of its sums too.
fn nothing_stands_where_no_window_does<G: GadgetSet>(kind: Kind, honest: &[Claim]) {
    let mut claims = honest.to_vec();
    claims.push(Claim::new(0, 1, vec![(1, 0); kind.window[0] * kind.window[1]]));
    let laid = subject::<G>(kind, &claims);
    assert!(laid.holds(), "{kind:?}: {:?}", laid.violations());
    let unlaid = subject_of::<G>(kind, &claims, honest.len());
    assert!(!unlaid.holds(), "{kind:?}: a value where no window stands");
}

fn fingerprints_are_polynomials<G: GadgetSet>(subject: &Subject<G>, kind: Kind, claims: &[Claim]) {
    let [height, width] = kind.window;
    let sigma = subject.challenges().sigma;
    let at = |values: Vec<i64>| {
        values.into_iter().rev().fold(Fr::zero(), |sum, value| sum * sigma + from_signed(value))
    };
    let bank = &subject.layout().maximum[0];
    for start in 0..claims.len().div_ceil(LANES) {
        let claims = &claims[start * LANES..];
        let outputs = claims.iter().map(|claim| claim.output(kind)).collect();
        assert_eq!(subject.second(bank.output(), start), at(outputs), "outputs at row {start}");
        for a in 0..height {
            let of_row =
                |claim: &Claim| claim.sums(kind).skip(a * width).take(width).collect::<Vec<_>>();
            let sums = at(claims.iter().flat_map(of_row).collect());
            assert_eq!(subject.second(bank.sums()[a], start), sums, "sums {a} at row {start}");
        }
    }
}
