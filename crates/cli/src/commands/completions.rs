//! `completions`.

use super::Arguments;
use crate::output::Output;
use anyhow::Result;
use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};
use serde_json::json;

/// Print a shell's completions of these commands.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell that they are for.
    shell: Shell,
}

impl Completions {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let mut text = vec![];
        generate(self.shell, &mut Arguments::command(), "provenn", &mut text);
        let text = String::from_utf8_lossy(&text);
        output.data(text.trim_end(), &json!({ "completions": text }));
        Ok(())
    }
}
