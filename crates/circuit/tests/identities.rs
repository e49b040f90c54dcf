//! Honest assignments satisfy every constraint, and every cell of them is bound.
#![allow(missing_docs)]

use halo2_proofs::dev::MockProver;
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_adversary::forgery::hidden;
use provenn_adversary::sample::{inputs, samples};
use provenn_circuit::{CompiledCircuit, PlanOptions};
use provenn_gadgets::testing::Subject;

#[test]
fn honest_assignments_satisfy_every_constraint() {
    for (name, graph) in samples() {
        for private in [false, true] {
            let options =
                PlanOptions { input_visibility: hidden(private), ..PlanOptions::default() };
            let compiled = CompiledCircuit::compile(graph.clone(), &options).unwrap();
            for seed in 1..4 {
                let witness = compiled.witness(&inputs(&graph, seed)).unwrap();
                let (circuit, instance) = compiled.assign(&witness).unwrap();
                let subject = Subject::new(&circuit, &instance);
                assert_eq!(subject.violations(), Default::default(), "{name}, private {private}");
                let instance = compiled.params().instance_by_column(&instance);
                let mock = MockProver::run(compiled.params().k, &circuit, instance).unwrap();
                assert_eq!(mock.verify(), Ok(()), "{name}");
            }
        }
    }
}

#[test]
fn a_changed_output_is_rejected() {
    for (name, graph) in samples() {
        let compiled = CompiledCircuit::compile(graph.clone(), &PlanOptions::default()).unwrap();
        let witness = compiled.witness(&inputs(&graph, 1)).unwrap();
        let (circuit, instance) = compiled.assign(&witness).unwrap();
        for i in 0..instance.len() {
            for delta in [Fr::from(1), -Fr::from(1), Fr::from(7)] {
                let mut forged = instance.clone();
                forged[i] += delta;
                assert!(
                    !Subject::new(&circuit, &forged).violations().is_empty(),
                    "{name}: public value {i}"
                );
            }
        }
    }
}

#[test]
fn compiling_twice_gives_the_same_circuit() {
    for (name, graph) in samples() {
        let compile = || CompiledCircuit::compile(graph.clone(), &PlanOptions::default()).unwrap();
        let (a, b) = (compile(), compile());
        assert_eq!(a.statement(), b.statement(), "{name}");
        assert_eq!(a.assignment(), b.assignment(), "{name}");
    }
}
