//! Operators of ai.onnx.ml, one file each.

pub(super) mod scaler;
