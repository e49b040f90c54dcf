//! `man`.

use crate::output::Output;
use anyhow::Result;
use clap::{Args, Command};
use provenn::artefact::make_folder;
use provenn::write_atomically;
use std::io::Write;
use std::path::PathBuf;

/// Write manual pages, one for each command.
#[derive(Args, Debug)]
pub(crate) struct Man {
    /// The folder they go to.
    #[arg(long, value_name = "FOLDER", default_value = "man")]
    out: PathBuf,
}

impl Man {
    /// Of `program`, whose command this is.
    pub(crate) fn execute(self, mut program: Command, output: &Output) -> Result<()> {
        make_folder(&self.out)?;
        program.build();
        let commands = program.get_subcommands().filter(|command| command.get_name() != "help");
        for command in std::iter::once(&program).chain(commands) {
            let name = command.get_display_name().unwrap_or(command.get_name());
            let path = self.out.join(format!("{name}.1"));
            let mut page = vec![];
            clap_mangen::Man::new(command.clone()).render(&mut page)?;
            write_atomically(&path, |file| file.write_all(&page))?;
        }
        output.wrote(&self.out);
        Ok(())
    }
}
