//! Operators of ai.onnx.ml, one file each.
//!
//! | folder or file | what is in it |
//! |---|---|
//! | `classes` | labels, and the scores of classifiers after their transform |
//! | `svm` | support vector machines |
//! | `trees` | ensembles of decision trees |
//! | `rank` | where a number stands among constants |

pub(super) mod array_feature_extractor;
pub(super) mod binarizer;
pub(super) mod category_mapper;
mod classes;
pub(super) mod feature_vectorizer;
pub(super) mod imputer;
pub(super) mod label_encoder;
pub(super) mod linear;
pub(super) mod normalizer;
pub(super) mod one_hot_encoder;
mod rank;
pub(super) mod scaler;
pub(super) mod svm;
pub(super) mod trees;
pub(super) mod zip_map;

use super::draft::{Draft, whole};
use crate::import::reason::Reason;
use crate::import::stored::kind;

/// The first input as floats.
fn number(draft: &mut Draft<'_>) -> Result<String, Reason> {
    let x = draft.input(0).ok_or("its input is missing")?;
    Ok(float(draft, "x", x))
}

/// The first input as a matrix of floats: a list is one observation.
fn matrix(draft: &mut Draft<'_>) -> Result<String, Reason> {
    let x = number(draft)?;
    Ok(draft.push("rows", "Flatten", &[&x], vec![whole("axis", -1)]))
}

fn float(draft: &mut Draft<'_>, part: &str, x: &str) -> String {
    draft.push(part, "Cast", &[x], vec![whole("to", i64::from(kind::FLOAT))])
}

fn integer(draft: &mut Draft<'_>, part: &str, x: &str) -> String {
    draft.push(part, "Cast", &[x], vec![whole("to", i64::from(kind::INT64))])
}
