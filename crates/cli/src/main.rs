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
            output.error(&one_line(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes; library errors repeat their cause's words, which are said once.
fn one_line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
