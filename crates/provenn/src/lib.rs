//! Prove in zero knowledge that an output came from an ONNX model
