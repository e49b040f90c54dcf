//! The folder of a run: its files are made out of sight and moved into place when all are complete, so that runs
//! that share a folder do not mix theirs, and one that fails leaves nothing.

use crate::Error;
use provenn_artefact::temporary::{Listed, PREFIX, remove_stale};
use provenn_artefact::{check_folder, check_place, write_atomically};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) struct Folder {
    /// Where the files are made.
    hidden: TempDir,
    /// Taken away if the process is interrupted.
    listed: Listed,
    /// Held while the files are made: says to others that they are in use.
    in_use: File,
    /// Where they go.
    out: PathBuf,
}

impl Folder {
    pub(crate) fn new(out: &Path) -> Result<Self, Error> {
        let failed = |source| refused(out, source);
        if fs::metadata(out).is_ok_and(|found| !found.is_dir()) {
            return Err(failed(io::Error::from(io::ErrorKind::NotADirectory)));
        }
        // Where moving is renaming: in the folder, or in the one that it will be made in.
        let within = out.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
        check_folder(within).map_err(failed)?;
        remove_stale(within);
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let hidden = builder.tempdir_in(within).map_err(failed)?;
        let listed = Listed::new(hidden.path());
        let in_use = File::open(hidden.path()).map_err(failed)?;
        // Where folders cannot be locked, an abandoned one is only found by its age.
        let _ = in_use.try_lock();
        Ok(Folder { hidden, listed, in_use, out: out.into() })
    }

    /// Where the files are made.
    pub(crate) fn path(&self) -> &Path {
        self.hidden.path()
    }

    /// The result of writing one of the files: an error is about where the file is to be, not about where it is made.
    pub(crate) fn written<T, E: Into<Error>>(
        &self,
        name: &str,
        result: Result<T, E>,
    ) -> Result<T, Error> {
        result.map_err(|error| {
            let error = error.into();
            match cause(&error).map(|source| io::Error::new(source.kind(), source.to_string())) {
                Some(source) => refused(&self.out.join(name), source),
                None => error,
            }
        })
    }

    /// Moves the files into place.
    pub(crate) fn publish(self, names: &[&str]) -> Result<(), Error> {
        let Folder { hidden, listed, in_use, out } = self;
        drop(in_use);
        let moved = into_place(hidden.path(), &out, names).map_err(|source| refused(&out, source));
        drop(listed);
        moved
    }
}

/// What the system said.
fn cause(error: &Error) -> Option<&io::Error> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn refused(out: &Path, source: io::Error) -> Error {
    Error::File { path: out.into(), source, advice: "choose another folder with --out" }
}

fn into_place(hidden: &Path, out: &Path, names: &[&str]) -> io::Result<()> {
    if !out.is_dir() {
        if let Some(parent) = out.parent() {
            fs::create_dir_all(parent)?;
        }
        match fs::rename(hidden, out) {
            Ok(()) => return Ok(()),
            // Another run was first.
            Err(_) if out.is_dir() => {}
            Err(error) => return Err(error),
        }
    }
    // One run at a time moves its files in: the last one's stand together.
    let folder = File::open(out)?;
    let _ = folder.lock();
    names.iter().try_for_each(|name| check_place(&out.join(name)).map_err(io::Error::other))?;
    names.iter().try_for_each(|name| replace(&hidden.join(name), &out.join(name)))
}

/// Renames where a regular file or nothing is to be replaced; what else is there is written through.
fn replace(from: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
        Ok(found) if found.is_file() => {
            fs::set_permissions(from, found.permissions())?;
            fs::rename(from, to)
        }
        Ok(_) => write_atomically(to, |file| io::copy(&mut File::open(from)?, file).map(|_| ()))
            .map_err(io::Error::other),
        Err(error) => Err(error),
    }
}
