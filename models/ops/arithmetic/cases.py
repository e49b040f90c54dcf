"""Arithmetic."""

from onnx import numpy_helper

from case_graph import CASES, case, f32, single


def arithmetic(operator):
    name = operator.lower()

    def two(g):
        return g.node(operator, g.input(1, 3, 4), g.input(1, 3, 4))

    def broadcast(g):
        return g.node(operator, g.input(1, 3, 1), g.input(1, 1, 4))

    def channels(g):
        low, high = (0.5, 2.0) if operator == "Div" else (-2.0, 2.0)
        return g.node(operator, g.input(1, 4, 3, 3), g.weight(4, 1, 1, low=low, high=high))

    def scalar(g):
        return g.node(operator, g.input(1, 3, 4), g.const(1.7))

    CASES[f"{name}_const_channels"] = channels
    CASES[f"{name}_const_scalar"] = scalar
    if operator != "Div":
        CASES[f"{name}_two"] = two
        CASES[f"{name}_two_broadcast"] = broadcast


for _operator in ("Add", "Sub", "Mul", "Div"):
    arithmetic(_operator)


@case
def sub_from_const(g):
    return g.node("Sub", g.weight(4, 1, 1), g.input(1, 4, 3, 3))


@case
def div_two(g):
    x, y = g.input(1, 3, 4), g.input(1, 3, 4)
    return g.node("Div", x, g.node("Clip", y, g.const(0.5)))


@case
def div_two_broadcast(g):
    x, y = g.input(1, 3, 1), g.input(1, 1, 4)
    return g.node("Div", x, g.node("Clip", y, g.const(0.5)))


@case
def div_const_numerator(g):
    return g.node("Div", g.const(1.5), g.node("Clip", g.input(1, 3, 4), g.const(0.5)))


@case
def add_constant_node(g):
    value = numpy_helper.from_array(f32([[0.25, -1.5, 0.75, 1.0]]), "value")
    return g.node("Add", g.input(1, 4), g.node("Constant", value=value))


@case
def mul_self(g):
    x = g.input(1, 8)
    return g.node("Mul", x, x)


single("pow2", "Pow", 1, 8, consts=[f32(2.0)])
single("pow3", "Pow", 1, 8, consts=[f32(3.0)])
single("neg", "Neg", 1, 8)
single("abs", "Abs", 1, 8)
