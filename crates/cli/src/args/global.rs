//! How much is said, and in which form.

use crate::output::Output;
use clap::Args;

#[derive(Args, Debug)]
#[allow(clippy::struct_excessive_bools)] // switches are
pub(crate) struct Global {
    /// Write JSON lines instead of text.
    #[arg(long, global = true, help_heading = "General")]
    json: bool,
    /// Say also how long the command took and how much memory.
    #[arg(short = 'v', long, global = true, help_heading = "General")]
    verbose: bool,
    /// Say nothing but errors and what was asked for.
    #[arg(short = 'q', long, global = true, help_heading = "General", conflicts_with = "verbose")]
    quiet: bool,
}

impl Global {
    pub(crate) fn output(&self) -> Output {
        Output::new(self.json, self.quiet, self.verbose)
    }
}
