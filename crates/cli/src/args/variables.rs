//! Values of the extents that a model leaves open.

use crate::usage::UsageError;
use anyhow::Result;
use clap::Args;
use provenn::{Error, ImportError, OnnxModel};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

/// Values of the extents that the model leaves open.
#[derive(Args, Debug)]
pub(crate) struct VariablesArgument {
    /// Values of symbolic extents, separated by commas; an extent without a symbol is INPUT.AXIS, as in `-V x.0=1`.
    /// batch_size is 1 unless given; of a model without such an extent, it is the first one of inputs where that is 1.
    #[arg(short = 'V', long, value_name = "NAME=VALUE,…", value_delimiter = ',', value_parser = variable)]
    variables: Vec<(String, usize)>,
}

impl VariablesArgument {
    /// The model with these values.
    pub(crate) fn load(&self, model: &Path) -> Result<OnnxModel> {
        OnnxModel::load(model, &self.values()?).map_err(of_argument)
    }

    /// By name; no name has two values.
    pub(crate) fn values(&self) -> Result<BTreeMap<String, usize>> {
        let mut values = BTreeMap::new();
        for (name, value) in &self.variables {
            if let Some(other) = values.insert(name.clone(), *value)
                && other != *value
            {
                return Err(UsageError::new(format!(
                    "--variables gives {name} two values, {other} and {value}; give one"
                ))
                .into());
            }
        }
        Ok(values)
    }
}

/// A symbol that the model does not have is an error of the argument that names it.
pub(crate) fn of_argument(error: Error) -> anyhow::Error {
    match &error {
        Error::Import { source, .. } if matches!(**source, ImportError::UnknownVariable { .. }) => {
            UsageError::new(error.to_string()).into()
        }
        _ => error.into(),
    }
}

fn variable(text: &str) -> Result<(String, usize), String> {
    let parts = text.rsplit_once('=').or_else(|| text.rsplit_once("->"));
    parts
        .and_then(|(name, value)| {
            Some((name.to_owned(), value.parse::<NonZeroUsize>().ok()?.get()))
        })
        .ok_or_else(|| format!("`{text}` is not NAME=VALUE with a positive integer"))
}
