//! Halo2 gadgets: LogUp lookups, piecewise-linear activations, the linear identity engine
