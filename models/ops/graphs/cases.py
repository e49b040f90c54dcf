"""Graphs."""

from case_graph import case


@case
def multi_input(g):
    left = g.node("Gemm", g.input(1, 4), g.weight(4, 3), g.weight(3))
    right = g.node("Gemm", g.input(1, 5), g.weight(5, 3), g.weight(3))
    return g.node("Relu", g.node("Add", left, right))


@case
def multi_output(g):
    x = g.node("Gemm", g.input(1, 4), g.weight(4, 5), g.weight(5))
    return [g.node("Relu", x), g.node("Sigmoid", x), x]


@case
def residual(g):
    x = g.input(1, 3, 4, 4)
    y = g.node("Relu", g.node("Conv", x, g.weight(3, 3, 3, 3), g.weight(3), pads=[1] * 4))
    y = g.node("Conv", y, g.weight(3, 3, 3, 3), g.weight(3), pads=[1] * 4)
    return g.node("Relu", g.node("Add", y, x))
