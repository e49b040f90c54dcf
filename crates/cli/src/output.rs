//! What people and machines read: lines on standard output, errors and logs on standard error.
//!
//! Messages hold names from files; nothing that steers a terminal leaves here ([`provenn_escape`]).

use provenn::NamedValues;
use provenn_escape::{lines, plain};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;

/// Why standard output could not be written, other than because nobody reads it.
static FAILED: OnceLock<String> = OnceLock::new();

/// Plain text or one JSON object per line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    verbose: bool,
    /// Standard output carries a file: messages go beside it.
    aside: bool,
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool, verbose: bool) -> Self {
        Output { json, quiet, verbose, aside: false }
    }

    pub(crate) fn json(self) -> bool {
        self.json
    }

    pub(crate) fn quiet(self) -> bool {
        self.quiet
    }

    /// Whether a display of progress is wanted.
    pub(crate) fn progress(self) -> bool {
        !self.json && !self.quiet
    }

    /// For a command that writes these files: with one of them on standard output, nothing else goes there.
    pub(crate) fn beside(self, files: &[&Path]) -> Self {
        Output { aside: files.iter().any(|path| crate::files::is_stdout(path)), ..self }
    }

    /// A message for people; an event for machines.
    pub(crate) fn say(self, text: &str) {
        if !self.quiet {
            self.print(text, &json!({ "message": text }));
        }
    }

    /// A message that only `--verbose` shows.
    pub(crate) fn detail(self, text: &str) {
        if self.verbose {
            self.complain("", "message", text);
        }
    }

    /// A file or folder has been written.
    pub(crate) fn wrote(self, path: &Path) {
        if !crate::files::is_stdout(path) {
            self.say(&format!("wrote {}", path.display()));
        }
    }

    /// A warning.
    pub(crate) fn warn(self, text: &str) {
        if !self.quiet {
            self.complain("warning: ", "warning", text);
        }
    }

    /// What was taken to be meant, a line each.
    pub(crate) fn notes(self, notes: &[String]) {
        for text in notes.iter().filter(|_| !self.quiet) {
            self.complain("note: ", "note", text);
        }
    }

    /// The error that ends the command, on one line.
    pub(crate) fn error(self, text: &str) {
        self.complain("error: ", "error", &text.replace('\n', " "));
    }

    /// What the command was called for: the text for people, the value for machines.
    pub(crate) fn data(self, text: &str, value: &Value) {
        self.print(text, value);
    }

    fn print(self, text: &str, value: &Value) {
        let line =
            if self.json { format!("{}\n", shown(value)) } else { format!("{}\n", lines(text)) };
        let written = match self.aside {
            true => io::stderr().lock().write_all(line.as_bytes()),
            false => {
                let mut out = io::stdout().lock();
                out.write_all(line.as_bytes()).and_then(|()| out.flush())
            }
        };
        // Whoever closed the pipe has read enough.
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            let _ = FAILED.set(error.to_string());
        }
    }

    /// The quantised outputs.
    pub(crate) fn outputs(self, outputs: &[NamedValues]) {
        for tensor in outputs.iter().filter(|_| !self.quiet) {
            self.data(&format!("output  {tensor}"), &json!({ "output": tensor }));
        }
    }

    fn complain(self, before: &str, key: &str, text: &str) {
        let line = match self.json {
            true => format!("{}\n", shown(&json!({ (key): text }))),
            false => format!("{before}{}\n", plain(text)),
        };
        // There is no other place to say that this one fails.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }

    /// Why something was not printed.
    pub(crate) fn failure() -> Option<&'static str> {
        FAILED.get().map(String::as_str)
    }
}

/// JSON on one line, the same value in characters that a terminal only shows.
fn shown(value: &Value) -> String {
    provenn_escape::json(&value.to_string()).into_owned()
}
