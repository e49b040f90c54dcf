//! The provenn command line: arguments in, library calls, messages out.

mod args;
mod calibrate;
mod commands;
mod one_shot;
mod output;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    let output = output::Output::new(arguments.json);
    match commands::execute(arguments.command, &output) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output.error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
