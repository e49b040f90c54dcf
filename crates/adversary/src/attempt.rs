//! Real proofs of forged columns: committed phase by phase under the transcript's own challenges, so that what a prover
//! may choose late is chosen late.

use crate::committed::{self, WEIGHTS};
use halo2_proofs::halo2curves::bn256::Fr;
use provenn_gadgets::testing::{Subject, only_caught_by};
use provenn_gadgets::{
    CellRef, Challenges, Column, Grid, ProvennCircuit, PublicTensor, Statement, TensorVisibility,
};
use provenn_kzg_srs::Srs;
use provenn_proof::testing::{
    commit_unchecked, write_commitment, write_committed_proof, write_proof,
};
use provenn_proof::{Openings, ProvingKey, setup};
use provenn_verifier::{
    CommitmentError, Commitments, VerifyError, VerifyOptions, verify, verify_committed,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Public values of exploits lie within ±this.
const REACH: i64 = 1 << 40;

/// Columns that are committed first, and what a prover changes of later ones once it knows their challenges.
pub struct Forgery {
    /// Under challenges of its own, of which nothing but the first phase is committed.
    pub committed: Subject,
    /// Applied to the columns under the transcript's challenges.
    pub adapt: Box<dyn Fn(&mut Subject)>,
}

impl Forgery {
    /// First-phase columns alone; later ones are computed from them as an honest prover would.
    #[must_use]
    pub fn of(committed: Subject) -> Self {
        Forgery { committed, adapt: Box::new(|_| ()) }
    }

    /// With a change of later columns.
    #[must_use]
    pub fn adapting(committed: Subject, adapt: impl Fn(&mut Subject) + 'static) -> Self {
        Forgery { committed, adapt: Box::new(adapt) }
    }

    /// All columns under the challenges of `committed`.
    #[must_use]
    pub fn settled(&self) -> Subject {
        let mut subject = self.committed.clone();
        (self.adapt)(&mut subject);
        subject
    }
}

/// One secret for each k is enough.
fn srs(k: u32) -> Arc<Srs> {
    static DRAWN: Mutex<BTreeMap<u32, Arc<Srs>>> = Mutex::new(BTreeMap::new());
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    let draw = || Arc::new(Srs::draw_insecure(k, ChaCha20Rng::seed_from_u64(k.into())).unwrap());
    Arc::clone(drawn.entry(k).or_insert_with(draw))
}

/// What a verifier says to a real proof of these columns.
///
/// # Errors
/// As [`verify()`].
pub fn attempt(forgery: &Forgery) -> Result<(), VerifyError> {
    attempt_for(forgery, &forgery.committed)
}

/// The same, where weights are committed, for the commitment to those of another subject of the same circuit.
///
/// # Errors
/// As [`verify()`].
pub fn attempt_for(forgery: &Forgery, weights: &Subject) -> Result<(), VerifyError> {
    let committed = &forgery.committed;
    let (params, layout) = (committed.params(), committed.layout());
    if let Some(ranges) = &layout.weight_ranges {
        assert!(!committed.is_pinned(), "ranges have nothing that is chosen late");
        return attempt_ranges(committed, &ranges.weight);
    }
    let circuit = circuit_of(committed);
    let public = PublicTensor {
        name: "public".into(),
        shape: vec![committed.instance.len()],
        grid: Grid::uniform(1.0),
        lo: -REACH,
        hi: REACH,
    };
    // Where there are digests, every public value may be one.
    let (outputs, output_visibility) = match committed.layout().hash.is_empty() {
        true => (vec![public], TensorVisibility::Public),
        false => {
            let one = PublicTensor { shape: vec![1], ..public };
            (vec![one; committed.instance.len()], TensorVisibility::Hashed)
        }
    };
    let statement =
        Statement { params: params.clone(), outputs, output_visibility, ..Statement::default() };
    let srs = srs(params.k);
    let key: ProvingKey = setup(&circuit, &statement, &srs).unwrap();
    let rows = params.active_rows() + 1;
    let column = |subject: &Subject, column: Column| -> Vec<Fr> {
        (0..rows).map(|row| subject.value(CellRef { column, row })).collect()
    };
    let advice = |phase: u8, drawn: &[Fr]| -> Vec<Vec<Fr>> {
        if phase == 0 {
            return (0..layout.first).map(|at| column(committed, Column::First(at))).collect();
        }
        // Those that are not drawn yet are any: nothing that is committed now may use them.
        let placeholder = |(at, drawn): (usize, &Fr)| match *drawn == Fr::zero() {
            true => Fr::from(0x5851_f42d + at as u64),
            false => *drawn,
        };
        let drawn: Vec<Fr> = drawn.iter().enumerate().map(placeholder).collect();
        let mut subject = committed.under(Challenges::drawn(&drawn));
        (forgery.adapt)(&mut subject);
        let of_phase = (0..layout.second).filter(|&at| layout.phase(at) == phase);
        of_phase.map(|at| column(&subject, Column::Second(at))).collect()
    };
    let instance = committed.public_values();
    let rng = ChaCha20Rng::seed_from_u64(1);
    let accepted = VerifyOptions::allowing_insecure_srs();
    if params.commits_weights() {
        let (verifying, rng) = (key.verifying_key(), || ChaCha20Rng::seed_from_u64(2));
        let (commitment, opening) =
            commit_unchecked(&key, &circuit_of(weights), &srs, rng()).unwrap();
        let relations = verifying.relations();
        let proof = write_committed_proof(
            &key,
            &circuit,
            &instance,
            &srs,
            Openings::of_weights(&opening),
            relations,
            advice,
            rng(),
        );
        let (srs, proof) = (srs.verifier(), proof.unwrap());
        let of = Commitments::of_weights(&commitment);
        return verify_committed(verifying, srs, of, &instance, &proof, accepted);
    }
    let proof = write_proof(&key, &circuit, &instance, &srs, advice, rng).unwrap();
    verify(key.verifying_key(), srs.verifier(), &instance, &proof, accepted)
}

/// What a verifier says to a commitment to these columns of the weights of [`committed::circuit`], with a proof of their
/// ranges.
fn attempt_ranges(ranges: &Subject, weights: &[usize]) -> Result<(), VerifyError> {
    let srs = srs(ranges.params().k);
    let key = setup(&committed::circuit(&WEIGHTS), &committed::statement(), &srs).unwrap();
    let weights: Vec<Vec<i64>> = weights.iter().map(|&w| ranges.first[w].clone()).collect();
    let circuit = circuit_of(ranges).with_witness(ranges.first.clone(), vec![]);
    let rng = ChaCha20Rng::seed_from_u64(2);
    let (file, _) = write_commitment(&key, &weights, &circuit, &srs, rng).unwrap();
    let accepted = VerifyOptions::allowing_insecure_srs();
    match file.check(key.verifying_key(), srs.verifier(), accepted) {
        Ok(_) => Ok(()),
        Err(CommitmentError::Ranges(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

fn circuit_of(subject: &Subject) -> ProvennCircuit {
    ProvennCircuit::new(subject.params().clone(), Arc::new(subject.assignment().clone()))
}

/// A forgery of first-phase columns: `constraint` alone catches it, and no verifier accepts a real proof of it.
pub fn refused(forged: &Subject, constraint: &str) {
    only_caught_by(forged, constraint);
    if !forged.is_pinned() {
        assert_eq!(attempt(&Forgery::of(forged.clone())), Err(VerifyError::InvalidProof));
    }
}
