//! Settings: everything that, with the float graph, determines the quantised graph.

use crate::committed::Magnitudes;
use crate::format::Format;
use crate::grid::Grid;
use crate::limits::{BITS, LOGROWS, LOW_BITS, MOST_FORMATS, MOST_NAME_BYTES, SCALE, SHIFT};
use crate::round::scale_of;
use crate::run_args::{Part, RunArgs};
use crate::strict::unique;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// Version of the settings format.
pub const SETTINGS_VERSION: u32 = 2;

/// What settings of any version begin with.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// A closed interval of floats.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Smallest value.
    pub lo: f64,
    /// Largest value.
    pub hi: f64,
}

impl Range {
    /// Largest magnitude.
    #[must_use]
    pub fn magnitude(&self) -> f64 {
        self.lo.abs().max(self.hi.abs())
    }
}

/// Ranges of a tensor's columns; which element is in which, as in a [`Grid`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Consecutive elements of one column.
    pub inner: usize,
    /// One per column.
    pub ranges: Vec<Range>,
}

/// What a verifier needs to know of a public tensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TensorInfo {
    /// Name of the model's input or output.
    pub name: String,
    /// Name of its node, by which ranges are listed, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Extents, batch included.
    pub shape: Vec<usize>,
    /// Real value of one unit; where columns have steps of their own, the coarsest.
    pub step: f64,
    /// −log2 of the step, where there is one step and that is an integer.
    pub scale: Option<i32>,
    /// What integers stand for, where columns have steps or offsets of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<Grid>,
}

impl TensorInfo {
    /// A description.
    #[must_use]
    pub fn new(name: String, shape: Vec<usize>, grid: Grid) -> Self {
        let (step, one) = (grid.coarsest(), grid.step());
        let scale = one.and_then(scale_of);
        TensorInfo { name, node: None, shape, step, scale, grid: one.is_none().then_some(grid) }
    }

    /// Name of its node.
    #[must_use]
    pub fn node(&self) -> &str {
        self.node.as_ref().unwrap_or(&self.name)
    }

    /// What the integers stand for.
    #[must_use]
    pub fn grid(&self) -> Grid {
        self.grid.clone().unwrap_or_else(|| Grid::uniform(self.step))
    }
}

/// Settings of one model, as saved in `settings.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// [`SETTINGS_VERSION`].
    pub version: u32,
    /// The user's choices.
    pub run_args: RunArgs,
    /// Digest of the model file, in the caller's format.
    pub model_digest: String,
    /// S.
    pub shift: u32,
    /// t.
    pub low_bits: u32,
    /// Bits of an activation.
    pub bits: u32,
    /// Rows of the circuit that these settings were found to give: 2^k. For choosing an SRS; nothing else reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub k: Option<u32>,
    /// Bits of single nodes, where calibration found that they need more or fewer.
    #[serde(default, deserialize_with = "unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub node_bits: BTreeMap<String, u32>,
    /// S and t of single nodes' rescales, for who finds that they need others; no command chooses any.
    #[serde(default, deserialize_with = "unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub node_formats: BTreeMap<String, Format>,
    /// Calibrated float range of every node that is not a constant, by name.
    #[serde(deserialize_with = "unique")]
    pub ranges: BTreeMap<String, Range>,
    /// Calibrated ranges column by column, of nodes whose columns differ so much in size, or lie so far from zero,
    /// that one range for all of them would leave few bits to some.
    #[serde(default, deserialize_with = "unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, Columns>,
    /// Where weights are committed: how large they and biases may be, node by node.
    #[serde(default, deserialize_with = "unique", skip_serializing_if = "BTreeMap::is_empty")]
    pub magnitudes: BTreeMap<String, Magnitudes>,
    /// The graph's inputs in order.
    pub inputs: Vec<TensorInfo>,
    /// The graph's outputs in order.
    pub outputs: Vec<TensorInfo>,
}

/// Why settings cannot be made or used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not JSON of this format.
    #[error("the settings cannot be read ({reason}); make them with gen-settings")]
    Malformed {
        /// The parser's words.
        reason: String,
    },
    /// JSON, but no object.
    #[error("the settings cannot be read (they are no JSON object); make them with gen-settings")]
    NotAnObject,
    /// A version this build does not know.
    #[error(
        "the settings have version {got}, this build reads {expected}; make them again with gen-settings"
    )]
    Version {
        /// Version of this build.
        expected: u32,
        /// Version of the file.
        got: u32,
    },
    /// A name too long for a verifying key.
    #[error(
        "the name `{name}…` of an input or output has {got} bytes, at most {limit} are supported; rename it in the model"
    )]
    Name {
        /// Its beginning.
        name: String,
        /// Its length.
        got: usize,
        /// The limit.
        limit: usize,
    },
    /// Made for another model.
    #[error(
        "the settings were made for model {expected}, this model is {got}; make them again with gen-settings"
    )]
    OtherModel {
        /// Digest in the settings.
        expected: String,
        /// Digest of the model.
        got: String,
    },
    /// A parameter outside its range.
    #[error("{what} is {got}, expected {lo}..={hi}; change it in the run arguments")]
    Parameter {
        /// Which.
        what: &'static str,
        /// Its value.
        got: String,
        /// Smallest allowed.
        lo: i64,
        /// Largest allowed.
        hi: i64,
    },
    /// A visibility of which a proof would say nothing, or no more than with another.
    #[error("{what} cannot be {got}: {reason}")]
    Visibility {
        /// Which argument.
        what: &'static str,
        /// Its value.
        got: &'static str,
        /// Why, and what to choose.
        reason: &'static str,
    },
}

impl Settings {
    /// Reads settings from JSON.
    ///
    /// # Errors
    /// [`SettingsError`] for other formats, versions and parameters.
    pub fn from_json(json: &str) -> Result<Self, SettingsError> {
        let malformed =
            |error: serde_json::Error| SettingsError::Malformed { reason: error.to_string() };
        // Derived readers take a list of the fields' values as well.
        if !json.trim_start().starts_with('{') {
            return Err(SettingsError::NotAnObject);
        }
        // Another version has other fields: it is told first.
        let Versioned { version } = serde_json::from_str(json).map_err(malformed)?;
        if version != SETTINGS_VERSION {
            return Err(SettingsError::Version { expected: SETTINGS_VERSION, got: version });
        }
        let settings: Settings = serde_json::from_str(json).map_err(malformed)?;
        settings.check()?;
        Ok(settings)
    }

    /// Writes settings as JSON, for people to read.
    ///
    /// # Errors
    /// [`SettingsError::Malformed`] for a number that JSON has no form for.
    pub fn to_json(&self) -> Result<String, SettingsError> {
        serde_json::to_string_pretty(self)
            .map_err(|error| SettingsError::Malformed { reason: error.to_string() })
    }

    /// S and t of rescales that have no format of their own.
    #[must_use]
    pub fn main_format(&self) -> Format {
        Format { shift: self.shift, low_bits: self.low_bits }
    }

    /// Every format, each once.
    #[must_use]
    pub fn formats(&self) -> BTreeSet<Format> {
        self.node_formats.values().copied().chain([self.main_format()]).collect()
    }

    /// Checks that the settings belong to the model with this digest.
    ///
    /// # Errors
    /// [`SettingsError::OtherModel`] if they do not.
    pub fn check_digest(&self, model_digest: &str) -> Result<(), SettingsError> {
        if self.model_digest == model_digest {
            return Ok(());
        }
        Err(SettingsError::OtherModel {
            expected: self.model_digest.clone(),
            got: model_digest.to_owned(),
        })
    }

    /// Checks that a verifying key can carry the names of inputs and outputs.
    ///
    /// # Errors
    /// [`SettingsError::Name`].
    pub(crate) fn check_names(&self) -> Result<(), SettingsError> {
        let mut all = self.inputs.iter().chain(&self.outputs);
        match all.find(|info| info.name.len() > MOST_NAME_BYTES) {
            Some(info) => Err(SettingsError::Name {
                name: info.name.chars().take(32).collect(),
                got: info.name.len(),
                limit: MOST_NAME_BYTES,
            }),
            None => Ok(()),
        }
    }

    /// Checks version and parameters.
    ///
    /// # Errors
    /// [`SettingsError`] naming the first that is wrong.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.version != SETTINGS_VERSION {
            return Err(SettingsError::Version { expected: SETTINGS_VERSION, got: self.version });
        }
        self.run_args.check()?;
        for (what, got, range) in [
            ("shift", self.shift, SHIFT),
            ("low_bits", self.low_bits, LOW_BITS),
            ("bits", self.bits, BITS),
        ] {
            let (lo, hi) = ends(&range);
            in_range(what, i64::from(got), lo, hi)?;
        }
        for &Format { shift, low_bits } in self.node_formats.values() {
            for (what, got, range) in
                [("shift of a node", shift, SHIFT), ("low_bits of a node", low_bits, LOW_BITS)]
            {
                let (lo, hi) = ends(&range);
                in_range(what, i64::from(got), lo, hi)?;
            }
        }
        let formats = self.formats().len();
        let most = i64::try_from(MOST_FORMATS).unwrap_or(i64::MAX);
        in_range("number of formats", i64::try_from(formats).unwrap_or(i64::MAX), 1, most)?;
        for &bits in self.node_bits.values() {
            let (lo, hi) = ends(&BITS);
            in_range("bits of a node", i64::from(bits), lo, hi)?;
        }
        Ok(())
    }
}

impl RunArgs {
    /// Checks every argument.
    ///
    /// # Errors
    /// [`SettingsError`] naming the first that is out of range or not supported.
    pub fn check(&self) -> Result<(), SettingsError> {
        let unsigned = |value: Option<u32>| value.map(i64::from);
        // What is too few rows depends on the model: the planner names the least.
        let logrows = 0..=*LOGROWS.end();
        for (what, got, (lo, hi)) in [
            ("input_scale", self.input_scale.map(i64::from), ends(&SCALE)),
            ("output_scale", self.output_scale.map(i64::from), ends(&SCALE)),
            ("shift", unsigned(self.shift), ends(&SHIFT)),
            ("low_bits", unsigned(self.low_bits), ends(&LOW_BITS)),
            ("bits", unsigned(self.bits), ends(&BITS)),
            ("logrows", unsigned(self.logrows), ends(&logrows)),
        ] {
            if let Some(got) = got {
                in_range(what, got, lo, hi)?;
            }
        }
        if !(self.assumed_input_range > 0.0 && self.assumed_input_range <= 1e6) {
            let got = self.assumed_input_range.to_string();
            return Err(SettingsError::Parameter {
                what: "assumed_input_range",
                got,
                lo: 0,
                hi: 1_000_000,
            });
        }
        for (what, visibility, part) in [
            ("input_visibility", self.input_visibility, Part::Inputs),
            ("output_visibility", self.output_visibility, Part::Outputs),
            ("param_visibility", self.param_visibility, Part::Weights),
        ] {
            if let Some(reason) = visibility.refused_for(part) {
                return Err(SettingsError::Visibility { what, got: visibility.name(), reason });
            }
        }
        Ok(())
    }
}

/// First and last of a range.
fn ends<T: Copy + Into<i64>>(range: &RangeInclusive<T>) -> (i64, i64) {
    ((*range.start()).into(), (*range.end()).into())
}

fn in_range(what: &'static str, got: i64, lo: i64, hi: i64) -> Result<(), SettingsError> {
    if (lo..=hi).contains(&got) {
        return Ok(());
    }
    Err(SettingsError::Parameter { what, got: got.to_string(), lo, hi })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step that comes back changed in its last bit is another statement: verifiers compare it.
    #[test]
    fn every_float_is_read_as_it_was_written() {
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let step = f64::from_bits(state);
            if !step.is_finite() {
                continue;
            }
            let text = serde_json::to_string(&Grid::uniform(step)).unwrap();
            let read: Grid = serde_json::from_str(&text).unwrap();
            assert_eq!(read.steps[0].to_bits(), step.to_bits(), "{text}");
        }
    }
}
