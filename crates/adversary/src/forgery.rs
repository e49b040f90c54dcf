//! Forged activations: where an output element stands, what its cells hold, and how a prover who lies
//! about it keeps everything else consistent.
#![allow(missing_docs, clippy::must_use_candidate)]

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_circuit::{Binding, BoundaryTerms, CompiledCircuit, CompiledParts, Plan, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{CellRef, Column, TensorVisibility, TermsPerHelper};

/// An honest circuit of a graph on given inputs.
pub fn subject(graph: &QuantGraph, inputs: &[Vec<i64>], private_inputs: bool) -> Subject {
    let boundary = Some(BoundaryTerms::InLanes);
    let input_visibility = hidden(private_inputs);
    laid(graph, inputs, PlanOptions { input_visibility, boundary, ..PlanOptions::default() })
}

/// The same, where boundary terms stand in banks of their own.
pub fn combined(graph: &QuantGraph, inputs: &[Vec<i64>], private_inputs: bool) -> Subject {
    let boundary = Some(BoundaryTerms::Combined);
    let input_visibility = hidden(private_inputs);
    laid(graph, inputs, PlanOptions { input_visibility, boundary, ..PlanOptions::default() })
}

/// The same, with digests in place of inputs and outputs.
pub fn hashed(graph: &QuantGraph, inputs: &[Vec<i64>]) -> Subject {
    let [input_visibility, output_visibility] = [TensorVisibility::Hashed; 2];
    let boundary = Some(BoundaryTerms::InLanes);
    let options = PlanOptions { input_visibility, output_visibility, ..PlanOptions::default() };
    laid(graph, inputs, PlanOptions { boundary, ..options })
}

/// Inputs that are private, or public ones.
pub fn hidden(private: bool) -> TensorVisibility {
    if private { TensorVisibility::Private } else { TensorVisibility::Public }
}

/// The same, with boundary terms in this place.
pub fn placed(graph: &QuantGraph, inputs: &[Vec<i64>], boundary: BoundaryTerms) -> Subject {
    laid(graph, inputs, PlanOptions { boundary: Some(boundary), ..PlanOptions::default() })
}

/// The same, with so many fractions per helper column.
pub fn with_terms(graph: &QuantGraph, inputs: &[Vec<i64>], terms: TermsPerHelper) -> Subject {
    let terms_per_helper = Some(terms);
    laid(graph, inputs, PlanOptions { terms_per_helper, ..PlanOptions::default() })
}

/// Where the public values stand that follow so many of inputs.
pub fn outputs(s: &Subject, inputs: usize) -> Vec<Output> {
    (inputs..s.instance.len()).map(|at| Output::find(s, at)).collect()
}

fn laid(graph: &QuantGraph, inputs: &[Vec<i64>], options: PlanOptions) -> Subject {
    // Weights here are often multiples of 2^S.
    let options = PlanOptions { undropped: Some(false), ..options };
    filled(&CompiledCircuit::compile(graph.clone(), &options).unwrap(), inputs)
}

/// The same under a plan.
pub fn laid_with(graph: &QuantGraph, inputs: &[Vec<i64>], plan: Plan) -> Subject {
    let parts = CompiledParts { graph: graph.clone(), plan, binding: Binding::of(graph) };
    filled(&CompiledCircuit::from_parts(parts).unwrap(), inputs)
}

/// A circuit's columns on given inputs.
pub fn filled(compiled: &CompiledCircuit, inputs: &[Vec<i64>]) -> Subject {
    let (circuit, instance) = compiled.assign(&compiled.witness(inputs).unwrap()).unwrap();
    let subject = Subject::new(&circuit, &instance);
    assert!(subject.holds(), "honest columns violate {:?}", subject.violations());
    subject
}

/// The cells of one activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    pub high: i64,
    pub low: i64,
    pub remainder: i64,
    pub slope: i64,
    pub base: i64,
}

impl Parts {
    pub fn output(&self) -> i64 {
        self.slope * self.low + self.base
    }
}

/// Where an activation stands.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub bank: usize,
    pub lane: usize,
    pub row: usize,
}

impl Place {
    pub fn tag(&self, s: &Subject) -> i64 {
        s.fixed_integer(s.layout().activation[self.bank].tag[self.lane], self.row)
    }

    pub fn read(&self, s: &Subject) -> Parts {
        let bank = &s.layout().activation[self.bank];
        let at = |column: usize| s.first(column, self.row);
        let mut start = 0;
        let mut remainder = 0;
        for (limb, width) in bank.remainder.iter().zip(bank.widths.clone()) {
            remainder += at(limb[self.lane]) << start;
            start += width;
        }
        Parts {
            high: at(bank.high[self.lane]),
            low: at(bank.low[self.lane]),
            remainder,
            slope: at(bank.slope[self.lane]),
            base: at(bank.base[self.lane]),
        }
    }

    /// A remainder that is too large, or negative, spoils its top limb only.
    pub fn write(&self, s: &mut Subject, parts: Parts) {
        let bank = s.layout().activation[self.bank].clone();
        let widths = bank.widths.clone();
        let mut rest = parts.remainder;
        for (i, (limb, width)) in bank.remainder.iter().zip(&widths).enumerate() {
            let top = i + 1 == widths.len();
            s.set_first(
                limb[self.lane],
                self.row,
                if top { rest } else { rest & ((1 << width) - 1) },
            );
            rest >>= width;
        }
        s.set_first(bank.low[self.lane], self.row, parts.low);
        s.set_first(bank.high[self.lane], self.row, parts.high);
        s.set_first(bank.slope[self.lane], self.row, parts.slope);
        s.set_first(bank.base[self.lane], self.row, parts.base);
    }

    /// The honest parts of an accumulator that differs by `delta`.
    pub fn shifted(&self, s: &Subject, delta: i64) -> Parts {
        let bank = &s.layout().activation[self.bank];
        let (shift, low_bits) = (bank.shift, bank.low_bits);
        let old = self.read(s);
        let y = (((old.high << low_bits) + old.low) << shift) + old.remainder + delta;
        let q = y >> shift;
        let high = q >> low_bits;
        let (slope, base) = entry(s, self.tag(s), high).expect("inside the table");
        Parts {
            high,
            low: q & ((1 << low_bits) - 1),
            remainder: y & ((1 << shift) - 1),
            slope,
            base,
        }
    }

    /// First row of the segment whose fingerprint stands in `column` and is copied.
    pub fn fingerprint_row(&self, s: &Subject, column: usize) -> usize {
        segment_start(s, column, self.row)
    }
}

fn segment_start(s: &Subject, column: usize, row: usize) -> usize {
    referenced(s, column)
        .into_iter()
        .filter(|&start| start <= row)
        .max()
        .expect("a read fingerprint")
}

/// Rows of a second-phase column that copies touch.
pub fn referenced(s: &Subject, column: usize) -> Vec<usize> {
    let mut rows: Vec<usize> = s
        .copies()
        .iter()
        .flat_map(|&(a, b)| [a, b])
        .filter(|cell| cell.column == Column::Second(column))
        .map(|cell| cell.row)
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Slope and base at h (relative to the table's first) of the table with this tag.
pub fn entry(s: &Subject, tag: i64, high: i64) -> Option<(i64, i64)> {
    table(s, tag).into_iter().find(|row| row[0] == high).map(|row| (row[1], row[2]))
}

/// All rows (h, slope, base) of a table.
pub fn table(s: &Subject, tag: i64) -> Vec<[i64; 3]> {
    let mut rows = vec![];
    for bank in &s.layout().table {
        for row in 0..s.params().active_rows() {
            let [h, slope, base, at] = bank.tuple.map(|column| s.fixed_integer(column, row));
            if at == tag {
                rows.push([h, slope, base]);
            }
        }
    }
    rows
}

/// A public output: its activation, the plain cell that repeats it, and its row among public values.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    pub place: Place,
    pub twin: (usize, usize),
    pub instance: usize,
}

/// The plain cell that is copied to a public value.
pub fn public_cell(s: &Subject, instance: usize) -> (usize, usize) {
    let target = CellRef { column: Column::Instance, row: instance };
    let cell = s.copies().iter().find(|(_, b)| *b == target).expect("a public value").0;
    let Column::First(column) = cell.column else { panic!("a public value is a plain cell") };
    (column, cell.row)
}

impl Output {
    /// The output that public value `instance` states; it must come from an activation.
    pub fn find(s: &Subject, instance: usize) -> Self {
        let (column, row) = public_cell(s, instance);
        let place = activation_behind(s, column, row);
        Output { place, twin: (column, row), instance }
    }

    /// Last public value.
    pub fn last(s: &Subject) -> Self {
        Self::find(s, s.instance.len() - 1)
    }

    /// States another output: the cell and the public value follow the activation's parts.
    pub fn claim(&self, s: &mut Subject, parts: Parts) {
        self.place.write(s, parts);
        self.state(s, parts.output());
    }

    /// States a value in the plain cell and the public value alone.
    pub fn state(&self, s: &mut Subject, value: i64) {
        s.set_first(self.twin.0, self.twin.1, value);
        s.instance[self.instance] = value;
    }

    /// [`Output::claim`], then everything downstream is recomputed and recounted.
    pub fn forge(&self, s: &Subject, parts: Parts) -> Subject {
        let mut forged = s.clone();
        self.claim(&mut forged, parts);
        settle(forged)
    }

    /// A neighbouring output with cells in range: only the linear identity can object.
    pub fn neighbour(&self, s: &Subject) -> Parts {
        let mut parts = self.place.read(s);
        assert_ne!(parts.slope, 0, "choose inputs away from saturation");
        parts.low += if parts.low == 0 { 1 } else { -1 };
        parts
    }
}

/// Recounts and recomputes.
pub fn settle(mut s: Subject) -> Subject {
    s.repair_multiplicities();
    s.finish();
    s
}

/// The activation whose fingerprint a plain cell's fingerprint repeats.
pub fn activation_behind(s: &Subject, column: usize, row: usize) -> Place {
    let layout = s.layout();
    let (fingerprint, lane) = layout
        .plain
        .iter()
        .find_map(|p| p.cell.iter().position(|&c| c == column).map(|lane| (p.fingerprint, lane)))
        .expect("a plain cell");
    let mut best: Option<(usize, usize, usize)> = None;
    for &(a, b) in s.copies() {
        for (bank, columns) in layout.activation.iter().enumerate() {
            if a.column == Column::Second(columns.fingerprint_a)
                && b.column == Column::Second(fingerprint)
                && b.row <= row
                && best.is_none_or(|(_, _, start)| start < b.row)
            {
                best = Some((bank, a.row, b.row));
            }
        }
    }
    let (bank, from, start) = best.expect("a fingerprint of an activation");
    // The same position, on a row of other lanes.
    let position = (row - start) * s.params().lanes + lane;
    let lanes = layout.activation[bank].low.len();
    Place { bank, lane: position % lanes, row: from + position / lanes }
}

/// The sum over all fractions: zero if every lookup is in its table.
pub fn closing_sum(s: &Subject) -> Fr {
    let sum = s.layout().lookups.as_ref().expect("a circuit with lookups").running_sum;
    s.second(sum, s.params().active_rows())
}
