//! Committed inputs and outputs: real proofs of exploits, none of which a verifier accepts.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_adversary::committed::columns;
use provenn_adversary::sample::{Sample, identity, inputs, samples};
use provenn_circuit::{CompiledCircuit, PlanOptions, Witness};
use provenn_fixed_point::QuantGraph;
use provenn_gadgets::{ProvennCircuit, TensorForm, TensorVisibility};
use provenn_kzg_srs::Srs;
use provenn_proof::testing::write_committed_proof;
use provenn_proof::{
    CommitTensorsError, Openings, ProveError, ProveOptions, ProvingKey, TensorOpening,
    prove_committed, setup,
};
use provenn_verifier::link::Relation;
use provenn_verifier::{
    CommitmentError, Commitments, ProofFile, ProofFileError, TensorCommitment, VerifyError,
    VerifyOptions, VerifyingKey, verify, verify_committed,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::sync::OnceLock;

const ALLOW: VerifyOptions = VerifyOptions::allowing_insecure_srs();
const K: u32 = 8;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn srs() -> &'static Srs {
    static DRAWN: OnceLock<Srs> = OnceLock::new();
    DRAWN.get_or_init(|| Srs::draw_insecure(K, rng(1)).unwrap())
}

/// A circuit with committed inputs and outputs, and its keys.
struct Case {
    compiled: CompiledCircuit,
    key: ProvingKey,
}

impl Case {
    fn new(graph: QuantGraph) -> Self {
        let [input_visibility, output_visibility] = [TensorVisibility::Committed; 2];
        let options = PlanOptions {
            logrows: Some(K),
            input_visibility,
            output_visibility,
            ..PlanOptions::default()
        };
        let compiled = CompiledCircuit::compile(graph, &options).unwrap();
        let key = setup(&compiled.keygen_circuit(), compiled.statement(), srs()).unwrap();
        Case { compiled, key }
    }

    fn key(&self) -> &VerifyingKey {
        self.key.verifying_key()
    }

    fn witness(&self, seed: u64) -> Witness {
        self.compiled.witness(&inputs(self.compiled.graph(), seed)).unwrap()
    }

    fn prove(&self, witness: &Witness, openings: Openings<'_>) -> Result<ProofFile, ProveError> {
        let (circuit, instance) = self.compiled.assign(witness).unwrap();
        assert_eq!(instance, []);
        let (statement, options) = (self.compiled.statement(), ProveOptions::default());
        let (key, srs) = (&self.key, srs());
        let proved =
            prove_committed(key, &circuit, statement, &instance, srs, openings, options, rng(3));
        Ok(proved?.file)
    }

    fn verify(&self, proof: &ProofFile, of: Commitments<'_>) -> Result<(), ProofFileError> {
        proof.verify_committed(self.key(), srs().verifier(), of, ALLOW)
    }

    /// What the verifier says to a proof of a witness' columns, `change` being applied to those of a phase.
    fn attempt(
        &self,
        witness: &Witness,
        opened: &Opened,
        relations: &[Relation],
        change: impl Fn(u8, &mut Vec<Vec<Fr>>),
    ) -> Result<(), VerifyError> {
        let (circuit, instance) = self.compiled.assign(witness).unwrap();
        let advice = |phase: u8, drawn: &[Fr]| {
            let mut columns = columns(&circuit, phase, drawn);
            change(phase, &mut columns);
            columns
        };
        let (key, openings) = (&self.key, opened.openings());
        let proof = write_committed_proof(
            key,
            &circuit,
            &instance,
            srs(),
            openings,
            relations,
            advice,
            rng(9),
        );
        let (of, proof) = (opened.commitments(), proof.unwrap());
        verify_committed(self.key(), srs().verifier(), of, &instance, &proof, ALLOW)
    }
}

/// Openings of inputs and outputs.
struct Opened([TensorOpening; 2]);

impl Opened {
    fn of(witness: &Witness, seed: u64) -> Self {
        let mut rng = rng(seed);
        let tensors = [witness.inputs(), witness.outputs()];
        Opened(tensors.map(|of| TensorOpening::commit(of, srs(), &mut rng).unwrap()))
    }

    fn openings(&self) -> Openings<'_> {
        let [inputs, outputs] = &self.0;
        Openings { weights: None, inputs: Some(inputs), outputs: Some(outputs) }
    }

    fn commitments(&self) -> Commitments<'_> {
        let [inputs, outputs] = self.0.each_ref().map(TensorOpening::commitment);
        Commitments { weights: None, inputs: Some(inputs), outputs: Some(outputs) }
    }
}

fn dense() -> Case {
    Case::new(samples().swap_remove(0).1)
}

/// As many outputs as inputs.
fn square() -> Case {
    let mut sample = Sample::new();
    let x = sample.input(&[3]);
    let y = sample.dense(x, 3, identity(12));
    Case::new(sample.finish(&[y]))
}

fn circuit_of(case: &Case, witness: &Witness) -> ProvennCircuit {
    case.compiled.assign(witness).unwrap().0
}

#[test]
fn every_kind_of_layer_is_proved_of_what_is_committed() {
    let mut proofs = 0;
    for (name, graph) in samples() {
        let case = Case::new(graph);
        let witness = case.witness(1);
        let (opened, other) = (Opened::of(&witness, 2), Opened::of(&witness, 4));
        let proof = case.prove(&witness, opened.openings()).unwrap();
        assert_eq!(proof.instances, [[""; 0]], "{name}");
        case.verify(&proof, opened.commitments()).unwrap();
        // Another commitment, even to the same tensors.
        let error = case.verify(&proof, other.commitments()).unwrap_err();
        assert!(
            matches!(error, ProofFileError::Commitment { of: "inputs", .. }),
            "{name}: {error}"
        );
        proofs += 1;
    }
    assert!(proofs >= 12, "{proofs}");
}

/// What one model puts out is what the next one takes, and nobody sees it.
#[test]
fn one_models_outputs_are_anothers_inputs() {
    let [first, second] = [(); 2].map(|()| square());
    let witness = first.witness(1);
    let between = first.compiled.graph().outputs[0];
    let interval = first.compiled.graph().tensors[between.0].interval;
    let handed: Vec<i64> = witness.outputs()[0]
        .iter()
        .map(|&y| y.clamp(-16, 15).clamp(interval.lo, interval.hi))
        .collect();
    assert_eq!(witness.outputs()[0], handed, "the second one's range");
    let opened = Opened::of(&witness, 2);
    let next = second.compiled.witness(&[handed]).unwrap();
    let outputs = TensorOpening::commit(next.outputs(), srs(), rng(5)).unwrap();
    let [_, link] = &opened.0;
    let openings = Openings { weights: None, inputs: Some(link), outputs: Some(&outputs) };
    let proof = second.prove(&next, openings).unwrap();
    let of = Commitments {
        weights: None,
        inputs: Some(opened.0[1].commitment()),
        outputs: Some(outputs.commitment()),
    };
    second.verify(&proof, of).unwrap();
    first.verify(&first.prove(&witness, opened.openings()).unwrap(), opened.commitments()).unwrap();
}

#[test]
fn commitments_are_asked_for_where_there_are_some_and_nowhere_else() {
    let case = dense();
    let witness = case.witness(1);
    let opened = Opened::of(&witness, 2);
    let [inputs, outputs] = &opened.0;
    let proof = case.prove(&witness, opened.openings()).unwrap();
    let bytes = hex::decode(&proof.hex_proof[2..]).unwrap();
    let verifier = srs().verifier();
    assert_eq!(
        verify(case.key(), verifier, &[], &bytes, ALLOW),
        Err(VerifyError::NoTensors { of: "inputs" })
    );
    let of = Commitments { outputs: None, ..opened.commitments() };
    let error = case.verify(&proof, of).unwrap_err().to_string();
    assert!(error.contains("--outputs-commitment"), "{error}");
    let missing = Openings { inputs: None, ..opened.openings() };
    let error = case.prove(&witness, missing).unwrap_err().to_string();
    assert!(error.contains("--inputs-opening"), "{error}");
    // A public circuit has none.
    let compiled =
        CompiledCircuit::compile(case.compiled.graph().clone(), &PlanOptions::default()).unwrap();
    let own = Srs::draw_insecure(compiled.params().k, rng(1)).unwrap();
    let key = setup(&compiled.keygen_circuit(), compiled.statement(), &own).unwrap();
    let public = Case { compiled, key };
    let of = Commitments { weights: None, inputs: Some(inputs.commitment()), outputs: None };
    assert_eq!(of.check(public.key()), Err(VerifyError::Uncommitted { of: "inputs" }));
    let of = Commitments { weights: None, inputs: None, outputs: Some(outputs.commitment()) };
    assert_eq!(of.check(public.key()), Err(VerifyError::Uncommitted { of: "outputs" }));
    assert!(public.key().committed().is_none());
    assert!(case.key().committed().unwrap().ranges().is_none());
}

#[test]
fn other_tensors_than_the_committed_ones_are_refused() {
    let case = dense();
    let (relations, columns_of) = (case.key().relations(), case.compiled.layout());
    let held = columns_of.committed_tensors.as_ref().unwrap().columns.clone();
    assert_eq!(relations.len(), held.len());
    let witness = case.witness(1);
    let opened = Opened::of(&witness, 2);
    // Nothing changed: the harness proves what is true.
    assert_eq!(case.attempt(&witness, &opened, relations, |_, _| ()), Ok(()));
    // The prover says so itself.
    let other = case.witness(2);
    assert_ne!(other.inputs(), witness.inputs());
    let error = case.prove(&other, opened.openings()).unwrap_err().to_string();
    assert!(error.contains("other inputs than the witness's"), "{error}");
    // All of another witness, true but for the link.
    assert_eq!(case.attempt(&other, &opened, relations, |_, _| ()), Err(VerifyError::Link));
    // Another witness whose committed columns alone are as they should be: copies break.
    let first = columns(&circuit_of(&case, &witness), 0, &[]);
    let refused = case.attempt(&other, &opened, relations, |phase, columns| {
        if phase == 0 {
            held.iter().for_each(|&at| columns[at].clone_from(&first[at]));
        }
    });
    assert_eq!(refused, Err(VerifyError::InvalidProof));
    // Every single element of another value, in its committed cell alone and everywhere.
    let form = case.compiled.statement().committed_tensors();
    let lengths: Vec<usize> = form.iter().flatten().flat_map(|of| of.lengths.clone()).collect();
    let form = TensorForm { k: K, lengths };
    for (column, row) in form.places().flatten() {
        let refused = case.attempt(&witness, &opened, relations, |phase, columns| {
            if phase == 0 {
                columns[held[column]][row] += Fr::one();
            }
        });
        assert_eq!(refused, Err(VerifyError::InvalidProof), "column {column}, row {row}");
    }
}

#[test]
fn links_of_other_columns_are_refused() {
    let case = square();
    let witness = case.witness(1);
    let opened = Opened::of(&witness, 2);
    let relations = case.key().relations().to_vec();
    let [inputs, outputs] = [0, 1].map(|at| relations[at].clone());
    // The commitment to inputs is said to be that to outputs, and the other way round.
    let swapped = [
        Relation { committed: outputs.committed.clone(), ..inputs.clone() },
        Relation { committed: inputs.committed.clone(), ..outputs.clone() },
    ];
    let refused = case.attempt(&witness, &opened, &swapped, |_, _| ());
    assert_eq!(refused, Err(VerifyError::Link));
    // Another column of the same circuit.
    let elsewhere = [Relation { advice: inputs.advice - 1, ..inputs.clone() }, outputs.clone()];
    let refused = case.attempt(&witness, &opened, &elsewhere, |_, _| ());
    assert_eq!(refused, Err(VerifyError::Link));
    // One relation alone.
    assert_eq!(case.attempt(&witness, &opened, &[inputs], |_, _| ()), Err(VerifyError::Link));
    // Right ones, verified with the commitments changed about.
    let proof = case.prove(&witness, opened.openings()).unwrap();
    let of = opened.commitments();
    let about = Commitments { inputs: of.outputs, outputs: of.inputs, ..of };
    assert!(matches!(case.verify(&proof, about), Err(ProofFileError::Commitment { .. })));
    let bytes = hex::decode(&proof.hex_proof[2..]).unwrap();
    let refused = verify_committed(case.key(), srs().verifier(), about, &[], &bytes, ALLOW);
    assert_eq!(refused, Err(VerifyError::InvalidProof));
}

/// What is committed to lies in the circuit's range, or nothing is proved of it.
#[test]
fn an_input_out_of_its_range_has_no_proof() {
    let case = dense();
    let witness = case.witness(1);
    let id = case.compiled.graph().inputs[0];
    let beyond = case.compiled.graph().tensors[id.0].interval.hi + 1;
    let mut inputs = witness.inputs().to_vec();
    inputs[0][0] = beyond;
    assert!(case.compiled.witness(&inputs).is_err());
    let opened = Opened([
        TensorOpening::commit(&inputs, srs(), rng(2)).unwrap(),
        TensorOpening::commit(witness.outputs(), srs(), rng(2)).unwrap(),
    ]);
    // The committed cell and every copy of it.
    let (from, to) = (witness.inputs()[0][0], beyond);
    let held = case.compiled.layout().committed_tensors.as_ref().unwrap().columns[0];
    let cells: Vec<(usize, usize)> = {
        let circuit = circuit_of(&case, &witness);
        let first = circuit.first_columns(case.compiled.layout()).unwrap();
        let of_copies = case.compiled.assignment().copies.iter().flat_map(|&(a, b)| [a, b]);
        let plain = of_copies.filter_map(|cell| match cell.column {
            provenn_gadgets::Column::First(column) => Some((column, cell.row)),
            _ => None,
        });
        plain.filter(|&(column, row)| first[column][row] == from).collect()
    };
    assert!(cells.contains(&(held, 0)));
    let change = Fr::from(to.abs_diff(from));
    let refused = case.attempt(&witness, &opened, case.key().relations(), |phase, columns| {
        if phase == 0 {
            cells.iter().for_each(|&(column, row)| columns[column][row] += change);
        }
    });
    assert!(refused.is_err(), "{refused:?}");
}

#[test]
fn a_commitment_to_something_else_says_what() {
    let case = dense();
    let witness = case.witness(1);
    let opened = Opened::of(&witness, 2);
    let of = opened.commitments();
    let said = |inputs: &TensorOpening| {
        let of = Commitments { inputs: Some(inputs.commitment()), ..of };
        of.check(case.key()).unwrap_err().to_string()
    };
    let longer = Srs::draw_insecure(K + 1, rng(1)).unwrap();
    let other = TensorOpening::commit(witness.inputs(), &longer, rng(2)).unwrap();
    assert!(said(&other).contains("k = 9"), "{}", said(&other));
    let drawn = Srs::draw_insecure(K, rng(7)).unwrap();
    let other = TensorOpening::commit(witness.inputs(), &drawn, rng(2)).unwrap();
    assert!(said(&other).contains("srs"), "{}", said(&other));
    let shorter = TensorOpening::commit(&[vec![1]], srs(), rng(2)).unwrap();
    assert!(said(&shorter).contains("lengths [1]"), "{}", said(&shorter));
    // Of other lengths that take as many columns.
    let mut split = witness.inputs().to_vec();
    split[0].pop();
    let split = TensorOpening::commit(&split, srs(), rng(2)).unwrap();
    assert_eq!(split.commitment().points().len(), of.inputs.unwrap().points().len());
    assert!(said(&split).contains("lengths"), "{}", said(&split));
    // Nothing.
    let none: [&[Vec<i64>]; 2] = [&[], &[vec![]]];
    for none in none {
        let error = TensorOpening::commit(none, srs(), rng(2));
        assert!(matches!(error, Err(CommitTensorsError::Commitment(CommitmentError::Form))));
    }
    // As many columns as no circuit has.
    let most = vec![vec![0]; 65];
    let error = TensorOpening::commit(&most, srs(), rng(2));
    assert!(matches!(error, Err(CommitTensorsError::Room { .. })));
    // What is shown does not depend on what is committed alone.
    let again = TensorOpening::commit(witness.inputs(), srs(), rng(6)).unwrap();
    assert_ne!(again.commitment().points(), of.inputs.unwrap().points());
}

#[test]
fn files_are_read_as_they_were_written_or_not_at_all() {
    let case = dense();
    let opened = Opened::of(&case.witness(1), 2);
    let [inputs, _] = &opened.0;
    let folder = tempfile::tempdir().unwrap();
    let [public, secret] = ["inputs.pf", "inputs.secret"].map(|name| folder.path().join(name));
    inputs.commitment().write(&public).unwrap();
    inputs.write(&secret).unwrap();
    assert_eq!(TensorCommitment::read(&public).unwrap(), *inputs.commitment());
    assert_eq!(TensorOpening::read(&secret).unwrap(), *inputs);
    assert!(TensorCommitment::read(&secret).is_err() && TensorOpening::read(&public).is_err());
    let bytes = inputs.commitment().to_bytes().unwrap();
    assert_eq!(TensorCommitment::from_bytes(&bytes).unwrap(), *inputs.commitment());
    for end in 0..bytes.len() {
        assert!(TensorCommitment::from_bytes(&bytes[..end]).is_err(), "{end} bytes");
    }
    let extended = [bytes.as_slice(), &[0]].concat();
    assert!(matches!(
        TensorCommitment::from_bytes(&extended),
        Err(CommitmentError::Trailing { extra: 1 })
    ));
    // What is still read is another commitment.
    for at in 0..bytes.len() {
        for bit in [1, 128] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            if let Ok(read) = TensorCommitment::from_bytes(&changed) {
                assert_ne!(read.digest(), inputs.commitment().digest(), "byte {at}");
                assert_eq!(read.to_bytes().unwrap(), changed);
            }
        }
    }
}
