//! Committed weights: circuits that say nothing of them.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn::{
    Commitment, Commitments, CompiledCircuit, InputData, OnnxModel, Opening, Openings, ProofFile,
    ProveOptions, ProvingKey, RunArgs, Settings, Srs, Target, Tensor, VerifyOptions, Visibility,
    Witness, calibrate_settings, commit, compile_circuit, gen_settings, gen_witness, mock,
    prove_committed, quantise_inputs, setup, verify_committed_proof,
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

/// Weights that are committed to, and a proof of the folder's input for them.
struct Made {
    circuit: CompiledCircuit,
    commitment: Commitment,
    opening: Opening,
    witness: Witness,
    proof: ProofFile,
}

impl Made {
    fn new(circuit: CompiledCircuit, key: &ProvingKey, srs: &Srs, name: &str, seed: u64) -> Self {
        let (vk, verifier) = (key.verifying_key(), srs.verifier());
        assert_eq!(setup(&circuit, srs).unwrap().verifying_key().to_bytes(), vk.to_bytes());
        let (file, opening) = commit(&circuit, key, srs, rng(seed)).unwrap();
        let commitment = file.check(vk, verifier, allow()).unwrap();
        let data = InputData::read(&folder(name).join("input.json")).unwrap();
        let inputs = data.first_observation(circuit.graph()).unwrap();
        let quantised = quantise_inputs(&circuit, &inputs).unwrap();
        let witness = gen_witness(&circuit, &quantised.values).unwrap();
        let (options, of) = (ProveOptions::default(), Openings::of_weights(&opening));
        let proved = prove_committed(&circuit, key, srs, of, &witness, options, rng(seed));
        Made { circuit, commitment, opening, witness, proof: proved.unwrap().file }
    }
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// The SRS is drawn here.
fn allow() -> VerifyOptions {
    VerifyOptions::allowing_insecure_srs()
}

/// Under the first one's key each model is committed to and proved; its proof verifies for its own commitment alone, and
/// its weights are proved with its own opening alone.
fn proved_under_one_key(models: &[OnnxModel], settings: &Settings, name: &str) -> Vec<Made> {
    let circuits = models.iter().map(|model| compile_circuit(model, settings).unwrap());
    let circuits: Vec<_> = circuits.collect();
    let srs = Srs::draw_insecure(circuits[0].params().k, rng(1)).unwrap();
    let key = setup(&circuits[0], &srs).unwrap();
    let made = circuits.into_iter().zip(2..);
    let made: Vec<_> =
        made.map(|(circuit, seed)| Made::new(circuit, &key, &srs, name, seed)).collect();
    let (vk, verifier) = (key.verifying_key(), srs.verifier());
    for (at, one) in made.iter().enumerate() {
        for (other, of) in made.iter().enumerate() {
            let weights = Commitments::of_weights(&of.commitment);
            let verified = verify_committed_proof(&one.proof, vk, verifier, weights, allow());
            assert_eq!(verified.is_ok(), at == other, "{at} for the commitment of {other}");
            if at == other {
                continue;
            }
            assert_ne!(one.circuit.assignment().committed, of.circuit.assignment().committed);
            // These weights with the others' opening: refused before the work.
            let (options, opening) = (ProveOptions::default(), Openings::of_weights(&of.opening));
            let error =
                prove_committed(&one.circuit, &key, &srs, opening, &one.witness, options, rng(9));
            assert!(error.unwrap_err().to_string().contains("of other weights"));
        }
    }
    made
}

/// A model that was trained further is committed to and proved under the key of the one before.
#[test]
fn a_model_that_was_trained_further_is_proved_under_the_old_key() {
    let name = "digits_cnn";
    let models = [model(name), model("digits_cnn_retrained")];
    let settings = settings(name, Visibility::Committed);
    assert_eq!(proved_under_one_key(&models, &settings, name).len(), 2);
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

/// A model with other numbers: `change` is told those of every initialiser of reals, and gives others if they are to change.
fn changed(
    name: &str,
    place: &Path,
    change: impl Fn(&[f32]) -> Option<Vec<f32>>,
) -> (OnnxModel, usize) {
    let mut file = std::fs::read(folder(name).join("network.onnx")).unwrap();
    let within = |file: &[u8], of: Range<usize>, number: usize| {
        let all = fields(file, of).into_iter().filter(move |field| field.0 == number);
        all.map(|field| field.1).collect::<Vec<_>>()
    };
    let graph = within(&file, 0..file.len(), 7).remove(0);
    let mut tensors = 0;
    for tensor in within(&file, graph, 5) {
        let float = within(&file, tensor.clone(), 2).first().is_some_and(|kind| kind.start == 1);
        let Some(data) = within(&file, tensor, 9).pop().filter(|_| float) else { continue };
        let values = file[data.clone()].chunks_exact(4);
        let values: Vec<f32> =
            values.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
        if let Some(others) = change(&values) {
            let bytes: Vec<u8> = others.iter().flat_map(|x| x.to_le_bytes()).collect();
            file[data].copy_from_slice(&bytes);
            tensors += 1;
        }
    }
    std::fs::write(place, file).unwrap();
    (OnnxModel::load(place, &BTreeMap::new()).unwrap(), tensors)
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
    let others = table.iter().enumerate().map(|(at, &x)| change(at, x)).collect::<Vec<f32>>();
    let is_table = |values: &[f32]| (*values == *table).then(|| others.clone());
    let (model, tensors) = changed(name, place, is_table);
    assert_eq!(tensors, 1, "{name}");
    model
}

/// A model of which every number that it could have learned is another: of all initialisers that have several reals.
fn retrained(name: &str, place: &Path) -> OnnxModel {
    let (model, tensors) = changed(name, place, |values| {
        let factor = |at: usize| [1.0, 0.98, 0.95, 0.96, 0.99][at % 5];
        let others = values.iter().enumerate().map(|(at, value)| value * factor(at));
        (values.len() > 1).then(|| others.collect())
    });
    assert!(tensors > 3, "{name}");
    model
}

/// A model that reads rows of a table is proved under the key of one with other rows.
#[test]
fn a_table_that_was_trained_further_is_proved_under_the_old_key() {
    let name = "names_transformer";
    let settings = settings(name, Visibility::Committed);
    // Every row another, smaller than what the settings leave room for; and whole numbers alone, which have a step of one
    // where they stand in the key.
    let files = tempfile::tempdir().unwrap();
    let [first, second] = ["trained", "whole"].map(|name| files.path().join(name));
    let trained = with_table(name, &first, |at, x| if at % 3 == 0 { 1.05 * x } else { x - 0.01 });
    let whole = with_table(name, &second, |at, _| if at % 5 == 0 { 1.0 } else { 0.0 });
    let made = proved_under_one_key(&[model(name), trained, whole], &settings, name);
    assert_ne!(made[0].witness.outputs(), made[1].witness.outputs());
    assert_ne!(made[1].witness.outputs(), made[2].witness.outputs());
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
    let name = "names_transformer";
    let settings = settings(name, Visibility::Committed);
    let files = tempfile::tempdir().unwrap();
    let models = [model(name), retrained(name, &files.path().join(name))];
    assert_eq!(proved_under_one_key(&models, &settings, name).len(), 2);
}

/// A head that is the table's transpose would be another in a commitment.
#[test]
fn a_table_that_is_the_head_too_cannot_be_committed() {
    let model = model("shakespeare_gpt");
    let args = RunArgs { param_visibility: Visibility::Committed, ..RunArgs::default() };
    let error = gen_settings(&model, &args).unwrap_err();
    assert!(error.to_string().contains("it has the same weights as node"), "{error}");
}

/// Under one key, on the same held-out images: as they are, and moved by a pixel.
#[test]
fn each_model_labels_as_it_does_in_floats() {
    let settings = settings("digits_cnn", Visibility::Committed);
    let circuits = ["digits_cnn", "digits_cnn_retrained"]
        .map(|name| compile_circuit(&model(name), &settings).unwrap());
    let right = |of: &str| {
        let held_out = folder(of).join("expected.json");
        let text = std::fs::read_to_string(&held_out).unwrap();
        let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
        let labels: Vec<u64> = serde_json::from_value(expected["labels"].clone()).unwrap();
        let data = InputData::read(&held_out).unwrap();
        circuits.each_ref().map(|circuit| {
            let observations = data.observations_of(circuit.graph()).unwrap();
            let label = |inputs: &Vec<Tensor>| {
                let inputs = quantise_inputs(circuit, inputs).unwrap();
                let witness = gen_witness(circuit, &inputs.values).unwrap();
                let scores = witness.outputs()[0].iter().enumerate();
                scores.max_by_key(|&(at, score)| (score, std::cmp::Reverse(at))).unwrap().0 as u64
            };
            assert_eq!(labels.len(), 100);
            observations.iter().zip(&labels).filter(|(inputs, is)| label(inputs) == **is).count()
        })
    };
    assert_eq!(right("digits_cnn"), [100, 97]);
    assert_eq!(right("digits_cnn_retrained"), [67, 89]);
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
