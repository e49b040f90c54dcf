//! Files that are missing, in the wrong place or cannot be written.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use support::{fails, proven, succeeds};

/// Every reader, with its file's flag, and the step that makes the file.
const READERS: [(&str, &str, &str); 15] = [
    ("calibrate-settings", "-S", "gen-settings"),
    ("compile-circuit", "-S", "gen-settings"),
    ("setup", "--compiled-circuit", "compile-circuit"),
    ("setup", "--srs-path", "srs"),
    ("gen-witness", "--compiled-circuit", "compile-circuit"),
    ("mock", "--compiled-circuit", "compile-circuit"),
    ("mock", "-W", "gen-witness"),
    ("prove", "--compiled-circuit", "compile-circuit"),
    ("prove", "-W", "gen-witness"),
    ("prove", "--pk-path", "setup"),
    ("prove", "--srs-path", "srs"),
    ("inspect", "--compiled-circuit", "compile-circuit"),
    ("verify --allow-insecure-srs", "--proof-path", "prove"),
    ("verify --allow-insecure-srs", "--vk-path", "setup"),
    ("verify --allow-insecure-srs", "--srs-path", "srs"),
];

#[test]
fn a_missing_file_is_named_with_the_step_that_makes_it() {
    let folder = proven();
    for (command, flag, step) in READERS {
        let error = fails(folder.path(), &format!("{command} {flag} absent.file"));
        assert!(
            error.contains("absent.file") && error.contains(step),
            "{command} {flag}: expected {step} in: {error}"
        );
    }
}

#[test]
fn any_artefact_in_any_other_place_is_named() {
    let folder = proven();
    let files = [
        "settings.json",
        "model.compiled",
        "kzg.srs",
        "vk.key",
        "pk.key",
        "witness.json",
        "proof.json",
        "input.json",
        "network.onnx",
    ];
    let own = |flag: &str| match flag {
        "-S" => "settings.json",
        "--compiled-circuit" => "model.compiled",
        "--srs-path" => "kzg.srs",
        "--vk-path" => "vk.key",
        "--pk-path" => "pk.key",
        "-W" => "witness.json",
        _ => "proof.json",
    };
    let mut seen = std::collections::BTreeSet::new();
    for (command, flag, _) in READERS {
        if !seen.insert(flag) {
            continue; // one reader per kind of file
        }
        for file in files.into_iter().filter(|file| *file != own(flag)) {
            let error = fails(folder.path(), &format!("{command} {flag} {file}"));
            assert!(error.contains(file), "{command} {flag} {file}: {error}");
        }
    }
}

#[test]
fn outputs_that_cannot_be_written_are_named_and_nothing_is_left() {
    let folder = proven();
    let at = folder.path();
    std::fs::create_dir(at.join("folder")).unwrap();
    let before = names(at);
    for command in [
        "gen-settings -O",
        "compile-circuit --compiled-circuit",
        "gen-srs --logrows 5 --srs-path",
        "setup --vk-path",
        "setup --pk-path",
        "gen-witness -O",
        "prove --proof-path",
        "inspect --svg",
        "gen-random-data -D",
    ] {
        for target in ["folder", "nowhere/file"] {
            let error = fails(at, &format!("{command} {target}"));
            assert!(error.contains(target), "{command} {target}: {error}");
            assert!(!error.contains(".provenn-"), "{command} {target}: {error}");
            assert_eq!(error.matches(&format!("{target}: ")).count(), 1, "{error}");
        }
    }
    assert_eq!(names(at), before);
    assert_eq!(names(&at.join("folder")), Vec::<String>::new());
    succeeds(at, "mock");
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn settings_of_another_model_are_refused() {
    let folder = proven();
    let other = support::models().join("breast_cancer_logistic/network.onnx");
    for command in ["compile-circuit", "calibrate-settings -D calibration.json"] {
        let error = fails(folder.path(), &format!("{command} -M {}", other.display()));
        assert!(error.contains("settings") && error.contains("model"), "{command}: {error}");
        assert!(!error.contains("calibration.json"), "{command}: {error}");
        assert!(error.contains("settings.json"), "{command}: {error}");
    }
}

/// What readers would not agree on, and what some would not see, is refused.
#[test]
fn files_mean_one_thing() {
    let folder = proven();
    let at = folder.path();
    let read = |name: &str| std::fs::read_to_string(at.join(name)).unwrap();
    let write = |name: &str, text: &str| std::fs::write(at.join(name), text).unwrap();
    let (settings, proof, witness) =
        (read("settings.json"), read("proof.json"), read("witness.json"));
    let twice =
        settings.replacen("\"input\": {", "\"input\": {\"lo\": 0, \"hi\": 1}, \"input\": {", 1);
    write("twice.json", &twice);
    let knob = settings.replacen("\"shift\": ", "\"shift\": 14, \"shift\": ", 1);
    assert_ne!(knob, settings);
    write("knob.json", &knob);
    // The values of the fields alone, in their order.
    let list = |text: &str, order: &[&str]| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let list: Vec<_> = order.iter().map(|key| value[*key].clone()).collect();
        serde_json::json!(list).to_string()
    };
    let fields = [
        "version",
        "vk_digest",
        "instances",
        "pretty_public_inputs",
        "hex_proof",
        "quotient_blinded",
    ];
    write("list.json", &list(&proof, &fields));
    let mut inner: serde_json::Value = serde_json::from_str(&proof).unwrap();
    let shown = &mut inner["pretty_public_inputs"];
    *shown = serde_json::json!([shown["inputs"], shown["outputs"]]);
    write("inner.json", &inner.to_string());
    let fields = ["inputs", "outputs", "pretty_inputs", "pretty_outputs", "compiled_digest"];
    write("witnesses.json", &list(&witness, &fields));
    write("data.json", "{\"input_data\": [[1]], \"input_data\": [[1,2,3,4,5,6,7,8,9,10]]}");
    write(
        "names.jsonl",
        "{\"input_data\": {\"input\": [1,2,3,4,5,6,7,8,9,10]}}\n[[1,2,3,4,5,6,7,8,9,10]]",
    );
    let mut array = b"\x93NUMPY\x01\x00\x46\x00".to_vec();
    array.extend(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 10)}           \n");
    array.extend([0; 80]);
    std::fs::write(at.join("whole.npy"), &array).unwrap();
    succeeds(at, "gen-witness -D whole.npy -O w.json");
    array.extend([0; 3]);
    std::fs::write(at.join("more.npy"), &array).unwrap();
    for (arguments, expected) in [
        (
            "compile-circuit -S twice.json -O c",
            "twice.json: the settings cannot be read (`input` stands there twice",
        ),
        ("verify --allow-insecure-srs -S twice.json", "twice"),
        ("compile-circuit -S knob.json -O c", "duplicate field `shift`"),
        ("compile-circuit -S list.json -O c", "no JSON object"),
        ("verify --allow-insecure-srs --proof-path list.json", "expected an object"),
        ("verify --allow-insecure-srs --proof-path inner.json", "expected an object"),
        ("mock -W witnesses.json", "expected an object"),
        ("gen-witness -D data.json -O w.json", "`input_data` stands there twice"),
        ("gen-witness -D names.jsonl -O w.json", "line 2: its inputs have other names"),
        ("gen-witness -D more.npy -O w.json", "3 bytes after its last value"),
    ] {
        let error = fails(at, arguments);
        assert!(error.contains(expected), "{arguments}: {error}");
    }
    // A witness that claims another output; the file and the reason are said once.
    let mut forged: serde_json::Value = serde_json::from_str(&witness).unwrap();
    forged["outputs"][0][0] = serde_json::json!(7);
    write("forged.json", &forged.to_string());
    for command in ["mock", "prove --proof-path p.json"] {
        let error = fails(at, &format!("{command} -W forged.json"));
        assert!(error.contains("output 0 is not what the model gives"), "{error}");
        assert_eq!(error.matches("witness:").count(), 1, "{error}");
    }
}

#[test]
fn one_json_object_per_line_on_request() {
    let folder = proven();
    let at = folder.path();
    for arguments in [
        "table",
        "gen-settings -O s.json",
        "calibrate-settings -S s.json",
        "compile-circuit -S s.json --compiled-circuit c",
        "gen-srs --logrows 5 --srs-path other.srs",
        "setup --vk-path v --pk-path p",
        "gen-witness -O w.json",
        "mock",
        "prove --proof-path p.json",
        "verify --allow-insecure-srs",
        "verify",
        "inspect",
        "gen-random-data -D r.json",
        "run --out o",
        "run --out o -D absent.json",
    ] {
        let output = support::provenn(at, &format!("--json {arguments}"));
        let lines = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(lines.iter().any(|text| !text.is_empty()), "{arguments} says nothing");
        for line in lines.iter().flat_map(|text| text.lines()) {
            let value: Result<serde_json::Value, _> = serde_json::from_str(line);
            assert!(value.is_ok_and(|v| v.is_object()), "{arguments}: {line}");
        }
    }
}
