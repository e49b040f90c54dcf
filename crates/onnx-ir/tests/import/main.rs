//! Importing against ONNX Runtime's results, against damage, and against what is not supported.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used, clippy::panic)]
#![allow(clippy::result_large_err)]

mod conformance;
mod counting;
mod damage;
mod evaluation;
mod extents;
mod hostile;
mod onnx_file;
mod outputs;
mod own;
mod page;
mod refusals;
mod rewrites;
mod trees;
mod unfolding;

/// An error's words; none of them is a library's name, of which readers know nothing.
fn words(error: &provenn_onnx_ir::ImportError) -> String {
    let message = error.to_string();
    let mut words = message.split(|c: char| !c.is_alphanumeric());
    assert!(!words.any(|word| word.eq_ignore_ascii_case("tract")), "{message}");
    message
}
