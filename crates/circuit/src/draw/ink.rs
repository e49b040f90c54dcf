//! What marks a column's kind: a tone and a pattern, so that the drawing survives paper without colour.

use std::fmt::Write;

/// Kind of a column by when it is committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Instance,
    Fixed,
    First,
    Second,
    Third,
}

impl Ink {
    pub(super) const ALL: [Ink; 5] =
        [Ink::Instance, Ink::Fixed, Ink::First, Ink::Second, Ink::Third];

    /// The legend's words.
    pub(super) fn meaning(self) -> &'static str {
        match self {
            Ink::Instance => "instance: public values",
            Ink::Fixed => "fixed: part of the key",
            Ink::First => "advice, first phase: integers",
            Ink::Second => "advice, second phase: after σ and ρ",
            Ink::Third => "advice, third phase: after τ",
        }
    }

    /// Name of its pattern.
    pub(super) fn id(self) -> &'static str {
        match self {
            Ink::Instance => "instance",
            Ink::Fixed => "fixed",
            Ink::First => "first",
            Ink::Second => "second",
            Ink::Third => "third",
        }
    }

    fn tone(self) -> &'static str {
        match self {
            Ink::Instance => "#f6d8d8",
            Ink::Fixed => "#cfdcea",
            Ink::First => "#fff3c4",
            Ink::Second => "#d9ead3",
            Ink::Third => "#e4d7ee",
        }
    }

    /// The lines of a tile of 6 by 6.
    fn lines(self) -> &'static str {
        match self {
            Ink::Instance => "M3 0V6",
            Ink::Fixed => "M0 3H6",
            Ink::First => "",
            Ink::Second => "M-1 1L1 -1M0 6L6 0M5 7L7 5",
            Ink::Third => "M-1 1L1 -1M0 6L6 0M5 7L7 5M-1 5L1 7M0 0L6 6M5 -1L7 1",
        }
    }
}

/// Definitions of the patterns; they stand at the drawing's head.
pub(super) fn patterns() -> String {
    let mut text = String::from("<defs>\n");
    for ink in Ink::ALL {
        let _ = writeln!(
            text,
            "<pattern id=\"{}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect width=\"6\" height=\"6\" fill=\"{}\"/><path d=\"{}\" stroke=\"#555\" stroke-width=\"0.6\"/></pattern>",
            ink.id(),
            ink.tone(),
            ink.lines()
        );
    }
    text.push_str("</defs>\n");
    text
}
