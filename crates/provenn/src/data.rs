//! Input data: `input.json` and its relatives.
//!
//! | file | holds |
//! |---|---|
//! | `.json` | `{"input_data": [[…], …]}`, optionally `labels`; other forms below |
//! | `.jsonl`, `.ndjson` | one such object, or one list of numbers per model input, per line |
//! | `.npy` | an array whose first axis counts observations |
//! | `.npz` | such an array per model input, by the input's name, or `arr_0`, `arr_1`, … in order; optionally `labels` |
//!
//! Observations may follow each other list by list, or stand one after the other in one list per model input. Where a
//! model takes N inputs at once, lists of one input each make an observation of every N.

mod arrays;
mod batches;
mod forms;
mod input_data;
mod json_lines;
mod observations;
mod slot;
mod source;

pub use input_data::InputData;
pub use source::DataSource;

use crate::{DataProblem, Error};
use provenn_artefact::read_at_most;
use std::path::Path;

/// Files beyond this size are refused before they are read.
const LIMIT: u64 = 1 << 30;

impl InputData {
    /// Reads a data file of any of the formats above, by its extension; unknown ones are read as JSON.
    ///
    /// # Errors
    /// [`Error::Data`] naming the file and what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let of = |source| Error::Data { path: path.into(), source };
        let wrong = |reason| of(DataProblem::Format { reason });
        let advice = "give observations with -D, gen-random-data makes some";
        let bytes =
            read_at_most(path, LIMIT).map_err(|error| of(DataProblem::unread(error, advice)))?;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl" | "ndjson") => json_lines::read(&bytes).map_err(wrong),
            Some("npy") => arrays::read_npy(bytes).map_err(wrong),
            Some("npz") => arrays::read_npz(bytes).map_err(wrong),
            _ => forms::read(&bytes).map_err(wrong),
        }
    }

    /// Reads data from the text of a JSON file.
    ///
    /// # Errors
    /// [`Error::Data`] with `name` in the place of the file's.
    pub fn from_json(name: &str, text: &str) -> Result<Self, Error> {
        forms::read(text.as_bytes()).map_err(|reason| Error::Data {
            path: name.into(),
            source: DataProblem::Format { reason },
        })
    }

    /// Reads labels, one number per observation: `.npy`, or a JSON list.
    ///
    /// # Errors
    /// [`Error::Data`] naming the file and what is wrong with it.
    pub fn read_labels(path: &Path) -> Result<Vec<f64>, Error> {
        let of = |source| Error::Data { path: path.into(), source };
        let wrong = |reason| of(DataProblem::Format { reason });
        let advice = "give a file with a label per observation, or leave --labels out";
        let bytes =
            read_at_most(path, LIMIT).map_err(|error| of(DataProblem::unread(error, advice)))?;
        if path.extension().is_some_and(|extension| extension == "npy") {
            return Ok(arrays::read_npy(bytes).map_err(wrong)?.input_data.concat());
        }
        serde_json::from_slice(&bytes).map_err(|error| of(DataProblem::Labels(error)))
    }
}
