//! Calibration: what is asked is kept, on all data; what cannot be had is said.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]

use provenn::calibration::{Calibration, Candidate, calibrate, frontier, pareto};
use provenn::{
    CalibrationOptions, Error, InputData, Metric, OnnxModel, RunArgs, Settings, Target,
    gen_settings, quantization_error,
};
use provenn_fixed_point::{describe, quantise};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const MODELS: [&str; 6] = [
    "breast_cancer_logistic",
    "breast_cancer_mlp",
    "diabetes_linear",
    "digits_cnn",
    "digits_lenet",
    "digits_resnet",
];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name)
}

fn load(name: &str) -> (OnnxModel, InputData) {
    let model = OnnxModel::load(&folder(name).join("network.onnx"), &BTreeMap::new()).unwrap();
    (model, InputData::read(&folder(name).join("calibration.json")).unwrap())
}

fn search(name: &str, options: &CalibrationOptions) -> Result<Calibration, Error> {
    search_with(name, &RunArgs::default(), options)
}

fn search_with(
    name: &str,
    args: &RunArgs,
    options: &CalibrationOptions,
) -> Result<Calibration, Error> {
    let (model, data) = load(name);
    let settings = gen_settings(&model, args).unwrap();
    calibrate(&model, &settings, &data, options, &mut |_, _| {})
}

/// Largest |quantised − float| over all observations, by the interpreter alone.
fn largest_error(name: &str, settings: &Settings) -> f64 {
    let (model, data) = load(name);
    let graph = quantise(model.graph(), settings).unwrap();
    let mut worst = 0.0_f64;
    for inputs in data.observations(model.graph()).unwrap() {
        let float = model.graph().run(&inputs).unwrap();
        let values = graph.interpret(&graph.quantise_inputs(&inputs).unwrap().values).unwrap();
        for (id, float) in graph.outputs.iter().zip(&float) {
            let step = graph.tensors[id.0].step;
            for (&x, &f) in values[id.0].iter().zip(&float.data) {
                worst = worst.max((x as f64 * step - f64::from(f)).abs());
            }
        }
    }
    worst
}

#[test]
fn accuracy_errs_less_than_resources_which_cost_less() {
    for name in MODELS {
        let of = |target| search(name, &CalibrationOptions::aiming_at(target)).unwrap().chosen;
        let (cheap, exact) = (of(Target::Resources), of(Target::Accuracy));
        let errors = (largest_error(name, &cheap.settings), largest_error(name, &exact.settings));
        assert!(errors.1 < errors.0 / 4.0, "{name}: errors {errors:?}");
        assert!(cheap.cost.objective() <= exact.cost.objective(), "{name}");
    }
}

#[test]
fn calibrating_twice_gives_the_same() {
    let options = CalibrationOptions::aiming_at(Target::Accuracy);
    let [a, b] = [0, 1].map(|_| search("digits_cnn", &options).unwrap());
    assert_eq!(a.chosen.settings, b.chosen.settings);
    assert_eq!(a.tried.len(), b.tried.len());
}

#[test]
fn a_largest_error_is_kept_on_all_data_and_costs_no_more_than_it_must() {
    let mut last = f64::INFINITY;
    for limit in [1e-4, 3e-4, 1e-3, 1e-2] {
        let options = CalibrationOptions { max_error: Some(limit), ..Default::default() };
        let chosen = search("digits_cnn", &options).unwrap().chosen;
        let error = largest_error("digits_cnn", &chosen.settings);
        assert!(error <= limit, "{limit}: {error}");
        assert!((error - chosen.error).abs() < 1e-12, "{error} was reported as {}", chosen.error);
        assert!(chosen.cost.objective() <= last, "{limit} costs more than a smaller error");
        last = chosen.cost.objective();
    }
}

#[test]
fn an_error_out_of_reach_is_refused_with_what_can_be_had() {
    let options = CalibrationOptions { max_error: Some(1e-12), ..Default::default() };
    let text = search("digits_cnn", &options).unwrap_err().to_string();
    assert!(text.contains("the best reach") && text.contains("CPU seconds"), "{text}");
}

#[test]
fn every_metric_can_be_asked_for() {
    for (metric, limit) in
        [(Metric::Max, 1e-3), (Metric::Mean, 3e-4), (Metric::Relative, 1e-3), (Metric::Top1, 0.0)]
    {
        let options = CalibrationOptions { max_error: Some(limit), metric, ..Default::default() };
        let chosen = search("digits_cnn", &options).unwrap().chosen;
        assert!(chosen.error <= limit, "{metric:?}: {}", chosen.error);
    }
}

#[test]
fn limits_of_rows_and_memory_are_kept() {
    let free = search("digits_resnet", &CalibrationOptions::default()).unwrap().chosen;
    let options = CalibrationOptions { max_logrows: Some(free.plan.k - 1), ..Default::default() };
    assert!(search("digits_resnet", &options).unwrap().chosen.plan.k < free.plan.k);

    let gib = free.cost.prove_bytes / f64::from(1 << 30);
    let options = CalibrationOptions {
        target: Target::Accuracy,
        max_memory_gib: Some(gib),
        ..Default::default()
    };
    let bounded = search("digits_resnet", &options).unwrap().chosen;
    assert!(bounded.cost.prove_bytes <= free.cost.prove_bytes);

    let options = CalibrationOptions { max_memory_gib: Some(1e-6), ..Default::default() };
    let text = search("digits_resnet", &options).unwrap_err().to_string();
    assert!(text.contains("the least is"), "{text}");
}

#[test]
fn contradictions_are_refused() {
    let args = RunArgs { logrows: Some(9), ..RunArgs::default() };
    let options = CalibrationOptions { max_logrows: Some(8), ..Default::default() };
    let text = search_with("diabetes_linear", &args, &options).unwrap_err().to_string();
    assert!(text.contains("logrows is 9 but max-logrows is 8"), "{text}");
    for options in [
        CalibrationOptions { max_error: Some(f64::NAN), ..Default::default() },
        CalibrationOptions { max_error: Some(-1.0), ..Default::default() },
        CalibrationOptions { max_memory_gib: Some(0.0), ..Default::default() },
    ] {
        let text = search("diabetes_linear", &options).unwrap_err().to_string();
        assert!(text.contains("expected"), "{text}");
    }
}

#[test]
fn what_the_user_fixes_stays() {
    let args = RunArgs {
        input_scale: Some(9),
        bits: Some(14),
        logrows: Some(9),
        shift: Some(15),
        low_bits: Some(7),
        ..RunArgs::default()
    };
    for target in [Target::Resources, Target::Accuracy] {
        let options = CalibrationOptions::aiming_at(target);
        let chosen = search_with("digits_cnn", &args, &options).unwrap().chosen;
        let s = &chosen.settings;
        assert_eq!((s.bits, s.shift, s.low_bits, chosen.plan.k), (14, 15, 7, 9));
        assert_eq!(s.inputs[0].scale, Some(9));
        assert!(s.node_bits.is_empty(), "{:?}", s.node_bits);
    }
}

#[test]
fn single_nodes_have_bits_of_their_own() {
    let (model, _) = load("digits_cnn");
    let chosen =
        search("digits_cnn", &CalibrationOptions::aiming_at(Target::Resources)).unwrap().chosen;
    let steps = |settings: &Settings| -> BTreeMap<String, f64> {
        let graph = quantise(model.graph(), settings).unwrap();
        graph.tensors.iter().map(|t| (t.name.clone(), t.step)).collect()
    };
    let node = steps(&chosen.settings)
        .keys()
        .find(|name| name.contains("Conv") || name.contains("Relu"))
        .unwrap()
        .clone();
    let mut finer = chosen.settings.clone();
    let bits = finer.node_bits.get(&node).copied().unwrap_or(finer.bits);
    finer.node_bits.insert(node.clone(), bits + 2);
    let (before, after) = (steps(&chosen.settings), steps(&finer));
    assert!(after[&node] < before[&node] / 2.0, "{node}: {} to {}", before[&node], after[&node]);
    assert_eq!(after["input"], before["input"]);
}

#[test]
fn the_frontier_has_no_beaten_point_and_a_picture() {
    let options = CalibrationOptions::aiming_at(Target::Accuracy);
    let found = search("breast_cancer_mlp", &options).unwrap();
    let front = pareto::frontier(&found.tried);
    assert!(front.len() >= 3);
    for pair in front.windows(2) {
        assert!(pair[0].error > pair[1].error);
        assert!(pair[0].cost.prove_seconds <= pair[1].cost.prove_seconds);
    }
    for candidate in &found.tried {
        assert!(
            front.iter().any(|f| f.error <= candidate.error
                && f.cost.prove_seconds <= candidate.cost.prove_seconds)
        );
    }
}

#[test]
fn points_of_the_frontier_hold_on_all_data_over_the_whole_range() {
    let name = "digits_cnn";
    let options = CalibrationOptions::aiming_at(Target::Resources);
    let found = search(name, &options).unwrap();
    let (model, data) = load(name);
    let front = frontier(&model, &found, &data, &options, &mut |_, _| {}).unwrap();
    assert!(front.compared < front.observations, "the sample is all there is");
    assert_eq!(front.points[front.chosen].settings, found.chosen.settings);
    for point in &front.points {
        let error = largest_error(name, &point.settings);
        assert!((point.error - error).abs() <= 1e-12, "{} but {error}", point.error);
    }
    // The search itself was for low cost and leaves the accurate end out.
    let least = |all: &[Candidate]| all.iter().map(|c| c.error).fold(f64::INFINITY, f64::min);
    assert!(least(&front.points) < least(&found.tried) / 2.0);
    let svg = pareto::draw(&front, "a</title>b.onnx");
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    assert!(svg.contains("a&lt;/title&gt;b.onnx") && svg.contains("CPU seconds per proof"));
    let table = pareto::table(&front);
    assert_eq!(table.lines().count(), front.points.len() + 2);
    assert!(table.contains(&format!("over {} observations", front.observations)), "{table}");
}

#[test]
fn proof_and_key_bytes_are_those_of_the_files() {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    let (model, data) = load("breast_cancer_logistic");
    let chosen = search("breast_cancer_logistic", &Default::default()).unwrap().chosen;
    let point = pareto::point(&chosen);
    let compiled = provenn::compile_circuit(&model, &chosen.settings).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let srs = provenn::Srs::draw_insecure(compiled.params().k, &mut rng).unwrap();
    let key = provenn::setup(&compiled, &srs).unwrap();
    let inputs = data.first_observation(compiled.graph()).unwrap();
    let inputs = provenn::quantise_inputs(&compiled, &inputs).unwrap().values;
    let witness = provenn::gen_witness(&compiled, &inputs).unwrap();
    let proof = provenn::prove(&compiled, &key, &srs, &witness, &mut rng).unwrap();
    assert_eq!(proof.hex_proof.trim_start_matches("0x").len() / 2, point.proof_bytes);
    let folder = tempfile::TempDir::new().unwrap();
    key.write(&folder.path().join("pk.key")).unwrap();
    let file = std::fs::metadata(folder.path().join("pk.key")).unwrap().len() as usize;
    assert!(file >= point.key_bytes && file - point.key_bytes < 20_000, "{file}");
}

/// What calibration keeps, and what settings alone give.
#[test]
fn a_circuit_of_calibration_is_that_of_its_settings() {
    for (name, max_error) in
        [("breast_cancer_mlp", None), ("digits_cnn", None), ("diabetes_linear", Some(1e-2))]
    {
        let (model, data) = load(name);
        let options = CalibrationOptions { max_error, ..Default::default() };
        let found = search(name, &options).unwrap();
        let kept = found.compile_circuit().unwrap();
        let anew = provenn::compile_circuit(&model, &found.chosen.settings).unwrap();
        let folder = tempfile::TempDir::new().unwrap();
        let [kept, anew] = [("kept", kept), ("anew", anew)].map(|(file, circuit)| {
            let path = folder.path().join(file);
            provenn::write_compiled(&circuit, &path).unwrap();
            (
                std::fs::read(path).unwrap(),
                circuit.assignment().clone(),
                circuit.statement().clone(),
            )
        });
        assert!(kept == anew, "{name}");
        let kept = found.quantization_error(&model, &data, &mut |_, _| {}).unwrap();
        let anew =
            quantization_error(&model, &found.chosen.settings, &data, &mut |_, _| {}).unwrap();
        assert!(kept == anew, "{name}");
        // The settings' file too says what quantisation and planning give.
        let described = describe(model.graph(), found.chosen.settings.clone()).unwrap().0;
        assert_eq!(described, found.chosen.settings);
        assert_eq!(described.k, Some(found.compile_circuit().unwrap().params().k));
    }
}

#[test]
fn no_data_one_observation_and_constant_features() {
    let (model, data) = load("diabetes_linear");
    let settings = gen_settings(&model, &RunArgs::default()).unwrap();
    let run = |rows: Vec<Vec<f64>>| {
        let data = InputData { input_data: rows, ..data.clone() };
        calibrate(&model, &settings, &data, &CalibrationOptions::default(), &mut |_, _| {})
    };
    assert!(run(vec![]).unwrap_err().to_string().contains("got 0 lists"));
    assert!(run(vec![data.input_data[0].clone()]).unwrap().chosen.error < 1e-2);
    assert!(run(vec![vec![0.0; 10]; 3]).unwrap().chosen.error < 1e-2);
    assert!(run(vec![vec![f64::NAN; 10]]).unwrap_err().to_string().contains("NaN"));
    assert!(run(vec![vec![0.0; 9]]).unwrap_err().to_string().contains("expected 10"));
}
