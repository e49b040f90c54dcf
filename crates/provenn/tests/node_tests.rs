//! The ONNX project's own tests of single operators: each gives the test's values or is refused by name; none is
//! wrong, none fails. The page of the book that lists them is generated here: a difference fails until `just bless`
//! rewrites it. `NODE_TESTS=softmax,norm` runs those whose names contain a text and prints what becomes of each.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a test reports by panicking

mod archive;

use archive::Archive;
use provenn::{CompiledCircuit, InputData, PlanOptions, RunArgs, Tensor};
use provenn_fixed_point::{calibrate, generate_settings, quantise};
use provenn_onnx_ir::{ImportError, ImportOptions, load_bytes};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// One of so many tests goes on into a circuit that its witness must satisfy; the others end with the quantised
/// model's outputs, since cases of `models/ops` show as much of every operator.
const INTO_CIRCUITS: usize = 8;

/// An output may be off by this part of its largest value, or of 1.
const TOLERANCE: f64 = 0.01;

struct Case {
    name: String,
    operator: String,
    opset: u64,
    /// Why it is none of inference over number tensors with static shapes; or empty.
    outside: String,
    model: Vec<u8>,
    inputs: Vec<Vec<f64>>,
    outputs: Vec<Vec<f64>>,
}

enum State {
    Accepted,
    Refused(String),
    Wrong(String),
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// Numbers; those that are not finite are written as text.
fn lists(value: &Value) -> Vec<Vec<f64>> {
    let number = |x: &Value| x.as_f64().or_else(|| x.as_str()?.parse().ok()).unwrap();
    let list = |list: &Value| list.as_array().unwrap().iter().map(number).collect();
    value.as_array().unwrap().iter().map(list).collect()
}

fn cases() -> Vec<Case> {
    let mut archive = Archive::open(&file("models/node_tests.zip"));
    let listed: Value = serde_json::from_slice(&archive.read("tests.json")).unwrap();
    let names = listed.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned());
    names
        .map(|name| {
            let case: Value =
                serde_json::from_slice(&archive.read(&format!("{name}.json"))).unwrap();
            Case {
                operator: case["operator"].as_str().unwrap().to_owned(),
                opset: case["opset"].as_u64().unwrap(),
                outside: case["outside"].as_str().unwrap().to_owned(),
                model: archive.read(&format!("{name}.onnx")),
                inputs: lists(&case["inputs"]),
                outputs: lists(&case["outputs"]),
                name,
            }
        })
        .collect()
}

/// Whether outputs are those of the test.
fn close(got: &[Tensor], wanted: &[Vec<f64>]) -> Result<(), String> {
    if got.len() != wanted.len() {
        return Err(format!("{} outputs of {}", got.len(), wanted.len()));
    }
    for (got, wanted) in got.iter().zip(wanted) {
        if got.data.len() != wanted.len() {
            return Err(format!("{} elements of {}", got.data.len(), wanted.len()));
        }
        let largest = wanted.iter().fold(1.0, |most: f64, x| most.max(x.abs()));
        for (got, wanted) in got.data.iter().zip(wanted) {
            let off = (f64::from(*got) - wanted).abs();
            // Not a number is within nothing.
            if off.is_nan() || off > TOLERANCE * largest {
                return Err(format!("{got} instead of {wanted}"));
            }
        }
    }
    Ok(())
}

/// A reason without the names of nodes that spell an operator out, which are made of the test's.
fn plain(reason: &str) -> String {
    let word = |word: &str| {
        let (mark, rest) = word.split_once("_function_").unwrap_or(("", word));
        format!("{}{rest}", if mark.starts_with('`') { "`" } else { "" })
    };
    reason.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// What becomes of a test at the usual precision, or at a finer one: calibration would find which is needed.
fn state(case: &Case, into_circuit: bool) -> State {
    match with(case, &RunArgs::default(), into_circuit) {
        State::Wrong(_) => {
            let fine = RunArgs { bits: Some(20), shift: Some(18), ..RunArgs::default() };
            with(case, &fine, into_circuit)
        }
        state => state,
    }
}

/// What becomes of a test; the text of a refusal says what is missing.
fn with(case: &Case, run_args: &RunArgs, into_circuit: bool) -> State {
    let graph = match load_bytes(&case.model, &ImportOptions::default()) {
        Ok(graph) => graph,
        Err(ImportError::Unsupported { operators }) => {
            let first = operators.first().unwrap();
            return State::Refused(format!("{}: {}", first.op, first.reason));
        }
        Err(error) => return State::Refused(error.to_string()),
    };
    let refused = |error: &dyn std::fmt::Display| State::Refused(error.to_string());
    let data = InputData::new(case.inputs.clone());
    let data = match data.observations(&graph) {
        Ok(data) => data,
        Err(error) => return refused(&error),
    };
    match graph.run(&data[0]) {
        Ok(float) => {
            if let Err(how) = close(&float, &case.outputs) {
                return State::Wrong(format!("float reference: {how}"));
            }
        }
        Err(error) => return refused(&error),
    }
    let settings = generate_settings(&graph, run_args, "test")
        .map_err(|error| error.to_string())
        .and_then(|s| calibrate(&graph, &s, &data).map_err(|error| error.to_string()));
    let settings = match settings {
        Ok(settings) => settings,
        Err(error) => return State::Refused(error),
    };
    let quantised = match quantise(&graph, &settings) {
        Ok(quantised) => quantised,
        Err(error) => return refused(&error),
    };
    let inputs = match quantised.quantise_inputs(&data[0]) {
        Ok(inputs) => inputs.values,
        Err(error) => return refused(&error),
    };
    let values = match quantised.interpret(&inputs) {
        Ok(values) => values,
        Err(error) => return refused(&error),
    };
    let got = quantised.dequantise(&quantised.outputs(&values));
    if let Err(how) = close(&got, &case.outputs) {
        return State::Wrong(how);
    }
    if into_circuit {
        let compiled = match CompiledCircuit::compile(quantised, &PlanOptions::default()) {
            Ok(compiled) => compiled,
            Err(error) => return refused(&error),
        };
        let satisfied = provenn::gen_witness(&compiled, &inputs)
            .and_then(|witness| provenn::mock(&compiled, &witness));
        if let Err(error) = satisfied {
            return State::Wrong(error.to_string());
        }
    }
    State::Accepted
}

fn said(state: &State) -> String {
    match state {
        State::Accepted => "accepted".to_owned(),
        State::Refused(why) => format!("refused: {why}"),
        State::Wrong(how) => format!("WRONG: {how}"),
    }
}

/// What of a version of an operator is accepted, and why the rest is not.
#[derive(Default)]
struct Row {
    accepted: Vec<String>,
    refused: BTreeMap<String, Vec<String>>,
}

/// How many tests there are, how many of them accepted.
#[derive(Default)]
struct Count {
    all: usize,
    accepted: usize,
}

fn page(rows: &BTreeMap<(String, u64), Row>, counts: &BTreeMap<&str, Count>) -> String {
    let Count { all, accepted } = counts[""];
    let mut text = format!(
        "# Conformance\n\nOf the ONNX project's tests of single operators, as its package of Python has them (`models/node_tests.py`), {all} are of inference over number tensors with static shapes.\n{accepted} of them ({:.1} %) are accepted and give the test's values, within 1 % of the largest or of 1; {} are refused, for the reason that is given; none is wrong. A test makes this page and compares it.\nWeights, and inputs that say a shape, are constants as exporters have them; names that end in `expanded` are an operator spelt out in others.\n\nOthers are run as well:\n\n| | tests | accepted |\n|---|---:|---:|\n",
        percent(accepted, all),
        all - accepted,
    );
    for (outside, Count { all, accepted }) in counts.iter().skip(1) {
        writeln!(text, "| {outside} | {all} | {accepted} |").unwrap();
    }
    let mut operator = "";
    for ((name, opset), row) in rows {
        if name != operator {
            operator = name;
            write!(text, "\n## {name}\n\n").unwrap();
        }
        if !row.accepted.is_empty() {
            writeln!(text, "* operator set {opset}: {}", row.accepted.join(", ")).unwrap();
        }
        for (reason, tests) in &row.refused {
            writeln!(text, "* operator set {opset}, refused ({reason}): {}", tests.join(", "))
                .unwrap();
        }
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn percent(part: usize, of: usize) -> f64 {
    100.0 * part as f64 / of as f64
}

#[test]
fn tests_of_single_operators_are_accepted_or_refused_by_name() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut cases = cases();
    let only = std::env::var("NODE_TESTS").ok();
    if let Some(only) = &only {
        cases.retain(|case| only.split(',').any(|part| case.name.contains(part)));
    }
    let results: Vec<(State, &Case)> = cases
        .par_iter()
        .enumerate()
        .map(|(at, case)| {
            let judge = AssertUnwindSafe(|| state(case, at % INTO_CIRCUITS == 0));
            let state = catch_unwind(judge).unwrap_or_else(|_| State::Wrong("a panic".to_owned()));
            (state, case)
        })
        .collect();
    let _ = std::panic::take_hook();
    let mut wrong = vec![];
    let mut rows: BTreeMap<(String, u64), Row> = BTreeMap::new();
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for (state, case) in results {
        let row = rows.entry((case.operator.clone(), case.opset)).or_default();
        let name = format!("`{}`", case.name.trim_start_matches("test_"));
        if only.is_some() {
            println!("{name} {}", said(&state));
        }
        let count = counts.entry(&case.outside).or_default();
        count.all += 1;
        count.accepted += usize::from(matches!(state, State::Accepted));
        match state {
            State::Accepted => row.accepted.push(name),
            State::Refused(reason) => row.refused.entry(plain(&reason)).or_default().push(name),
            State::Wrong(how) => wrong.push(format!("{}: {how}", case.name)),
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    if only.is_some() {
        return;
    }
    let (page, path) = (page(&rows, &counts), file("docs/src/conformance.md"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, page).unwrap();
        return;
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    let differs = page.lines().zip(known.lines()).find(|(new, old)| new != old);
    assert!(page == known, "{differs:?}\nif this is meant, run `just bless`");
}
