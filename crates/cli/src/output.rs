//! What people and machines read: lines on standard output, errors and logs on standard error.
//!
//! Messages hold names from files; nothing that steers a terminal leaves here ([`provenn_escape`]).
#![allow(clippy::print_stdout, clippy::print_stderr)] // the one place that prints

use provenn_escape::{lines, plain};
use serde_json::{Value, json};
use std::path::Path;

/// Plain text or one JSON object per line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Output { json }
    }

    pub(crate) fn json(self) -> bool {
        self.json
    }

    /// A message for people; an event for machines.
    pub(crate) fn say(self, text: &str) {
        if self.json {
            println!("{}", line(&json!({ "message": text })));
        } else {
            println!("{}", lines(text));
        }
    }

    /// A file or folder has been written.
    pub(crate) fn wrote(self, path: &Path) {
        self.say(&format!("wrote {}", path.display()));
    }

    /// A warning.
    pub(crate) fn warn(self, text: &str) {
        if self.json {
            eprintln!("{}", line(&json!({ "warning": text })));
        } else {
            eprintln!("warning: {}", plain(text));
        }
    }

    /// The error that ends the command, on one line.
    pub(crate) fn error(self, text: &str) {
        let text = text.replace('\n', " ");
        if self.json {
            eprintln!("{}", line(&json!({ "error": text })));
        } else {
            eprintln!("error: {}", plain(&text));
        }
    }

    /// Data: the text for people, the value for machines.
    pub(crate) fn data(self, text: &str, value: &Value) {
        if self.json {
            println!("{}", line(value));
        } else {
            println!("{}", lines(text));
        }
    }
}

/// JSON on one line, the same value in characters that a terminal only shows.
fn line(value: &Value) -> String {
    provenn_escape::json(&value.to_string()).into_owned()
}
