//! `completions`.

use crate::output::Output;
use anyhow::Result;
use clap::{Args, Command};
use clap_complete::{Shell, generate};
use serde_json::json;

/// Print a shell's completions of these commands.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell that they are for.
    shell: Shell,
}

impl Completions {
    /// Of `program`, whose command this is.
    pub(crate) fn execute(self, mut program: Command, output: &Output) -> Result<()> {
        let mut text = vec![];
        generate(self.shell, &mut program, "provenn", &mut text);
        let text = String::from_utf8_lossy(&text);
        output.data(text.trim_end(), &json!({ "completions": text }));
        Ok(())
    }
}
