//! Where a file goes and how it gets there.
//!
//! * A regular file, or none yet: filled beside its place and renamed into it when complete and stored: not every disk
//!   says at once that it is full. Symbolic links are followed, so that the link stays a link; mode and owner of what is
//!   replaced are kept.
//! * A pipe, a terminal, a device: written straight through, complete.

use crate::error::ArtefactError;
use crate::temporary::{Listed, PREFIX};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Links that are followed before they are taken for a circle.
const LINKS: usize = 40;

/// Who may read a file that is made where none was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Whoever the process' mask lets.
    Shared,
    /// The owner.
    Private,
}

#[cfg(unix)]
impl Access {
    fn mode(self) -> u32 {
        match self {
            Access::Shared => 0o666,
            Access::Private => 0o600,
        }
    }
}

/// Writes a file whole or not at all, for everybody to read.
///
/// # Errors
/// [`ArtefactError::Write`]; the file at `path` is then as it was before.
pub fn write_atomically(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), ArtefactError> {
    write(path, Access::Shared, fill)
}

/// Writes a file whole or not at all; where none was, only its owner may read it.
///
/// # Errors
/// [`ArtefactError::Write`]; the file at `path` is then as it was before.
pub fn write_private(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), ArtefactError> {
    write(path, Access::Private, fill)
}

/// Whether a file may be written at `path`, as far as that is known before there is one.
///
/// # Errors
/// [`ArtefactError::Write`] for a folder, and for a file that may not be written.
pub fn check_place(path: &Path) -> Result<(), ArtefactError> {
    Place::of(path).map(drop).map_err(|source| ArtefactError::Write { path: path.into(), source })
}

fn write(
    path: &Path,
    access: Access,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), ArtefactError> {
    let place = Place::of(path);
    place
        .and_then(|place| match place {
            Place::Through => through(path, fill),
            Place::File { target, replaced } => replace(&target, replaced.as_ref(), access, fill),
        })
        .map_err(|source| ArtefactError::Write { path: path.into(), source })
}

/// What is at the end of a path.
enum Place {
    /// No regular file: bytes go through it.
    Through,
    /// A regular file to replace, or one to make.
    File { target: PathBuf, replaced: Option<Metadata> },
}

impl Place {
    fn of(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(got) if got.is_dir() => Err(io::Error::from(io::ErrorKind::IsADirectory)),
            Ok(got) if !got.is_file() || is_descriptor(path) => Ok(Place::Through),
            Ok(got) => {
                // Root may write it all the same; whoever took the permission away did not want that.
                if got.permissions().readonly() {
                    return Err(io::Error::from(io::ErrorKind::PermissionDenied));
                }
                let target = fs::canonicalize(path)?;
                check_folder(folder_of(&target))?;
                // A rename would replace a file that nobody may write.
                OpenOptions::new().write(true).open(&target)?;
                Ok(Place::File { target, replaced: Some(got) })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let target = end_of_links(path)?;
                check_folder(folder_of(&target))?;
                Ok(Place::File { target, replaced: None })
            }
            Err(error) => Err(error),
        }
    }
}

/// Names of what the process already has open; if that is a file, its other holder must not lose it.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr"].iter().any(|name| path == Path::new(name))
        || ["/dev/fd", "/proc/self/fd"].iter().any(|folder| path.starts_with(folder))
}

/// The file that a path names once its symbolic links are followed, whether it is there or not.
///
/// # Errors
/// Links in a circle.
pub fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_path_buf();
    for _ in 0..LINKS {
        let Ok(next) = fs::read_link(&target) else { return Ok(target) };
        target = folder_of(&target).join(next);
    }
    Err(io::Error::other("its symbolic links lead in a circle"))
}

/// Whether files may be made in a folder, as far as its mode tells. Root may make them all the same; whoever took the
/// permission away did not want that.
///
/// # Errors
/// [`io::ErrorKind::PermissionDenied`] for a folder that nobody may write.
pub fn check_folder(folder: &Path) -> io::Result<()> {
    // Elsewhere the attribute does not say what may be done within.
    #[cfg(unix)]
    if fs::metadata(folder).is_ok_and(|found| found.is_dir() && found.permissions().readonly()) {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// Makes a folder and those that it lies in, unless they are there.
///
/// # Errors
/// [`ArtefactError::Write`].
pub fn make_folder(path: &Path) -> Result<(), ArtefactError> {
    let within = path.ancestors().skip(1).find(|folder| folder.is_dir());
    let made = match path.is_dir() {
        true => Ok(()),
        false => {
            check_folder(within.unwrap_or(Path::new("."))).and_then(|()| fs::create_dir_all(path))
        }
    };
    made.map_err(|source| ArtefactError::Write { path: path.into(), source })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Fills a nameless file, then copies it: what is filled may be written out of order.
fn through(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let mut file = tempfile::tempfile()?;
    fill(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    if path == Path::new("/dev/stdout") {
        // Not every standard output can be opened by its name.
        let mut end = io::stdout().lock();
        io::copy(&mut file, &mut end)?;
        return end.flush();
    }
    let mut end = OpenOptions::new().append(true).open(path)?;
    io::copy(&mut file, &mut end)?;
    Ok(())
}

fn replace(
    target: &Path,
    replaced: Option<&Metadata>,
    access: Access,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(access.mode()));
    // Elsewhere the folder decides who reads.
    #[cfg(not(unix))]
    let _ = access;
    let mut file = builder.tempfile_in(folder_of(target)).map_err(without_path)?;
    let listed = Listed::new(file.path());
    // Where files cannot be locked, what is left behind is only found by its age.
    let _ = file.as_file().try_lock();
    fill(file.as_file_mut())?;
    if let Some(replaced) = replaced {
        take_over(file.as_file(), replaced)?;
    }
    stored(file.as_file())?;
    file.persist(target).map_err(|error| error.error)?;
    drop(listed);
    Ok(())
}

/// Waits until the file's contents are stored: a disk that is shared, or full, may only say now that they are not, and
/// the file that they would replace is still there.
fn stored(file: &File) -> io::Result<()> {
    match file.sync_data() {
        // Of files that are stored nowhere.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        other => other,
    }
}

/// What the system said, without the name of the temporary file, which is nobody's concern.
fn without_path(error: io::Error) -> io::Error {
    // The system's own error is wrapped where only its text can be reached.
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((said, _)) => io::Error::new(error.kind(), said.to_owned()),
        None => error,
    }
}

/// Gives a file the mode of the one it replaces, and its owner where that may be done.
fn take_over(file: &File, replaced: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let made = file.metadata()?;
        if (made.uid(), made.gid()) != (replaced.uid(), replaced.gid()) {
            let _ = fchown(file, Some(replaced.uid()), Some(replaced.gid()));
        }
    }
    file.set_permissions(replaced.permissions())
}
