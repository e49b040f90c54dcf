//! Values of the extents that a model leaves open, and of inputs that are always the same.

use crate::usage::UsageError;
use anyhow::Result;
use clap::Args;
use provenn::{Error, OnnxModel};
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

/// Values of the extents that the model leaves open, and of inputs.
#[derive(Args, Debug)]
pub(crate) struct VariablesArgument {
    /// Values of symbolic extents, separated by commas; an extent without a symbol is INPUT.AXIS, as in `-V x.0=1`.
    /// batch_size is 1 unless given; of a model without such an extent, it is the first one of inputs where that is 1 or has no name.
    #[arg(short = 'V', long, value_name = "NAME=VALUE,…", value_delimiter = ',', value_parser = variable)]
    variables: Vec<(String, usize)>,
    /// The value of an input that is then a constant of the circuit, as in `--fix sr=16000`: a number for every element,
    /// a JSON list, or @FILE with one. Several inputs: several times.
    #[arg(long, value_name = "INPUT=VALUE", value_parser = fixed)]
    fix: Vec<(String, Vec<f64>)>,
}

impl VariablesArgument {
    /// The model with these values.
    pub(crate) fn load(&self, model: &Path) -> Result<OnnxModel> {
        OnnxModel::load_fixed(model, &self.values()?, &self.fixed()?).map_err(of_argument)
    }

    /// Values of inputs, by name; no input has two.
    pub(crate) fn fixed(&self) -> Result<BTreeMap<String, Vec<f64>>> {
        let mut values = BTreeMap::new();
        for (name, value) in &self.fix {
            if values.insert(name.clone(), value.clone()).is_some_and(|other| other != *value) {
                return Err(
                    UsageError::new(format!("--fix gives {name} two values; give one")).into()
                );
            }
        }
        Ok(values)
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

/// What does not fit the model is an error of the argument that gives it.
pub(crate) fn of_argument(error: Error) -> anyhow::Error {
    match error.is_of_given() {
        true => UsageError::new(error.to_string()).into(),
        false => error.into(),
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

fn fixed(text: &str) -> Result<(String, Vec<f64>), String> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is not INPUT=VALUE"))?;
    let read = value.strip_prefix('@').map(std::fs::read_to_string).transpose();
    let read = read.map_err(|error| format!("cannot read `{value}`: {error}"))?;
    let json = read.as_deref().unwrap_or(value);
    let wrong = || format!("the value of `{name}` is no number and no list of numbers");
    let parsed: Value = serde_json::from_str(json).map_err(|_| wrong())?;
    let mut numbers = vec![];
    flatten(&parsed, &mut numbers).ok_or_else(wrong)?;
    Ok((name.to_owned(), numbers))
}

/// The numbers of nested lists, in their order; truth values are 0 and 1.
fn flatten(value: &Value, numbers: &mut Vec<f64>) -> Option<()> {
    match value {
        Value::Number(number) => numbers.push(number.as_f64()?),
        Value::Bool(truth) => numbers.push(f64::from(u8::from(*truth))),
        Value::Array(list) => list.iter().try_for_each(|value| flatten(value, numbers))?,
        Value::Null | Value::String(_) | Value::Object(_) => return None,
    }
    Some(())
}
