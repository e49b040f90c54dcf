//! The files of a command, looked at before it works for minutes: what is written is not read or written twice,
//! and replaces nothing of another kind.

mod holds;
mod path;

pub(crate) use holds::Holds;
pub(crate) use path::{from_stdin, is_pipe, is_stdin, is_stdout, same_file, stdout, to_stdout};

use crate::usage::UsageError;
use anyhow::{Result, bail};
use path::Identity;
use provenn::{artefact, temporary};
use std::path::Path;

/// What a command reads and writes.
#[derive(Default)]
pub(crate) struct Files<'a> {
    reads: Vec<(&'static str, &'a Path)>,
    writes: Vec<(&'static str, &'a Path, Holds)>,
}

impl<'a> Files<'a> {
    pub(crate) fn new() -> Self {
        Files::default()
    }

    /// A file that is read; `flag` names it in errors.
    pub(crate) fn read(mut self, flag: &'static str, path: &'a Path) -> Self {
        self.reads.push((flag, path));
        self
    }

    /// A file that is written.
    pub(crate) fn write(mut self, flag: &'static str, path: &'a Path, holds: Holds) -> Self {
        self.writes.push((flag, path, holds));
        self
    }

    /// Refuses files that are one, by whatever names, and files that hold something else.
    pub(crate) fn check(&self) -> Result<()> {
        let mut piped = self.reads.iter().filter(|(_, path)| is_stdin(path));
        if let (Some((one, _)), Some((other, _))) = (piped.next(), piped.next()) {
            return Err(UsageError::new(format!(
                "{one} and {other} both name standard input; give one of them a file"
            ))
            .into());
        }
        let mut seen: Vec<_> =
            self.reads.iter().map(|(flag, path)| (*flag, Identity::of(path))).collect();
        for (flag, path, holds) in &self.writes {
            if let Some(folder) = path.parent() {
                let here = folder.as_os_str().is_empty();
                temporary::remove_stale(if here { Path::new(".") } else { folder });
            }
            let Some(identity) = Identity::of(path) else { continue };
            if let Some((other, _)) = seen.iter().find(|(_, id)| id.as_ref() == Some(&identity)) {
                let path = path.display();
                return Err(UsageError::new(format!(
                    "{path}: {other} and {flag} name this one file; give each a file of its own"
                ))
                .into());
            }
            match Holds::at(path) {
                Some(got) if got != *holds => bail!(
                    "{}: holds {got}, which {holds} would replace; choose another place with {flag}, or remove the file",
                    path.display()
                ),
                Some(_) | None => artefact::check_place(path)?,
            }
            seen.push((flag, Some(identity)));
        }
        Ok(())
    }
}
