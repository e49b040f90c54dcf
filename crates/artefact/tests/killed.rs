//! A process that is killed in the middle of a write, and one whose file may not grow: what was there before is there
//! still, and what is left besides is nobody's artefact.
//!
//! The test starts itself again as the process that writes. Its writer stops half-way and says so on a pipe, so that it is
//! killed there and nowhere else.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)] // a test reports by panicking

use provenn_artefact::{
    Kind, json, kind_of, open, temporary, write, write_atomically, write_private,
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

const WRITER: &str = "PROVENN_TEST_WRITER";
const PLACE: &str = "PROVENN_TEST_PLACE";
const HALF: &str = "half of it is written";

const KINDS: [Kind; 10] = Kind::ALL;
/// Every function that writes a file.
const WRITERS: usize = KINDS.len() + 4;
/// More than any buffer on the way.
const BYTES: usize = 3 << 20;

/// Says that half is written, and waits for the end of this process.
fn stop() {
    println!("{HALF}");
    io::stdout().flush().unwrap();
    // Nothing is ever written there, and the other end closes when the test is over.
    let _ = io::stdin().read_to_end(&mut vec![]);
    std::process::exit(9);
}

/// A value that is written slowly.
struct Slow(bool);

impl Serialize for Slow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("hex_proof", &"00".repeat(BYTES / 4))?;
        if self.0 {
            stop();
        }
        map.serialize_entry("version", &2)?;
        map.end()
    }
}

fn fill(mut file: impl Write, stops: bool) -> io::Result<()> {
    file.write_all(&vec![1; BYTES / 2])?;
    file.flush()?;
    if stops {
        stop();
    }
    file.write_all(&vec![2; BYTES / 2])
}

/// What the writer of this number does; the text of its error.
fn written(writer: usize, path: &Path, stops: bool) -> Result<(), String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    match writer {
        0 => write_atomically(path, |file| fill(file, stops)).map_err(|e| text(&e)),
        1 => write_private(path, |file| fill(file, stops)).map_err(|e| text(&e)),
        2 => json::write(path, &Slow(stops)).map_err(|e| text(&e)),
        3 => json::write_private(path, &Slow(stops)).map_err(|e| text(&e)),
        _ => write::<io::Error>(path, KINDS[writer - 4], |to| fill(to, stops))
            .map(drop)
            .map_err(|e| text(&e)),
    }
}

/// The other process. In a run of all tests it has nothing to do.
#[test]
fn as_the_process_that_writes() {
    let (Ok(writer), Some(place)) = (std::env::var(WRITER), std::env::var_os(PLACE)) else {
        return;
    };
    let stops = std::env::var_os("PROVENN_TEST_STOPS").is_some();
    let done = written(writer.parse().unwrap(), &PathBuf::from(place), stops);
    println!("{}", done.err().unwrap_or_default());
}

/// Starts it: by a shell that limits its files to so many blocks of 512 bytes, where a limit is given.
fn start(writer: usize, place: &Path, stops: bool, shell: Option<&str>) -> Child {
    let own = std::env::current_exe().unwrap();
    let arguments = ["--exact", "as_the_process_that_writes", "--nocapture"];
    let mut command = match shell {
        None => Command::new(own),
        Some(limits) => {
            let mut command = Command::new("sh");
            command.args(["-c", &format!("{limits}; exec \"$0\" \"$@\"")]).arg(own);
            command
        }
    };
    command.args(arguments).env(WRITER, writer.to_string()).env(PLACE, place);
    if stops {
        command.env("PROVENN_TEST_STOPS", "1");
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What else is in the folder: named as temporary files are, and no artefact of any kind.
fn left_over(folder: &Path, place: &Path) -> Vec<PathBuf> {
    let own = place.file_name().unwrap().to_str().unwrap();
    let others = names(folder).into_iter().filter(|name| name != own);
    let others: Vec<_> = others.map(|name| folder.join(name)).collect();
    for path in &others {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with(temporary::PREFIX), "{name}");
        assert_eq!(kind_of(path), None);
        for kind in KINDS {
            assert!(open(path, kind).is_err());
        }
        let value = json::read::<serde_json::Value>(path, json::LIMIT, "anything", "nobody");
        assert!(value.is_err());
    }
    others
}

/// The next command in this folder, when some time has passed.
fn cleaned(folder: &Path, left: &[PathBuf]) {
    let before = SystemTime::now() - Duration::from_secs(24 * 60 * 60);
    for path in left {
        File::options().append(true).open(path).unwrap().set_modified(before).unwrap();
    }
    temporary::remove_stale(folder);
    assert!(left.iter().all(|path| !path.exists()));
}

/// The old file or none: both are a place's state before.
fn before(folder: &Path, old: Option<&str>) -> PathBuf {
    let place = folder.join("place");
    if let Some(text) = old {
        fs::write(&place, text).unwrap();
    }
    place
}

fn as_before(place: &Path, old: Option<&str>) {
    assert_eq!(fs::read_to_string(place).ok().as_deref(), old);
}

#[test]
fn killed_in_the_middle() {
    let mut killed = 0;
    for writer in 0..WRITERS {
        for old in [None, Some("what was there")] {
            let folder = tempfile::TempDir::new().unwrap();
            let place = before(folder.path(), old);
            let mut child = start(writer, &place, true, None);
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            assert!(lines.any(|line| line.unwrap() == HALF), "writer {writer} did not begin");
            child.kill().unwrap();
            assert_eq!(child.wait().unwrap().signal(), Some(9), "writer {writer}");
            as_before(&place, old);
            let left = left_over(folder.path(), &place);
            assert_eq!(left.len(), 1, "writer {writer} was not in the middle");
            cleaned(folder.path(), &left);
            // Nothing of it is in the way of the next.
            assert_eq!(written(writer, &place, false), Ok(()));
            assert_eq!(names(folder.path()), ["place"]);
            killed += 1;
        }
    }
    assert_eq!(killed, 2 * WRITERS);
}

/// A file that may not grow further is what a full disk is to a writer, but that the system can be told to kill it as well.
#[test]
fn no_room_for_all_of_it() {
    let mut refused = 0;
    for writer in 0..WRITERS {
        for blocks in [0, 1, 1000, (BYTES / 512) / 2] {
            for (old, kills) in [(None, false), (Some("what was there"), false), (None, true)] {
                let folder = tempfile::TempDir::new().unwrap();
                let place = before(folder.path(), old);
                let ignored = if kills { "" } else { "trap '' XFSZ; " };
                let limits = format!("ulimit -c 0; {ignored}ulimit -f {blocks}");
                let mut child = start(writer, &place, false, Some(&limits));
                let mut said = String::new();
                child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
                let status = child.wait().unwrap();
                // Both kinds of value are longer than any of the limits.
                match kills {
                    true => assert!(status.signal().is_some(), "writer {writer}: {status}"),
                    false => assert!(said.contains("cannot write"), "writer {writer}: {said}"),
                }
                as_before(&place, old);
                let left = left_over(folder.path(), &place);
                assert_eq!(left.len(), usize::from(kills), "writer {writer}");
                cleaned(folder.path(), &left);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 12 * WRITERS);
}

#[test]
fn a_folder_that_nobody_may_write_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    for writer in 0..WRITERS {
        for old in [None, Some("what was there")] {
            let folder = tempfile::TempDir::new().unwrap();
            let place = before(folder.path(), old);
            mode(folder.path(), 0o555).unwrap();
            let error = written(writer, &place, false).unwrap_err();
            assert!(error.contains("denied"), "{error}");
            as_before(&place, old);
            assert_eq!(names(folder.path()).len(), usize::from(old.is_some()));
            mode(folder.path(), 0o755).unwrap();
        }
    }
}

/// Writers of different files to one place, and a reader that never sees a third.
#[test]
fn many_at_one_place() {
    const WRITTEN: u8 = 40;
    let folder = tempfile::TempDir::new().unwrap();
    let place = folder.path().join("place");
    let kind = Kind::VerifyingKey;
    let one = |byte: u8| {
        let bytes = vec![byte; BYTES / 8];
        write::<io::Error>(&place, kind, |to| to.write_all(&bytes)).map(drop).unwrap();
    };
    one(0);
    std::thread::scope(|scope| {
        let writers =
            [1, 2, 3].map(|byte| scope.spawn(move || (0..WRITTEN).for_each(|_| one(byte))));
        let mut seen = 0_usize;
        while !writers.iter().all(|writer| writer.is_finished()) {
            let mut bytes = vec![];
            open(&place, kind).unwrap().reader().read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes.len(), BYTES / 8);
            assert!(bytes.iter().all(|byte| *byte == bytes[0]));
            seen += 1;
        }
        assert!(seen > 0);
    });
    assert_eq!(names(folder.path()), ["place"]);
}
