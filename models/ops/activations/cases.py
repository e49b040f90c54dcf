"""Activations."""

import numpy as np
from onnx import TensorProto

from case_graph import case, f32, single


single("relu", "Relu", 1, 8)
single("leaky_relu", "LeakyRelu", 1, 8, alpha=0.1)
single("prelu_per_channel", "PRelu", 1, 4, 3, 3,
       consts=[f32([0.1, 0.25, -0.2, 0.0]).reshape(4, 1, 1)])
single("clip", "Clip", 1, 8, consts=[f32(-0.5), f32(1.2)])
single("clip_min_only", "Clip", 1, 8, consts=[f32(-0.5)])
single("sigmoid", "Sigmoid", 1, 8)
single("tanh", "Tanh", 1, 8)
single("identity", "Identity", 1, 8)
single("dropout", "Dropout", 1, 8, consts=[f32(0.4)])


@case
def clip_max_only(g):
    return g.node("Clip", g.input(1, 8), "", g.const(0.5))


@case
def clip_bounds_cross(g):
    """The upper bound wins."""
    x = g.node("Clip", g.input(1, 8), g.const(1.0), g.const(-0.5))
    return g.node("Add", x, g.input(1, 8))


@case
def clip_relu6_of_a_sum(g):
    """Bounds that the operand never reaches, and one that it does."""
    x = g.node("Clip", g.node("Add", g.input(1, 8), g.input(1, 8)), g.const(-50.0), g.const(1.5))
    return g.node("Mul", x, g.const(0.5))


@case
def mask_before_reduce_max(g):
    """What a mask pushes away never is the maximum."""
    mask = np.zeros((1, 3, 5))
    mask[0, 0, 3:] = mask[0, 2, :2] = -1e9
    x = g.node("Add", g.input(1, 3, 5), g.const(mask))
    return g.node("ReduceMax", x, axes=[-1], keepdims=0)


@case
def cast_truncates(g):
    """float -> int64 -> float: rounds toward zero."""
    x = g.node("Cast", g.input(1, 12), to=TensorProto.INT64)
    return g.node("Cast", x, to=TensorProto.FLOAT)
