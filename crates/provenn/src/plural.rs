//! Counts in messages.

/// "1 observation", "2 observations".
#[must_use]
pub fn plural(count: usize, thing: &str) -> String {
    match count {
        1 => format!("1 {thing}"),
        _ => format!("{count} {thing}s"),
    }
}
