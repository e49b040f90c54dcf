//! Files of a stranger: mutated artefacts of every kind, others every day, with their digests put right or not. Nothing
//! panics, hangs or takes memory by what a file says of itself, and what is still accepted says what it said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

use provenn::artefact::{self, ArtefactError};
use provenn::{
    Commitment, CommitmentFile, Commitments, CompiledCircuit, InputData, OnnxModel, Opening,
    Openings, ProofFile, ProveOptions, ProvingKey, RunArgs, Srs, Target, VerifierSrs,
    VerifyOptions, VerifyingKey, Visibility, Witness, WitnessFile,
};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// Mutants of each file in a run.
const MUTANTS: u64 = 120;
/// Seconds for each file instead, in long runs.
const SECONDS: &str = "MUTATION_SECONDS";
/// Memory of the whole process at its peak.
const MOST_KIB: u64 = 3 << 20;

/// One run of everything, and its files.
struct Honest {
    folder: tempfile::TempDir,
    compiled: CompiledCircuit,
    key: ProvingKey,
    srs: Srs,
    proof: ProofFile,
    committed: Committed,
}

/// The same model with its weights committed.
struct Committed {
    compiled: CompiledCircuit,
    key: ProvingKey,
    srs: Srs,
    witness: Witness,
    commitment: Commitment,
    opening: Opening,
    proof: ProofFile,
}

impl Committed {
    fn new(onnx: &OnnxModel, data: &InputData, folder: &Path) -> Self {
        let args = RunArgs { param_visibility: Visibility::Committed, ..RunArgs::default() };
        let settings = provenn::gen_settings(onnx, &args).unwrap();
        let settings =
            provenn::calibrate_settings(onnx, &settings, data, Target::Resources).unwrap();
        let compiled = provenn::compile_circuit(onnx, &settings).unwrap();
        let rng = || ChaCha20Rng::seed_from_u64(1);
        let srs = Srs::draw_insecure(compiled.params().k, rng()).unwrap();
        let key = provenn::setup(&compiled, &srs).unwrap();
        let observation = data.observations(onnx.graph()).unwrap().swap_remove(0);
        let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
        let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
        let (file, opening) = provenn::commit(&compiled, &key, &srs, rng()).unwrap();
        let (options, allow) = (ProveOptions::default(), VerifyOptions::allowing_insecure_srs());
        let proved = provenn::prove_committed(
            &compiled,
            &key,
            &srs,
            Openings::of_weights(&opening),
            &witness,
            options,
            rng(),
        );
        let proof = proved.unwrap().file;
        let commitment = file.check(key.verifying_key(), srs.verifier(), allow).unwrap();
        file.write(&folder.join("commitment.pf")).unwrap();
        opening.write(&folder.join("opening.secret")).unwrap();
        key.verifying_key().write(&folder.join("committed.key")).unwrap();
        Committed { compiled, key, srs, witness, commitment, opening, proof }
    }
}

impl Honest {
    fn new() -> Self {
        let model = models().join("breast_cancer_logistic");
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let onnx = OnnxModel::load(&model.join("network.onnx"), &BTreeMap::new()).unwrap();
        let data = InputData::read(&model.join("calibration.json")).unwrap();
        let settings = provenn::gen_settings(&onnx, &RunArgs::default()).unwrap();
        let settings =
            provenn::calibrate_settings(&onnx, &settings, &data, Target::Resources).unwrap();
        let compiled = provenn::compile_circuit(&onnx, &settings).unwrap();
        let rng = || ChaCha20Rng::seed_from_u64(1);
        let srs = Srs::draw_insecure(compiled.params().k, rng()).unwrap();
        let key = provenn::setup(&compiled, &srs).unwrap();
        let observation = data.observations(onnx.graph()).unwrap().swap_remove(0);
        let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
        let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
        let proof = provenn::prove(&compiled, &key, &srs, &witness, rng()).unwrap();
        for name in ["network.onnx", "input.json"] {
            fs::copy(model.join(name), at(name)).unwrap();
        }
        provenn::run::write_settings(&settings, &at("settings.json")).unwrap();
        provenn::write_compiled(&compiled, &at("model.compiled")).unwrap();
        srs.write(&at("kzg.srs")).unwrap();
        srs.write_raw(&at("raw.srs")).unwrap();
        srs.verifier().write(&at("verifier.srs")).unwrap();
        key.write(&at("pk.key")).unwrap();
        key.verifying_key().write(&at("vk.key")).unwrap();
        provenn::witness_file(&compiled, &witness).unwrap().write(&at("witness.json")).unwrap();
        proof.write(&at("proof.json")).unwrap();
        let committed = Committed::new(&onnx, &data, folder.path());
        Honest { folder, compiled, key, srs, proof, committed }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn verifies(&self, proof: &ProofFile, key: &VerifyingKey, srs: &VerifierSrs) -> bool {
        provenn::verify_proof(proof, key, srs, VerifyOptions::allowing_insecure_srs()).is_ok()
    }
}

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

/// A stranger who edits bytes.
struct Editor(ChaCha20Rng);

impl Editor {
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.next_u64() % n.max(1) as u64).unwrap()
    }

    /// One to four edits.
    fn edited(&mut self, original: &[u8]) -> Vec<u8> {
        let mut bytes = original.to_vec();
        for _ in 0..1 + self.below(4) {
            self.edit(&mut bytes);
        }
        bytes
    }

    fn edit(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(16)).min(bytes.len());
        match self.below(8) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = self.0.next_u32().to_le_bytes()[0],
            // A number as large, as small or as negative as they come.
            2 => {
                let number = [0, 1, u64::MAX, 1 << 63, i64::MAX as u64, 1 << 32, 0x7fff_ffff];
                let number = number[self.below(number.len())].to_le_bytes();
                let width = [1, 2, 4, 8][self.below(4)].min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&number[..width]);
            }
            3 => bytes.truncate(at),
            4 => drop(bytes.drain(at..end)),
            5 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            6 => {
                let to = self.below(bytes.len());
                let part = bytes[at..end].to_vec();
                let until = (to + part.len()).min(bytes.len());
                bytes.splice(to..until, part);
            }
            // Decimal digits, of which JSON has many.
            _ => {
                let digits = bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit());
                let digits: Vec<usize> = digits.map(|(at, _)| at).collect();
                if !digits.is_empty() {
                    let at = digits[self.below(digits.len())];
                    bytes[at] = b"0123456789-e."[self.below(13)];
                }
            }
        }
    }
}

/// How a mutant is read; the path is of a file that holds it, and the editor chooses among further steps.
type Read = fn(&Honest, &Path);

fn onnx(_: &Honest, path: &Path) {
    if let Ok(model) = OnnxModel::load(path, &BTreeMap::new()) {
        let _ = provenn::gen_settings(&model, &RunArgs::default());
    }
}

fn settings(honest: &Honest, path: &Path) {
    if let Ok(settings) = provenn::run::read_settings(path) {
        let model = OnnxModel::load(&honest.path("network.onnx"), &BTreeMap::new()).unwrap();
        let _ = provenn::compile_circuit(&model, &settings);
    }
}

fn data(honest: &Honest, path: &Path) {
    if let Ok(data) = InputData::read(path)
        && let Ok(tensors) = data.first_observation(honest.compiled.graph())
        && let Ok(inputs) = provenn::quantise_inputs(&honest.compiled, &tensors)
    {
        let _ = provenn::gen_witness(&honest.compiled, &inputs.values);
    }
}

fn compiled(honest: &Honest, path: &Path) {
    if let Ok(other) = provenn::read_compiled(path) {
        let inputs = vec![vec![0; 30]; other.graph().inputs.len()];
        if let Ok(witness) = provenn::gen_witness(&other, &inputs) {
            // What computes something else has another key; names and steps of hidden tensors are nobody's.
            let rng = ChaCha20Rng::seed_from_u64(1);
            let proved = provenn::prove(&other, &honest.key, &honest.srs, &witness, rng);
            let same = other.statement() == honest.compiled.statement()
                && other.assignment() == honest.compiled.assignment();
            assert!(proved.is_err() || same, "another circuit under the key");
        }
    }
}

fn srs(honest: &Honest, path: &Path) {
    let _ = Srs::read(path);
    if let Ok(srs) = VerifierSrs::read(path) {
        let key = honest.key.verifying_key();
        let other = srs.s_g2() != honest.srs.verifier().s_g2();
        assert!(!(other && honest.verifies(&honest.proof, key, &srs)), "another secret");
    }
}

fn proving_key(honest: &Honest, path: &Path) {
    if let Ok(key) = ProvingKey::read(path) {
        let same = key.verifying_key().digest() == honest.key.verifying_key().digest();
        let taken = honest.verifies(&honest.proof, key.verifying_key(), honest.srs.verifier());
        assert!(same || !taken, "another key");
    }
}

fn verifying_key(honest: &Honest, path: &Path) {
    if let Ok(key) = VerifyingKey::read(path) {
        let same = key.digest() == honest.key.verifying_key().digest();
        assert!(
            same || !honest.verifies(&honest.proof, &key, honest.srs.verifier()),
            "another key"
        );
    }
}

fn witness(honest: &Honest, path: &Path) {
    if let Ok(file) = WitnessFile::read(path) {
        let _ = provenn::read_witness(&honest.compiled, &file, Some(&honest.key));
    }
}

fn proof(honest: &Honest, path: &Path) {
    if let Ok(proof) = ProofFile::read(path)
        && honest.verifies(&proof, honest.key.verifying_key(), honest.srs.verifier())
    {
        assert_eq!(proof.instance().unwrap(), honest.proof.instance().unwrap());
        assert_eq!(proof.pretty_public_inputs, honest.proof.pretty_public_inputs);
    }
}

fn commitment(honest: &Honest, path: &Path) {
    let Committed { key, srs, commitment, .. } = &honest.committed;
    if let Ok(file) = CommitmentFile::read(path)
        && let Ok(got) =
            file.check(key.verifying_key(), srs.verifier(), VerifyOptions::allowing_insecure_srs())
    {
        assert_eq!(got, *commitment);
    }
}

fn opening(honest: &Honest, path: &Path) {
    let Committed { compiled, key, srs, witness, opening, .. } = &honest.committed;
    if let Ok(got) = Opening::read(path) {
        let (options, rng) = (ProveOptions::default(), ChaCha20Rng::seed_from_u64(1));
        let proved = provenn::prove_committed(
            compiled,
            key,
            srs,
            Openings::of_weights(&got),
            witness,
            options,
            rng,
        );
        assert!(proved.is_err() || got == *opening, "another opening");
    }
}

fn committed_key(honest: &Honest, path: &Path) {
    let Committed { srs, key, commitment, proof, .. } = &honest.committed;
    if let Ok(got) = VerifyingKey::read(path) {
        let allow = VerifyOptions::allowing_insecure_srs();
        let taken = provenn::verify_committed_proof(
            proof,
            &got,
            srs.verifier(),
            Commitments::of_weights(commitment),
            allow,
        );
        assert!(taken.is_err() || got.digest() == key.verifying_key().digest(), "another key");
    }
}

/// A mutant: of the whole file, or of what is under its header, whose digest is then put right.
fn write(editor: &mut Editor, original: &Path, to: &Path) -> Result<(), ArtefactError> {
    let bytes = fs::read(original).unwrap();
    let header = usize::try_from(artefact::HEADER_BYTES).unwrap();
    match artefact::kind_of(original) {
        Some(kind) if editor.below(4) > 0 => {
            let payload = editor.edited(&bytes[header..]);
            let _ = fs::remove_file(to);
            artefact::write(to, kind, |writer| writer.write_all(&payload)).map(drop)
        }
        _ => {
            fs::write(to, editor.edited(&bytes)).unwrap();
            Ok(())
        }
    }
}

/// KiB of memory at the peak so far, where the system tells.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn files_of_a_stranger() {
    let honest = Honest::new();
    fs::copy(
        models().join("../crates/ceremony/tests/powersOfTau28_hez_final_08.ptau"),
        honest.path("powers.ptau"),
    )
    .unwrap();
    let targets: [(&str, Read); 15] = [
        ("network.onnx", onnx),
        ("settings.json", settings),
        ("input.json", data),
        ("model.compiled", compiled),
        ("kzg.srs", srs),
        ("raw.srs", srs),
        ("verifier.srs", srs),
        ("powers.ptau", srs),
        ("pk.key", proving_key),
        ("vk.key", verifying_key),
        ("witness.json", witness),
        ("proof.json", proof),
        ("commitment.pf", commitment),
        ("opening.secret", opening),
        ("committed.key", committed_key),
    ];
    let long: Option<u64> = std::env::var(SECONDS).ok().map(|seconds| seconds.parse().unwrap());
    let today = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed =
        if long.is_some() { today.as_secs() << 20 } else { (today.as_secs() / 86_400) << 20 };
    for (name, read) in targets {
        let mutant = honest.path(&format!("mutant.{name}"));
        let (start, mut mutants) = (Instant::now(), 0);
        let goes_on = |mutants| match long {
            Some(seconds) => start.elapsed() < Duration::from_secs(seconds),
            None => mutants < MUTANTS,
        };
        while goes_on(mutants) {
            // Beside a panic.
            if mutants % 64 == 0 {
                println!("{name}: from seed {}", seed + mutants);
            }
            let mut editor = Editor(ChaCha20Rng::seed_from_u64(seed + mutants));
            write(&mut editor, &honest.path(name), &mutant).unwrap();
            read(&honest, &mutant);
            mutants += 1;
        }
        println!("{name}: {mutants} mutants, peak {} MiB", peak() >> 10);
        assert!(peak() < MOST_KIB, "{name}: {} KiB", peak());
    }
}
