//! Where data come from, and errors that say so.

use super::input_data::InputData;
use crate::{DataProblem, Error};
use std::path::PathBuf;

/// A file, or the JSON itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// A file of any of the formats of [`InputData::read`].
    File(PathBuf),
    /// JSON in one of the forms of data files.
    Inline(String),
}

impl From<PathBuf> for DataSource {
    fn from(path: PathBuf) -> Self {
        DataSource::File(path)
    }
}

impl DataSource {
    /// The file, or what stands for it in errors.
    #[must_use]
    pub fn name(&self) -> PathBuf {
        match self {
            DataSource::File(path) => path.clone(),
            DataSource::Inline(_) => "the data given".into(),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Error::Data`] naming it and what is wrong.
    pub fn read(&self) -> Result<InputData, Error> {
        match self {
            DataSource::File(path) => InputData::read(path),
            DataSource::Inline(text) => InputData::from_json("the data given", text),
        }
    }

    /// An error about observations, with where they stand.
    #[must_use]
    pub fn blame(&self, error: Error) -> Error {
        match error {
            Error::Observation { .. } => {
                Error::Data { path: self.name(), source: DataProblem::Misfit(Box::new(error)) }
            }
            other => other,
        }
    }
}
