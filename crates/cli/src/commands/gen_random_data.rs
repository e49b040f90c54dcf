//! `gen-random-data`.

use crate::args::{ModelArgument, VariablesArgument};
use crate::files::{Files, Holds, to_stdout};
use crate::output::Output;
use crate::usage::UsageError;
use anyhow::Result;
use clap::Args;
use provenn::{InputData, write_atomically};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Write random observations of the model's input shapes.
#[derive(Args, Debug)]
pub(crate) struct GenRandomData {
    #[command(flatten)]
    model: ModelArgument,
    /// Where the data go.
    #[arg(short = 'D', long, value_name = "FILE", value_parser = to_stdout, default_value = "input.json")]
    data: PathBuf,
    /// How many observations.
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    observations: usize,
    /// Seed of the generator.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Values are at least this.
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true, default_value_t = -1.0)]
    min: f64,
    /// Values are below this.
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true, default_value_t = 1.0)]
    max: f64,
    #[command(flatten)]
    variables: VariablesArgument,
}

impl GenRandomData {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let (min, max) = (self.min, self.max);
        if !(min.is_finite() && max.is_finite() && min < max) {
            return Err(UsageError::new(format!(
                "--min is {min} and --max is {max}; give finite numbers, the first below the second"
            ))
            .into());
        }
        if self.observations == 0 {
            return Err(UsageError::new("--observations is 0; give at least 1".into()).into());
        }
        let extension = self.data.extension().and_then(|text| text.to_str());
        if matches!(extension, Some("npy" | "npz")) {
            return Err(UsageError::new(format!(
                "{}: arrays are read, not written; give a name that ends in .json or .jsonl",
                self.data.display()
            ))
            .into());
        }
        Files::new()
            .read("--model", &self.model.model)
            .write("--data", &self.data, Holds::Data)
            .check()?;
        let model = self.variables.load(&self.model.model)?;
        output.notes(&model.notes());
        let data =
            InputData::random_within(model.graph(), self.observations, self.seed, (min, max));
        let text = match extension {
            Some("jsonl" | "ndjson") => {
                let inputs = model.graph().inputs.len().max(1);
                let lines = data.input_data.chunks(inputs);
                lines.map(|lists| format!("{}\n", json!({ "input_data": lists }))).collect()
            }
            _ => json!(data).to_string(),
        };
        write_atomically(&self.data, |file| file.write_all(text.as_bytes()))?;
        output.wrote(&self.data);
        Ok(())
    }
}
