//! A key is one gadget set's, even where another has the same constraints.

use crate::toy::*;
use provenn_gadgets::{GadgetSet, ProvennCircuit, Standard};
use provenn_proof::{ProveError, ProvingKey, circuit_digest, prove, setup};
use provenn_verifier::{KeyError, ProofFileError, VerifyError, VerifyingKey, verify};
use std::sync::Arc;

/// The standard gadgets under another name.
#[derive(Clone, Copy, Debug, Default)]
struct Renamed;

impl GadgetSet for Renamed {
    const NAME: &'static str = "renamed";

    type Activation = <Standard as GadgetSet>::Activation;
    type Maximum = <Standard as GadgetSet>::Maximum;
    type Range = <Standard as GadgetSet>::Range;
    type Fingerprint = <Standard as GadgetSet>::Fingerprint;
    type Linear = <Standard as GadgetSet>::Linear;
    type Arithmetic = <Standard as GadgetSet>::Arithmetic;
    type Boundary = <Standard as GadgetSet>::Boundary;
    type Memory = <Standard as GadgetSet>::Memory;
    type Occurrences = <Standard as GadgetSet>::Occurrences;
    type Hash = <Standard as GadgetSet>::Hash;
    type Lookups = <Standard as GadgetSet>::Lookups;
}

/// A name that keys have no room for.
#[derive(Clone, Copy, Debug, Default)]
struct Unpronounceable;

impl GadgetSet for Unpronounceable {
    const NAME: &'static str = "a name of sixty-five bytes, one more than a key has for any name.";

    type Activation = <Standard as GadgetSet>::Activation;
    type Maximum = <Standard as GadgetSet>::Maximum;
    type Range = <Standard as GadgetSet>::Range;
    type Fingerprint = <Standard as GadgetSet>::Fingerprint;
    type Linear = <Standard as GadgetSet>::Linear;
    type Arithmetic = <Standard as GadgetSet>::Arithmetic;
    type Boundary = <Standard as GadgetSet>::Boundary;
    type Memory = <Standard as GadgetSet>::Memory;
    type Occurrences = <Standard as GadgetSet>::Occurrences;
    type Hash = <Standard as GadgetSet>::Hash;
    type Lookups = <Standard as GadgetSet>::Lookups;
}

fn of<G: GadgetSet>() -> ProvennCircuit<G> {
    ProvennCircuit::with_gadgets(params(), Arc::new(circuit().assignment().clone()))
}

#[test]
fn a_key_is_read_with_its_own_gadgets() {
    let toy = toy();
    let standard = toy.key.verifying_key();
    assert_eq!(standard.gadgets(), "standard");
    let bytes = standard.to_bytes();
    let error = VerifyingKey::from_bytes_of::<Renamed>(bytes).unwrap_err();
    let named = |error: &KeyError, name: &str| matches!(error, KeyError::Gadgets { expected, got } if *expected != name && got == name);
    assert!(named(&error, "standard"), "{error}");

    let renamed = setup(&of::<Renamed>(), &statement(), &toy.srs).unwrap();
    let bytes = renamed.verifying_key().to_bytes();
    assert_eq!(VerifyingKey::from_bytes_of::<Renamed>(bytes).unwrap().gadgets(), "renamed");
    let error = VerifyingKey::from_bytes(bytes).unwrap_err();
    assert!(named(&error, "renamed"), "{error}");

    let folder = Folder::new();
    let path = folder.path("pk.key");
    renamed.write(&path).unwrap();
    ProvingKey::read_of::<Renamed>(&path).unwrap();
    let error = ProvingKey::read(&path).unwrap_err();
    assert!(error.to_string().contains("gadget set \"renamed\""), "{error}");

    let error = setup(&of::<Unpronounceable>(), &statement(), &toy.srs).unwrap_err();
    assert!(error.to_string().contains("64 bytes"), "{error}");
}

#[test]
fn a_circuit_is_proved_with_its_own_gadgets_key() {
    let toy = toy();
    let digests =
        [circuit_digest(&circuit(), &statement()), circuit_digest(&of::<Renamed>(), &statement())];
    let [standard, renamed] = digests.map(Result::unwrap);
    assert_ne!(standard, renamed);

    let filled = witnessed(circuit(), INPUTS, instance(INPUTS));
    let first = filled.first_phase().unwrap().clone();
    let filled = of::<Renamed>().with_witness(first, instance(INPUTS));
    let proof = |key| prove(key, &filled, &statement(), &instance(INPUTS), &toy.srs, rng(5));
    let error = proof(&toy.key).unwrap_err();
    let named = matches!(error, ProveError::Gadgets { expected: "renamed", got: "standard" });
    assert!(named, "{error}");

    let key = setup(&of::<Renamed>(), &statement(), &toy.srs).unwrap();
    let made = proof(&key).unwrap();
    made.verify(key.verifying_key(), toy.srs.verifier(), ALLOW).unwrap();
    // Its name is in the transcript: the proof is for no other set's key.
    let error = made.verify(toy.key.verifying_key(), toy.srs.verifier(), ALLOW).unwrap_err();
    assert!(matches!(error, ProofFileError::Key { .. }), "{error}");
    let bytes = hex::decode(&made.hex_proof[2..]).unwrap();
    let srs = toy.srs.verifier();
    assert_eq!(verify(key.verifying_key(), srs, &toy.instance(), &bytes, ALLOW), Ok(()));
    let moved = verify(toy.key.verifying_key(), srs, &toy.instance(), &bytes, ALLOW);
    assert_eq!(moved, Err(VerifyError::InvalidProof));
}
