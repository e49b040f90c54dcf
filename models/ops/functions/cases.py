"""Functions of one number."""

import numpy as np
from onnx import TensorProto

from case_graph import CASES, case, f32, single


single("elu", "Elu", 1, 9, low=-5.0, high=3.0)
single("elu_alpha", "Elu", 1, 9, low=-5.0, high=3.0, alpha=0.3)
single("elu_far", "Elu", 1, 9, low=-300.0, high=200.0)
single("celu", "Celu", 1, 9, low=-5.0, high=3.0, alpha=0.5)
single("selu", "Selu", 1, 9, low=-5.0, high=3.0)
single("selu_alpha_gamma", "Selu", 1, 9, low=-5.0, high=3.0, alpha=1.2, gamma=0.7)
single("thresholded_relu", "ThresholdedRelu", 1, 12, alpha=0.7)
single("thresholded_relu_negative", "ThresholdedRelu", 1, 12, alpha=-0.5)
single("hard_sigmoid", "HardSigmoid", 1, 12, low=-5.0, high=5.0)
single("hard_sigmoid_alpha_beta", "HardSigmoid", 1, 12, alpha=0.7, beta=0.1)
single("hard_swish", "HardSwish", 1, 12, low=-5.0, high=5.0)
single("softsign", "Softsign", 1, 9, low=-6.0, high=6.0)
single("sin", "Sin", 1, 9, low=-4.0, high=4.0)
single("sin_far", "Sin", 1, 12, low=-12.0, high=15.0)
single("cos", "Cos", 1, 9, low=-4.0, high=4.0)
single("tan", "Tan", 1, 9, low=-1.3, high=1.3)
single("tan_of_another_branch", "Tan", 1, 9, low=2.0, high=4.2)
single("asin", "Asin", 1, 12, low=-1.0, high=1.0)
single("acos", "Acos", 1, 12, low=-1.0, high=1.0)
single("atan", "Atan", 1, 9, low=-4.0, high=4.0)
single("atan_far", "Atan", 1, 12, low=-40.0, high=400.0)
single("sinh", "Sinh", 1, 9, low=-3.0, high=3.0)
single("cosh", "Cosh", 1, 9, low=-3.0, high=3.0)
single("asinh", "Asinh", 1, 9, low=-30.0, high=30.0)
single("acosh", "Acosh", 1, 9, low=1.0, high=10.0)
single("atanh", "Atanh", 1, 9, low=-0.95, high=0.95)
single("log_far", "Log", 1, 12, low=0.01, high=2000.0)


def at_opset(name, opset, operator, *shape, low=-2.0, high=2.0, **attributes):
    def build(g):
        g.opset = opset
        return g.node(operator, g.input(*shape, low=low, high=high), **attributes)

    CASES[name] = build


at_opset("mish", 18, "Mish", 1, 9, low=-6.0, high=4.0)
at_opset("shrink", 9, "Shrink", 1, 12)
at_opset("shrink_soft", 9, "Shrink", 1, 12, lambd=0.8, bias=0.8)
at_opset("celu_opset12", 12, "Celu", 1, 9, alpha=2.0)
at_opset("sign_opset9", 9, "Sign", 1, 12)
at_opset("thresholded_relu_opset10", 10, "ThresholdedRelu", 1, 12)


@case
def sign(g):
    """Of numbers that are zero, too."""
    x = g.node("Mul", g.input(1, 12), g.const([1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1]))
    return g.node("Sign", x)


@case
def silu_spelt(g):
    x = g.input(1, 9, low=-6.0, high=4.0)
    return g.node("Mul", x, g.node("Sigmoid", x))


@case
def quick_gelu_spelt(g):
    x = g.input(1, 9, low=-6.0, high=4.0)
    gate = g.node("Sigmoid", g.node("Mul", g.const(1.702), x))
    return g.node("Mul", gate, x)


@case
def mish_spelt(g):
    x = g.input(1, 9, low=-6.0, high=4.0)
    return g.node("Mul", x, g.node("Tanh", g.node("Softplus", x)))


@case
def gates_that_are_none(g):
    """Of another number, and of more than the number."""
    x, z = g.input(1, 9), g.input(1, 9)
    other = g.node("Mul", x, g.node("Sigmoid", z))
    shifted = g.node("Mul", x, g.node("Sigmoid", g.node("Add", x, g.const(1.0))))
    wide = g.node("Mul", x, g.node("Sigmoid", g.node("Mul", x, g.const(np.ones((2, 1))))))
    return [other, shifted, wide]


@case
def elu_spelt(g):
    """As operators are spelt out where they are functions."""
    x = g.input(1, 9, low=-5.0, high=3.0)
    zero, one = g.const(0.0), g.const(1.0)
    negative = g.node("Mul", g.const(0.7), g.node("Sub", g.node("Exp", x), one))
    return g.node("Where", g.node("Less", x, zero), negative, x)


@case
def functions_after_a_product(g):
    """Of a pending form; of what several read."""
    x = g.node("MatMul", g.input(1, 6), g.weight(6, 5))
    return [g.node("Sin", x), g.node("Elu", x, alpha=0.5), g.node("Atan", x)]


single("pow_9", "Pow", 1, 9, low=-1.5, high=1.5, consts=[f32(9.0)])
single("pow_12", "Pow", 1, 9, low=-1.5, high=1.5, consts=[f32(12.0)])
single("pow_real", "Pow", 1, 9, low=0.0, high=3.0, consts=[f32(1.7)])
single("pow_small", "Pow", 1, 9, low=0.01, high=3.0, consts=[f32(0.25)])
single("pow_negative_real", "Pow", 1, 9, low=0.3, high=3.0, consts=[f32(-1.3)])
single("pow_minus9", "Pow", 1, 9, low=0.5, high=2.0, consts=[f32(-9.0)])
single("pow_minus3_of_negatives", "Pow", 1, 9, low=-2.0, high=-0.5, consts=[f32(-3.0)])
single("pow_zero", "Pow", 1, 9, consts=[f32(0.0)])
single("pow_one", "Pow", 1, 9, consts=[f32(1.0)])
single("pow_vector", "Pow", 1, 3, 4, low=0.5, high=2.0, consts=[f32([2.0, 0.5, 1.5, -1.0])])
single("pow_vector_of_negatives", "Pow", 1, 3, 4, consts=[f32([2.0, 3.0, 1.0, 0.0])])


@case
def pow_of_a_constant(g):
    return g.node("Pow", g.const([2.0, 0.5, 10.0]), g.input(1, 4, 3))


@case
def pow_computed(g):
    return g.node("Pow", g.input(1, 6, low=0.3, high=3.0), g.input(1, 6))


@case
def pow_opset7(g):
    g.opset = 7
    return g.node("Pow", g.input(1, 9), g.const(2.0))


@case
def pow_of_integers(g):
    """The exponent is of another type."""
    x = g.indices(1, 9, extent=6)
    powers = [g.node("Pow", x, g.const(2.0)), g.node("Pow", x, g.const(3, np.int64))]
    return [g.node("Cast", y, to=TensorProto.FLOAT) for y in powers]


@case
def pow_by_an_integer(g):
    return g.node("Pow", g.input(1, 9), g.const(3, np.int32))
