//! Conformance of boundary banks: values are committed between ρ and σ, and their fingerprints are polynomials of them.

use super::{Subject, every_second_cell_is_bound};
use crate::assignment::{Assignment, BoundaryValues};
use crate::circuit::ProvennCircuit;
use crate::column::{Column, set};
use crate::families::Boundary;
use crate::field::from_signed;
use crate::gadget::Gadget;
use crate::gadget_set::GadgetSet;
use crate::layout::Layout;
use crate::params::CircuitParams;
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::Arc;

/// Runs of three channels: two in one bank, one in another.
fn boundary() -> Vec<BoundaryValues> {
    let run = |bank, row, planes: [[i64; 4]; 3]| BoundaryValues {
        bank,
        row,
        planes: planes.map(|plane| plane.to_vec()).to_vec(),
    };
    vec![
        run(0, 0, [[1, -2, 3, 0], [0, 5, -6, 7], [2, 2, 0, -9]]),
        run(0, 4, [[-1, 0, 0, 4], [8, 1, 1, 1], [0, 0, -3, 2]]),
        run(1, 2, [[6, 6, 6, 6], [-5, 0, 5, 1], [0, 1, 0, 1]]),
    ]
}

/// The contract and the duties of boundary banks.
///
/// # Panics
/// Naming what does not hold.
pub fn boundary_conforms<G: GadgetSet>() {
    let params = CircuitParams {
        k: 5,
        lanes: 1,
        plain_banks: 1,
        weight_lanes: 1,
        boundary_banks: 2,
        ..CircuitParams::default()
    };
    let layout = Layout::<G>::number(&params);
    let mut fixed = vec![vec![]; layout.fixed];
    for BoundaryValues { bank, row, planes } in boundary() {
        for row in row..row + planes[0].len() - 1 {
            set(&mut fixed, layout.boundary[bank].step(), row, 1);
        }
    }
    let first = vec![vec![]; layout.first];
    let assignment = Assignment { fixed, ..Assignment::default() };
    let circuit = ProvennCircuit::<G>::with_gadgets(params, Arc::new(assignment))
        .with_witness(first, vec![])
        .with_boundary(boundary());
    let subject = Subject::new(&circuit, &[]);
    assert!(subject.holds(), "{:?}", subject.violations());
    let (sigma, rho) = (subject.challenges().sigma, subject.challenges().rho);
    for BoundaryValues { bank, row, planes } in boundary() {
        let values = (0..planes[0].len()).map(|at| {
            let channels = planes.iter().rev().map(|plane| from_signed(plane[at]));
            channels.fold(Fr::zero(), |sum, value| sum * rho + value)
        });
        let expected = values.rev().fold(Fr::zero(), |sum, value| sum * sigma + value);
        let fingerprint = layout.boundary[bank].fingerprint();
        assert_eq!(subject.second(fingerprint, row), expected, "bank {bank} at row {row}");
    }
    for gadget in &layout.boundary {
        let early = gadget.before_sigma();
        assert!(!early.is_empty(), "no value is committed before σ");
        assert!(early.iter().all(|&column| layout.phase(column) == 1));
        assert_eq!(layout.phase(gadget.fingerprint()), 2, "fingerprints follow σ");
        assert!(layout.equality_columns().contains(&Column::Second(gadget.fingerprint())));
    }
    every_second_cell_is_bound(&subject, &subject.determined_cells());
}
