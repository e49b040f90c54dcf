//! Writes what fuzzing begins with: small honest files of every kind into `fuzz/corpus`, and the words that occur in them
//! into `fuzz/dictionaries`. What fuzzing has found beside them stays.
#![allow(clippy::unwrap_used)] // nobody else runs it

use provenn::artefact::{HEADER_BYTES, MAGIC};
use provenn::{InputData, OnnxModel, RunArgs, Srs, Target, Visibility};
use provenn_stranger::{FILES, Honest, root};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of the largest file that is kept.
const LARGEST: usize = 20_000;
/// Of a claim, two proofs.
const LARGEST_CLAIM: usize = 50_000;
/// Bytes of the largest model of a single operator that is a seed.
const LARGEST_OPERATOR: u64 = 1200;
/// Of so many operators one is kept and compiled. The fuzzer reads them all where they are.
const COMPILED: usize = 30;
/// Largest k of their keys.
const LARGEST_K: u32 = 9;

/// Keeps a file as a target takes it: of an artefact the payload.
fn keep(target: &str, name: &str, bytes: &[u8]) {
    let folder = root().join("fuzz/corpus").join(target);
    fs::create_dir_all(&folder).unwrap();
    let header = usize::try_from(HEADER_BYTES).unwrap();
    let bytes = if bytes.starts_with(&MAGIC) { &bytes[header..] } else { bytes };
    if bytes.len() < if target == "claim" { LARGEST_CLAIM } else { LARGEST } {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(1)
}

/// Models of single operators, in order of their names.
fn operators() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("models/ops")).unwrap();
    let folders = folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut models: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    models.retain(|path| {
        path.extension().is_some_and(|extension| extension == "onnx")
            && path.metadata().unwrap().len() < LARGEST_OPERATOR
    });
    models.sort();
    models
}

/// What becomes of a model, if it fits.
fn stages(path: &Path, name: &str, scratch: &Path, args: &RunArgs) -> Option<()> {
    let onnx = OnnxModel::load(path, &BTreeMap::new()).ok()?;
    let data = InputData::random(onnx.graph(), 2, 1);
    let settings = provenn::gen_settings(&onnx, args).ok()?;
    let settings = provenn::calibrate_settings(&onnx, &settings, &data, Target::Resources).ok()?;
    let compiled = provenn::compile_circuit(&onnx, &settings).ok()?;
    let file = scratch.join("compiled");
    provenn::write_compiled(&compiled, &file).ok()?;
    keep("compiled", name, &fs::read(file).unwrap());
    if compiled.params().k <= LARGEST_K {
        let srs = Srs::draw_insecure(compiled.params().k, rng()).ok()?;
        let key = provenn::setup(&compiled, &srs).ok()?;
        let [vk, pk] = ["vk", "pk"].map(|name| scratch.join(name));
        key.verifying_key().write(&vk).ok()?;
        key.write(&pk).ok()?;
        keep("verifying_key", name, &fs::read(vk).unwrap());
        keep("proving_key", name, &fs::read(pk).unwrap());
    }
    Some(())
}

/// Choices that settings can make.
fn choices() -> Vec<RunArgs> {
    let args = RunArgs::default;
    vec![
        args(),
        RunArgs { input_visibility: Visibility::Private, ..args() },
        RunArgs { input_visibility: Visibility::Hashed, ..args() },
        RunArgs { output_visibility: Visibility::Hashed, two_phases: true, ..args() },
        RunArgs { param_visibility: Visibility::Committed, ..args() },
        RunArgs { output_visibility: Visibility::Committed, ..args() },
        RunArgs { shift: Some(12), low_bits: Some(6), bits: Some(12), ..args() },
        RunArgs { input_scale: Some(7), output_scale: Some(7), logrows: Some(10), ..args() },
        RunArgs { fixed: BTreeMap::from([("X".to_owned(), vec![1.5])]), ..args() },
    ]
}

/// Powers of tau for 2 rows, cut from those for 256.
fn small_ptau(large: &[u8]) -> Vec<u8> {
    // The sections of snarkjs: the header at byte 24, then powers in either group, each after 12 bytes.
    let (header, g1, g2) = (24, 24 + 44 + 12, 24 + 44 + 12 + 64 * 511 + 12);
    let mut k = large[header..header + 44].to_vec();
    k[36] = 1;
    let section = |kind: u32, payload: &[u8]| {
        [&kind.to_le_bytes()[..], &(payload.len() as u64).to_le_bytes(), payload].concat()
    };
    let start = [&b"ptau"[..], &1_u32.to_le_bytes(), &3_u32.to_le_bytes()].concat();
    let (powers, others) = (&large[g1..g1 + 3 * 64], &large[g2..g2 + 2 * 128]);
    [start, section(1, &k), section(2, powers), section(3, others)].concat()
}

/// Data in every format and form.
fn data() {
    for (name, text) in [
        ("nested.json", r#"{"input_data": [[[1, 2.5], [-3e2, 0]]], "labels": [1]}"#),
        ("named.json", r#"{"input_data": {"X": [0.25, 1], "Y": [1e-3]}}"#),
        ("flat.json", r#"{"input_data": [1, 2, 3]}"#),
        ("list.json", "[[1, 2, 3], [4, 5, 6]]"),
        ("lines.jsonl", "{\"input_data\": [[1, 2]]}\n[[3, 4]]\n[5, 6]\n"),
    ] {
        keep("data", name, text.as_bytes());
    }
    for (kind, value) in [("<f4", &[0_u8; 120][..]), ("<f8", &[1; 240]), ("|u1", &[7; 30])] {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': (1, 30), }}\n");
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        let npy = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), value].concat();
        keep("data", &format!("{}.npy", &kind[1..]), &npy);
    }
    for name in ["diabetes.npz", "breast_cancer.npz"] {
        keep("data", name, &fs::read(root().join("models").join(name)).unwrap());
    }
}

/// Words of a text or a model that look like names.
fn words(target: &str, bytes: &[u8], words: &mut BTreeSet<String>) {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let parts = bytes
        .split(|byte| !is_name(byte))
        .filter(|part| (3..=24).contains(&part.len()) && part[0].is_ascii_alphabetic());
    let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    match target {
        "onnx" => words.extend(parts.map(text)),
        _ => words.extend(parts.map(|part| format!("\\\"{}\\\"", text(part)))),
    }
}

fn dictionary(target: &str, files: &[PathBuf]) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for file in files {
        let mut found = BTreeSet::new();
        words(target, &fs::read(file).unwrap(), &mut found);
        found.into_iter().for_each(|word| *count.entry(word).or_default() += 1);
    }
    // Names that models have in common are ONNX's.
    let least = if target == "onnx" { 4 } else { 1 };
    let lines = count.iter().filter(|(_, n)| **n >= least).map(|(word, _)| format!("\"{word}\"\n"));
    let folder = root().join("fuzz/dictionaries");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{target}.dict")), lines.collect::<String>()).unwrap();
}

fn main() {
    let (honest, scratch) = (Honest::new(), tempfile::tempdir().unwrap());
    for (file, target) in FILES {
        keep(target, file, &fs::read(honest.path(file)).unwrap());
    }
    keep("ptau", "small.ptau", &small_ptau(&fs::read(honest.path("powers.ptau")).unwrap()));
    for k in 1..=3 {
        let (srs, file) = (Srs::draw_insecure(k, rng()).unwrap(), scratch.path().join("srs"));
        srs.write(&file).unwrap();
        keep("srs", &format!("k{k}"), &fs::read(&file).unwrap());
        fs::remove_file(&file).unwrap();
        srs.write_raw(&file).unwrap();
        keep("srs_raw", &format!("k{k}"), &fs::read(&file).unwrap());
        fs::remove_file(&file).unwrap();
    }
    data();
    let model = root().join("models/breast_cancer_logistic/network.onnx");
    let onnx = OnnxModel::load(&model, &BTreeMap::new()).unwrap();
    let choices = choices();
    for (index, args) in choices.iter().enumerate() {
        let file = scratch.path().join("settings.json");
        if let Ok(settings) = provenn::gen_settings(&onnx, args) {
            provenn::run::write_settings(&settings, &file).unwrap();
            keep("settings", &format!("choice{index}.json"), &fs::read(file).unwrap());
        }
    }
    let operators = operators();
    for (index, path) in operators.iter().step_by(COMPILED).enumerate() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        keep("onnx", name, &fs::read(path).unwrap());
        let _ = stages(path, name, scratch.path(), &choices[index % choices.len()]);
    }
    dictionary("onnx", &operators);
    for target in ["settings", "data", "witness", "proof", "claim"] {
        let files = fs::read_dir(root().join("fuzz/corpus").join(target)).unwrap();
        dictionary(target, &files.map(|entry| entry.unwrap().path()).collect::<Vec<_>>());
    }
}
