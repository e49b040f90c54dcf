//! Paths as they are typed, and which of them are one file.

use std::fs;
use std::path::{Path, PathBuf};

const STDIN: &str = "/dev/stdin";
const STDOUT: &str = "/dev/stdout";

/// A file to read: `-` is standard input.
pub(crate) fn from_stdin(text: &str) -> Result<PathBuf, &'static str> {
    named(if text == "-" { STDIN } else { text })
}

/// A file to write: `-` is standard output.
pub(crate) fn to_stdout(text: &str) -> Result<PathBuf, &'static str> {
    named(if text == "-" { STDOUT } else { text })
}

fn named(text: &str) -> Result<PathBuf, &'static str> {
    if text.is_empty() { Err("a file's name is expected") } else { Ok(text.into()) }
}

/// Whether what is read there is standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// Whether something is there that is neither a file nor a folder.
pub(crate) fn is_pipe(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// Standard output as a file.
pub(crate) fn stdout() -> PathBuf {
    STDOUT.into()
}

/// Whether what is written there is what the program prints.
pub(crate) fn is_stdout(path: &Path) -> bool {
    [STDOUT, "/dev/fd/1", "/proc/self/fd/1"].iter().any(|name| path == Path::new(name))
}

/// Whether two names are of one file.
pub(crate) fn same_file(one: &Path, other: &Path) -> bool {
    one == other || Identity::of(one).is_some_and(|id| Identity::of(other) == Some(id))
}

/// What tells files apart, whatever they are called.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// Where it is stored; the same for hard links.
    #[cfg(unix)]
    Stored(u64, u64),
    /// Its only name.
    Named(PathBuf),
}

impl Identity {
    /// `None` for pipes and devices, which can be written twice.
    pub(super) fn of(path: &Path) -> Option<Self> {
        match fs::metadata(path) {
            Ok(found) if !found.is_file() => None,
            #[cfg(unix)]
            Ok(found) => {
                use std::os::unix::fs::MetadataExt;
                Some(Identity::Stored(found.dev(), found.ino()))
            }
            #[cfg(not(unix))]
            Ok(_) => fs::canonicalize(path).ok().map(Identity::Named),
            Err(_) => {
                let end = provenn::artefact::end_of_links(path).ok()?;
                let folder = end.parent().filter(|folder| !folder.as_os_str().is_empty());
                let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
                Some(Identity::Named(folder.join(end.file_name()?)))
            }
        }
    }
}
