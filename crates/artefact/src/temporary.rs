//! Temporary files and folders of this process, so that whoever ends it early can take them away; and those that
//! an earlier process left because it was killed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How the name of every temporary file and folder begins.
pub const PREFIX: &str = ".provenn-";
/// Letters and digits that follow it.
const RANDOM: usize = 6;
/// What nobody holds a lock on and is older than this was left behind: far longer than a process takes from making a file
/// to locking it.
const STALE: Duration = Duration::from_secs(60);

static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn live() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps a path in the list of what [`remove_all`] takes away, for as long as it lives.
#[derive(Debug)]
pub struct Listed(PathBuf);

impl Listed {
    /// Puts a file or folder on the list.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        live().insert(path.to_path_buf());
        Listed(path.to_path_buf())
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        live().remove(&self.0);
    }
}

/// Removes every temporary file and folder of this process: for a handler of interrupts, which ends it next.
pub fn remove_all() {
    for path in live().iter() {
        remove(path);
    }
}

/// Whether a file or folder is called as temporary ones are.
#[must_use]
pub fn is_temporary(name: &str) -> bool {
    let random = name.strip_prefix(PREFIX).unwrap_or_default();
    random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Removes what killed processes left in a folder. What cannot be removed stays: it does no harm.
pub fn remove_stale(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if is_temporary(&entry.file_name().to_string_lossy()) && is_stale(&entry.path()) {
            remove(&entry.path());
        }
    }
}

fn is_stale(path: &Path) -> bool {
    let old = || -> io::Result<bool> {
        let age = fs::symlink_metadata(path)?.modified()?.elapsed();
        Ok(age.is_ok_and(|age| age > STALE) && File::open(path)?.try_lock().is_ok())
    };
    old().unwrap_or(false)
}

fn remove(path: &Path) {
    // Another thread may be adding to a folder. What cannot be removed stays: there is nobody to tell.
    for _ in 0..3 {
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        if removed.is_ok() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test reports by panicking
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_is_in_use_stays() {
        let folder = tempfile::TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let old = SystemTime::now() - 2 * STALE;
        let mut held = vec![];
        for name in
            [".provenn-left00", ".provenn-used00", "notes", ".provenn-notes", ".provenn-new000"]
        {
            let file = File::create(at(name)).unwrap();
            if name != ".provenn-new000" {
                file.set_modified(old).unwrap();
            }
            if name == ".provenn-used00" {
                file.lock().unwrap();
                held.push(file);
            }
        }
        remove_stale(folder.path());
        let left = |name: &str| at(name).exists();
        assert!(!left(".provenn-left00"));
        assert!(left(".provenn-used00") && left(".provenn-new000"));
        assert!(left("notes") && left(".provenn-notes"), "they are somebody's own");
        let listed = Listed::new(&at(".provenn-used00"));
        remove_all();
        assert!(!left(".provenn-used00"));
        drop(listed);
    }

    #[test]
    fn temporary_files_are_called_so() {
        let folder = tempfile::TempDir::new().unwrap();
        let made = tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder.path()).unwrap();
        let name = made.path().file_name().unwrap().to_string_lossy().into_owned();
        assert!(is_temporary(&name), "{name}");
    }
}
