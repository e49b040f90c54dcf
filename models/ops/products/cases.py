"""Products: cumulative ones, determinants, gates and slopes that are computed."""

import numpy as np
from onnx import TensorProto, helper

from case_graph import CASES, case


def cumulative(name, *shape, axis, kind=None, **attributes):
    def build(g):
        g.opset = 26
        x = g.input(*shape) if kind is None else g.whole(kind, *shape, low=-2, high=4)
        y = g.node("CumProd", x, g.const(axis, np.int64), **attributes)
        return y if kind is None else g.number(y)

    CASES[name] = build


cumulative("cum_prod", 1, 5, 3, axis=1)
cumulative("cum_prod_exclusive", 1, 5, axis=1, exclusive=1)
cumulative("cum_prod_reverse", 1, 3, 4, axis=-1, reverse=1)
cumulative("cum_prod_reverse_exclusive", 1, 4, 2, axis=-2, reverse=1, exclusive=1)
cumulative("cum_prod_of_one", 1, 1, 3, axis=1, exclusive=1)
cumulative("cum_prod_int32", 1, 6, axis=1, kind=TensorProto.INT32)
cumulative("cum_prod_int64_exclusive", 1, 5, axis=1, kind=TensorProto.INT64, exclusive=1)

for _rows in (1, 2, 3, 4):

    def _build(g, rows=_rows):
        return g.node("Det", g.input(1, 3, rows, rows))

    CASES[f"det_{_rows}"] = _build


@case
def det_of_one_matrix(g):
    return g.node("Add", g.node("Det", g.input(3, 3)), g.const([1.0]))


def spelt_out(model):
    """ONNX Runtime has no such operator yet: it is told what it stands for."""
    told = helper.make_model(model.graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    node = told.graph.node.pop()
    alpha = [attribute.f for attribute in node.attribute] or [1.0]
    told.graph.initializer.append(helper.make_tensor("alpha", TensorProto.FLOAT, [], alpha))
    (gate, value), (y,) = node.input, node.output
    told.graph.node.extend([
        helper.make_node("Mul", [gate, "alpha"], ["scaled"]),
        helper.make_node("Sigmoid", ["scaled"], ["open"]),
        helper.make_node("Mul", [gate, "open"], ["gate"]),
        helper.make_node("Mul", ["gate", value], [y]),
    ])
    return told


def gated(name, **attributes):
    def build(g):
        g.opset = 28
        g.told = spelt_out
        return g.node("SwiGLU", g.input(1, 3, 4), g.input(1, 3, 4), **attributes)

    CASES[name] = build


gated("swiglu")
gated("swiglu_alpha", alpha=-1.7)


def slope(name, *shape):
    def build(g):
        return g.node("PRelu", g.input(1, 3, 4), g.input(*shape))

    CASES[name] = build


slope("prelu_computed", 1, 3, 4)
slope("prelu_computed_broadcast", 3, 1)


@case
def quotient_of_numbers(g):
    """A mean by weights: both sums have no axes, and the divisor none either where it is a reciprocal."""
    x, weights = g.input(1, 3, 4), g.input(1, 3, 4, low=0.2, high=1.0)
    total = g.node("ReduceSum", g.node("Mul", x, weights), keepdims=0)
    mean = g.node("Div", total, g.node("ReduceSum", weights, keepdims=0))
    return mean, g.node("Mul", total, g.node("Squeeze", g.node("Reciprocal", g.node("ReduceSum", weights))))
