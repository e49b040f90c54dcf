"""Exponentials and roots."""

import numpy as np

from case_graph import CASES, case, f32, single


single("exp", "Exp", 1, 8)
single("log", "Log", 1, 8, low=0.5, high=4.0)
single("sqrt", "Sqrt", 1, 8, low=0.1, high=4.0)
single("reciprocal", "Reciprocal", 1, 8, low=0.5, high=2.0)
single("pow_half", "Pow", 1, 8, low=0.1, high=4.0, consts=[f32(0.5)])
single("pow_minus_half", "Pow", 1, 8, low=0.5, high=4.0, consts=[f32(-0.5)])
single("pow_minus1", "Pow", 1, 8, low=0.5, high=2.0, consts=[f32(-1.0)])
single("pow_minus2", "Pow", 1, 8, low=0.5, high=2.0, consts=[f32(-2.0)])
single("reduce_l2", "ReduceL2", 1, 3, 4, axes=[-1], keepdims=0)
single("reduce_log_sum", "ReduceLogSum", 1, 3, 4, low=0.5, high=2.0, axes=[1], keepdims=1)
single("reduce_log_sum_exp", "ReduceLogSumExp", 1, 3, 4, low=-6.0, high=6.0, axes=[-1], keepdims=0)
single("erf", "Erf", 1, 8)
single("softplus", "Softplus", 1, 8, low=-6.0, high=6.0)
single("softplus_far", "Softplus", 1, 12, low=-120.0, high=120.0)


@case
def softplus_of_a_sum(g):
    """Behind a reduction that drops its axis, where e^x overflows."""
    squares = g.node("ReduceSumSquare", g.input(1, 4, 5, low=-4.0, high=4.0), axes=[1], keepdims=0)
    return g.node("Softplus", g.node("Mul", squares, g.const(4.0)))


@case
def softplus_spelt(g):
    """log(1 + e^x), and of twice e^x, which is none."""
    x = g.input(1, 8, low=-4.0, high=4.0)
    power, one = g.node("Exp", x), g.const(1.0)
    twice = g.node("Add", g.node("Mul", power, g.const(2.0)), one)
    return [g.node("Log", g.node("Add", one, power)), g.node("Log", twice)]


def gelu(name, **attributes):
    def build(g):
        g.opset = 20
        return g.node("Gelu", g.input(1, 8, low=-4.0, high=4.0), **attributes)

    CASES[name] = build


gelu("gelu")
gelu("gelu_tanh", approximate="tanh")


def cumulative(g, x):
    """1 + erf(x/sqrt(2))"""
    inner = g.node("Div", x, g.const(np.sqrt(2.0)))
    return g.node("Add", g.node("Erf", inner), g.const(1.0))


def approximate(g, x):
    """1 + tanh(sqrt(2/pi)·(x + 0.044715·x^3))"""
    cube = g.node("Mul", g.node("Pow", x, g.const(3.0)), g.const(0.044715))
    inner = g.node("Mul", g.node("Add", x, cube), g.const(np.sqrt(2.0 / np.pi)))
    return g.node("Add", g.node("Tanh", inner), g.const(1.0))


def logistic(g, x):
    return g.node("Add", g.node("Exp", x), g.const(1.0))


@case
def sigmoid_spelt(g):
    return g.node("Div", g.const(1.0), logistic(g, g.node("Neg", g.input(1, 12, low=-40.0, high=40.0))))


@case
def sigmoid_spelt_with_a_reciprocal(g):
    """As Platt's scaling is exported: the sign is part of the slope."""
    x = g.node("Add", g.node("Mul", g.const(-1.75), g.input(1, 12, low=-20.0, high=20.0)), g.const(0.5))
    return g.node("Reciprocal", logistic(g, x)), g.node("Reciprocal", logistic(g, g.node("Mul", x, g.const(-1.0))))


@case
def sigmoid_spelt_as_a_share(g):
    e = g.node("Exp", g.input(1, 12, low=-30.0, high=30.0))
    return g.node("Div", e, g.node("Add", g.const(1.0), e))


@case
def sigmoid_spelt_as_a_gate(g):
    x, y = g.input(2, 6, low=-30.0, high=30.0), g.input(2, 6)
    divisor = logistic(g, g.node("Neg", x))
    return g.node("Div", x, divisor), g.node("Div", y, divisor), g.node("Div", g.const([[[2.0]]]), divisor)


def spelt(name, first, last, factor):
    """Gelu spelt out, its factors in three orders."""

    def build(g, order):
        x, half = g.input(1, 8, low=-4.0, high=4.0), g.const(0.5)
        if order == first:
            return g.node("Mul", g.node("Mul", x, half), factor(g, x))
        if order == last:
            return g.node("Mul", g.node("Mul", x, factor(g, x)), half)
        return g.node("Mul", g.node("Mul", factor(g, x), half), x)

    for order in (first, last, "half_of_factor"):
        CASES[f"{name}_{order}"] = lambda g, order=order: build(g, order)


spelt("gelu_spelt", "half_first", "half_last", cumulative)
spelt("gelu_tanh_spelt", "half_first", "half_last", approximate)


@case
def gelu_tanh_spelt_in_products(g):
    """0.5·x·(1 + tanh(0.79788456·x·(1 + 0.044715·x·x)))"""
    x = g.input(1, 8, low=-4.0, high=4.0)
    square = g.node("Mul", g.node("Mul", g.const(0.044715), x), x)
    inner = g.node("Mul", g.node("Mul", x, g.const(0.79788456)),
                   g.node("Add", g.const(1.0), square))
    outer = g.node("Add", g.const(1.0), g.node("Tanh", inner))
    return g.node("Mul", g.node("Mul", g.const(0.5), x), outer)
