//! Importing against ONNX Runtime's results, against damage, and against what is not supported.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic)]

mod conformance;
mod damage;
mod evaluation;
mod extents;
mod hostile;
mod onnx_file;
mod outputs;
mod refusals;
mod rewrites;
