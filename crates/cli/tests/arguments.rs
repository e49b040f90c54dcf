//! Names and forms of arguments, exit codes, help, manual and completions.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use serde_json::Value;
use std::path::Path;
use support::{VERIFY, fails_with, proven, provenn, succeeds};
use tempfile::TempDir;

#[test]
fn exit_codes_tell_what_is_wrong() {
    let folder = proven();
    let at = folder.path();
    let verify = format!("{VERIFY} --allow-insecure-srs");
    let code = |arguments: &str| provenn(at, arguments).status.code();
    assert_eq!(code(&verify), Some(0));
    let honest = std::fs::read_to_string(at.join("proof.json")).unwrap();
    // One digit of the proof itself, after its first group elements.
    let digit = honest.find("0x").unwrap() + 2 + 64 * 12;
    let mut forged = honest.clone().into_bytes();
    forged[digit] = if forged[digit] == b'0' { b'1' } else { b'0' };
    std::fs::write(at.join("proof.json"), forged).unwrap();
    assert_eq!(fails_with(at, &verify).0, 1);
    std::fs::write(at.join("proof.json"), &honest[..honest.len() / 2]).unwrap();
    assert_eq!(fails_with(at, &verify).0, 3);
    std::fs::write(at.join("proof.json"), honest.replacen("\"version\": ", "\"version\": 1", 1))
        .unwrap();
    let (found, error) = fails_with(at, &verify);
    assert!(found == 3 && error.contains("has version 1"), "{error}");
    std::fs::write(at.join("proof.json"), &honest).unwrap();
    // Another key: the proof is not for it. A key of another srs: nothing was looked at.
    succeeds(at, "run --out other");
    assert_eq!(fails_with(at, &verify.replace("vk.key", "other/vk.key")).0, 1);
    assert_eq!(fails_with(at, &verify.replace("kzg.srs", "other/kzg.srs")).0, 3);
    assert_eq!(fails_with(at, &verify.replace("settings.json", "other/settings.json")).0, 1);
    assert_eq!(fails_with(at, &verify.replace("proof.json", "other/proof.json")).0, 1);
    assert_eq!(fails_with(at, &verify.replace("proof.json", "witness.json")).0, 3);
    assert_eq!(fails_with(at, VERIFY).0, 3, "an srs that is not trusted says nothing of the proof");
    assert_eq!(fails_with(at, "verify --vk-path absent.key --allow-insecure-srs").0, 3);
    assert_eq!(fails_with(at, "gen-witness -M absent.compiled").0, 3);
    assert_eq!(fails_with(at, "gen-witness --index 7").0, 2);
    for usage in ["prove --no-such-flag", "no-such-command", "", "gen-srs", "mock -v -q"] {
        assert_eq!(code(usage), Some(2), "{usage}");
    }
    let help = succeeds(at, "--help");
    for line in ["0    done", "1    the proof is not valid", "2    the arguments", "3    a file"] {
        assert!(help.contains(line), "{line} is not in: {help}");
    }
}

#[test]
fn the_compiled_circuit_has_one_name_everywhere() {
    let folder = proven();
    let at = folder.path();
    std::fs::rename(at.join("model.compiled"), at.join("c")).unwrap();
    for (command, rest) in [
        ("setup", "--vk-path v --pk-path p"),
        ("gen-witness", "-O w.json"),
        ("mock", ""),
        ("prove", "--proof-path q.json"),
        ("inspect", ""),
        ("get-srs", "--from kzg.srs --srs-path s.srs"),
    ] {
        for name in ["-M", "--model", "--compiled-circuit"] {
            succeeds(at, &format!("{command} {name} c {rest}"));
        }
    }
}

#[test]
fn a_file_without_a_name_is_a_wrong_argument() {
    let folder = TempDir::new().unwrap();
    for arguments in
        ["gen-settings --settings-path=", "prove --witness=", "gen-random-data --data="]
    {
        assert_eq!(provenn(folder.path(), arguments).status.code(), Some(2), "{arguments}");
    }
}

#[test]
fn short_forms_and_lists() {
    let folder = proven();
    let at = folder.path();
    let symbols = support::onnx::model(&[("Relu", "r")], Some(&["batch_size", "n"]));
    std::fs::write(at.join("symbols.onnx"), symbols).unwrap();
    let error = fails_with(at, "gen-settings -M symbols.onnx").1;
    assert!(error.contains("-V n=VALUE,"), "{error}");
    let (code, error) = fails_with(at, "gen-settings -M symbols.onnx -V n=3,m=1");
    assert!(code == 2 && error.contains("symbols are batch_size, n"), "{error}");
    succeeds(at, "gen-settings -M symbols.onnx -S 7 -K 11 -V batch_size=1,n=3 -O s.json");
    let settings: Value =
        serde_json::from_str(&std::fs::read_to_string(at.join("s.json")).unwrap()).unwrap();
    let args = &settings["run_args"];
    assert_eq!((&args["input_scale"], &args["logrows"]), (&7.into(), &11.into()));
    assert_eq!(args["variables"], serde_json::json!({ "batch_size": 1, "n": 3 }));
    succeeds(at, "gen-settings -O s.json");
    let said =
        succeeds(at, "--json calibrate-settings -O s.json --scales 6,9,12 --target accuracy");
    let chosen: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let settings: Value =
        serde_json::from_str(&std::fs::read_to_string(at.join("s.json")).unwrap()).unwrap();
    assert_eq!(settings["run_args"]["input_scale"], 12, "{chosen}");
    // The settings say how many rows there will be: compiling agrees.
    let compiled = succeeds(at, "compile-circuit -S s.json -O c");
    assert!(compiled.ends_with(&format!("k = {}\n", settings["k"])), "{compiled}");
    succeeds(at, "get-srs -S settings.json --from kzg.srs --srs-path other.srs");

    succeeds(at, "gen-random-data -D r.json --min 3 --max 4 --observations 3");
    let data: Value =
        serde_json::from_str(&std::fs::read_to_string(at.join("r.json")).unwrap()).unwrap();
    let values = data["input_data"].as_array().unwrap().iter().flat_map(|l| l.as_array().unwrap());
    let values: Vec<f64> = values.map(|v| v.as_f64().unwrap()).collect();
    assert_eq!(values.len(), 30);
    assert!(values.iter().all(|v| (3.0..4.0).contains(v)), "{values:?}");
    succeeds(at, "gen-witness -D r.json --index 2 -O w2.json");
    succeeds(at, "gen-random-data -D r.jsonl --min 3 --max 4 --observations 3");
    assert_eq!(std::fs::read_to_string(at.join("r.jsonl")).unwrap().lines().count(), 3);
    succeeds(at, "gen-witness -D r.jsonl --index 2 -O w3.json");
    let third = data["input_data"][2].to_string();
    succeeds(at, &format!("gen-witness -D [{third}] -O w.json"));
    let read = |name: &str| std::fs::read_to_string(at.join(name)).unwrap();
    assert_eq!(read("w2.json"), read("w.json"));
    assert_eq!(read("w3.json"), read("w.json"));
}

/// Commands that only read a model take nothing that shapes circuits.
#[test]
fn what_has_no_effect_is_no_argument() {
    let folder = proven();
    let at = folder.path();
    for command in ["table", "gen-random-data -D r.json"] {
        for argument in ["--bits 12", "-S 7", "-K 9", "--two-phases", "--input-visibility private"]
        {
            let (code, error) = fails_with(at, &format!("{command} {argument}"));
            assert!(code == 2 && error.contains("unexpected argument"), "{command}: {error}");
        }
    }
}

#[test]
fn numbers_out_of_range_are_wrong_arguments() {
    let folder = proven();
    let at = folder.path();
    for (arguments, expected) in [
        ("gen-settings -S 99", "-20..=24"),
        ("gen-settings --output-scale 99", "-20..=24"),
        ("gen-settings --bits 0", "4..=24"),
        ("gen-settings --shift 99", "1..=30"),
        ("gen-settings --low-bits 99", "1..=16"),
        ("gen-settings -V n=0", "positive integer"),
        ("gen-settings -V n=2,n=3", "two values"),
        ("gen-settings -V batch=2", "the model has no symbols"),
        ("table -V n=3", "the model has no symbols"),
        ("run -V n=3", "the model has no symbols"),
        ("calibrate-settings --bits 40", "4..=24"),
        ("calibrate-settings --scales 7,99", "-20..=24"),
        ("calibrate-settings --max-error=-1", "0 or more"),
        ("calibrate-settings --max-memory 0", "positive"),
        ("calibrate-settings -K 7 --max-logrows 6", "drop one"),
        ("gen-srs -K 0", "1..=26"),
        ("get-srs -K 27", "1..=26"),
        ("gen-witness -D @", "names no file"),
        ("gen-witness -D 1,2,3", "[[1,2,3]]"),
        ("run --out -", "folder"),
        ("prove --prover stock --max-memory 1", "drop one"),
        ("gen-random-data -D r.npz", ".jsonl"),
        ("gen-random-data -D r.json --observations 0", "at least 1"),
        ("gen-random-data -D r.json --min 1 --max 1", "below"),
    ] {
        let (code, error) = fails_with(at, arguments);
        assert!(code == 2 && error.contains(expected), "{arguments}: {code} {error}");
    }
    let error = fails_with(at, "calibrate-settings --max-logrows 4").1;
    assert!(error.contains("the least is") && !error.contains("calibration.json"), "{error}");
    let error = fails_with(at, "gen-witness -D absent.json").1;
    assert!(error.contains("absent.json") && error.contains("gen-random-data"), "{error}");
}

#[test]
fn quiet_and_verbose() {
    let folder = proven();
    let at = folder.path();
    let output = provenn(at, "-q gen-witness -D [[9,9,9,9,9,9,9,9,9,9]]");
    assert!(output.status.success());
    assert_eq!((output.stdout, output.stderr), (vec![], vec![]));
    let output = provenn(at, "mock -v");
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("peak memory"), "{text}");
}

#[test]
fn where_an_srs_comes_from_is_said_without_a_circle() {
    let folder = proven();
    let at = folder.path();
    for (arguments, expected) in [
        ("get-srs --srs-path s --cache absent --offline", "gen-srs --logrows"),
        ("get-srs --srs-path s --from absent.srs", "you have downloaded"),
        ("get-srs --srs-path s --from vk.key", "halo2's raw format"),
        ("get-srs --srs-path s --from kzg.srs -K 20", "larger file"),
        ("get-srs --srs-path s --cache absent --offline -K 20", "download"),
        ("get-srs --srs-path s --from kzg.srs -M absent", "--logrows"),
    ] {
        let (code, error) = fails_with(at, arguments);
        assert!(code == 3 && error.contains(expected), "{arguments}: {error}");
        assert!(!error.contains("get-srs"), "{arguments}: {error}");
    }
}

/// Every command by its line in the help.
fn commands(at: &Path) -> Vec<String> {
    let help = succeeds(at, "--help");
    let section =
        help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap().to_owned();
    let names = section.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_argument_is_described_and_the_book_shows_the_help() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let commands = commands(at);
    assert!(commands.len() > 15, "{commands:?}");
    let mut reference = String::from(HEAD);
    let help = succeeds(at, "--help");
    reference += &format!("```text\n{}\n```\n", help.trim_end());
    for command in &commands {
        let help = succeeds(at, &format!("{command} -h"));
        reference += &format!("\n## {command}\n\n```text\n{}\n```\n", help.trim_end());
        for line in help.split("Options:\n").nth(1).unwrap().lines() {
            let words: Vec<&str> = line.split("  ").filter(|part| !part.is_empty()).collect();
            let described = words.len() > 1 || !line.trim_start().starts_with('-');
            assert!(described, "{command}: no description in: {line}");
        }
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/commands.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&page, &reference).unwrap();
    }
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page == reference, "docs/src/commands.md differs from the help: run `just bless`");
}

const HEAD: &str = "# Commands\n\nWhat `provenn --help` and `provenn COMMAND -h` say; `just bless` writes this page. `provenn man` writes manual pages,\n`provenn completions SHELL` prints completions. What JSON files are read or written may be `-`, standard input or output; what `-D`\ntakes may be the numbers themselves, as in `-D '[[1, 2, 3]]'`.\n\n";

#[test]
fn manual_and_completions_know_every_command() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    succeeds(at, "man --out pages");
    for command in commands(at) {
        let page = std::fs::read_to_string(at.join(format!("pages/provenn-{command}.1"))).unwrap();
        assert!(page.contains(".SH OPTIONS") || command == "completions", "{command}: {page}");
        for shell in ["bash", "zsh", "fish"] {
            let text = succeeds(at, &format!("completions {shell}"));
            assert!(text.contains(&command), "{shell}: {command}");
        }
    }
    let page = std::fs::read_to_string(at.join("pages/provenn.1")).unwrap();
    assert!(page.contains("the proof is not valid"), "{page}");
}
