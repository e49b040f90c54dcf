"""Softmax and normalisations."""

import numpy as np
from onnx import TensorProto, numpy_helper

from case_graph import CASES, case, single


def softmax(name, shape, opset=17, operator="Softmax", **attributes):
    def build(g):
        g.opset = opset
        return g.node(operator, g.input(*shape), **attributes)

    CASES[name] = build


softmax("softmax", (1, 3, 5))
softmax("softmax_axis1", (1, 4, 3), axis=1)
softmax("softmax_flattens", (1, 3, 4), opset=11, axis=1)
softmax("log_softmax", (1, 3, 5), operator="LogSoftmax")
softmax("log_softmax_axis1", (1, 4, 3), operator="LogSoftmax", axis=-2)
softmax("log_softmax_flattens", (1, 3, 4), opset=11, operator="LogSoftmax", axis=1)


@case
def softmax_masked_by_a_sum(g):
    mask = np.triu(np.full((4, 4), -np.inf), 1)
    return g.node("Softmax", g.node("Add", g.input(1, 4, 4), g.const(mask)))


@case
def softmax_masked_by_a_selection(g):
    """The mask is computed from extents, as exporters write it."""
    ones = g.node("ConstantOfShape", g.ints(4, 4),
                  value=numpy_helper.from_array(np.array([1], np.int64)))
    keep = g.node("Cast", g.node("Trilu", ones, upper=0), to=TensorProto.BOOL)
    x = g.node("Where", keep, g.input(1, 4, 4), g.const(-1e9))
    return g.node("Softmax", x)


@case
def softmax_guarded(g):
    """Rows without anything left are zero, as exporters of attention write it."""
    keep = g.const(np.tril(np.ones((1, 4, 4))), np.bool_)
    mask = g.node("Where", keep, g.const(0.0), g.const(-np.inf))
    p = g.node("Softmax", g.node("Add", g.input(1, 4, 4), mask))
    return g.node("Where", g.node("IsNaN", p), g.const(0.0), p)


def layer_norm(name, shape, weights, bias=True, outputs=1, **attributes):
    def build(g):
        parameters = [g.weight(*weights, low=0.5, high=1.5)]
        if bias:
            parameters.append(g.weight(*weights))
        x = g.input(*shape)
        return g.node("LayerNormalization", x, *parameters, outputs=outputs, **attributes)

    CASES[name] = build


layer_norm("layer_norm", (1, 3, 8), (8,))
layer_norm("layer_norm_no_bias", (1, 3, 8), (8,), bias=False, epsilon=0.1)
layer_norm("layer_norm_axis1", (1, 3, 4), (3, 4), axis=1, stash_type=1)
layer_norm("layer_norm_outputs", (1, 3, 8), (8,), outputs=3)


def layer_norm_of(g, x, channels):
    """As exporters spell it before operator set 17."""
    centred = g.node("Sub", x, g.node("ReduceMean", x, axes=[-1]))
    variance = g.node("ReduceMean", g.node("Pow", centred, g.const(2.0)), axes=[-1])
    deviation = g.node("Sqrt", g.node("Add", variance, g.const(1e-5)))
    normal = g.node("Div", centred, deviation)
    scaled = g.node("Mul", normal, g.weight(channels, low=0.5, high=1.5))
    return g.node("Add", scaled, g.weight(channels))


@case
def layer_norm_spelt(g):
    return layer_norm_of(g, g.input(1, 3, 8), 8)


def rms_norm(name, shape, weights, **attributes):
    def build(g):
        g.opset = 23
        x = g.input(*shape, low=0.5)
        return g.node("RMSNormalization", x, g.weight(*weights, low=0.5, high=1.5), **attributes)

    CASES[name] = build


rms_norm("rms_norm", (1, 3, 8), (8,))
rms_norm("rms_norm_axis1", (1, 3, 4), (3, 4), axis=1, epsilon=0.01)


@case
def rms_norm_spelt(g):
    x = g.input(1, 3, 8, low=0.5)
    mean = g.node("ReduceMean", g.node("Pow", x, g.const(2.0)), axes=[-1])
    root = g.node("Sqrt", g.node("Add", mean, g.const(1e-6)))
    normal = g.node("Mul", x, g.node("Reciprocal", root))
    return g.node("Mul", g.weight(8, low=0.5, high=1.5), normal)


@case
def instance_norm(g):
    scale, bias = g.weight(3, low=0.5, high=1.5), g.weight(3)
    return g.node("InstanceNormalization", g.input(1, 3, 4, 4), scale, bias, epsilon=1e-3)


single("lp_norm", "LpNormalization", 1, 3, 5, low=0.5, axis=-1)
single("lp_norm_p1_axis1", "LpNormalization", 1, 3, 5, low=0.5, axis=1, p=1)


def group_norm(name, shape, groups, scales, opset=21, **attributes):
    def build(g):
        g.opset = opset
        x = g.input(*shape)
        scale, bias = g.weight(scales, low=0.5, high=1.5), g.weight(scales)
        return g.node("GroupNormalization", x, scale, bias, num_groups=groups, **attributes)

    CASES[name] = build


group_norm("group_norm", (1, 4, 3, 3), 2, 4)
group_norm("group_norm_epsilon", (1, 6, 5), 3, 6, epsilon=0.1)


def at_opset(name, opset, operator, shape, **attributes):
    def build(g):
        g.opset = opset
        return g.node(operator, g.input(*shape), **attributes)

    CASES[name] = build


single("lrn", "LRN", 1, 5, 3, 3, size=3)
single("lrn_attributes", "LRN", 1, 6, 4, 2, size=5, alpha=0.3, beta=1.5, bias=2.0)
single("lp_norm_axis0", "LpNormalization", 3, 5, low=0.5, axis=0)


@case
def instance_norm_1d(g):
    scale, bias = g.weight(3, low=0.5, high=1.5), g.weight(3)
    return g.node("InstanceNormalization", g.input(1, 3, 7), scale, bias)


@case
def group_norm_spelt(g):
    """As exporters spell it: an instance normalisation of groups."""
    x = g.node("Reshape", g.input(1, 4, 3, 3), g.ints(0, 2, -1))
    x = g.node("InstanceNormalization", x, g.const([1, 1]), g.const([0, 0]))
    x = g.node("Reshape", x, g.ints(1, 4, 3, 3))
    return g.node("Add", g.node("Mul", x, g.weight(4, 1, 1)), g.weight(4, 1, 1))
