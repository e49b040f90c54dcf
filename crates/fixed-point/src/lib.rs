//! Quantisation, and the integer interpreter that is provenn's specification.
mod quant_graph;
pub use quant_graph::{
    Coefficients, Interval, Linear, Piecewise, QuantGraph, QuantOp, QuantTensor, Source, TensorId,
};
