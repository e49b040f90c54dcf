//! What keys cost; run by hand.

use crate::toy::*;
use provenn_gadgets::{
    ActivationBanks, Assignment, CircuitParams, Layout, ProvennCircuit, Statement,
};
use provenn_proof::{ProvingKey, setup};
use provenn_verifier::VerifyingKey;
use std::sync::Arc;
use std::time::Instant;

#[test]
#[ignore = "a measurement"]
fn how_long() {
    let params = CircuitParams {
        k: 13,
        lanes: 8,
        formats: vec![ActivationBanks { banks: 8, lanes: 8, shift: 16, low_bits: 8 }],
        plain_banks: 2,
        sigma_weight_banks: 1,
        weight_lanes: 128,
        arithmetic_banks: 2,
        table_banks: 4,
        ..CircuitParams::default()
    };
    let fixed = vec![vec![3; 8000]; Layout::new(&params).fixed];
    let assignment = Assignment { fixed, ..Assignment::default() };
    let circuit = ProvennCircuit::new(params.clone(), Arc::new(assignment));
    let statement = Statement { params, ..Statement::default() };
    let srs = srs(13, 1);
    let (folder, mut start) = (Folder::new(), Instant::now());
    let mut lap = |what: &str| {
        println!("{what}: {:?}", start.elapsed());
        start = Instant::now();
    };
    let key = setup(&circuit, &statement, &srs).unwrap();
    lap("setup");
    halo2_proofs::plonk::keygen_pk2(&srs.params(), &circuit, false).unwrap();
    lap("halo2's key generation");
    key.write(&folder.path("pk.key")).unwrap();
    lap("write pk");
    ProvingKey::read(&folder.path("pk.key")).unwrap();
    lap("read pk");
    VerifyingKey::from_bytes(key.verifying_key().to_bytes()).unwrap();
    lap("read vk");
    provenn_proof::circuit_digest(&circuit, &statement).unwrap();
    lap("digest of the circuit");
    let size = std::fs::metadata(folder.path("pk.key")).unwrap().len();
    println!("pk {size} bytes, vk {} bytes", key.verifying_key().to_bytes().len());
}
