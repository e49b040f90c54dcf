"""Reductions."""

from case_graph import i64, single


single("reduce_sum", "ReduceSum", 1, 3, 4, consts=[i64(1)], keepdims=0)
single("reduce_sum_keepdims_negative", "ReduceSum", 1, 3, 4, consts=[i64(-1, -2)], keepdims=1)
single("reduce_mean", "ReduceMean", 1, 3, 4, 4, axes=[2, 3], keepdims=0)
single("reduce_mean_keepdims_negative", "ReduceMean", 1, 3, 4, axes=[-1], keepdims=1)
single("reduce_max", "ReduceMax", 1, 3, 4, axes=[-1], keepdims=0)
single("reduce_max_keepdims", "ReduceMax", 1, 3, 4, low=-2.0, high=-0.1, axes=[1, 2], keepdims=1)
