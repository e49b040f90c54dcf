//! Operators of com.microsoft that optimisers put in place of several standard ones.

pub(super) mod attention;
pub(super) mod embedding;
pub(super) mod gelu;
pub(super) mod skip_norm;
