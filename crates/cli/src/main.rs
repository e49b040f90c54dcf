//! The provenn command line: arguments in, library calls, messages out.

mod args;
mod blame;
mod commands;
mod exit;
mod files;
mod frontier;
mod model_name;
mod output;
mod usage;
mod warnings;

use clap::Parser;
use output::Output;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let arguments = commands::Arguments::parse();
    let output = arguments.global.output();
    provenn::crash::install_hook();
    // An interrupted command leaves no half-made files; 130 is what shells expect. Without a handler it would only
    // leave some.
    let _ = ctrlc::set_handler(|| {
        provenn::temporary::remove_all();
        std::process::exit(130);
    });
    let begun = Instant::now();
    let result = std::panic::catch_unwind(AssertUnwindSafe(|| arguments.command.execute(&output)));
    output.detail(&format!(
        "{:.3} s, peak memory {} MiB",
        begun.elapsed().as_secs_f64(),
        provenn::run::peak_rss_bytes() >> 20
    ));
    match result {
        Ok(Ok(())) => match Output::failure() {
            None => ExitCode::SUCCESS,
            Some(reason) => {
                output.error(&format!("standard output: {reason}"));
                ExitCode::from(exit::FILES)
            }
        },
        Ok(Err(error)) => {
            let Some(code) = exit::code(&error) else { return ExitCode::SUCCESS };
            output.error(&one_line(&error));
            code
        }
        Err(panic) => {
            let (report, trace) = provenn::crash::report(panic.as_ref());
            output.error(&report);
            for line in trace.unwrap_or_default().lines() {
                output.error(line);
            }
            ExitCode::from(exit::INTERNAL)
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
