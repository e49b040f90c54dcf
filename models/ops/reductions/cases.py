"""Reductions."""

import numpy as np

from case_graph import CASES, case, i64, single


single("reduce_sum", "ReduceSum", 1, 3, 4, consts=[i64(1)], keepdims=0)
single("reduce_sum_keepdims_negative", "ReduceSum", 1, 3, 4, consts=[i64(-1, -2)], keepdims=1)
single("reduce_mean", "ReduceMean", 1, 3, 4, 4, axes=[2, 3], keepdims=0)
single("reduce_mean_keepdims_negative", "ReduceMean", 1, 3, 4, axes=[-1], keepdims=1)
single("reduce_max", "ReduceMax", 1, 3, 4, axes=[-1], keepdims=0)
single("reduce_max_keepdims", "ReduceMax", 1, 3, 4, low=-2.0, high=-0.1, axes=[1, 2], keepdims=1)

for _name in ("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "SumSquare"):
    single(f"reduce_{_name.lower()}_all", f"Reduce{_name}", 1, 3, 4, low=0.5)
    single(f"reduce_{_name.lower()}_two", f"Reduce{_name}", 2, 3, 4, low=0.5,
           **({"consts": [i64(0, -1)]} if _name == "Sum" else {"axes": [0, -1]}), keepdims=0)


def at_opset(name, opset, operator, shape, consts=(), low=-2.0, **attributes):
    def build(g):
        g.opset = opset
        x = g.input(*shape, low=low)
        return g.node(operator, x, *[g.const(c, c.dtype) for c in consts], **attributes)

    CASES[name] = build


at_opset("reduce_prod_odd", 18, "ReduceProd", (1, 5, 3), [i64(1)], keepdims=0)
at_opset("reduce_prod_negative_axis", 18, "ReduceProd", (2, 7), [i64(-1)])
at_opset("reduce_mean_opset18", 18, "ReduceMean", (1, 3, 4), [i64(-1)])
at_opset("reduce_max_opset18_none", 18, "ReduceMax", (1, 3, 4), [i64()])
at_opset("reduce_sum_noop", 18, "ReduceSum", (1, 3, 4), [i64()], noop_with_empty_axes=1)
at_opset("reduce_log_sum_exp_opset18", 18, "ReduceLogSumExp", (1, 3, 4), [i64(1, 2)], keepdims=0)
at_opset("cum_sum", 14, "CumSum", (2, 3, 5), [np.array(1)])
at_opset("cum_sum_exclusive", 11, "CumSum", (2, 5), [np.array(-1)], exclusive=1)
at_opset("cum_sum_reverse", 11, "CumSum", (2, 5), [np.array([0])[0]], reverse=1)
at_opset("cum_sum_exclusive_reverse", 14, "CumSum", (5,), [np.array(0)], exclusive=1, reverse=1)
at_opset("hardmax", 13, "Hardmax", (2, 3, 4))
at_opset("hardmax_axis1", 13, "Hardmax", (2, 3, 4), axis=1)
at_opset("hardmax_flattens", 11, "Hardmax", (2, 3, 4), axis=1)


@case
def cum_sum_of_integers(g):
    x = g.indices(2, 6, extent=50)
    sums = [g.node("CumSum", x, g.const(1, np.int64), exclusive=e, reverse=r) for e in (0, 1) for r in (0, 1)]
    return [g.number(y) for y in sums]


@case
def hardmax_of_ties(g):
    x = g.node("Clip", g.input(1, 3, 6), g.const(-0.5), g.const(0.5))
    return g.node("Hardmax", x)


@case
def variadic(g):
    x, y, z = g.input(1, 3, 4), g.input(1, 1, 4), g.input(1, 3, 1)
    return [g.node(operator, x, y, z) for operator in ("Sum", "Mean", "Max", "Min")]
