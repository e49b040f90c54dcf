//! Proofs: completeness, and changes that must be refused.

use crate::toy::*;
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_gadgets::from_signed;
use provenn_proof::{ProveError, SetupError, prove, setup};
use provenn_verifier::{VerifyError, VerifyOptions, verify};

fn check(instance: &[Fr], proof: &[u8]) -> Result<(), VerifyError> {
    let toy = toy();
    verify(toy.key.verifying_key(), toy.srs.verifier(), instance, proof, ALLOW)
}

#[test]
fn an_honest_proof_verifies() {
    let toy = toy();
    check(&toy.instance(), &toy.bytes).unwrap();
    toy.proof.verify(toy.key.verifying_key(), toy.srs.verifier(), ALLOW).unwrap();
    assert_eq!(toy.proof.pretty_public_inputs.inputs, [["-1.75", "1.25", "25"]]);
    assert_eq!(toy.proof.pretty_public_inputs.outputs, [["-0.875"]]);
}

#[test]
fn keys_are_deterministic_and_proofs_are_random() {
    let toy = toy();
    let again = setup(&circuit(), &statement(), &srs(K, 1)).unwrap();
    assert_eq!(again.verifying_key().to_bytes(), toy.key.verifying_key().to_bytes());
    let other = prove_with(&again, &toy.srs, INPUTS, 3);
    assert_ne!(other.hex_proof, toy.proof.hex_proof);
    other.verify(toy.key.verifying_key(), toy.srs.verifier(), ALLOW).unwrap();
}

#[test]
fn every_changed_byte_of_a_proof_is_refused() {
    let toy = toy();
    let instance = toy.instance();
    for at in 0..toy.bytes.len() {
        // The last byte of each value holds sign and infinity bits: change each bit of it.
        let last = at % 32 == 31;
        let bits = if last { 0..8 } else { (at % 8)..(at % 8 + 1) };
        for bit in bits {
            let mut bad = toy.bytes.clone();
            bad[at] ^= 1 << bit;
            let error = check(&instance, &bad).unwrap_err();
            let known = matches!(error, VerifyError::InvalidProof | VerifyError::Encoding { .. });
            assert!(known, "byte {at} bit {bit}: {error}");
        }
    }
}

/// Without the canonical encoding this proof would verify.
#[test]
fn the_infinity_bit_makes_no_second_proof() {
    let toy = toy();
    let mut bad = toy.bytes.clone();
    bad[31] ^= 0x80;
    assert_eq!(check(&toy.instance(), &bad), Err(VerifyError::Encoding { offset: 0 }));
}

/// Halo2's arithmetic must not trip over the identity, nor over extreme scalars.
#[test]
fn degenerate_values_in_a_proof_are_refused() {
    let toy = toy();
    let mut identity = [0; 32];
    identity[31] = 0x80;
    let mut all = toy.bytes.clone();
    for start in (0..toy.bytes.len()).step_by(32) {
        for value in [identity, [0; 32], [255; 32]] {
            let mut bad = toy.bytes.clone();
            bad[start..start + 32].copy_from_slice(&value);
            assert!(check(&toy.instance(), &bad).is_err() || bad == toy.bytes, "byte {start}");
        }
        // Points to the identity, scalars to zero.
        let point = provenn_verifier::transcript::decode_point(&identity).is_some()
            && check(&toy.instance(), &{
                let mut probe = all.clone();
                probe[start..start + 32].copy_from_slice(&identity);
                probe
            }) != Err(VerifyError::Encoding { offset: start });
        all[start..start + 32].copy_from_slice(if point { &identity } else { &[0; 32] });
    }
    assert_eq!(check(&toy.instance(), &all), Err(VerifyError::InvalidProof));
}

#[test]
fn truncated_and_extended_proofs_are_refused() {
    let toy = toy();
    let instance = toy.instance();
    for length in (0..toy.bytes.len()).step_by(13).chain([toy.bytes.len() - 1]) {
        let error = check(&instance, &toy.bytes[..length]);
        assert_eq!(error, Err(VerifyError::Truncated { got: length }));
    }
    for extra in [1, 31, 32, 64] {
        let mut longer = toy.bytes.clone();
        longer.resize(longer.len() + extra, 0);
        assert_eq!(check(&instance, &longer), Err(VerifyError::Trailing { extra }));
    }
    let doubled = toy.bytes.repeat(2);
    let extra = toy.bytes.len();
    assert_eq!(check(&instance, &doubled), Err(VerifyError::Trailing { extra }));
}

#[test]
fn other_public_values_are_refused() {
    let toy = toy();
    for at in 0..4 {
        for change in [1, -1] {
            let mut bad = toy.instance();
            bad[at] += from_signed(change);
            assert_eq!(check(&bad, &toy.bytes), Err(VerifyError::InvalidProof));
        }
    }
    let mut swapped = toy.instance();
    swapped.swap(0, 1);
    assert_eq!(check(&swapped, &toy.bytes), Err(VerifyError::InvalidProof));
}

#[test]
fn public_values_outside_their_range_are_refused() {
    let toy = toy();
    let beyond_i64 = from_signed(i64::MAX) + Fr::one();
    for value in [from_signed(128), from_signed(-129), beyond_i64, -beyond_i64 - Fr::one()] {
        for at in 0..4 {
            let mut bad = toy.instance();
            bad[at] = value;
            let (tensor, index) = if at < 3 { ("x", at) } else { ("y", 0) };
            let expected =
                VerifyError::InstanceRange { tensor: tensor.into(), index, lo: -128, hi: 127 };
            assert_eq!(check(&bad, &toy.bytes), Err(expected));
        }
    }
}

/// Halo2 counts instance columns, not values; only its transcript tells a missing zero from none.
#[test]
fn other_numbers_of_public_values_are_refused() {
    let toy = toy();
    let inputs = [0, 0, 0];
    let proof = prove_with(&toy.key, &toy.srs, inputs, 4);
    let bytes = hex::decode(&proof.hex_proof[2..]).unwrap();
    let honest: Vec<Fr> = instance(inputs);
    check(&honest, &bytes).unwrap();
    for got in [0, 1, 3, 5, 40] {
        let mut other = honest.clone();
        other.resize(got, Fr::zero());
        assert_eq!(check(&other, &bytes), Err(VerifyError::InstanceLength { expected: 4, got }));
    }
}

#[test]
fn an_insecure_srs_is_refused_unless_allowed() {
    let toy = toy();
    let key = toy.key.verifying_key();
    let strict = VerifyOptions::default();
    let insecure = Err(VerifyError::InsecureSrs { digest: hex::encode(toy.srs.digest()) });
    let refused = verify(key, toy.srs.verifier(), &toy.instance(), &toy.bytes, strict);
    assert_eq!(refused, insecure);
    // Laundered through halo2's raw format the srs loses its mark: trust does not come from it.
    let folder = Folder::new();
    toy.srs.write_raw(&folder.path("kzg.srs")).unwrap();
    let laundered = provenn_verifier::VerifierSrs::read(&folder.path("kzg.srs")).unwrap();
    let refused = verify(key, &laundered, &toy.instance(), &toy.bytes, strict);
    assert_eq!(refused, insecure);
    verify(key, &laundered, &toy.instance(), &toy.bytes, ALLOW).unwrap();
    // A verifier may name the one that it trusts.
    let named = |digest| VerifyOptions { trusted_srs: Some(digest), ..strict };
    let digest = toy.srs.digest();
    verify(key, &laundered, &toy.instance(), &toy.bytes, named(digest)).unwrap();
    let other = VerifyOptions { allow_insecure_srs: true, ..named([0; 32]) };
    let refused = verify(key, &laundered, &toy.instance(), &toy.bytes, other);
    assert!(matches!(refused, Err(VerifyError::OtherSrs { .. })));
}

#[test]
fn the_wrong_srs_is_named() {
    let toy = toy();
    let other = srs(K, 9);
    let key = toy.key.verifying_key();
    let error = verify(key, other.verifier(), &toy.instance(), &toy.bytes, ALLOW);
    assert!(matches!(error, Err(VerifyError::Srs { .. })));
    let circuit = witnessed(circuit(), INPUTS, instance(INPUTS));
    let error = prove(&toy.key, &circuit, &statement(), &instance(INPUTS), &other, rng(1));
    assert!(matches!(error, Err(ProveError::Srs { .. })));
    let larger = srs(K + 1, 1);
    let error = prove(&toy.key, &circuit, &statement(), &instance(INPUTS), &larger, rng(1));
    assert!(matches!(error, Err(ProveError::K { expected: K, .. })));
}

#[test]
fn the_wrong_verifying_key_refuses() {
    let toy = toy();
    let other = setup(&circuit_of(1), &statement(), &toy.srs).unwrap();
    let other = other.verifying_key();
    let error = verify(other, toy.srs.verifier(), &toy.instance(), &toy.bytes, ALLOW);
    assert_eq!(error, Err(VerifyError::InvalidProof));
}

#[test]
fn a_key_of_another_circuit_is_named() {
    let toy = toy();
    let other = witnessed(circuit_of(1), INPUTS, [-7, 5, 100, 5].map(from_signed).to_vec());
    let error =
        prove(&toy.key, &other, &statement(), &[-7, 5, 100, 5].map(from_signed), &toy.srs, rng(1));
    assert!(matches!(error, Err(ProveError::Circuit { .. })));
}

#[test]
fn a_false_witness_yields_no_proof() {
    let toy = toy();
    for instance in [[-7, 5, 100, 5], [-7, 5, 101, -7]] {
        let circuit = witnessed(circuit(), INPUTS, instance.map(from_signed).to_vec());
        let error =
            prove(&toy.key, &circuit, &statement(), &instance.map(from_signed), &toy.srs, rng(1));
        assert!(matches!(error, Err(ProveError::Unsatisfied(VerifyError::InvalidProof))));
    }
    let error = prove(&toy.key, &circuit(), &statement(), &instance(INPUTS), &toy.srs, rng(1));
    assert!(matches!(error, Err(ProveError::Witness)));
    for columns in [vec![vec![0; 40]], vec![vec![]; 40]] {
        let circuit = circuit().with_witness(columns, instance(INPUTS));
        let error = prove(&toy.key, &circuit, &statement(), &instance(INPUTS), &toy.srs, rng(1));
        assert!(matches!(error, Err(ProveError::Fit { .. })));
    }
    let circuit = witnessed(circuit(), INPUTS, instance(INPUTS));
    let error =
        prove(&toy.key, &circuit, &statement(), &[-7, 5, 100].map(from_signed), &toy.srs, rng(1));
    assert!(matches!(error, Err(ProveError::Instance(VerifyError::InstanceLength { .. }))));
    let error = prove(
        &toy.key,
        &circuit,
        &statement(),
        &[-7, 5, 500, -7].map(from_signed),
        &toy.srs,
        rng(1),
    );
    assert!(matches!(error, Err(ProveError::Instance(VerifyError::InstanceRange { .. }))));
}

#[test]
fn setup_needs_the_right_srs_and_statement() {
    let error = |k| setup(&circuit(), &statement(), &srs(k, 1)).unwrap_err();
    assert!(matches!(error(K - 1), SetupError::K { expected: K, got: 4 }));
    assert!(error(K - 1).to_string().contains("get-srs --logrows 5"));
    assert!(matches!(error(K + 1), SetupError::K { .. }));
    let mut other = statement();
    other.params.lanes = 4;
    assert!(matches!(setup(&circuit(), &other, &srs(K, 1)), Err(SetupError::Statement)));
}
