//! Identities leave nothing to choose, in the circuits of trained models too: of those that are small enough, on a first
//! observation, at unknowns spread over all of the circuit. Of every unknown, small circuits of every kind have it
//! (`circuit/tests/rank.rs`).
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a test reports by panicking

use provenn::{InputData, OnnxModel, RunArgs, Target, calibrate_settings, gen_settings};
use provenn_gadgets::from_signed;
use provenn_gadgets::testing::Subject;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Larger circuits take long.
const MOST_K: u32 = 11;
/// Unknowns of a model of up to 2^10 rows; half as many for twice the rows.
const MOST: usize = 40;
/// Of those that nothing but identities binds, none may be left out.
const MOST_FREE: usize = 300;

/// Folders of models with data.
fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let within = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let models = entries.filter(|path| {
            path.join("network.onnx").exists() && path.join("calibration.json").exists()
        });
        models.collect::<Vec<_>>()
    };
    let mut all = within(&root);
    all.extend(within(&root.join("classical")));
    all.sort();
    all
}

#[test]
fn models_have_full_rank() {
    let (mut models, mut unknowns) = (0, 0);
    for folder in folders() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
        let data = InputData::read(&folder.join("calibration.json")).unwrap();
        let settings = gen_settings(&model, &RunArgs::default()).unwrap();
        let settings = calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
        if settings.k.is_none_or(|k| k > MOST_K) {
            continue;
        }
        let compiled = provenn::compile_circuit(&model, &settings).unwrap();
        let observations = data.observations(model.graph()).unwrap();
        let inputs = provenn::quantise_inputs(&compiled, &observations[0]).unwrap();
        let witness = compiled.witness(&inputs.values).unwrap();
        let (circuit, instance) = compiled.assign(&witness).unwrap();
        let subject = Subject::new(&circuit, &instance);
        let mut random = ChaCha20Rng::seed_from_u64(7);
        // Of more bits than a machine's word.
        let mut number = || {
            let mut word = || from_signed(i64::from_le_bytes(random.next_u64().to_le_bytes()));
            word() * word() * word() * word() + word()
        };
        let others = MOST >> compiled.params().k.saturating_sub(10);
        let Some(rank) = subject.rank_of_some([MOST_FREE, others], &mut number) else {
            println!("{name}: more than {MOST_FREE} are bound by identities alone");
            continue;
        };
        assert_eq!(rank.unbound, [], "{name}: {} of {}", rank.rank, rank.unknowns);
        println!("{name}: {} of {}", rank.rank, rank.unknowns);
        (models, unknowns) = (models + 1, unknowns + rank.unknowns);
    }
    println!("{models} models, {unknowns} unknowns");
    assert!(models >= 25, "{models} models");
}
