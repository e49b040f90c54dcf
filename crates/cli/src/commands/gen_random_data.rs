//! `gen-random-data`.

use crate::args::RunArguments;
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::{InputData, OnnxModel, write_atomically};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

/// Write random observations of the model's input shapes.
#[derive(Args, Debug)]
pub(crate) struct GenRandomData {
    #[arg(short = 'M', long, default_value = "network.onnx")]
    model: PathBuf,
    #[arg(short = 'D', long, default_value = "input.json")]
    data: PathBuf,
    /// How many observations.
    #[arg(long, default_value_t = 1)]
    observations: usize,
    /// Seed of the generator.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    run: RunArguments,
}

impl GenRandomData {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let model = OnnxModel::load(&self.model, &self.run.run_args().variables)?;
        let data = InputData::random(model.graph(), self.observations, self.seed);
        let text = json!(data).to_string();
        write_atomically(&self.data, |file| file.write_all(text.as_bytes()))?;
        output.wrote(&self.data);
        Ok(())
    }
}
