//! A small circuit of committed weights: three products `y = W·x` of one public x, two at σ and one at ρ, each with a bank of its
//! own whose third lane is empty.

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_gadgets::committed::LaidWeights;
use provenn_gadgets::families::{Fingerprint, Reading};
use provenn_gadgets::linear::{Extents, Run, Weights};
use provenn_gadgets::testing::Subject;
use provenn_gadgets::{
    Assignment, CellRef, Challenges, CircuitParams, Column, Grid, Layout, ProvennCircuit,
    PublicTensor, Statement, Step, from_signed,
};
use provenn_proof::testing::weight_ranges;
use std::sync::Arc;

/// Outputs of a product.
const OUTPUTS: usize = 2;
/// Inputs of all.
pub const INPUTS: usize = 3;
/// Products.
pub const BANKS: usize = 3;
/// M.
pub const LANES: usize = 3;

/// W of each bank, output by output.
pub type Matrices = [[i64; OUTPUTS * INPUTS]; BANKS];

/// Some weights.
pub const WEIGHTS: Matrices =
    [[-8, 7, 3, 0, -1, 2], [-16, 15, 9, 4, 5, -6], [4095, -4096, 10, 1024, -1025, -13]];

/// The inputs.
pub const X: [i64; INPUTS] = [5, -7, 100];

/// Parameters of the circuit.
#[must_use]
pub fn params() -> CircuitParams {
    CircuitParams {
        k: 8,
        lanes: 2,
        plain_banks: 1,
        rho_fingerprints: true,
        weight_lanes: LANES,
        committed_sigma_banks: 2,
        committed_rho_banks: 1,
        ..CircuitParams::default()
    }
}

/// Its public part.
#[must_use]
pub fn statement() -> Statement {
    let tensor = |name: &str, elements| PublicTensor {
        name: name.into(),
        shape: vec![elements],
        grid: Grid::uniform(1.0),
        lo: -(1 << 20),
        hi: 1 << 20,
    };
    Statement {
        params: params(),
        inputs: vec![tensor("x", INPUTS)],
        outputs: vec![tensor("y", OUTPUTS * BANKS)],
        ..Statement::default()
    }
}

/// Bits of a bank's weights.
#[must_use]
pub fn bits(bank: usize) -> u8 {
    [4, 5, 13][bank]
}

/// What these weights make of the inputs.
#[must_use]
pub fn instance(weights: &Matrices) -> Vec<i64> {
    let product = |w: &[i64]| w.iter().zip(X).map(|(w, x)| w * x).sum();
    let outputs = weights.iter().flat_map(|matrix| matrix.chunks(INPUTS).map(product));
    X.into_iter().chain(outputs).collect()
}

/// The same as elements.
#[must_use]
pub fn elements(weights: &Matrices) -> Vec<Fr> {
    instance(weights).into_iter().map(from_signed).collect()
}

/// The circuit with its witness.
#[must_use]
pub fn circuit(weights: &Matrices) -> ProvennCircuit {
    let (params, layout) = (params(), Layout::new(&params()));
    let plain = &layout.plain[0];
    let cell = |i: usize| CellRef { column: Column::First(plain.cells()[i % 2]), row: i / 2 };
    // Every product's result on a row of its own, below the inputs.
    let output = |bank: usize, n: usize| cell(2 * (2 + bank) + n);
    let mut fixed = vec![vec![]; layout.fixed];
    let mut committed = vec![vec![]; layout.committed_columns];
    let mut weight_bits = vec![vec![]; layout.committed_columns];
    let (mut steps, mut copies) = (vec![], vec![]);
    let public = |row| CellRef { column: Column::Instance, row };
    copies.extend((0..INPUTS).map(|k| (cell(k), public(k))));
    for (bank, (columns, matrix)) in layout.committed.iter().zip(weights).enumerate() {
        let weight = |n: usize, k: usize| matrix[n * INPUTS + k];
        let run = Run {
            start: 0,
            units: 0..INPUTS,
            extents: Extents { outputs: OUTPUTS, inputs: INPUTS },
            lanes: LANES,
            weights: Weights(&weight),
        };
        let mut laid =
            LaidWeights { fixed: &mut fixed, committed: &mut committed, bits: &mut weight_bits };
        for (row, k) in columns.lay(&run, bits(bank), &mut laid) {
            steps.push(Step::Copy { column: columns.input(), row, from: cell(k) });
        }
        steps.push(Step::Committed { bank, start: 0, end: INPUTS });
        let reading = if columns.link().rho { Reading::Rho } else { Reading::Sigma };
        let fingerprint = plain.fingerprint(reading).unwrap();
        let result = CellRef::second(columns.result(), 0);
        copies.push((CellRef::second(fingerprint, 2 + bank), result));
        let outputs = (0..OUTPUTS).map(|n| (output(bank, n), public(INPUTS + OUTPUTS * bank + n)));
        copies.extend(outputs);
    }
    let mut first = vec![vec![0; 2 + BANKS]; layout.first];
    let values = instance(weights);
    let mut fill = |at: CellRef, value| {
        let Column::First(column) = at.column else { return };
        first[column][at.row] = value;
    };
    (0..INPUTS).for_each(|k| fill(cell(k), values[k]));
    for (at, value) in values[INPUTS..].iter().enumerate() {
        fill(output(at / OUTPUTS, at % OUTPUTS), *value);
    }
    let assignment = Assignment { fixed, committed, weight_bits, copies, steps };
    ProvennCircuit::new(params, Arc::new(assignment)).with_witness(first, elements(weights))
}

/// The circuit that shows the ranges of these weights.
#[must_use]
pub fn ranges(weights: &Matrices) -> Subject {
    let circuit = circuit(weights);
    let weights = &circuit.assignment().committed;
    let subject = Subject::new(&weight_ranges(&circuit, [weights, weights]).unwrap(), &[]);
    assert!(subject.holds(), "honest columns violate {:?}", subject.violations());
    subject
}

/// All columns of a phase, as an honest prover has them.
#[must_use]
pub fn columns(circuit: &ProvennCircuit, phase: u8, drawn: &[Fr]) -> Vec<Vec<Fr>> {
    let layout = Layout::new(circuit.params());
    if phase > 0 {
        return circuit.later_columns(&layout, phase, &Challenges::drawn(drawn));
    }
    let field = |column: &[i64]| column.iter().map(|value| from_signed(*value)).collect();
    circuit.first_columns(&layout).unwrap().into_iter().map(field).collect()
}
