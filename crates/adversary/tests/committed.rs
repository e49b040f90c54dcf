//! Committed weights: what convinces, and every way to prove with others that we can think of.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use halo2_proofs::halo2curves::bn256::Fr;
use provenn_adversary::committed::{
    BANKS, LANES, Matrices, WEIGHTS, circuit, columns, elements, params, statement,
};
use provenn_gadgets::Layout;
use provenn_kzg_srs::Srs;
use provenn_proof::testing::{weight_ranges, write_commitment, write_committed_proof};
use provenn_proof::{
    Opening, Openings, ProveError, ProveOptions, ProvingKey, commit, prove_committed, prove_with,
    setup,
};
use provenn_verifier::link::Relation;
use provenn_verifier::{
    Commitment, CommitmentError, CommitmentFile, Commitments, ProofFile, ProofFileError,
    VerifyError, VerifyOptions, VerifyingKey, verify, verify_committed,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::sync::OnceLock;

const ALLOW: VerifyOptions = VerifyOptions::allowing_insecure_srs();
/// Bytes of the link: announcement and six responses.
const LINK: usize = 7 * 32;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

struct Case {
    srs: Srs,
    key: ProvingKey,
    file: CommitmentFile,
    opening: Opening,
    commitment: Commitment,
    proof: ProofFile,
}

impl Case {
    fn key(&self) -> &VerifyingKey {
        self.key.verifying_key()
    }

    fn commit(&self, weights: &Matrices, seed: u64) -> (CommitmentFile, Opening) {
        let options = ProveOptions::default();
        commit(&self.key, &circuit(weights), &statement(), &self.srs, options, rng(seed)).unwrap()
    }

    fn prove(
        &self,
        weights: &Matrices,
        opening: &Opening,
        seed: u64,
    ) -> Result<ProofFile, ProveError> {
        let (circuit, options) = (circuit(weights), ProveOptions::default());
        let proved = prove_committed(
            &self.key,
            &circuit,
            &statement(),
            &elements(weights),
            &self.srs,
            Openings::of_weights(opening),
            options,
            rng(seed),
        );
        Ok(proved?.file)
    }

    fn checked(&self, file: &CommitmentFile) -> Result<Commitment, CommitmentError> {
        file.check(self.key(), self.srs.verifier(), ALLOW)
    }

    fn verify(
        &self,
        commitment: &Commitment,
        instance: &[Fr],
        proof: &[u8],
    ) -> Result<(), VerifyError> {
        let of = Commitments::of_weights(commitment);
        verify_committed(self.key(), self.srs.verifier(), of, instance, proof, ALLOW)
    }

    /// What the verifier says to a proof of columns that the prover chose, `change` being applied to those of a phase after its
    /// challenges are drawn.
    fn attempt(
        &self,
        weights: &Matrices,
        opening: &Opening,
        relations: &[Relation],
        change: impl Fn(u8, &mut Vec<Vec<Fr>>),
    ) -> Result<(), VerifyError> {
        let circuit = circuit(weights);
        let advice = |phase: u8, drawn: &[Fr]| {
            let mut columns = columns(&circuit, phase, drawn);
            change(phase, &mut columns);
            columns
        };
        let instance = elements(weights);
        let proof = write_committed_proof(
            &self.key,
            &circuit,
            &instance,
            &self.srs,
            Openings::of_weights(opening),
            relations,
            advice,
            rng(9),
        );
        self.verify(&self.commitment, &instance, &proof.unwrap())
    }
}

/// Made once for all tests.
fn case() -> &'static Case {
    static CASE: OnceLock<Case> = OnceLock::new();
    CASE.get_or_init(|| {
        let srs = Srs::draw_insecure(params().k, rng(1)).unwrap();
        let (circuit, options) = (circuit(&WEIGHTS), ProveOptions::default());
        let key = setup(&circuit, &statement(), &srs).unwrap();
        let (file, opening) = commit(&key, &circuit, &statement(), &srs, options, rng(2)).unwrap();
        let commitment = file.check(key.verifying_key(), srs.verifier(), ALLOW).unwrap();
        let instance = elements(&WEIGHTS);
        let proved = prove_committed(
            &key,
            &circuit,
            &statement(),
            &instance,
            &srs,
            Openings::of_weights(&opening),
            options,
            rng(3),
        );
        let proof = proved.unwrap().file;
        Case { srs, key, file, opening, commitment, proof }
    })
}

fn of_case(case: &Case) -> Commitments<'_> {
    Commitments::of_weights(&case.commitment)
}

fn bytes(proof: &ProofFile) -> Vec<u8> {
    hex::decode(&proof.hex_proof[2..]).unwrap()
}

/// As the weights of a model that was trained on.
fn tuned() -> Matrices {
    let mut weights = WEIGHTS;
    weights[0][1] -= 1;
    weights[1] = [1, 2, 3, 4, 5, 6];
    weights[2][5] = 0;
    weights
}

#[test]
fn a_proof_for_committed_weights_convinces() {
    let case = case();
    case.verify(&case.commitment, &elements(&WEIGHTS), &bytes(&case.proof)).unwrap();
    case.proof.verify_committed(case.key(), case.srs.verifier(), of_case(case), ALLOW).unwrap();
    // So does the prover of these tests where it does not lie.
    case.attempt(&WEIGHTS, &case.opening, case.key().relations(), |_, _| ()).unwrap();
}

#[test]
fn another_model_of_the_architecture_is_proved_under_the_same_key() {
    let case = case();
    let again = setup(&circuit(&tuned()), &statement(), &case.srs).unwrap();
    assert_eq!(again.verifying_key().to_bytes(), case.key().to_bytes());
    let (file, opening) = case.commit(&tuned(), 4);
    let commitment = case.checked(&file).unwrap();
    let proof = case.prove(&tuned(), &opening, 5).unwrap();
    proof
        .verify_committed(
            case.key(),
            case.srs.verifier(),
            Commitments::of_weights(&commitment),
            ALLOW,
        )
        .unwrap();
    // The other model's proof is not one of this commitment, nor the other way round.
    let error = proof.verify_committed(case.key(), case.srs.verifier(), of_case(case), ALLOW);
    assert!(matches!(error, Err(ProofFileError::Commitment { .. })));
    let refused = case.verify(&case.commitment, &elements(&tuned()), &bytes(&proof));
    assert_eq!(refused, Err(VerifyError::InvalidProof));
    let refused = case.verify(&commitment, &elements(&WEIGHTS), &bytes(&case.proof));
    assert_eq!(refused, Err(VerifyError::InvalidProof));
}

#[test]
fn nothing_repeats_in_commitments_and_proofs_of_the_same_weights() {
    let case = case();
    let (other, opening) = case.commit(&WEIGHTS, 6);
    let commitment = case.checked(&other).unwrap();
    assert!(commitment.points().iter().all(|point| !case.commitment.points().contains(point)));
    // A fixed column that is zero is zero everywhere.
    let chunks = |bytes: &[u8]| -> Vec<[u8; 32]> {
        bytes.as_chunks::<32>().0.iter().copied().filter(|value| *value != [0; 32]).collect()
    };
    let one = chunks(&bytes(&case.proof));
    let again = chunks(&bytes(&case.prove(&WEIGHTS, &case.opening, 7).unwrap()));
    let third = chunks(&bytes(&case.prove(&WEIGHTS, &opening, 12).unwrap()));
    assert!(one.iter().all(|value| !again.contains(value) && !third.contains(value)));
    assert!(again.iter().all(|value| !third.contains(value)));
}

#[test]
fn a_commitment_is_asked_for_where_there_is_one_and_nowhere_else() {
    let case = case();
    let srs = case.srs.verifier();
    let (instance, proof) = (elements(&WEIGHTS), bytes(&case.proof));
    assert_eq!(verify(case.key(), srs, &instance, &proof, ALLOW), Err(VerifyError::NoCommitment));
    let error = case.proof.verify(case.key(), srs, ALLOW).unwrap_err();
    assert!(error.to_string().contains("--commitment"), "{error}");
    let (circuit, options) = (circuit(&WEIGHTS), ProveOptions::default());
    let public = elements(&WEIGHTS);
    let error = prove_with(&case.key, &circuit, &statement(), &public, &case.srs, options, rng(1));
    assert!(matches!(error, Err(ProveError::NoOpening)));
    // The key of ranges is for no proofs of its own.
    let ranges = case.key().committed().unwrap().ranges().unwrap();
    assert_eq!(verify(ranges, srs, &[], &proof, ALLOW), Err(VerifyError::NoCommitment));
    assert_eq!(
        verify_committed(ranges, srs, of_case(case), &[], &proof, ALLOW),
        Err(VerifyError::FixedWeights)
    );
    let error = case.file.check(ranges, srs, ALLOW);
    assert!(matches!(error, Err(CommitmentError::FixedWeights)));
}

#[test]
fn other_weights_than_the_committed_ones_are_refused() {
    let case = case();
    let relations = case.key().relations();
    // Every single weight, in every lane.
    for bank in 0..BANKS {
        for at in 0..WEIGHTS[bank].len() {
            let mut weights = WEIGHTS;
            weights[bank][at] += 1;
            let refused = case.attempt(&weights, &case.opening, relations, |_, _| ());
            assert_eq!(refused, Err(VerifyError::Link), "weight {at} of bank {bank}");
        }
    }
    let error = case.prove(&tuned(), &case.opening, 1);
    assert!(matches!(error, Err(ProveError::Opening(_))));
}

/// The later column of a bank's combined weights.
fn combined(bank: usize) -> usize {
    Layout::new(&params()).links()[bank].combined
}

#[test]
fn combined_weights_differ_in_no_row() {
    let case = case();
    let last = params().active_rows();
    for bank in 0..BANKS {
        // Rows that hold weights are tried above. Here constraints hold of anything: a row without weights, the one that closes
        // lookups.
        for row in [INPUT_ROWS, last - 1, last] {
            let refused =
                case.attempt(&WEIGHTS, &case.opening, case.key().relations(), |phase, columns| {
                    if phase == 1 {
                        columns[combined(bank)].resize(last + 1, Fr::zero());
                        columns[combined(bank)][row] += Fr::one();
                    }
                });
            let expected = if row == last { VerifyError::Link } else { VerifyError::InvalidProof };
            assert_eq!(refused, Err(expected), "row {row} of bank {bank}");
        }
    }
}

/// The first row without weights.
const INPUT_ROWS: usize = 3;

#[test]
fn a_link_to_another_bank_or_column_is_refused() {
    let case = case();
    let relations = case.key().relations().to_vec();
    assert_eq!(relations.len(), BANKS);
    // Two banks' weights, each in the other one's place.
    let mut swapped = WEIGHTS;
    swapped.swap(0, 1);
    assert_eq!(
        case.attempt(&swapped, &case.opening, &relations, |_, _| ()),
        Err(VerifyError::Link)
    );
    let crossed = |change: &dyn Fn(&mut Vec<Relation>)| {
        let mut relations = relations.clone();
        change(&mut relations);
        relations
    };
    for (relations, what) in [
        (crossed(&|r| r.swap(0, 1)), "another order"),
        (crossed(&|r| r[0].committed = LANES..2 * LANES), "another bank's weights"),
        (crossed(&|r| r[0].challenge = Some(1)), "another challenge"),
        (crossed(&|r| r[2].challenge = Some(0)), "another challenge"),
        (crossed(&|r| r[0].committed = 0..LANES - 1), "fewer columns"),
        (crossed(&|r| r[1].advice += 1), "another column"),
    ] {
        let refused = case.attempt(&swapped, &case.opening, &relations, |_, _| ());
        assert_eq!(refused, Err(VerifyError::Link), "{what}");
    }
}

#[test]
fn links_are_for_one_proof() {
    let case = case();
    let (instance, honest) = (elements(&WEIGHTS), bytes(&case.proof));
    let at = honest.len() - LINK;
    // The link of another proof of the same weights, and of a proof of others.
    let again = bytes(&case.prove(&WEIGHTS, &case.opening, 8).unwrap());
    let replayed = [&honest[..at], &again[again.len() - LINK..]].concat();
    assert_eq!(case.verify(&case.commitment, &instance, &replayed), Err(VerifyError::Link));
    // Announcement and responses: changed, negated, of another order, zero.
    for place in 0..7 {
        let mut changed = honest.clone();
        let from = at + 32 * ((place + 1) % 7);
        let other: Vec<u8> = honest[from..from + 32].to_vec();
        changed[at + 32 * place..at + 32 * (place + 1)].copy_from_slice(&other);
        assert!(case.verify(&case.commitment, &instance, &changed).is_err(), "place {place}");
        for (byte, mask) in [(0, 1), (30, 0x80), (31, 0x40)] {
            let mut changed = honest.clone();
            changed[at + 32 * place + byte] ^= mask;
            let refused = case.verify(&case.commitment, &instance, &changed);
            assert!(
                matches!(refused, Err(VerifyError::Link | VerifyError::Encoding { .. })),
                "place {place}, byte {byte}: {refused:?}"
            );
        }
    }
    let mut nothing = honest.clone();
    nothing[at..].fill(0);
    nothing[at + 31] = 0x80;
    assert_eq!(case.verify(&case.commitment, &instance, &nothing), Err(VerifyError::Link));
    // Left out, cut, followed by more.
    for got in [at, at + 1, at + 32, honest.len() - 32, honest.len() - 1] {
        let refused = case.verify(&case.commitment, &instance, &honest[..got]);
        assert_eq!(refused, Err(VerifyError::Truncated { got }));
    }
    let longer = [honest.as_slice(), &[0]].concat();
    let refused = case.verify(&case.commitment, &instance, &longer);
    assert_eq!(refused, Err(VerifyError::Trailing { extra: 1 }));
}

#[test]
fn changed_commitments_are_refused() {
    let case = case();
    let honest = case.file.to_bytes();
    let points = 36..36 + 32 * BANKS * LANES;
    let refused = |bytes: &[u8]| {
        let file = CommitmentFile::from_bytes(bytes)?;
        case.checked(&file)
    };
    refused(&honest).unwrap();
    // A point of another column, of another commitment, none at all.
    let (other, _) = case.commit(&WEIGHTS, 10);
    let other = other.to_bytes();
    for column in 0..BANKS * LANES {
        let at = points.start + 32 * column;
        let next = points.start + 32 * ((column + 1) % (BANKS * LANES));
        for replacement in [&honest[next..next + 32], &other[at..at + 32]] {
            let mut changed = honest.clone();
            changed[at..at + 32].copy_from_slice(replacement);
            let error = refused(&changed).unwrap_err();
            assert!(matches!(error, CommitmentError::Ranges(VerifyError::InvalidProof)), "{error}");
        }
        let mut identity = honest.clone();
        identity[at..at + 32].fill(0);
        identity[at + 31] = 0x80;
        assert!(
            matches!(refused(&identity), Err(CommitmentError::Point { index }) if index == column)
        );
    }
    // Another commitment's proof of ranges.
    let mixed = [&honest[..points.end], &other[points.end..]].concat();
    assert!(matches!(refused(&mixed), Err(CommitmentError::Ranges(VerifyError::InvalidProof))));
    // Of another key, of fewer columns, cut, followed by more.
    let mut foreign = honest.clone();
    foreign[0] ^= 1;
    assert!(matches!(refused(&foreign), Err(CommitmentError::Key { .. })));
    let mut fewer = honest.clone();
    fewer[32] -= 1;
    assert!(matches!(refused(&fewer), Err(CommitmentError::Points { .. })));
    for length in [0, 31, 33, 36, points.end - 1] {
        let error = refused(&honest[..length]).unwrap_err();
        assert!(matches!(error, CommitmentError::Truncated { .. }), "{length}: {error}");
    }
    let error = refused(&honest[..honest.len() - 1]).unwrap_err();
    assert!(matches!(error, CommitmentError::Ranges(VerifyError::Truncated { .. })), "{error}");
    let error = refused(&[honest.as_slice(), &[0]].concat()).unwrap_err();
    assert!(matches!(error, CommitmentError::Ranges(VerifyError::Trailing { .. })), "{error}");
}

#[test]
fn weights_out_of_range_are_refused() {
    let case = case();
    let honest = circuit(&WEIGHTS).assignment().committed.clone();
    let commit_to = |weights: &[Vec<i64>], shown: &[Vec<i64>], limbs: &[Vec<i64>]| {
        let ranges = weight_ranges(&circuit(&WEIGHTS), [shown, limbs]).unwrap();
        let made = write_commitment(&case.key, weights, &ranges, &case.srs, rng(11));
        case.checked(&made.unwrap().0)
    };
    commit_to(&honest, &honest, &honest).unwrap();
    let active = params().active_rows();
    for (column, row, value, what) in [
        (0, 0, -9, "one below the least"),
        (0, 1, 8, "one above the largest"),
        (LANES, 0, 16, "one above the largest of another width"),
        (2 * LANES, 0, 4096, "one above the largest of two limbs"),
        (2 * LANES + 1, 0, -4097, "one below the least of two limbs"),
        (2 * LANES, 2, 1 << 40, "a large number"),
        (2, 0, 1, "a lane that no weight stands in"),
        (0, INPUT_ROWS, -1, "a row that no weight stands in"),
        (1, active - 1, 1, "the last row"),
    ] {
        let mut weights = honest.clone();
        let length = weights[column].len().max(row + 1);
        weights[column].resize(length, 0);
        weights[column][row] = value;
        for limbs in [&weights, &honest] {
            let error = commit_to(&weights, &weights, limbs).unwrap_err();
            assert!(
                matches!(error, CommitmentError::Ranges(VerifyError::InvalidProof)),
                "{what}: {error}"
            );
        }
        // The proof is about other weights, which are in range.
        let error = commit_to(&weights, &honest, &honest).unwrap_err();
        assert!(matches!(error, CommitmentError::Ranges(VerifyError::Link)), "{what}: {error}");
    }
    let mut weights = WEIGHTS;
    weights[0][0] = 8;
    let options = ProveOptions::default();
    let error = commit(&case.key, &circuit(&weights), &statement(), &case.srs, options, rng(1));
    let named =
        matches!(error, Err(ProveError::WeightRange { column: 0, row: 0, value: 8, bits: 4 }));
    assert!(named);
}

#[test]
fn keys_of_committed_weights_are_read_strictly() {
    let case = case();
    let honest = case.key().to_bytes();
    let key = VerifyingKey::from_bytes(honest).unwrap();
    assert_eq!(key.to_bytes(), honest);
    assert_eq!(key.relations(), case.key().relations());
    for length in (0..honest.len()).step_by(7) {
        assert!(VerifyingKey::from_bytes(&honest[..length]).is_err(), "{length} bytes");
    }
    for at in 0..honest.len() {
        let mut changed = honest.to_vec();
        changed[at] ^= 1;
        // What is read is another key, of other proofs.
        if let Ok(key) = VerifyingKey::from_bytes(&changed) {
            assert_eq!(key.to_bytes(), changed);
            assert_ne!(key.digest(), case.key().digest());
        }
    }
    // A key of ranges is none of committed weights: nothing is nested in it.
    let ranges = case.key().committed().unwrap().ranges().unwrap().to_bytes().to_vec();
    let start = honest.len() - 32 - ranges.len();
    assert_eq!(&honest[start..honest.len() - 32], ranges);
    let nested = [
        &honest[..start - 4],
        &u32::try_from(honest.len()).unwrap().to_le_bytes(),
        honest,
        &honest[honest.len() - 32..],
    ]
    .concat();
    assert!(VerifyingKey::from_bytes(&nested).is_err());
}

#[test]
fn openings_and_commitments_survive_their_files() {
    let case = case();
    let folder = tempfile::tempdir().unwrap();
    let [commitment, opening] = ["c", "o"].map(|name| folder.path().join(name));
    case.file.write(&commitment).unwrap();
    case.opening.write(&opening).unwrap();
    assert_eq!(CommitmentFile::read(&commitment).unwrap(), case.file);
    assert_eq!(Opening::read(&opening).unwrap(), case.opening);
    assert_eq!(case.opening.commitment_digest(), case.file.digest());
    assert!(!format!("{:?}", case.opening).contains("tails"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&opening), 0o600);
    }
    assert!(CommitmentFile::read(&opening).is_err());
    assert!(Opening::read(&commitment).is_err());
}
