//! Criterion benches of provenn: `gadgets`, `stages` of the workflow, `models` of the repository.
