//! Boundary terms combined over channels: what a prover may choose about them, and when.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)]

use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::plonk::{Circuit, ConstraintSystem};
use provenn_adversary::forgery::combined;
use provenn_adversary::sample::{Sample, inputs, relu, samples};
use provenn_circuit::{BoundaryTerms, CompiledCircuit, PlanOptions};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::testing::{Subject, Violations};
use provenn_gadgets::{Layout, ProvennCircuit};

fn convolutions() -> Vec<(&'static str, QuantGraph)> {
    let mut all: Vec<_> =
        samples().into_iter().filter(|(name, _)| name.starts_with("conv")).collect();
    // Several channels, padding on one side only, a kernel of one row and one of one element.
    let mut s = Sample::new();
    let x = s.input(&[2, 4, 5]);
    let y = s.conv(x, 3, [2, 3], [1, 1], [1, 0], relu(9));
    let y = s.conv(y, 2, [1, 3], [1, 1], [0, 1], relu(9));
    let y = s.conv(y, 2, [1, 1], [1, 1], [0, 0], relu(9));
    all.push(("uneven", s.finish(&[y])));
    all
}

fn each(test: impl Fn(&str, &Subject)) {
    for (name, graph) in convolutions() {
        let subject = combined(&graph, &inputs(&graph, 1), false);
        assert!(!subject.layout().boundary.is_empty(), "{name}");
        test(name, &subject);
    }
}

/// The identity reads every boundary term: no other one is accepted in any channel.
#[test]
fn every_boundary_term_is_bound() {
    each(|name, honest| {
        assert!(honest.boundary.iter().any(|run| !run.planes.is_empty()), "{name}");
        for (i, run) in honest.boundary.iter().enumerate() {
            for channel in 0..run.planes.len() {
                for place in 0..run.planes[channel].len() {
                    let mut forged = honest.clone();
                    forged.boundary[i].planes[channel][place] += 1;
                    forged.finish();
                    assert_eq!(
                        forged.violations(),
                        Violations::from(["copy".to_owned()]),
                        "{name}"
                    );
                }
            }
        }
    });
}

/// The fingerprint's constraint alone ties a value to the identity.
#[test]
fn a_value_is_tied_to_its_fingerprint() {
    each(|name, honest| {
        let run = &honest.boundary[0];
        let column = honest.layout().boundary[run.bank].value;
        let forged = honest.forge_second(column, run.row, Fr::one());
        assert_eq!(
            forged.violations(),
            Violations::from(["boundary/fingerprint".to_owned()]),
            "{name}"
        );
    });
}

/// Values are committed after ρ and before all other challenges; a value chosen later would hide any
/// difference, as the last step shows.
#[test]
fn values_are_committed_between_rho_and_sigma() {
    for (name, graph) in convolutions() {
        let options =
            PlanOptions { boundary: Some(BoundaryTerms::Combined), ..PlanOptions::default() };
        let compiled = CompiledCircuit::compile(graph.clone(), &options).unwrap();
        let mut cs = ConstraintSystem::<Fr>::default();
        let params = compiled.params().clone();
        let _ = <ProvennCircuit as Circuit<Fr>>::configure_with_params(&mut cs, params);
        let layout: &Layout = compiled.layout();
        let phases = cs.advice_column_phase();
        let (first, later) = phases.split_at(layout.first);
        assert!(first.iter().all(|phase| *phase == 0), "{name}");
        for (column, phase) in later.iter().enumerate() {
            let value = layout.boundary.iter().any(|bank| bank.value == column);
            assert_eq!(*phase, if value { 1 } else { 2 }, "{name}: column {column}");
        }
        // σ, ρ, α, β, τ
        assert_eq!(cs.challenge_phase(), [1, 0, 1, 1, 1], "{name}");

        let honest = combined(&graph, &inputs(&graph, 1), false);
        let run = &honest.boundary[0];
        let value = honest.layout().boundary[run.bank].value;
        let mut forged = honest.clone();
        forged.boundary[0].planes[0][0] += 5;
        forged.finish();
        forged.absorb(honest.layout().boundary[run.bank].fingerprint, run.row);
        let left = forged.violations();
        assert_eq!(left, Violations::from(["boundary/fingerprint".to_owned()]), "{name}");
        let off = forged.second(honest.layout().boundary[run.bank].fingerprint, run.row)
            - honest.second(honest.layout().boundary[run.bank].fingerprint, run.row);
        let now = forged.second(value, run.row);
        let hidden = forged.forge_second(value, run.row, honest.second(value, run.row) + off - now);
        assert!(hidden.holds(), "{name}");
    }
}

/// An output that is off by one is caught whatever the boundary terms are said to be in integers.
#[test]
fn a_wrong_output_is_not_made_up_for() {
    each(|name, honest| {
        let mut forged = honest.clone();
        *forged.instance.last_mut().unwrap() += 1;
        for run in &mut forged.boundary {
            for plane in &mut run.planes {
                plane.iter_mut().for_each(|x| *x -= 1);
            }
        }
        forged.finish();
        assert!(!forged.holds(), "{name}");
    });
}
