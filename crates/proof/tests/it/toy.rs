//! A small circuit: three public inputs in a plain bank; the public output equals the first input.
//! It has both phases, since every bank has a digest.

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_gadgets::{
    Assignment, CellRef, CircuitParams, Column, Grid, Layout, ProvennCircuit, PublicTensor,
    Statement, from_signed,
};
use provenn_kzg_srs::Srs;
use provenn_proof::{ProvingKey, prove, setup};
use provenn_verifier::{ProofFile, VerifyOptions};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

pub(crate) const K: u32 = 5;
pub(crate) const ALLOW: VerifyOptions = VerifyOptions::allowing_insecure_srs();
pub(crate) const INPUTS: [i64; 3] = [-7, 5, 100];

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn srs(k: u32, seed: u64) -> Srs {
    Srs::draw_insecure(k, rng(seed)).unwrap()
}

pub(crate) fn params() -> CircuitParams {
    CircuitParams { k: K, lanes: 2, weight_lanes: 1, plain_banks: 1, ..CircuitParams::default() }
}

pub(crate) fn statement() -> Statement {
    let tensor = |name: &str, elements, step| PublicTensor {
        name: name.into(),
        shape: vec![1, elements],
        grid: Grid::uniform(step),
        lo: -128,
        hi: 127,
    };
    Statement {
        params: params(),
        model: [1; 32],
        settings: [2; 32],
        inputs: vec![tensor("x", 3, 0.25)],
        outputs: vec![tensor("y", 1, 0.125)],
        ..Statement::default()
    }
}

/// Cell of element `i` in the bank.
fn cell(i: usize) -> CellRef {
    let layout = Layout::new(&params());
    CellRef { column: Column::First(layout.plain[0].cell[i % 2]), row: i / 2 }
}

/// `source` is the element that the output equals.
pub(crate) fn circuit_of(source: usize) -> ProvennCircuit {
    let instance = |row| CellRef { column: Column::Instance, row };
    let mut copies: Vec<_> = (0..3).map(|i| (cell(i), instance(i))).collect();
    copies.push((cell(source), instance(3)));
    let fixed = vec![vec![]; Layout::new(&params()).fixed];
    ProvennCircuit::new(params(), Arc::new(Assignment { fixed, copies, ..Assignment::default() }))
}

pub(crate) fn circuit() -> ProvennCircuit {
    circuit_of(0)
}

pub(crate) fn instance(inputs: [i64; 3]) -> Vec<Fr> {
    inputs.into_iter().chain([inputs[0]]).map(from_signed).collect()
}

pub(crate) fn witnessed(
    circuit: ProvennCircuit,
    inputs: [i64; 3],
    instance: Vec<Fr>,
) -> ProvennCircuit {
    let first = Layout::new(&params()).first;
    let mut columns = vec![vec![0; 2]; first];
    for (i, value) in inputs.into_iter().enumerate() {
        let Column::First(column) = cell(i).column else { unreachable!() };
        columns[column][cell(i).row] = value;
    }
    circuit.with_witness(columns, instance)
}

pub(crate) struct Toy {
    pub(crate) srs: Srs,
    pub(crate) key: ProvingKey,
    pub(crate) proof: ProofFile,
    pub(crate) bytes: Vec<u8>,
}

impl Toy {
    pub(crate) fn instance(&self) -> Vec<Fr> {
        instance(INPUTS)
    }
}

/// Made once for all tests.
pub(crate) fn toy() -> &'static Toy {
    static TOY: OnceLock<Toy> = OnceLock::new();
    TOY.get_or_init(|| {
        let srs = srs(K, 1);
        let key = setup(&circuit(), &statement(), &srs).unwrap();
        let proof = prove_with(&key, &srs, INPUTS, 2);
        let bytes = hex::decode(&proof.hex_proof[2..]).unwrap();
        Toy { srs, key, proof, bytes }
    })
}

pub(crate) fn prove_with(key: &ProvingKey, srs: &Srs, inputs: [i64; 3], seed: u64) -> ProofFile {
    let instance = instance(inputs);
    let circuit = witnessed(circuit(), inputs, instance.clone());
    prove(key, &circuit, &statement(), &instance, srs, rng(seed)).unwrap()
}

pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
