//! Committed weights: circuits that say nothing of them.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn::{
    Commitments, CompiledCircuit, InputData, OnnxModel, Openings, ProveOptions, RunArgs, Settings,
    Srs, Target, Tensor, VerifyOptions, Visibility, calibrate_settings, commit, compile_circuit,
    gen_settings, gen_witness, mock, prove_committed, quantise_inputs, setup,
    verify_committed_proof,
};
use provenn_fixed_point::{Linear, QuantOp};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Weights of all convolutions and products.
const RESNET: usize = 4968;
const MOBILENET: usize = 4088;

fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name)
}

fn model(name: &str) -> OnnxModel {
    OnnxModel::load(&folder(name).join("network.onnx"), &BTreeMap::new()).unwrap()
}

fn settings(name: &str, param_visibility: Visibility) -> Settings {
    let (model, args) = (model(name), RunArgs { param_visibility, ..RunArgs::default() });
    let settings = gen_settings(&model, &args).unwrap();
    let data = InputData::read(&folder(name).join("calibration.json")).unwrap();
    calibrate_settings(&model, &settings, &data, Target::Resources).unwrap()
}

fn compiled(name: &str, param_visibility: Visibility) -> CompiledCircuit {
    compile_circuit(&model(name), &settings(name, param_visibility)).unwrap()
}

#[test]
fn committed_weights_satisfy_their_circuit() {
    for name in [
        "breast_cancer_logistic",
        "breast_cancer_mlp",
        "digits_cnn",
        "digits_lenet",
        "digits_mobilenet",
        "digits_resnet",
    ] {
        let fixed = compiled(name, Visibility::Fixed);
        let circuit = compiled(name, Visibility::Committed);
        assert!(circuit.params().commits_weights() && !fixed.params().commits());
        let data = InputData::read(&folder(name).join("input.json")).unwrap();
        let inputs = data.first_observation(circuit.graph()).unwrap();
        let quantised = quantise_inputs(&circuit, &inputs).unwrap();
        let witness = gen_witness(&circuit, &quantised.values).unwrap();
        mock(&circuit, &witness).unwrap();
    }
}

/// Strides leave places between weights, for which a commitment has no room.
#[test]
fn a_commitment_stands_for_the_weights_that_a_model_has() {
    for (name, weights) in [("digits_resnet", RESNET), ("digits_mobilenet", MOBILENET)] {
        let circuit = compiled(name, Visibility::Committed);
        let graph = circuit.graph();
        assert!(!graph.empty.is_empty(), "{name}");
        let mut digits = 0;
        for (id, of) in &graph.committed {
            let biases = match &graph.tensors[id.0].op {
                QuantOp::Rescale { linear: Linear::Conv { kernel_shape, .. }, .. } => {
                    kernel_shape[0]
                }
                _ => graph.tensors[id.0].len(),
            };
            digits += of.digits as usize * biases;
        }
        let bits = circuit.assignment().weight_bits.iter().flatten();
        assert_eq!(bits.filter(|&&bits| bits > 0).count(), weights + digits, "{name}");
    }
}

/// Nothing that a key is made of knows which weights there are.
#[test]
fn a_model_that_was_trained_further_has_the_same_circuit() {
    let settings = settings("digits_cnn", Visibility::Committed);
    let of = |name: &str| compile_circuit(&model(name), &settings).unwrap();
    let (original, retrained) = (of("digits_cnn"), of("digits_cnn_retrained"));
    assert_eq!(original.statement(), retrained.statement());
    assert_eq!(original.parts().plan, retrained.parts().plan);
    let [a, b] = [original.assignment(), retrained.assignment()];
    assert_eq!((&a.fixed, &a.copies, &a.steps), (&b.fixed, &b.copies, &b.steps));
    assert_eq!(a.weight_bits, b.weight_bits);
    assert_ne!(a.committed, b.committed);
}

/// A model that was trained further is committed to and proved under the key of the one before.
#[test]
fn a_model_that_was_trained_further_is_proved_under_the_old_key() {
    let (rng, allow) = (ChaCha20Rng::seed_from_u64, VerifyOptions::allowing_insecure_srs());
    let settings = settings("digits_cnn", Visibility::Committed);
    let of = |name: &str| compile_circuit(&model(name), &settings).unwrap();
    let original = of("digits_cnn");
    let srs = Srs::draw_insecure(original.params().k, rng(1)).unwrap();
    let key = setup(&original, &srs).unwrap();
    let (vk, verifier) = (key.verifying_key(), srs.verifier());
    let mut proofs = vec![];
    for (seed, name) in [(2, "digits_cnn"), (3, "digits_cnn_retrained")] {
        let circuit = of(name);
        let (file, opening) = commit(&circuit, &key, &srs, rng(seed)).unwrap();
        let commitment = file.check(vk, verifier, allow).unwrap();
        let data = InputData::read(&folder("digits_cnn").join("input.json")).unwrap();
        let inputs = data.first_observation(circuit.graph()).unwrap();
        let quantised = quantise_inputs(&circuit, &inputs).unwrap();
        let witness = gen_witness(&circuit, &quantised.values).unwrap();
        let options = ProveOptions::default();
        let proved = prove_committed(
            &circuit,
            &key,
            &srs,
            Openings::of_weights(&opening),
            &witness,
            options,
            rng(seed),
        )
        .unwrap();
        verify_committed_proof(
            &proved.file,
            vk,
            verifier,
            Commitments::of_weights(&commitment),
            allow,
        )
        .unwrap();
        proofs.push((proved.file, commitment, opening, witness, circuit));
    }
    let [(first, old, opening, ..), (second, new, _, witness, retrained)] = &proofs[..] else {
        unreachable!()
    };
    for (proof, commitment) in [(first, new), (second, old)] {
        assert!(
            verify_committed_proof(proof, vk, verifier, Commitments::of_weights(commitment), allow)
                .is_err()
        );
    }
    // The new weights with the old opening: refused before the work.
    let options = ProveOptions::default();
    let error = prove_committed(
        retrained,
        &key,
        &srs,
        Openings::of_weights(opening),
        witness,
        options,
        rng(4),
    );
    assert!(error.unwrap_err().to_string().contains("of other weights"));
}

/// Under one key, on held-out images that are moved by a pixel: as many as the float models label right.
#[test]
fn each_model_labels_as_it_does_in_floats() {
    let settings = settings("digits_cnn", Visibility::Committed);
    let held_out = folder("digits_cnn_retrained").join("expected.json");
    let text = std::fs::read_to_string(&held_out).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    let labels: Vec<u64> = serde_json::from_value(expected["labels"].clone()).unwrap();
    let data = InputData::read(&held_out).unwrap();
    let right = ["digits_cnn", "digits_cnn_retrained"].map(|name| {
        let circuit = compile_circuit(&model(name), &settings).unwrap();
        let observations = data.observations_of(circuit.graph()).unwrap();
        let label = |inputs: &Vec<Tensor>| {
            let inputs = quantise_inputs(&circuit, inputs).unwrap();
            let witness = gen_witness(&circuit, &inputs.values).unwrap();
            let scores = witness.outputs()[0].iter().enumerate();
            scores.max_by_key(|&(at, score)| (score, std::cmp::Reverse(at))).unwrap().0 as u64
        };
        observations.iter().zip(&labels).filter(|(inputs, is)| label(inputs) == **is).count()
    });
    assert_eq!(right, [67, 89]);
}

#[test]
fn weights_beyond_the_room_that_settings_leave_are_refused() {
    let mut settings = settings("digits_cnn", Visibility::Committed);
    for magnitudes in settings.magnitudes.values_mut() {
        magnitudes.positive *= 0.7;
    }
    let error = compile_circuit(&model("digits_cnn"), &settings).unwrap_err();
    assert!(error.to_string().contains("the settings leave room for"), "{error}");
    settings.magnitudes.clear();
    let error = compile_circuit(&model("digits_cnn"), &settings).unwrap_err();
    assert!(error.to_string().contains("magnitudes are missing"), "{error}");
}

#[test]
fn settings_of_another_architecture_are_refused() {
    let settings = settings("digits_cnn", Visibility::Committed);
    let error = compile_circuit(&model("digits_lenet"), &settings).unwrap_err();
    assert!(error.to_string().contains("were made for model"), "{error}");
}
