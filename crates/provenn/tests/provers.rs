//! Both provers on every trained model: one verifier accepts both.
#![allow(clippy::unwrap_used, clippy::panic)]

use provenn::{
    CompiledCircuit, Error, InputData, OnnxModel, ProveOptions, Proved, ProverKind, ProvingKey,
    RunArgs, Srs, Target, VerifyOptions, Witness,
};
use provenn_gadgets::TermsPerHelper;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::path::Path;

struct Prepared {
    compiled: CompiledCircuit,
    srs: Srs,
    key: ProvingKey,
    witness: Witness,
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

impl Prepared {
    fn new(name: &str, two_phases: bool) -> Self {
        Self::at(name, two_phases, None)
    }

    fn at(name: &str, two_phases: bool, logrows: Option<u32>) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
        let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
        let data = InputData::read(&folder.join("calibration.json")).unwrap();
        let settings =
            provenn::gen_settings(&model, &RunArgs { logrows, ..RunArgs::default() }).unwrap();
        let mut settings =
            provenn::calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
        settings.run_args.two_phases = two_phases;
        let compiled = provenn::compile_circuit(&model, &settings).unwrap();
        let srs = Srs::draw_insecure(compiled.params().k, rng(1)).unwrap();
        let key = provenn::setup(&compiled, &srs).unwrap();
        let observation = data.observations(model.graph()).unwrap().swap_remove(0);
        let inputs = provenn::quantise_inputs(&compiled, &observation).unwrap();
        let witness = provenn::gen_witness(&compiled, &inputs.values).unwrap();
        Prepared { compiled, srs, key, witness }
    }

    fn three_phases(&self) -> bool {
        self.compiled.params().boundary_banks > 0
    }

    fn prove(
        &self,
        srs: &Srs,
        prover: ProverKind,
        max_memory: Option<u64>,
    ) -> Result<Proved, Error> {
        let options = ProveOptions { prover, max_memory };
        let proved =
            provenn::prove_with(&self.compiled, &self.key, srs, &self.witness, options, rng(2))?;
        let allow = VerifyOptions::allowing_insecure_srs();
        proved.file.verify(self.key.verifying_key(), srs.verifier(), allow).unwrap();
        Ok(proved)
    }
}

fn check(name: &str) {
    let prepared = Prepared::new(name, false);
    let ours = prepared.prove(&prepared.srs, ProverKind::Own, None).unwrap();
    assert!(ours.file.quotient_blinded && !ours.seconds.is_empty());
    // Too little memory is told before the work, with what is needed; with that, the same generator gives the same.
    let refused = prepared.prove(&prepared.srs, ProverKind::Own, Some(1)).unwrap_err().to_string();
    let needed = refused.split_whitespace().find_map(|word| word.parse::<u64>().ok()).unwrap();
    assert!(refused.contains("--max-memory allows 1;"), "{refused}");
    // Other tests of this process take memory too.
    let tight = Some((needed << 20) + (1 << 28));
    let tight = prepared.prove(&prepared.srs, ProverKind::Own, tight).unwrap();
    assert_eq!(tight.file, ours.file);

    // A bare file of exactly this k: the proof stands, the report says what it lacks.
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("raw.srs");
    prepared.srs.write_raw(&path).unwrap();
    let bare = prepared.prove(&Srs::read(&path).unwrap(), ProverKind::Own, None).unwrap();
    assert!(!bare.file.quotient_blinded);

    // Halo2's prover knows two phases.
    let stock = prepared.prove(&prepared.srs, ProverKind::Stock, None);
    if !prepared.three_phases() {
        same_statement(&stock.unwrap(), &ours);
        return;
    }
    assert!(stock.unwrap_err().to_string().contains("--two-phases"), "{name}");
    let two = Prepared::new(name, true);
    assert!(!two.three_phases(), "{name}");
    let stock = two.prove(&two.srs, ProverKind::Stock, None).unwrap();
    let own = two.prove(&two.srs, ProverKind::Own, None).unwrap();
    same_statement(&stock, &own);
    // Where boundary terms stand makes no difference to what is proven.
    assert_eq!(own.file.instances, ours.file.instances);
}

/// Helper columns of one fraction take few values, and are committed to otherwise than columns of many.
#[test]
fn any_number_of_fractions_per_helper() {
    for (terms, logrows) in TermsPerHelper::ALL.into_iter().flat_map(|t| [(t, 8), (t, 12)]) {
        let mut prepared = Prepared::at("breast_cancer_mlp", false, Some(logrows));
        let mut parts = prepared.compiled.parts().clone();
        parts.plan.terms_per_helper = terms;
        prepared.compiled = CompiledCircuit::from_parts(parts).unwrap();
        prepared.key = provenn::setup(&prepared.compiled, &prepared.srs).unwrap();
        let inputs = prepared.witness.inputs().to_vec();
        prepared.witness = provenn::gen_witness(&prepared.compiled, &inputs).unwrap();
        let ours = prepared.prove(&prepared.srs, ProverKind::Own, None).unwrap();
        let stock = prepared.prove(&prepared.srs, ProverKind::Stock, None).unwrap();
        same_statement(&stock, &ours);
    }
}

fn same_statement(stock: &Proved, ours: &Proved) {
    assert!(!stock.file.quotient_blinded);
    assert_eq!(stock.file.instances, ours.file.instances);
    assert_eq!(stock.file.hex_proof.len(), ours.file.hex_proof.len());
}

#[test]
fn networks_on_digits() {
    ["digits_cnn", "digits_lenet", "digits_resnet"].into_iter().for_each(check);
}

#[test]
fn tabular_models() {
    ["breast_cancer_logistic", "breast_cancer_mlp", "diabetes_linear"].into_iter().for_each(check);
}
