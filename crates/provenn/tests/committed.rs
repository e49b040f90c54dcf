//! Committed weights: circuits that say nothing of them.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn::{
    Commitments, CompiledCircuit, InputData, OnnxModel, Openings, ProveOptions, RunArgs, Settings,
    Srs, Target, Tensor, VerifyOptions, Visibility, calibrate_settings, commit, compile_circuit,
    gen_settings, gen_witness, mock, prove_committed, quantise_inputs, setup,
    verify_committed_proof,
};
use provenn_fixed_point::{Linear, QuantOp};
use provenn_onnx_ir::Op;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

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
        "names_transformer",
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

/// A model whose table of embeddings is another, its other weights the same.
fn with_table(name: &str, place: &Path, change: impl Fn(usize, f32) -> f32) -> OnnxModel {
    let original = model(name);
    let graph = original.graph();
    let table = |node: &provenn_onnx_ir::Node| match (&node.op, node.inputs.as_slice()) {
        (Op::Gather { .. }, [table, _]) => match &graph.nodes[table.0].op {
            Op::Constant(tensor) => Some(tensor.data.clone()),
            _ => None,
        },
        _ => None,
    };
    let table = graph.nodes.iter().find_map(table).unwrap();
    let bytes = |values: &[f32]| values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let mut file = std::fs::read(folder(name).join("network.onnx")).unwrap();
    let old = bytes(&table);
    let at = file.windows(old.len()).position(|window| window == old).unwrap();
    let changed: Vec<f32> = table.iter().enumerate().map(|(at, &x)| change(at, x)).collect();
    file[at..at + old.len()].copy_from_slice(&bytes(&changed));
    std::fs::write(place, file).unwrap();
    OnnxModel::load(place, &BTreeMap::new()).unwrap()
}

/// A model that reads rows of a table is proved under the key of one with other rows.
#[test]
fn a_table_that_was_trained_further_is_proved_under_the_old_key() {
    let (rng, allow) = (ChaCha20Rng::seed_from_u64, VerifyOptions::allowing_insecure_srs());
    let name = "names_transformer";
    let settings = settings(name, Visibility::Committed);
    // Every row another, smaller than what the settings leave room for; and whole numbers alone, which have a step of one
    // where they stand in the key.
    let files = tempfile::tempdir().unwrap();
    let [first, second] = ["trained", "whole"].map(|name| files.path().join(name));
    let trained = with_table(name, &first, |at, x| if at % 3 == 0 { 1.05 * x } else { x - 0.01 });
    let whole = with_table(name, &second, |at, _| if at % 5 == 0 { 1.0 } else { 0.0 });
    let original = compile_circuit(&model(name), &settings).unwrap();
    let srs = Srs::draw_insecure(original.params().k, rng(1)).unwrap();
    let key = setup(&original, &srs).unwrap();
    let (vk, verifier) = (key.verifying_key(), srs.verifier());
    let data = InputData::read(&folder(name).join("input.json")).unwrap();
    let mut made = vec![];
    for (seed, of) in [(2, model(name)), (3, trained), (4, whole)] {
        let circuit = compile_circuit(&of, &settings).unwrap();
        let again = setup(&circuit, &srs).unwrap();
        assert_eq!(again.verifying_key().to_bytes(), vk.to_bytes());
        let (file, opening) = commit(&circuit, &key, &srs, rng(seed)).unwrap();
        let commitment = file.check(vk, verifier, allow).unwrap();
        let inputs = data.first_observation(circuit.graph()).unwrap();
        let quantised = quantise_inputs(&circuit, &inputs).unwrap();
        let witness = gen_witness(&circuit, &quantised.values).unwrap();
        let (options, of) = (ProveOptions::default(), Openings::of_weights(&opening));
        let proved =
            prove_committed(&circuit, &key, &srs, of, &witness, options, rng(seed)).unwrap();
        let of = Commitments::of_weights(&commitment);
        verify_committed_proof(&proved.file, vk, verifier, of, allow).unwrap();
        made.push((circuit, commitment, opening, witness, proved.file));
    }
    for (at, (circuit, _, _, witness, proof)) in made.iter().enumerate() {
        for (other, (of, commitment, opening, ..)) in made.iter().enumerate() {
            if at == other {
                continue;
            }
            assert_ne!(circuit.assignment().committed, of.assignment().committed);
            let of = Commitments::of_weights(commitment);
            assert!(verify_committed_proof(proof, vk, verifier, of, allow).is_err());
            // These rows with the others' opening: refused before the work.
            let (options, of) = (ProveOptions::default(), Openings::of_weights(opening));
            let error = prove_committed(circuit, &key, &srs, of, witness, options, rng(5));
            assert!(error.unwrap_err().to_string().contains("of other weights"));
        }
    }
    assert_ne!(made[0].3.outputs(), made[1].3.outputs());
    assert_ne!(made[1].3.outputs(), made[2].3.outputs());
}

/// The fields of a message: number, and where the contents of those that have a length lie.
fn fields(file: &[u8], within: Range<usize>) -> Vec<(usize, Range<usize>)> {
    let mut at = within.start;
    let number = |at: &mut usize| {
        let (mut value, mut shift) = (0_usize, 0);
        loop {
            let byte = file[*at];
            *at += 1;
            value |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return value;
            }
        }
    };
    let mut all = vec![];
    while at < within.end {
        let tag = number(&mut at);
        match tag & 7 {
            0 => all.push((tag >> 3, number(&mut at)..at)),
            1 => at += 8,
            5 => at += 4,
            _ => {
                let length = number(&mut at);
                all.push((tag >> 3, at..at + length));
                at += length;
            }
        }
    }
    all
}

/// A model of which every number that it could have learned is another: of all initialisers that have several reals.
fn retrained(name: &str, place: &Path) -> OnnxModel {
    let mut file = std::fs::read(folder(name).join("network.onnx")).unwrap();
    let within = |file: &[u8], of: Range<usize>, number: usize| {
        let all = fields(file, of).into_iter().filter(move |field| field.0 == number);
        all.map(|field| field.1).collect::<Vec<_>>()
    };
    let graph = within(&file, 0..file.len(), 7).remove(0);
    let mut changed = 0;
    for tensor in within(&file, graph, 5) {
        let float = within(&file, tensor.clone(), 2).first().is_some_and(|kind| kind.start == 1);
        let Some(data) = within(&file, tensor, 9).pop().filter(|data| float && data.len() > 4)
        else {
            continue;
        };
        for (bytes, at) in file[data].chunks_exact_mut(4).zip(0_usize..) {
            let value = f32::from_le_bytes(bytes.try_into().unwrap());
            let factor = [1.0, 0.98, 0.95, 0.96, 0.99][at % 5];
            bytes.copy_from_slice(&(value * factor).to_le_bytes());
        }
        changed += 1;
    }
    assert!(changed > 3, "{name}");
    std::fs::write(place, file).unwrap();
    OnnxModel::load(place, &BTreeMap::new()).unwrap()
}

/// Norms, places and class tokens are learned as weights are, and no key knows them.
#[test]
fn everything_that_a_model_learns_is_committed() {
    let files = tempfile::tempdir().unwrap();
    for name in ["names_transformer", "digits_vit", "digits_resnet18"] {
        let settings = settings(name, Visibility::Committed);
        let original = compile_circuit(&model(name), &settings).unwrap();
        let retrained = retrained(name, &files.path().join(name));
        let retrained = compile_circuit(&retrained, &settings).unwrap();
        assert_eq!(original.statement(), retrained.statement(), "{name}");
        assert_eq!(original.parts().plan, retrained.parts().plan, "{name}");
        let [a, b] = [original.assignment(), retrained.assignment()];
        assert_eq!((&a.fixed, &a.copies, &a.steps), (&b.fixed, &b.copies, &b.steps), "{name}");
        assert_eq!(a.weight_bits, b.weight_bits, "{name}");
        assert_ne!(a.committed, b.committed, "{name}");
    }
}

/// A transformer of which every learned number is another is proved under the old key, for its own commitment.
#[test]
fn a_transformer_that_was_trained_further_is_proved_under_the_old_key() {
    let (rng, allow) = (ChaCha20Rng::seed_from_u64, VerifyOptions::allowing_insecure_srs());
    let name = "names_transformer";
    let settings = settings(name, Visibility::Committed);
    let files = tempfile::tempdir().unwrap();
    let models = [model(name), retrained(name, &files.path().join(name))];
    let circuits = models.map(|model| compile_circuit(&model, &settings).unwrap());
    let srs = Srs::draw_insecure(circuits[0].params().k, rng(1)).unwrap();
    let key = setup(&circuits[0], &srs).unwrap();
    let (vk, verifier) = (key.verifying_key(), srs.verifier());
    let data = InputData::read(&folder(name).join("input.json")).unwrap();
    let mut made = vec![];
    for (circuit, seed) in circuits.iter().zip(2..) {
        assert_eq!(setup(circuit, &srs).unwrap().verifying_key().to_bytes(), vk.to_bytes());
        let (file, opening) = commit(circuit, &key, &srs, rng(seed)).unwrap();
        let commitment = file.check(vk, verifier, allow).unwrap();
        let inputs = data.first_observation(circuit.graph()).unwrap();
        let quantised = quantise_inputs(circuit, &inputs).unwrap();
        let witness = gen_witness(circuit, &quantised.values).unwrap();
        let (options, of) = (ProveOptions::default(), Openings::of_weights(&opening));
        let proved =
            prove_committed(circuit, &key, &srs, of, &witness, options, rng(seed)).unwrap();
        made.push((proved.file, commitment));
    }
    for (at, (proof, _)) in made.iter().enumerate() {
        for (other, (_, commitment)) in made.iter().enumerate() {
            let of = Commitments::of_weights(commitment);
            let verified = verify_committed_proof(proof, vk, verifier, of, allow);
            assert_eq!(verified.is_ok(), at == other);
        }
    }
}

/// A head that is the table's transpose would be another in a commitment.
#[test]
fn a_table_that_is_the_head_too_cannot_be_committed() {
    let model = model("shakespeare_gpt");
    let args = RunArgs { param_visibility: Visibility::Committed, ..RunArgs::default() };
    let error = gen_settings(&model, &args).unwrap_err();
    assert!(error.to_string().contains("it has the same weights as node"), "{error}");
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
