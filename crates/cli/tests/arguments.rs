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
fn short_forms_and_lists() {
    let folder = proven();
    let at = folder.path();
    // A list is split; this model has no symbols, so that the second name is refused.
    let (_, error) = fails_with(at, "gen-settings -V batch_size=1,n=3 -O s.json");
    assert!(error.contains("symbol n"), "{error}");
    succeeds(at, "gen-settings -S 7 -K 11 -V batch_size=1 -O s.json");
    let settings: Value =
        serde_json::from_str(&std::fs::read_to_string(at.join("s.json")).unwrap()).unwrap();
    let args = &settings["run_args"];
    assert_eq!((&args["input_scale"], &args["logrows"]), (&7.into(), &11.into()));
    assert_eq!(args["variables"], serde_json::json!({ "batch_size": 1 }));
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
    let third = data["input_data"][2].to_string();
    succeeds(at, &format!("gen-witness -D [{third}] -O w.json"));
    let read = |name: &str| std::fs::read_to_string(at.join(name)).unwrap();
    assert_eq!(read("w2.json"), read("w.json"));
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
        ("get-srs --srs-path s", "gen-srs --logrows"),
        ("get-srs --srs-path s --from absent.srs", "you have downloaded"),
        ("get-srs --srs-path s --from vk.key", "halo2's raw format"),
        ("get-srs --srs-path s --from kzg.srs -K 20", "larger file"),
        ("get-srs --srs-path s --cache absent -K 20", "download"),
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
