//! A file of a ceremony into a folder: by one process at a time, whole or not at all.

use crate::error::FetchError;
use crate::published::{MIRROR, PUBLISHED, Published};
use crate::transfer::{Patience, Transfer};
use etcetera::BaseStrategy;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes of the largest file that is read: powers for 2^26 rows in both bases, or as a ceremony publishes them.
const MOST_BYTES: u64 = 1 << 37;
/// Bytes that are hashed at a time.
const BUFFER: usize = 1 << 20;

/// What happens meanwhile.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// Another process fetches the same file; this one waits for it.
    Waiting,
    /// So many bytes have arrived, of so many.
    Bytes {
        /// In the file.
        done: u64,
        /// When it is whole, if that is known.
        total: Option<u64>,
    },
    /// The connection broke, and is made again.
    Again {
        /// Why.
        reason: &'a str,
        /// After this time.
        after: Duration,
    },
}

/// Where the system keeps caches, and there ours.
///
/// # Errors
/// [`FetchError::NoFolder`] if it has no such place.
pub fn default_folder() -> Result<PathBuf, FetchError> {
    let places = etcetera::choose_base_strategy().map_err(|_| FetchError::NoFolder)?;
    Ok(places.cache_dir().join("provenn").join("srs"))
}

/// What to fetch, and from where.
#[derive(Clone, Debug)]
pub struct Fetch {
    url: String,
    name: String,
    published: Option<&'static Published>,
    patience: Patience,
}

impl Fetch {
    /// The smallest published file that serves 2^k rows, from a mirror: a folder's URL.
    ///
    /// # Errors
    /// [`FetchError::K`] if there is none.
    pub fn serving(k: u32, mirror: Option<&str>) -> Result<Self, FetchError> {
        let most = PUBLISHED.last().map_or(0, |file| file.k);
        let file = Published::serving(k).ok_or(FetchError::K { k, most })?;
        let mirror = mirror.unwrap_or(MIRROR);
        let slash = if mirror.ends_with('/') { "" } else { "/" };
        Self::at(&format!("{mirror}{slash}{}", file.name))
    }

    /// The file at a URL. If its name is that of a published file, it must be that file.
    ///
    /// # Errors
    /// [`FetchError::Url`] if it is none, or names no file.
    pub fn at(url: &str) -> Result<Self, FetchError> {
        let wrong = |reason: &str| FetchError::Url { url: url.into(), reason: reason.into() };
        if !url.starts_with("https://") && !url.starts_with("http://") {
            return Err(wrong("is no URL of this kind"));
        }
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let name = path.rsplit('/').next().unwrap_or_default();
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
            return Err(wrong("names no file"));
        }
        let published = Published::named(name);
        Ok(Fetch { url: url.into(), name: name.into(), published, patience: Patience::default() })
    }

    /// With other waiting times.
    #[must_use]
    pub fn patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// From where.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What its size and digest are compared with, if it was published.
    #[must_use]
    pub fn published(&self) -> Option<&'static Published> {
        self.published
    }

    /// Where the file comes to lie.
    #[must_use]
    pub fn path(&self, folder: &Path) -> PathBuf {
        folder.join(&self.name)
    }

    /// Fetches the file unless it is there; makes the folder. What an earlier try left is not fetched again.
    ///
    /// # Errors
    /// [`FetchError`]. No file of that name is there afterwards unless it is whole and, if it was published, has the
    /// published digest.
    pub fn into_folder(
        &self,
        folder: &Path,
        mut observe: impl FnMut(Event<'_>),
    ) -> Result<PathBuf, FetchError> {
        let path = self.path(folder);
        if path.exists() {
            return Ok(path);
        }
        fs::create_dir_all(folder).map_err(at(folder))?;
        let part = folder.join(format!("{}.part", self.name));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // While the whole file is not there, this one is emptied but never removed: a lock on it is a lock on its name.
        let mut file = options.open(&part).map_err(at(&part))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                observe(Event::Waiting);
                file.lock().map_err(at(&part))?;
            }
            Err(TryLockError::Error(source)) => return Err(at(&part)(source)),
        }
        if path.exists() {
            // Another process has been faster.
            let _ = fs::remove_file(&part);
            return Ok(path);
        }
        let resumed = file.metadata().map_err(at(&part))?.len() > 0;
        let mut result = self.transfer(&mut file, &part, &mut observe);
        if resumed && matches!(result, Err(FetchError::Digest { .. } | FetchError::Size { .. })) {
            // What was left may have been of another file.
            file.set_len(0).map_err(at(&part))?;
            result = self.transfer(&mut file, &part, &mut observe);
        }
        if let Err(error) = result {
            if !matches!(error, FetchError::Interrupted { .. }) {
                file.set_len(0).map_err(at(&part))?;
            }
            return Err(error);
        }
        file.sync_all().map_err(at(&part))?;
        fs::rename(&part, &path).map_err(at(&path))?;
        Ok(path)
    }

    fn transfer(
        &self,
        file: &mut File,
        part: &Path,
        observe: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), FetchError> {
        let transfer = Transfer {
            url: &self.url,
            path: part,
            expected: self.published.map(Published::bytes),
            most: MOST_BYTES,
            patience: self.patience,
        };
        transfer.run(file, observe)?;
        let Some(published) = self.published else { return Ok(()) };
        let got = digest(file).map_err(at(part))?;
        if got == published.blake2b {
            return Ok(());
        }
        Err(FetchError::Digest { url: self.url.clone(), expected: published.blake2b, got })
    }
}

/// BLAKE2b-512 of a whole file, in hexadecimal.
fn digest(file: &mut File) -> io::Result<String> {
    file.rewind()?;
    let mut state = blake2b_simd::State::new();
    let mut buffer = vec![0; BUFFER];
    loop {
        let got = file.read(&mut buffer)?;
        if got == 0 {
            return Ok(state.finalize().to_hex().to_string());
        }
        state.update(buffer.get(..got).unwrap_or_default());
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> FetchError {
    move |source| FetchError::File { path: path.into(), source }
}
