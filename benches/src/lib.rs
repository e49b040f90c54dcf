//! Criterion benches of provenn.
