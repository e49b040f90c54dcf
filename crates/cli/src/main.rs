//! The provenn command line.
fn main() {}
