//! Names from foreign files as text for terminals, SVG and HTML.
//!
//! A model's author chooses the names of its nodes and tensors. On a terminal a name may hold sequences that
//! clear the screen or recolour it, characters that turn the writing direction, and line breaks that begin a
//! line of the author's own; in a picture or page it may hold markup. Whatever shows a name from a file
//! passes it through one of these functions.
//!
//! | function | for |
//! |---|---|
//! | [`plain`] | a name within a line of text |
//! | [`lines`] | text of several lines, as the last step before a terminal |
//! | [`markup`] | a name within SVG or HTML, between tags or in a quoted attribute |
//! | [`json`] | JSON text before a terminal: the same values, in characters that a terminal only shows |

use std::borrow::Cow;
use std::fmt::Write;

/// Characters that steer rather than show: controls of both sets, and what Unicode calls format characters
/// (direction, invisible joints, tags), line and paragraph separators among them.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

fn replaced(
    text: &str,
    bad: impl Fn(char) -> bool,
    put: impl Fn(&mut String, char),
) -> Cow<'_, str> {
    if !text.chars().any(&bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if bad(c) {
            put(&mut out, c);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// One line without characters that steer: those stand as escapes, `\n` or `\u{1b}`.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    replaced(text, steers, |out, c| out.extend(c.escape_default()))
}

/// As [`plain`], but line breaks stay.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    replaced(text, |c| c != '\n' && steers(c), |out, c| out.extend(c.escape_default()))
}

/// As [`plain`], with the five characters of markup as entities.
#[must_use]
pub fn markup(text: &str) -> Cow<'_, str> {
    let special = |c| matches!(c, '&' | '<' | '>' | '"' | '\'');
    replaced(
        text,
        |c| special(c) || steers(c),
        |out, c| match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.extend(other.escape_default()),
        },
    )
}

/// JSON text whose strings show characters that steer as JSON's own escapes: it parses to the same values.
/// The text must be valid JSON, where such characters stand only in strings or are white space.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    let space = |c| matches!(c, '\n' | '\r' | '\t');
    replaced(
        text,
        |c| !space(c) && steers(c),
        |out, c| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        },
    )
}

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test reports by panicking
    use super::*;

    const EVIL: &str =
        "a\u{1b}[2J\r\nb\u{9b}31m\u{7f}\u{202e}c\u{2028}\u{e0041}d\t</title><script x=\"'&\u{0}";

    #[test]
    fn nothing_that_steers_is_left() {
        for shown in [plain(EVIL), markup(EVIL)] {
            assert!(!shown.chars().any(steers), "{shown:?}");
        }
        assert_eq!(plain("a\u{1b}[2J\nb\u{202e}"), "a\\u{1b}[2J\\nb\\u{202e}");
        assert_eq!(lines("a\u{1b}\nb\r"), "a\\u{1b}\nb\\r");
        assert_eq!(markup("</title>&\"'\u{1b}"), "&lt;/title&gt;&amp;&quot;&#39;\\u{1b}");
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["/net/0/Gemm", "σ-Schicht", "層_1", "a\\b", ""] {
            assert!(matches!(plain(name), Cow::Borrowed(same) if same == name));
            assert!(matches!(markup(name), Cow::Borrowed(same) if same == name));
        }
    }

    #[test]
    fn json_keeps_its_values() {
        let text = serde_json::json!({ "name": EVIL, "n": [1, 2] }).to_string();
        let shown = json(&text);
        assert!(!shown.chars().any(steers), "{shown:?}");
        let back: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(back["name"], EVIL);
    }
}
