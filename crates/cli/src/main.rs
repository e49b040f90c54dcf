//! The provenn command line: arguments in, library calls, messages out.

mod args;
mod commands;
mod model_name;
mod output;
mod warnings;

use clap::Parser;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = commands::Arguments::parse();
    let output = output::Output::new(arguments.json);
    // The library catches the panics of foreign parsers, which would still be printed; what else panics is a bug.
    std::panic::set_hook(Box::new(|_| {}));
    let run = AssertUnwindSafe(|| arguments.command.execute(&output));
    let error = match std::panic::catch_unwind(run) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(error)) => one_line(&error),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            format!("internal error ({}); this is a bug, report it", text.unwrap_or("no message"))
        }
    };
    output.error(&error);
    ExitCode::FAILURE
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
