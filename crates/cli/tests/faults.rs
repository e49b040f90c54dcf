//! Faults at every write of every command: no room, a process killed, a folder that nobody may write, others at the same
//! place. Each file is afterwards the old one or the new one, whole; nothing else is there that a reader takes for one.
//!
//! Where a process is killed is not left to chance: the system does it when a file grows beyond a limit, or this test when a
//! certain file is there, or when half of it has gone through a pipe.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout, dead_code)] // a test reports by panicking

mod support;

use provenn::claim::{Claim, DataSecret};
use provenn::{InputData, OnnxModel, Srs, digest::digest_file, temporary};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::ops::RangeInclusive;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, SystemTime};
use support::{fails, fails_with, proven, succeeds};
use tempfile::TempDir;

/// Every command that writes files, with all that it can write. Those of a run are tried below.
const COMMANDS: [&str; 18] = [
    "gen-settings",
    "calibrate-settings --bits 14",
    "calibrate-settings -S settings.json -O tuned.json --pareto front",
    "compile-circuit",
    "gen-srs -K 8 --force",
    "get-srs -K 8 --from raw.srs --cache cache --srs-path taken.srs",
    "get-srs -K 8 --from raw.srs --verifier --srs-path three.srs",
    "setup",
    "gen-witness",
    "commit --of inputs --force",
    "commit --force --compiled-circuit learned/model.compiled --pk-path learned/pk.key --srs-path learned/kzg.srs",
    CLAIM.command,
    "prove",
    "export-verifier",
    "inspect --svg layout.svg",
    "audit",
    "quantization-error -D calibration.json --html page.html",
    "gen-random-data -D random.json --seed 3",
];

/// A command that makes all files of a folder out of sight, and moves them there when they are complete.
struct Made {
    command: &'static str,
    /// The folder.
    out: &'static str,
    /// Files, each there for a while before the folder is complete.
    stages: &'static [&'static str],
    /// All of them, in the order in which they are moved.
    names: &'static [&'static str],
    /// What holds them against each other, in the folder.
    verify: &'static str,
    /// New files before one of these places, old ones from there on, are of two circuits or of two SRS.
    mixed: RangeInclusive<usize>,
}

const RUN: Made = Made {
    command: "run --out out --report report.json",
    out: "out",
    stages: &["settings.json", "model.compiled", "kzg.srs", "pk.key", "vk.key", "witness.json"],
    names: &provenn::run::ARTEFACTS,
    verify: "verify -S settings.json --allow-insecure-srs",
    mixed: 3..=5,
};

const CLAIM: Made = Made {
    command: "claim -M classifier.onnx -D labelled.json --param-visibility committed --input-visibility committed",
    out: "claim",
    stages: &[
        "claim.onnx",
        "settings.json",
        "model.compiled",
        "kzg.srs",
        "pk.key",
        "vk.key",
        "opening.secret",
        "commitment.pf",
        "data.secret",
    ],
    names: &[
        "claim.onnx",
        "settings.json",
        "model.compiled",
        "kzg.srs",
        "vk.key",
        "pk.key",
        "claim.json",
        "opening.secret",
        "commitment.pf",
        "data.secret",
    ],
    verify: "verify-claim --commitment commitment.pf --allow-insecure-srs",
    mixed: 4..=8,
};

/// A folder where each of these has been run.
fn prepared() -> TempDir {
    let folder = proven();
    let at = folder.path();
    let classifier = support::models().join("ops/matrices/gemm_opset7.onnx");
    fs::copy(classifier, at.join("classifier.onnx")).unwrap();
    let labelled = r#"{"input_data": [[0, 1, 2, 3, 4], [4, 0, 1, 2, 3], [3, 4, 0, 1, 2]], "labels": [0, 1, 2]}"#;
    fs::write(at.join("labelled.json"), labelled).unwrap();
    // A circuit of committed weights that no command of the list makes again.
    succeeds(at, &format!("{} --out learned", CLAIM.command));
    succeeds(at, "gen-srs -K 8 --srs-path drawn.srs");
    Srs::read(&at.join("drawn.srs")).unwrap().write_raw(&at.join("raw.srs")).unwrap();
    fs::remove_file(at.join("drawn.srs")).unwrap();
    for command in COMMANDS {
        // What makes other settings or another SRS would make the rest useless.
        if !["gen-s", "calibrate-settings --b"].iter().any(|of| command.starts_with(of)) {
            succeeds(at, command);
        }
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        match path.is_dir() {
            true => copy(&path, &target),
            false => drop(fs::copy(&path, target).unwrap()),
        }
    }
}

/// A copy to spoil.
fn fresh(prepared: &TempDir) -> TempDir {
    let folder = TempDir::new().unwrap();
    copy(prepared.path(), folder.path());
    folder
}

/// Files below a folder by their names in it: where each is stored, and what it holds. Temporary ones apart.
#[derive(Debug, Default)]
struct Found {
    files: BTreeMap<PathBuf, (u64, Vec<u8>)>,
    temporary: BTreeSet<PathBuf>,
}

impl Found {
    fn at(folder: &Path) -> Self {
        let mut found = Found::default();
        found.walk(folder, folder);
        found
    }

    fn walk(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_path_buf();
            if temporary::is_temporary(path.file_name().unwrap().to_str().unwrap()) {
                self.temporary.insert(path);
            } else if path.is_dir() {
                self.walk(root, &path);
            } else if path.is_file() {
                let stored = fs::metadata(&path).unwrap().ino();
                self.files.insert(name, (stored, fs::read(&path).unwrap()));
            }
        }
    }
}

/// Whether a reader takes it for what its name says.
fn is_whole(path: &Path) -> bool {
    let text = || fs::read_to_string(path).unwrap_or_default();
    let name = path.file_name().unwrap().to_str().unwrap();
    match name {
        "random.json" => InputData::read(path).is_ok(),
        "claim.json" => Claim::read(path).is_ok(),
        "data.secret" => DataSecret::read(path).is_ok(),
        "claim.onnx" => OnnxModel::load(path, &BTreeMap::new()).is_ok(),
        "pareto.json" | "audit.json" | "report.json" => {
            serde_json::from_str::<serde_json::Value>(&text()).is_ok()
        }
        _ if name.ends_with(".html") => text().ends_with("</html>\n"),
        _ if name.ends_with(".svg") => text().ends_with("</svg>\n"),
        _ => digest_file(path).is_ok(),
    }
}

/// Each file is the one that it was, or a whole new one; how many are new.
fn old_or_new(folder: &Path, before: &Found, after: &Found) -> usize {
    let mut new = 0;
    for (name, (stored, bytes)) in &after.files {
        match before.files.get(name) {
            Some(old) if *old == (*stored, bytes.clone()) => {}
            // Where it is stored may be where an old one was, once that is gone.
            Some(_) | None => {
                assert!(is_whole(&folder.join(name)), "{} is half-written", name.display());
                new += 1;
            }
        }
    }
    for name in before.files.keys() {
        assert!(after.files.contains_key(name), "{} is gone", name.display());
    }
    new
}

/// What a killed process left is nobody's, and is taken away by the next command there that writes.
fn is_cleaned(folder: &Path, left: &BTreeSet<PathBuf>, command: &str) {
    let before = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    for path in left {
        assert!(path.is_dir() || digest_file(path).is_err(), "{}", path.display());
        File::open(path).unwrap().set_modified(before).unwrap();
    }
    succeeds(folder, command);
    let still: Vec<_> = left.iter().filter(|path| path.exists()).collect();
    assert!(still.is_empty(), "{command}: {still:?}");
    assert_eq!(Found::at(folder).temporary, BTreeSet::new(), "{command}");
}

/// Runs a command whose files may have so many blocks of 512 bytes: more is an error, or the end.
fn limited(folder: &Path, command: &str, blocks: usize, kills: bool) -> Output {
    let ignored = if kills { "" } else { "trap '' XFSZ; " };
    Command::new("sh")
        .args(["-c", &format!("ulimit -c 0; {ignored}ulimit -f {blocks}; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_provenn"))
        .args(command.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap()
}

fn start(folder: &Path, command: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_provenn"))
        .args(command.split_whitespace())
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Sizes of what a command writes.
fn sizes(prepared: &TempDir, command: &str) -> Vec<usize> {
    let folder = fresh(prepared);
    let before = Found::at(folder.path());
    succeeds(folder.path(), command);
    let after = Found::at(folder.path());
    assert_eq!(after.temporary, BTreeSet::new());
    let new = after
        .files
        .iter()
        .filter(|(name, (stored, _))| before.files.get(*name).is_none_or(|(old, _)| old != stored));
    let sizes: Vec<usize> = new.map(|(_, (_, bytes))| bytes.len()).collect();
    assert!(!sizes.is_empty(), "{command} writes nothing");
    sizes
}

/// Limits that stop a command at its first byte, in the middle, and at the last block of each file.
fn limits(sizes: &[usize]) -> BTreeSet<usize> {
    let last = sizes.iter().map(|size| (size - 1) / 512);
    let most = sizes.iter().max().unwrap() / 1024;
    last.chain([0, most]).collect()
}

/// No room for a file at its first byte, in its middle, at its last one: as an error, and as the process's end.
fn no_room(commands: &[&str]) -> usize {
    let prepared = prepared();
    let mut faults = 0;
    for command in commands {
        for blocks in limits(&sizes(&prepared, command)) {
            for kills in [false, true] {
                let folder = fresh(&prepared);
                let at = folder.path();
                let before = Found::at(at);
                let output = limited(at, command, blocks, kills);
                let after = Found::at(at);
                let error = String::from_utf8_lossy(&output.stderr).into_owned();
                let new = old_or_new(at, &before, &after);
                assert!(new == 0 || *command != CLAIM.command, "{command}, {blocks}: {new}");
                if kills {
                    assert!(output.status.signal().is_some(), "{command}, {blocks}: {error}");
                    assert_eq!(after.temporary.len(), 1, "{command}, {blocks}");
                    is_cleaned(at, &after.temporary, command);
                } else {
                    assert_eq!(output.status.code(), Some(3), "{command}, {blocks}: {error}");
                    assert!(error.contains("too large"), "{command}, {blocks}: {error}");
                    assert!(!error.contains(temporary::PREFIX), "{error}");
                    assert_eq!(after.temporary, BTreeSet::new(), "{command}, {blocks}");
                }
                faults += 1;
            }
        }
    }
    println!("no room: {faults} faults");
    faults
}

#[test]
fn no_room_for_settings_circuits_and_srs() {
    let faults = no_room(&COMMANDS[..7]);
    assert!(faults >= 7 * 4, "{faults}");
}

#[test]
fn no_room_for_keys_witnesses_proofs_and_reports() {
    let faults = no_room(&COMMANDS[7..]);
    assert!(faults >= 11 * 4, "{faults}");
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// With the old files there, and without.
#[test]
fn folders_that_nobody_may_write_stay_as_they_are() {
    let prepared = prepared();
    let within = ["", "front", "cache", "verifier", "claim"];
    let mut faults = 0;
    for command in COMMANDS.into_iter().chain(["run --out .", "run", "man", "audit --report a/b"]) {
        for removed in [false, true] {
            let folder = fresh(&prepared);
            let at = folder.path();
            if removed {
                // What the command does not read.
                for name in ["front", "cache", "verifier", "claim"] {
                    fs::remove_dir_all(at.join(name)).unwrap();
                }
                for name in ["layout.svg", "page.html", "random.json", "audit.html", "three.srs"] {
                    fs::remove_file(at.join(name)).unwrap();
                }
            }
            let folders = within.map(|name| at.join(name));
            let folders: Vec<_> = folders.iter().filter(|folder| folder.exists()).collect();
            folders.iter().for_each(|folder| set_mode(folder, 0o555));
            let before = Found::at(at);
            let (code, error) = fails_with(at, command);
            let after = Found::at(at);
            folders.iter().for_each(|folder| set_mode(folder, 0o755));
            let said = error.contains("denied") || error.contains("a/b");
            assert!(code == 3 && said, "{command}: {code} {error}");
            assert_eq!(old_or_new(at, &before, &after), 0, "{command}");
            assert_eq!(after.temporary, BTreeSet::new(), "{command}");
            assert_eq!(before.files.len(), after.files.len(), "{command}");
            faults += 1;
        }
    }
    println!("read-only folders: {faults} faults");
}

/// Three at a time, while a reader looks at every file that they write.
#[test]
fn several_processes_at_one_place() {
    let prepared = prepared();
    let mut faults = 0;
    for command in COMMANDS {
        let folder = fresh(&prepared);
        let at = folder.path();
        let before = Found::at(at);
        let mut running = [(); 3].map(|()| start(at, command));
        let read: Vec<_> = before.files.keys().map(|name| at.join(name)).collect();
        // What is no artefact of the commands has no reader here.
        let read: Vec<_> = read.into_iter().filter(|path| is_whole(path)).collect();
        while running.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
            // The points of an earlier frontier are taken away.
            for path in read.iter().filter(|path| !path.starts_with(at.join("front"))) {
                assert!(is_whole(path), "{command}: {}", path.display());
            }
        }
        for mut child in running {
            assert!(child.wait().unwrap().success(), "{command}");
        }
        let after = Found::at(at);
        old_or_new(at, &before, &after);
        assert_eq!(after.temporary, BTreeSet::new(), "{command}");
        faults += 3;
    }
    println!("several at one place: {faults} processes");
}

/// The stages of a run, each by the file that it has just made out of sight.
#[test]
fn a_run_that_is_killed_leaves_its_folder_as_it_was() {
    assert_eq!(killed_out_of_sight(&RUN), 2 * 6);
}

#[test]
fn a_claim_that_is_killed_leaves_its_folder_as_it_was() {
    assert_eq!(killed_out_of_sight(&CLAIM), 2 * 9);
}

/// Over no folder and over an old one, until each stage has been met.
fn killed_out_of_sight(made: &Made) -> usize {
    let prepared = prepared();
    let _ = fs::remove_dir_all(prepared.path().join(made.out));
    let mut killed = 0;
    for old in [false, true] {
        if old {
            succeeds(prepared.path(), made.command);
        }
        for stage in made.stages {
            let met = (0..TRIES).any(|_| is_killed_at(&prepared, made, stage));
            assert!(met, "{}: never killed at {stage}", made.command);
            killed += 1;
        }
    }
    println!("{}: {killed} times killed out of sight", made.command);
    killed
}

/// A process may be past a stage before it is seen there: so often it is looked for.
const TRIES: usize = 20;

/// Whether the process was killed with that file made, and none of its folder moved.
fn is_killed_at(prepared: &TempDir, made: &Made, stage: &str) -> bool {
    let folder = fresh(prepared);
    let at = folder.path();
    let before = Found::at(at);
    let mut process = start(at, made.command);
    // It goes on meanwhile; wherever it is killed, the folder is what it was, or whole.
    while !temporaries(at, made).iter().any(|of| of.join(stage).exists()) {
        if process.try_wait().unwrap().is_some() {
            break;
        }
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let after = Found::at(at);
    let new = old_or_new(at, &before, &after);
    // The first one is there still: none has been moved.
    let whole = |of: &PathBuf| [stage, made.names[0]].iter().all(|name| of.join(name).exists());
    let met = after.temporary.iter().any(whole);
    if met {
        assert_eq!(new, 0, "{stage}");
    }
    is_cleaned_of(at, made);
    succeeds(&at.join(made.out), made.verify);
    met
}

/// Temporary files and folders in a folder and in the one that is made in it.
fn temporaries(at: &Path, made: &Made) -> BTreeSet<PathBuf> {
    let here = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let named =
            |path: &PathBuf| temporary::is_temporary(path.file_name().unwrap().to_str().unwrap());
        paths.filter(named).collect::<BTreeSet<_>>()
    };
    let mut all = here(at);
    all.extend(here(&at.join(made.out)));
    all
}

/// As of single files; a folder is made in the one that it would be put in.
fn is_cleaned_of(at: &Path, made: &Made) {
    let before = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    for path in temporaries(at, made) {
        File::open(path).unwrap().set_modified(before).unwrap();
    }
    succeeds(at, made.command);
    // What was left beside the folder, when there was none yet, is found by who writes there.
    succeeds(at, "gen-witness");
    assert_eq!(temporaries(at, made), BTreeSet::new());
}

#[test]
fn a_run_without_room_leaves_its_folder_as_it_was() {
    let prepared = prepared();
    let mut faults = 0;
    for kills in [false, true] {
        for blocks in limits(&sizes(&prepared, RUN.command)) {
            let folder = fresh(&prepared);
            let at = folder.path();
            succeeds(at, RUN.command);
            let before = Found::at(at);
            let output = limited(at, RUN.command, blocks, kills);
            assert!(!output.status.success(), "{blocks}");
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!error.contains(temporary::PREFIX), "{error}");
            assert!(kills || error.contains("too large"), "{error}");
            let after = Found::at(at);
            let new = old_or_new(at, &before, &after);
            // All that a run makes, or nothing: the report is written when the rest is there.
            assert!(new == 0 || new == 7, "{blocks}: {new}");
            assert_eq!(after.temporary.len(), usize::from(kills), "{blocks}");
            is_cleaned_of(at, &RUN);
            succeeds(&at.join("out"), RUN.verify);
            faults += 1;
        }
    }
    println!("runs without room: {faults} faults");
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// A run is killed while it moves its files in: a pipe that nobody reads stops it at each of them. What is there is of two
/// runs then, each file whole, and the files say that they do not belong together.
#[test]
fn a_run_that_is_killed_while_it_publishes_leaves_whole_files() {
    assert_eq!(killed_while_publishing(&RUN), 6);
}

#[test]
fn a_claim_that_is_killed_while_it_publishes_leaves_whole_files() {
    assert_eq!(killed_while_publishing(&CLAIM), 9);
}

fn killed_while_publishing(made: &Made) -> usize {
    let prepared = prepared();
    let names = made.names;
    let mut killed = 0;
    for (at_pipe, name) in names.iter().enumerate().skip(1) {
        let folder = fresh(&prepared);
        let at = folder.path();
        succeeds(at, made.command);
        let old = Found::at(at);
        let out = at.join(made.out);
        fs::remove_file(out.join(name)).unwrap();
        pipe(&out.join(name));
        let mut process = start(at, made.command);
        let moved = out.join(names[at_pipe - 1]);
        let stored = fs::metadata(&moved).unwrap().ino();
        while fs::metadata(&moved).unwrap().ino() == stored {
            assert!(process.try_wait().unwrap().is_none(), "{name}: the process ended before");
        }
        process.kill().unwrap();
        process.wait().unwrap();
        let after = Found::at(at);
        for (i, name) in names.iter().enumerate().filter(|(i, _)| *i != at_pipe) {
            let key = Path::new(made.out).join(name);
            let is_old = after.files[&key].0 == old.files[&key].0;
            assert_eq!(is_old, i > at_pipe, "{name}");
            assert!(is_whole(&out.join(name)), "{name}");
        }
        // A proof of the old SRS under a new key, a key of another SRS, or another commitment is refused.
        fs::remove_file(out.join(name)).unwrap();
        fs::write(out.join(name), &old.files[&Path::new(made.out).join(name)].1).unwrap();
        if made.mixed.contains(&at_pipe) {
            let error = fails(&out, made.verify);
            let said = ["srs", "key", "commitment"].iter().any(|word| error.contains(word));
            assert!(said, "{error}");
        }
        is_cleaned_of(at, made);
        succeeds(&out, made.verify);
        killed += 1;
    }
    println!("{}: {killed} times killed while publishing", made.command);
    killed
}

/// A server that sends so many bytes of a ceremony's file, and then no more.
fn serve(bytes: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let whole = fs::read(ceremony()).unwrap();
    std::thread::spawn(move || {
        let mut open = vec![];
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            for _ in lines.take_while(|line| !line.is_empty()) {}
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length:";
            let _ = write!(stream, "{head} {}\r\n\r\n", whole.len());
            let _ = stream.write_all(&whole[..bytes.min(whole.len())]);
            if bytes < whole.len() {
                open.push(stream);
            }
        }
    });
    url
}

const NAME: &str = "powersOfTau28_hez_final_08.ptau";

fn ceremony() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ceremony/tests").join(NAME)
}

/// A download that ends in the middle is no SRS; the next one goes on with it.
#[test]
fn a_download_that_is_killed_or_has_no_room_is_no_srs() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let whole = fs::read(ceremony()).unwrap();
    let get = |cache: &str, url: &str| {
        format!("get-srs -K 5 --cache {cache} --mirror {url} --srs-path {cache}.srs")
    };
    let is_none_yet = |cache: &str| {
        let offline = format!("get-srs -K 5 --cache {cache} --offline --srs-path {cache}.srs");
        assert!(fails(at, &offline).contains("no srs"));
        assert!(!at.join(cache).join(NAME).exists() && !at.join(format!("{cache}.srs")).exists());
        assert!(digest_file(&at.join(cache).join(format!("{NAME}.part"))).is_err());
        succeeds(at, &get(cache, &serve(usize::MAX)));
        assert!(fs::read(at.join(cache).join(NAME)).unwrap() == whole);
    };
    let mut faults = 0;
    for bytes in [1, 1000, whole.len() / 2, whole.len() - 1] {
        let cache = format!("killed{bytes}");
        let mut fetching = start(at, &get(&cache, &serve(bytes)));
        let part = at.join(&cache).join(format!("{NAME}.part"));
        while fs::metadata(&part).map_or(0, |found| found.len()) < bytes as u64 {
            assert!(fetching.try_wait().unwrap().is_none(), "the download ended before");
        }
        fetching.kill().unwrap();
        fetching.wait().unwrap();
        is_none_yet(&cache);
        faults += 1;
    }
    for blocks in [0, 1, whole.len() / 1024] {
        for kills in [false, true] {
            let cache = format!("full{blocks}{kills}");
            let output = limited(at, &get(&cache, &serve(usize::MAX)), blocks, kills);
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            match kills {
                true => assert!(output.status.signal().is_some(), "{error}"),
                false => assert!(error.contains("too large"), "{error}"),
            }
            is_none_yet(&cache);
            faults += 1;
        }
    }
    println!("downloads: {faults} faults");
}

/// Whoever reads from a pipe whose writer is killed half-way has a half, and no reader takes it.
#[test]
fn half_of_a_file_through_a_pipe_is_refused() {
    let folder = prepared();
    let at = folder.path();
    pipe(&at.join("pipe"));
    let mut killed = 0;
    // Longer than what a pipe holds, so that the writer waits.
    for (command, name) in [
        ("gen-srs -K 12 --srs-path pipe", "half.srs"),
        ("get-srs -K 8 --from raw.srs --srs-path pipe", "half.srs"),
        ("gen-random-data -D pipe --observations 5000", "random.json"),
    ] {
        for read in [1, 8 << 10] {
            let mut writer = start(at, command);
            let mut half = vec![0; read];
            let mut end = File::open(at.join("pipe")).unwrap();
            end.read_exact(&mut half).unwrap();
            if command.starts_with("get-srs") {
                // It fits into the pipe, but for its length.
                drop(end);
            } else {
                writer.kill().unwrap();
                end.read_to_end(&mut half).unwrap();
            }
            assert!(!writer.wait().unwrap().success() || command.starts_with("get-srs"));
            let place = at.join(name);
            fs::write(&place, &half).unwrap();
            assert!(!is_whole(&place), "{command}: {} bytes", half.len());
            killed += 1;
        }
    }
    println!("halves through a pipe: {killed}");
}
