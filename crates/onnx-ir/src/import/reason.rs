//! Why a node cannot be translated.

use tract_onnx::prelude::TractError;

use crate::NodeId;

/// Why a node cannot be translated, in words for the person who exported the model.
#[derive(Debug)]
pub(super) struct Reason(pub(super) String);

/// What a family says of a node: not mine, or its result.
pub(super) type Outcome = Option<Result<NodeId, Reason>>;

impl From<&str> for Reason {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<TractError> for Reason {
    /// What the analysis says of itself means nothing to the person who exported the model.
    fn from(_: TractError) -> Self {
        Self("its values or shapes are used in a way that is not supported".to_owned())
    }
}
