"""Choices and comparisons."""

import numpy as np
from onnx import TensorProto

from case_graph import CASES, case


@case
def where_of_a_constant(g):
    mask = np.array([True, False, True, True, False])
    return g.node("Where", g.const(mask, np.bool_), g.input(1, 3, 5), g.input(1, 1, 5))


@case
def where_of_a_condition(g):
    return g.node("Where", g.truth(1, 3, 1), g.input(1, 3, 5), g.input(1, 1, 5))


def comparison(operator):
    def build(g):
        # Equality has something to find among whole numbers.
        x, y = g.indices(1, 3, 4, extent=3), g.indices(1, 1, 4, extent=3)
        return g.number(g.node(operator, g.number(x), g.number(y)))

    CASES[operator.lower()] = build


for _operator in ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"):
    comparison(_operator)


@case
def logic(g):
    a, b = g.truth(1, 8), g.truth(1, 8)
    either = g.node("Or", a, g.node("Not", b))
    return g.number(g.node("Xor", g.node("And", a, b), either))


@case
def cast_to_truth(g):
    return g.number(g.node("Cast", g.indices(1, 8, extent=2), to=TensorProto.BOOL))


@case
def gather_rows_of_a_table(g):
    return g.node("Gather", g.weight(7, 5), g.indices(1, 4, extent=7))


@case
def gather_computed_axis1(g):
    return g.node("Gather", g.input(1, 3, 6), g.indices(2, 2, extent=6), axis=-1)


@case
def gather_elements(g):
    x = g.input(1, 3, 6)
    return g.node("GatherElements", x, g.indices(1, 3, 4, extent=6), axis=2)


@case
def gather_elements_of_fewer_rows(g):
    x = g.input(1, 4, 5)
    return g.node("GatherElements", x, g.indices(1, 2, 3, extent=4), axis=1)


@case
def gather_elements_of_a_table(g):
    return g.node("GatherElements", g.weight(1, 6), g.indices(1, 4, extent=6), axis=-1)


def ordered(g, x, k, **attributes):
    values, positions = g.node("TopK", x, g.ints(k), outputs=2, **attributes)
    return values, g.number(positions)


@case
def topk(g):
    return ordered(g, g.input(1, 3, 7), 4)


@case
def topk_smallest_axis1(g):
    return ordered(g, g.input(1, 5, 3), 2, axis=1, largest=0)


@case
def topk_of_equal_numbers(g):
    return ordered(g, g.number(g.indices(1, 2, 8, extent=3)), 8)


@case
def topk_positions(g):
    return ordered(g, g.number(g.indices(1, 9, extent=5)), 3, largest=0)[1]


@case
def argmax(g):
    x = g.number(g.indices(1, 3, 6, extent=3))
    return g.number(g.node("ArgMax", x, axis=2, keepdims=0))


@case
def argmax_last(g):
    x = g.number(g.indices(1, 6, 2, extent=3))
    return g.number(g.node("ArgMax", x, axis=1, select_last_index=1))


@case
def argmin(g):
    x = g.number(g.indices(1, 10, extent=4))
    return g.number(g.node("ArgMin", x, axis=-1))


@case
def argmax_gathers_a_row(g):
    x = g.node("Gemm", g.input(1, 4), g.weight(4, 5), g.weight(5))
    best = g.node("ArgMax", x, axis=1, keepdims=0)
    return g.node("Gather", g.weight(5, 3), best)


@case
def gaps_of_an_input(g):
    """As exporters fill what is no number, or infinite."""
    x = g.input(2, 4)
    moved = g.node("Transpose", g.node("Where", g.node("IsNaN", x), g.const(-1.0), x), perm=[1, 0])
    filled = g.node("Where", g.node("IsInf", moved), g.const(2.0), moved)
    return g.node("MatMul", filled, g.weight(2, 3))
