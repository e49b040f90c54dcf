//! Conformance of a linear identity: the contract of [`crate::linear`] and the duties of its columns.

use super::{Subject, every_second_cell_is_bound};
use crate::assignment::{Assignment, Step};
use crate::circuit::ProvennCircuit;
use crate::column::{CellRef, Column};
use crate::families::Fingerprint;
use crate::field::from_signed;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::linear::{Extents, Join, Laid, LinearIdentity, Run, Weights};
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use std::ops::Range;
use std::sync::Arc;

/// Outputs, inputs, lanes: one weight, a lane left over in each direction, more lanes than weights.
const CASES: [(usize, usize, usize); 6] =
    [(1, 1, 1), (3, 2, 2), (2, 3, 2), (4, 3, 4), (3, 5, 8), (5, 1, 2)];

/// Small integers of both signs, zero among them.
fn value(i: usize) -> i64 {
    [3, -5, 0, 7, -1, 2, -8, 1, 0, 6][i * 7 % 10]
}

/// Inputs in the first plain bank and W in a bank of weights at σ and in one at ρ, divided in two runs at `split`.
fn subject<G: GadgetSet>(
    (outputs, inputs, lanes): (usize, usize, usize),
    split: usize,
) -> (Subject<G>, [Vec<Range<usize>>; 2], Vec<usize>) {
    let params = CircuitParams {
        k: 6,
        lanes: 2,
        plain_banks: 1,
        sigma_weight_banks: 1,
        rho_weight_banks: 1,
        weight_lanes: lanes,
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let extents = Extents { outputs, inputs };
    let division = G::Linear::divide(extents);
    let rows = division.length.div_ceil(lanes);
    let mut fixed = vec![vec![]; layout.fixed];
    let mut first = vec![vec![]; layout.first];
    for k in 0..inputs {
        let column: &mut Vec<i64> = &mut first[layout.plain[0].cells()[k % 2]];
        column.resize(k / 2 + 1, 0);
        column[k / 2] = value(k + 1);
    }
    let mut steps = vec![];
    let mut runs = [vec![], vec![]];
    let parts = [0..split, split..division.units];
    for (index, bank) in layout.linear.iter().enumerate() {
        let mut start = 0;
        for units in parts.iter().filter(|units| !units.is_empty()) {
            let end = start + units.len() * rows;
            let weight = |n: usize, k: usize| value(n * inputs + k);
            let weights = Weights(&weight);
            let run = Run { start, units: units.clone(), extents, lanes, weights };
            let mut laid = Laid::new(&mut fixed);
            bank.lay(&run, &mut laid);
            for (column, row, k) in laid.into_inputs() {
                let source = Column::First(layout.plain[0].cells()[k % 2]);
                steps.push(Step::Copy {
                    column,
                    row,
                    from: CellRef { column: source, row: k / 2 },
                });
            }
            steps.push(Step::Linear { bank: index, start, end });
            runs[index].push(start..end);
            start = end;
        }
    }
    let results = layout.linear.iter().map(LinearIdentity::result).collect();
    let assignment = Assignment { fixed, steps, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment));
    (Subject::new(&circuit.with_witness(first, vec![]), &[]), runs, results)
}

/// The contract and the duties of a linear identity: values at both challenges, however W is divided; every
/// column bound; a false input or result noticed.
///
/// # Panics
/// Naming what does not hold.
pub fn linear_identity_conforms<G: GadgetSet>() {
    for case @ (outputs, inputs, _) in CASES {
        let division = G::Linear::divide(Extents { outputs, inputs });
        for split in 0..division.units {
            let (subject, runs, results) = subject::<G>(case, split);
            assert!(subject.holds(), "{case:?} split at {split}: {:?}", subject.violations());
            let challenges = subject.challenges();
            for ((runs, &result), omega) in
                runs.iter().zip(&results).zip([challenges.sigma, challenges.rho])
            {
                let power = |n: usize| (0..n).fold(Fr::one(), |p, _| p * omega);
                let entries =
                    (0..outputs).flat_map(|n| (0..inputs).map(move |k| (n, n * inputs + k, k)));
                let expected = entries.fold(Fr::zero(), |sum, (n, i, k)| {
                    sum + power(n) * from_signed(value(i) * value(k + 1))
                });
                let values: Vec<Fr> =
                    runs.iter().map(|run| subject.second(result, run.start)).collect();
                let got = match (division.join, values.as_slice()) {
                    (_, [one]) => *one,
                    (Join::Sum, [a, b]) => *a + b,
                    (Join::Powers, [a, b]) => *a + power(split) * b,
                    _ => Fr::zero(),
                };
                assert_eq!(got, expected, "{case:?} split at {split}");
                assert!(
                    !subject.forge_second(result, runs[0].start, Fr::one()).holds(),
                    "{case:?}: another result is accepted"
                );
            }
            every_second_cell_is_bound(&subject, &subject.determined_cells());
        }
    }
}
