//! Where files go: links, pipes, modes, standard input and output, and what is not replaced.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::fs;
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use support::{VERIFY, fails_with, proven, succeeds};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn links_stay_links_and_modes_are_kept() {
    let folder = proven();
    let at = |name: &str| folder.path().join(name);
    for secret in ["witness.json", "pk.key"] {
        assert_eq!(mode(&at(secret)), 0o600, "{secret}");
    }
    // A link to a file, one to nothing yet, and one through another folder.
    fs::create_dir(at("elsewhere")).unwrap();
    fs::copy(at("witness.json"), at("elsewhere/w.json")).unwrap();
    set_mode(&at("elsewhere/w.json"), 0o640);
    symlink("elsewhere/w.json", at("link.json")).unwrap();
    symlink("elsewhere/new.json", at("dangling.json")).unwrap();
    symlink("dangling.json", at("twice.json")).unwrap();
    fs::write(at("elsewhere/w.json"), fs::read(at("witness.json")).unwrap()).unwrap();
    let before = fs::metadata(at("elsewhere/w.json")).unwrap().ino();
    for link in ["link.json", "twice.json"] {
        succeeds(folder.path(), &format!("gen-witness -O {link}"));
        assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
    }
    assert_ne!(fs::metadata(at("elsewhere/w.json")).unwrap().ino(), before, "it is made anew");
    assert_eq!(mode(&at("elsewhere/w.json")), 0o640);
    assert_eq!(mode(&at("elsewhere/new.json")), 0o600);
    assert!(fs::symlink_metadata(at("dangling.json")).unwrap().is_symlink());
    // A folder of links, as some people keep their artefacts.
    set_mode(&at("witness.json"), 0o644);
    succeeds(folder.path(), "gen-witness");
    assert_eq!(mode(&at("witness.json")), 0o644);
}

#[test]
fn a_pipe_is_written_through_and_stays_a_pipe() {
    let folder = proven();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for (arguments, expected) in [
        ("gen-witness -O pipe", "\"pretty_outputs\""),
        ("prove --proof-path pipe", "\"hex_proof\""),
        ("setup --vk-path pipe --pk-path p.key", "PROVENN"),
    ] {
        let reader = pipe.clone();
        let reading = std::thread::spawn(move || fs::read(reader).unwrap());
        succeeds(folder.path(), arguments);
        let text = String::from_utf8_lossy(&reading.join().unwrap()).into_owned();
        assert!(text.contains(expected), "{arguments}: {text}");
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo(), "{arguments}");
    }
}

/// Root may write every file: a mode that lets nobody write is kept to all the same.
#[test]
fn a_file_that_nobody_may_write_is_kept() {
    let folder = proven();
    let at = folder.path();
    succeeds(at, "run --out out");
    succeeds(at, "inspect --svg layout.svg");
    succeeds(at, "gen-random-data -D r.json");
    succeeds(at, "export-verifier");
    for (arguments, file) in [
        ("gen-settings", "settings.json"),
        ("calibrate-settings", "settings.json"),
        ("compile-circuit", "model.compiled"),
        ("gen-srs -K 5 --force", "kzg.srs"),
        ("get-srs -K 5 --from other.srs --force", "kzg.srs"),
        ("setup", "pk.key"),
        ("setup", "vk.key"),
        ("gen-witness", "witness.json"),
        ("prove", "proof.json"),
        ("inspect --svg layout.svg", "layout.svg"),
        ("gen-random-data -D r.json", "r.json"),
        ("run --out out", "out/proof.json"),
        ("export-verifier", "verifier/settings.json"),
    ] {
        if arguments.starts_with("get-srs") {
            succeeds(at, "gen-srs -K 9 --srs-path other.srs");
        }
        let (path, before) = (at.join(file), fs::read(at.join(file)).unwrap());
        let kept = mode(&path);
        set_mode(&path, 0o444);
        let (code, error) = fails_with(at, arguments);
        assert!(code == 3 && error.contains(file) && error.contains("denied"), "{error}");
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (before, 0o444), "{arguments}");
        set_mode(&path, kept);
    }
}

/// What is read at several places is no pipe; nothing waits for one that nobody writes.
#[test]
fn a_pipe_is_read_through_or_refused() {
    let folder = proven();
    let at = folder.path();
    let pipe = at.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for arguments in [
        "inspect -M pipe",
        "setup --srs-path pipe",
        "get-srs -K 5 --from pipe --srs-path s.srs",
        "prove --pk-path pipe",
        "prove --srs-path pipe",
        "verify --allow-insecure-srs --vk-path pipe",
        "verify --allow-insecure-srs --srs-path pipe",
        "export-verifier --vk-path pipe --out v",
        "digest pipe",
    ] {
        let (code, error) = fails_with(at, arguments);
        assert!(code == 3 && error.contains("pipe: is a pipe"), "{arguments}: {error}");
    }
    let (code, error) = fails_with(at, "calibrate-settings -S pipe");
    assert!(code == 2 && error.contains("-O"), "{error}");
    for (arguments, file) in [
        ("compile-circuit -S pipe -O c", "settings.json"),
        ("calibrate-settings -S pipe -O s.json", "settings.json"),
        ("gen-settings -M pipe -O s.json", "network.onnx"),
        ("mock -W pipe", "witness.json"),
        ("verify --allow-insecure-srs --proof-path pipe", "proof.json"),
    ] {
        let (text, writer) = (fs::read(at.join(file)).unwrap(), pipe.clone());
        let writing = std::thread::spawn(move || fs::write(writer, text).unwrap());
        succeeds(at, arguments);
        writing.join().unwrap();
    }
}

/// Runs with text on standard input; standard output.
fn piped(folder: &Path, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_provenn"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    output.stdout
}

#[test]
fn standard_input_and_output_and_data_on_the_command_line() {
    let folder = proven();
    let at = folder.path();
    let input = fs::read(at.join("input.json")).unwrap();
    let inline = String::from_utf8(input.clone()).unwrap();
    let honest = fs::read(at.join("witness.json")).unwrap();
    let witness = piped(at, &["gen-witness", "-D", "-", "-O", "-"], &input);
    assert_eq!(witness, honest);
    for data in [inline.as_str(), "@input.json"] {
        assert_eq!(piped(at, &["gen-witness", "-D", data, "-O", "-"], b""), honest, "{data}");
    }
    let settings = piped(at, &["gen-settings", "-O", "-"], b"");
    let changed = piped(at, &["calibrate-settings", "-S", "-"], &settings);
    assert_eq!(changed, fs::read(at.join("settings.json")).unwrap());
    let (code, error) = fails_with(at, "quantization-error -S - -D -");
    assert!(code == 2 && error.contains("standard input"), "{error}");
    let proof = piped(at, &["prove", "-W", "-", "--proof-path", "-"], &witness);
    let verify = format!("{VERIFY} --allow-insecure-srs").replace("proof.json", "-");
    let arguments: Vec<&str> = verify.split_whitespace().collect();
    let said = piped(at, &arguments, &proof);
    assert!(String::from_utf8(said).unwrap().contains("verified"));
}

#[test]
fn nothing_is_replaced_by_another_kind_of_file() {
    let folder = proven();
    let at = |name: &str| folder.path().join(name);
    fs::hard_link(at("kzg.srs"), at("hard.srs")).unwrap();
    symlink("pk.key", at("soft.key")).unwrap();
    fs::create_dir(at("sub")).unwrap();
    let two = [
        "setup --pk-path k.key --vk-path k.key",
        "setup --pk-path k.key --vk-path ./sub/../k.key",
        "setup --pk-path pk.key --vk-path soft.key",
        "setup --vk-path hard.srs",
        "prove --proof-path kzg.srs",
        "prove --proof-path soft.key",
        "gen-witness -O model.compiled",
        "gen-witness -O input.json",
        "calibrate-settings -O calibration.json",
        "gen-settings -O network.onnx",
        "compile-circuit --compiled-circuit settings.json",
        "inspect --svg model.compiled",
        "get-srs --from kzg.srs --srs-path hard.srs",
        "run --report calibration.json --calibration calibration.json",
    ];
    let another = [
        ("setup --pk-path vk.key --vk-path other.key", "a verifying key"),
        ("gen-witness -O proof.json", "a proof"),
        ("gen-witness -O settings.json", "settings"),
        ("gen-witness -O network.onnx", "a model"),
        ("gen-random-data -D witness.json", "a witness"),
        ("gen-random-data -D settings.json", "settings"),
        ("gen-settings -O input.json", "data"),
        ("gen-srs --logrows 5 --srs-path soft.key", "a proving key"),
        ("inspect --svg network.onnx", "a model"),
        ("run --report settings.json", "settings"),
    ];
    let files = ["kzg.srs", "pk.key", "vk.key", "model.compiled", "input.json", "settings.json"];
    let before: Vec<_> = files.iter().map(|name| fs::read(at(name)).unwrap()).collect();
    for arguments in two {
        let (code, error) = fails_with(folder.path(), arguments);
        assert!(code == 2 && error.contains("this one file"), "{arguments}: {code} {error}");
    }
    for (arguments, holds) in another {
        let (code, error) = fails_with(folder.path(), arguments);
        assert_eq!(code, 3, "{arguments}: {error}");
        assert!(error.contains(&format!("holds {holds}")), "{arguments}: {error}");
    }
    let after: Vec<_> = files.iter().map(|name| fs::read(at(name)).unwrap()).collect();
    assert!(before == after);
    assert!(!at("k.key").exists() && !at("out").exists());
}

#[test]
fn an_srs_is_replaced_on_demand_only() {
    let folder = proven();
    let before = fs::read(folder.path().join("kzg.srs")).unwrap();
    let (code, error) = fails_with(folder.path(), "gen-srs --logrows 5");
    assert!(code == 3 && error.contains("kzg.srs") && error.contains("--force"), "{error}");
    assert!(before == fs::read(folder.path().join("kzg.srs")).unwrap());
    let at = folder.path();
    succeeds(at, "gen-srs -K 9 --srs-path other.srs");
    let (code, error) = fails_with(at, "get-srs -K 5 --from other.srs");
    assert!(code == 3 && error.contains("kzg.srs") && error.contains("--force"), "{error}");
    assert!(before == fs::read(at.join("kzg.srs")).unwrap());
    // One of the same points, of another size, is no other srs.
    succeeds(at, "get-srs -K 5 --from kzg.srs --srs-path small.srs");
    succeeds(at, "get-srs -K 4 --from kzg.srs --srs-path small.srs");
    succeeds(at, "get-srs -K 5 --from other.srs --force");
    let error = fails_with(at, "setup --srs-path other.srs").1;
    let cut = error.split('`').nth(1).unwrap().to_owned();
    succeeds(at, &cut);
    let made = cut.rsplit(' ').next().unwrap();
    succeeds(at, &format!("setup --srs-path {made}"));
    succeeds(at, "gen-srs -K 5 --force");
    assert!(before != fs::read(at.join("kzg.srs")).unwrap());
}

#[test]
fn a_cache_is_made_and_a_verifier_takes_three_points() {
    let folder = proven();
    let at = folder.path();
    let srs = provenn::Srs::read(&at.join("kzg.srs")).unwrap();
    srs.write_raw(&at.join("raw.srs")).unwrap();
    let k = srs.k();
    succeeds(at, &format!("get-srs -K {k} --from raw.srs --cache deep/cache --srs-path a.srs"));
    assert!(at.join(format!("deep/cache/kzg{k}.srs")).exists());
    succeeds(at, "get-srs -K 4 --cache deep/cache --srs-path b.srs");
    succeeds(at, &format!("get-srs -K {k} --from raw.srs --verifier --srs-path v.srs"));
    assert!(fs::metadata(at.join("v.srs")).unwrap().len() < 1000);
    let digests = ["kzg.srs", "a.srs", "b.srs", "v.srs"]
        .map(|file| succeeds(at, &format!("digest -q {file}")));
    assert!(digests.iter().all(|digest| *digest == digests[0]), "{digests:?}");
    let verify = VERIFY.replace("kzg.srs", "v.srs");
    succeeds(at, &format!("{verify} --srs-digest {}", digests[0].trim()));
    assert!(fails_with(at, "setup --srs-path v.srs").1.contains("a verifier's srs"));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = proven();
    for arguments in [
        "table",
        "inspect",
        "verify --allow-insecure-srs",
        "gen-witness -O -",
        "gen-settings -O -",
        "calibrate-settings -O -",
        "gen-random-data -D -",
        "prove --proof-path -",
        "inspect --svg -",
        "quantization-error -D calibration.json --html -",
        "quantization-error -D calibration.json",
        "run --out out --report -",
        "run --out out",
        "setup",
        "digest vk.key",
        "completions zsh",
        "man --out man",
        "--json inspect",
        "--help",
        "prove --help",
    ] {
        // Closed before the program starts, however fast it is.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut child = Command::new(env!("CARGO_BIN_EXE_provenn"))
            .args(arguments.split_whitespace())
            .current_dir(folder.path())
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert!(child.wait().unwrap().success(), "{arguments}: {errors}");
        assert_eq!(errors, "", "{arguments}");
    }
}
