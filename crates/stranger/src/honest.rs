//! One run of everything, and its files.

use provenn::claim::{ClaimOptions, DATA_SECRET, DataSecret, VerifiedClaim};
use provenn::{
    Commitment, CommitmentFile, CommitmentPaths, Commitments, CompiledCircuit, InputData,
    OnnxModel, Opening, Openings, ProofFile, ProveOptions, ProvingKey, RunArgs, Settings, Srs,
    Target, TensorOpening, VerifyOptions, VerifyingKey, Visibility, Witness,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of an honest run, each with the kind that it is read as.
pub const FILES: [(&str, &str); 22] = [
    ("network.onnx", "onnx"),
    ("settings.json", "settings"),
    ("input.json", "data"),
    ("model.compiled", "compiled"),
    ("kzg.srs", "srs"),
    ("raw.srs", "srs_raw"),
    ("verifier.srs", "srs"),
    ("powers.ptau", "ptau"),
    ("pk.key", "proving_key"),
    ("vk.key", "verifying_key"),
    ("witness.json", "witness"),
    ("proof.json", "proof"),
    ("committed_proof.json", "proof"),
    ("commitment.pf", "commitment"),
    ("opening.secret", "opening"),
    ("inputs.commitment", "tensor_commitment"),
    ("inputs.secret", "tensor_opening"),
    ("committed.key", "verifying_key"),
    ("verifier_settings.json", "settings"),
    ("labelled.json", "data"),
    ("claim.json", "claim"),
    ("data.secret", "data_secret"),
];

/// An honest run of a small model, with fixed weights and public inputs and with both of them committed, and a folder with all files.
#[derive(Debug)]
pub struct Honest {
    folder: tempfile::TempDir,
    pub(crate) onnx: OnnxModel,
    pub(crate) fixed: Run,
    pub(crate) proof: ProofFile,
    pub(crate) committed: Run,
    pub(crate) commitment: Commitment,
    pub(crate) opening: Opening,
    pub(crate) tensor_opening: TensorOpening,
    pub(crate) committed_proof: ProofFile,
    pub(crate) claimed: Claimed,
    /// Of so many files that could be proved with, one is.
    one_in: u64,
}

/// A claim of a classifier with committed weights over committed data, two proofs of two observations each.
#[derive(Debug)]
pub(crate) struct Claimed {
    pub(crate) key: VerifyingKey,
    pub(crate) srs: Srs,
    pub(crate) commitment: Commitment,
    pub(crate) said: VerifiedClaim,
    pub(crate) data: InputData,
    pub(crate) secret: DataSecret,
}

/// Three observations of a classifier that takes five numbers.
const LABELLED: &str =
    r#"{"input_data": [[0, 1, 2, 3, 4], [4, 0, 1, 2, 3], [3, 4, 0, 1, 2]], "labels": [0, 1, 2]}"#;

impl Claimed {
    /// Its files too.
    fn new(folder: &Path) -> Self {
        let data = folder.join("labelled.json");
        fs::write(&data, LABELLED).unwrap();
        let out = folder.join("claimed");
        let run_args = RunArgs {
            param_visibility: Visibility::Committed,
            input_visibility: Visibility::Committed,
            ..RunArgs::default()
        };
        let options = ClaimOptions {
            model: root().join("models/ops/matrices/gemm_opset7.onnx"),
            output: None,
            data: data.clone().into(),
            srs: None,
            out: out.clone(),
            run_args,
            data_secret: None,
        };
        let claim = provenn::claim::claim(&options, rng(), &mut |_, _| {}).unwrap();
        let key = VerifyingKey::read(&out.join("vk.key")).unwrap();
        let srs = Srs::read(&out.join("kzg.srs")).unwrap();
        let commitment = CommitmentFile::read(&out.join("commitment.pf")).unwrap();
        let commitment = commitment.check(&key, srs.verifier(), allow()).unwrap();
        let said = claim.verify(&key, srs.verifier(), Some(&commitment), allow(), None).unwrap();
        let secret = DataSecret::read(&out.join(DATA_SECRET)).unwrap();
        for name in ["claim.json", DATA_SECRET] {
            fs::rename(out.join(name), folder.join(name)).unwrap();
        }
        let data = InputData::read(&data).unwrap();
        Claimed { key, srs, commitment, said, data, secret }
    }
}

/// All that a proof takes.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) settings: Settings,
    pub(crate) compiled: CompiledCircuit,
    pub(crate) key: ProvingKey,
    pub(crate) srs: Srs,
    pub(crate) witness: Witness,
}

impl Run {
    fn new(onnx: &OnnxModel, data: &InputData, args: &RunArgs) -> Self {
        let settings = provenn::gen_settings(onnx, args).unwrap();
        let settings =
            provenn::calibrate_settings(onnx, &settings, data, Target::Resources).unwrap();
        let compiled = provenn::compile_circuit(onnx, &settings).unwrap();
        let srs = Srs::draw_insecure(compiled.params().k, rng()).unwrap();
        let key = provenn::setup(&compiled, &srs).unwrap();
        let observation = data.observations(onnx.graph()).unwrap().swap_remove(0);
        let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
        let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
        Run { settings, compiled, key, srs, witness }
    }
}

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The same everywhere, so that a finding can be made again.
pub(crate) fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

/// The keys are of an SRS that was drawn here.
pub(crate) fn allow() -> VerifyOptions {
    VerifyOptions::allowing_insecure_srs()
}

impl Honest {
    /// Runs everything, and writes it.
    #[must_use]
    #[allow(clippy::new_without_default)] // this takes a second and writes files
    pub fn new() -> Self {
        let model = root().join("models/breast_cancer_logistic");
        let onnx = OnnxModel::load(&model.join("network.onnx"), &BTreeMap::new()).unwrap();
        let data = InputData::read(&model.join("calibration.json")).unwrap();

        let fixed = Run::new(&onnx, &data, &RunArgs::default());
        let Run { compiled, key, srs, witness, .. } = &fixed;
        let proof = provenn::prove(compiled, key, srs, witness, rng()).unwrap();

        let visibility = Visibility::Committed;
        let args = RunArgs {
            input_visibility: visibility,
            param_visibility: visibility,
            ..RunArgs::default()
        };
        let committed = Run::new(&onnx, &data, &args);
        let Run { compiled, key, srs, witness, .. } = &committed;
        let (file, opening) = provenn::commit(compiled, key, srs, rng()).unwrap();
        let commitment = file.check(key.verifying_key(), srs.verifier(), allow()).unwrap();
        let tensor_opening = provenn::commit_tensors(witness.inputs(), srs, rng()).unwrap();
        let openings =
            Openings { weights: Some(&opening), inputs: Some(&tensor_opening), outputs: None };
        let options = ProveOptions::default();
        let proved =
            provenn::prove_committed(compiled, key, srs, openings, witness, options, rng());
        let committed_proof = proved.unwrap().file;

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        file.write(&at("commitment.pf")).unwrap();
        opening.write(&at("opening.secret")).unwrap();
        committed_proof.write(&at("committed_proof.json")).unwrap();
        tensor_opening.commitment().write(&at("inputs.commitment")).unwrap();
        tensor_opening.write(&at("inputs.secret")).unwrap();
        key.verifying_key().write(&at("committed.key")).unwrap();
        for name in ["network.onnx", "input.json"] {
            fs::copy(model.join(name), at(name)).unwrap();
        }
        let powers = root().join("crates/ceremony/tests/powersOfTau28_hez_final_08.ptau");
        fs::copy(powers, at("powers.ptau")).unwrap();
        fixed.write(&proof, folder.path());
        let (vk, srs, copy) = (at("vk.key"), at("verifier.srs"), at("verifier"));
        provenn::export_verifier(&vk, &srs, &CommitmentPaths::default(), &copy).unwrap();
        fs::rename(copy.join("settings.json"), at("verifier_settings.json")).unwrap();
        let claimed = Claimed::new(folder.path());
        Honest {
            folder,
            onnx,
            fixed,
            proof,
            committed,
            commitment,
            opening,
            tensor_opening,
            committed_proof,
            claimed,
            one_in: 1,
        }
    }

    /// Proofs take a second: one is tried of so many files only, chosen by their bytes.
    #[must_use]
    pub fn proving_one_in(self, one_in: u64) -> Self {
        Honest { one_in, ..self }
    }

    /// Whether a proof is to be tried with a stranger's file.
    pub(crate) fn is_tried(&self, path: &Path) -> bool {
        let bytes = fs::read(path).unwrap();
        // FNV, without its low bits, which not every edit moves.
        let mix = |sum: u64, byte: &u8| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        (bytes.iter().fold(0, mix) >> 32).is_multiple_of(self.one_in)
    }

    /// The commitments of the run with committed weights and inputs.
    pub(crate) fn commitments(&self) -> Commitments<'_> {
        let (weights, inputs) = (Some(&self.commitment), Some(self.tensor_opening.commitment()));
        Commitments { weights, inputs, outputs: None }
    }

    /// Their openings.
    pub(crate) fn openings(&self) -> Openings<'_> {
        let (weights, inputs) = (Some(&self.opening), Some(&self.tensor_opening));
        Openings { weights, inputs, outputs: None }
    }

    /// Where the file of that name lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Run {
    fn write(&self, proof: &ProofFile, folder: &Path) {
        let Run { settings, compiled, key, srs, witness } = self;
        let at = |name: &str| folder.join(name);
        provenn::run::write_settings(settings, &at("settings.json")).unwrap();
        provenn::write_compiled(compiled, &at("model.compiled")).unwrap();
        srs.write(&at("kzg.srs")).unwrap();
        srs.write_raw(&at("raw.srs")).unwrap();
        srs.verifier().write(&at("verifier.srs")).unwrap();
        key.write(&at("pk.key")).unwrap();
        key.verifying_key().write(&at("vk.key")).unwrap();
        provenn::witness_file(compiled, witness).unwrap().write(&at("witness.json")).unwrap();
        proof.write(&at("proof.json")).unwrap();
    }
}
