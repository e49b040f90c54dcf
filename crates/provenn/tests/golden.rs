//! Golden shapes, costs and verifying keys of the trained models. A minor version may change them, a patch may
//! not: a difference fails until `just bless` rewrites the file, for the reviewer to see.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn::{InputData, OnnxModel, RunArgs, Srs, Target, calibrate_settings, gen_settings};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const MODELS: [&str; 8] = [
    "breast_cancer_logistic",
    "breast_cancer_mlp",
    "diabetes_linear",
    "digits_cnn",
    "digits_lenet",
    "digits_resnet",
    "names_transformer",
    "transformer_block",
];

/// Precision is searched, but for transformers: with this many nodes the search takes longer than a test may.
fn run_args(name: &str) -> RunArgs {
    match name {
        "names_transformer" | "transformer_block" => {
            RunArgs { bits: Some(16), low_bits: Some(10), shift: Some(16), ..RunArgs::default() }
        }
        _ => RunArgs::default(),
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// What is pinned of a model. The SRS is drawn from a fixed seed, so the key is a function of the code.
fn pinned(name: &str) -> Value {
    let folder = file("../../models").join(name);
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    let data = InputData::read(&folder.join("calibration.json")).unwrap();
    let settings = gen_settings(&model, &run_args(name)).unwrap();
    let settings = calibrate_settings(&model, &settings, &data, Target::Resources).unwrap();
    let compiled = provenn::compile_circuit(&model, &settings).unwrap();
    let seeded = || ChaCha20Rng::seed_from_u64(0);
    let srs = Srs::draw_insecure(compiled.params().k, seeded()).unwrap();
    let key = provenn::setup(&compiled, &srs).unwrap();
    let again = provenn::setup(&compiled, &srs).unwrap();
    let bytes = key.verifying_key().to_bytes();
    assert_eq!(bytes, again.verifying_key().to_bytes(), "{name}: two setups, two keys");
    let inspection = compiled.inspect();
    json!({
        "k": inspection.k,
        "first_phase_columns": inspection.first_phase_columns,
        "second_phase_columns": inspection.second_phase_columns,
        "fixed_columns": inspection.fixed_columns,
        "copied_columns": inspection.copied_columns,
        "cells": inspection.cells,
        "table_rows": inspection.table_rows,
        "shift": settings.shift,
        "low_bits": settings.low_bits,
        "bits": settings.bits,
        "vk": hex(&provenn_artefact::digest(b"provenn golden  ", bytes)),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn shapes_costs_and_keys_are_the_blessed_ones() {
    let found: Value = MODELS
        .iter()
        .map(|name| ((*name).to_owned(), pinned(name)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let path = file("tests/golden.json");
    if std::env::var_os("BLESS").is_some() {
        let text = serde_json::to_string_pretty(&found).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
        return;
    }
    let golden: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let mut differences = vec![];
    for name in MODELS {
        for (field, found) in found[name].as_object().unwrap() {
            let expected = &golden[name][field];
            if expected != found {
                differences.push(format!("{name}: {field} was {expected}, is {found}"));
            }
        }
    }
    assert!(
        differences.is_empty(),
        "{}\nif this is meant, run `just bless` and say so in the changelog",
        differences.join("\n")
    );
}
