//! `SVMClassifier` and `SVMRegressor`: kernels of x and the support vectors, then a weighted sum for each pair of
//! classes.

mod classifier;
mod coupling;
mod kernel;
mod regressor;

pub(in crate::import::rewrite) use classifier::classifier;
pub(in crate::import::rewrite) use regressor::regressor;
