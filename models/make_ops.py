#!/usr/bin/env python3
"""Write the small ONNX files of ops/, one operator (or short pattern) each, and ops/expected.json.

    pip install -r requirements.txt
    python make_ops.py

expected.json maps a case's name to three observations, each

    {"inputs": [[flat floats], ...], "input_shapes": [[...], ...],
     "outputs": [[flat floats], ...], "output_shapes": [[...], ...]}

in the order of the graph's inputs and outputs; shapes include the batch of 1.
The outputs are ONNX Runtime's, in float32. Weights and inputs are drawn from a
generator seeded by the case's name, so adding a case leaves the others alone.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).resolve().parent / "ops"
OPSET = 17
OBSERVATIONS = 3
CASES = {}


class Graph:
    """Collects the nodes, initialisers, inputs and outputs of one case."""

    def __init__(self, name):
        self.name = name
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes, self.initialisers, self.inputs, self.outputs = [], [], [], []
        self.ranges = {}
        self.opset = OPSET

    def input(self, *shape, low=-2.0, high=2.0):
        name = f"x{len(self.inputs)}"
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        self.ranges[name] = (shape, low, high)
        return name

    def indices(self, *shape, extent):
        """An input of whole numbers from -extent to extent - 1."""
        name = self.input(*shape, low=-extent, high=extent)
        self.inputs[-1] = helper.make_tensor_value_info(name, TensorProto.INT64, shape)
        return name

    def truth(self, *shape):
        """An input of truth values."""
        name = self.input(*shape, low=0, high=2)
        self.inputs[-1] = helper.make_tensor_value_info(name, TensorProto.BOOL, shape)
        return name

    def number(self, x):
        """Truth values or whole numbers as floats."""
        return self.node("Cast", x, to=TensorProto.FLOAT)

    def const(self, value, dtype=np.float32):
        name = f"c{len(self.initialisers)}"
        self.initialisers.append(numpy_helper.from_array(np.array(value, dtype), name))
        return name

    def ints(self, *values):
        return self.const(values, np.int64)

    def weight(self, *shape, low=-0.5, high=0.5):
        return self.const(self.random.uniform(low, high, shape))

    def node(self, operator, *inputs, outputs=1, **attributes):
        names = [f"{operator.lower()}{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def norm(self, x, channels):
        """Batch normalisation with statistics far from 0 and 1."""
        parameters = [
            self.weight(channels, low=0.5, high=1.5),
            self.weight(channels),
            self.weight(channels),
            self.weight(channels, low=0.3, high=2.0),
        ]
        return self.node("BatchNormalization", x, *parameters, epsilon=1e-3)

    def output(self, *names):
        self.outputs += [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names
        ]

    def model(self):
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, self.initialisers
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        model.ir_version = 8
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        del model.graph.value_info[:]
        onnx.checker.check_model(model, full_check=True)
        return model

    def observation(self):
        types = {i.name: i.type.tensor_type.elem_type for i in self.inputs}
        observed = {}
        for name, (shape, low, high) in self.ranges.items():
            if types[name] == TensorProto.FLOAT:
                observed[name] = self.random.uniform(low, high, shape).astype(np.float32)
            else:
                kind = helper.tensor_dtype_to_np_dtype(types[name])
                observed[name] = self.random.integers(low, high, shape).astype(kind)
        return observed


def case(build):
    """Register a function that builds the graph and returns the name(s) of its output(s)."""
    CASES[build.__name__] = build
    return build


def single(name, operator, *shape, low=-2.0, high=2.0, consts=(), outputs=1, **attributes):
    """Register a case of one node with one input; `consts` are arrays behind the input."""

    def build(g):
        x = g.input(*shape, low=low, high=high)
        extra = [g.const(c, getattr(c, "dtype", np.float32)) for c in consts]
        return g.node(operator, x, *extra, outputs=outputs, **attributes)

    CASES[name] = build


def i64(*values):
    return np.array(values, np.int64)


def f32(value):
    return np.array(value, np.float32)


# ------------------------------------------------------------------ dense and matrices


@case
def gemm(g):
    return g.node("Gemm", g.input(1, 6), g.weight(6, 4), g.weight(4))


@case
def gemm_no_bias(g):
    return g.node("Gemm", g.input(1, 6), g.weight(6, 4))


@case
def gemm_trans_b_alpha_beta(g):
    x, w, b = g.input(1, 6), g.weight(4, 6), g.weight(1, 4)
    return g.node("Gemm", x, w, b, transB=1, alpha=0.5, beta=2.0)


@case
def gemm_trans_a(g):
    return g.node("Gemm", g.input(6, 1), g.weight(6, 4), g.weight(4), transA=1)


@case
def gemm_trans_a_trans_b_alpha_beta(g):
    x, w, b = g.input(6, 2), g.weight(4, 6), g.weight(2, 1)
    return g.node("Gemm", x, w, b, transA=1, transB=1, alpha=-1.5, beta=0.25)


@case
def gemm_weights_shared(g):
    """One matrix as weights of two layers, transposed in the second, scaled otherwise."""
    x, w = g.input(1, 5), g.weight(5, 4)
    hidden = g.node("Relu", g.node("Gemm", x, w, g.weight(4), alpha=2.0))
    return g.node("Gemm", hidden, w, g.weight(5), transB=1, alpha=-0.5, beta=3.0)


@case
def matmul_const(g):
    return g.node("MatMul", g.input(1, 6), g.weight(6, 4))


@case
def matmul_const_left(g):
    return g.node("MatMul", g.weight(4, 5), g.input(1, 5, 3))


@case
def matmul_batched_const(g):
    return g.node("MatMul", g.input(1, 5, 6), g.weight(6, 4))


@case
def matmul_two(g):
    return g.node("MatMul", g.input(1, 3, 4), g.input(1, 4, 5))


# ------------------------------------------------------------------------ convolutions


def conv(name, shape, weight, bias=True, operator="Conv", **attributes):
    def build(g):
        parameters = [g.weight(*weight)]
        if bias:
            groups = attributes.get("group", 1)
            channels = weight[0] if operator == "Conv" else weight[1] * groups
            parameters.append(g.weight(channels))
        x = g.input(*shape)
        return g.node(operator, x, *parameters, kernel_shape=weight[2:], **attributes)

    CASES[name] = build


conv("conv2d", (1, 2, 5, 5), (3, 2, 3, 3))
conv("conv2d_no_bias_pads", (1, 2, 5, 5), (3, 2, 3, 3), bias=False, pads=[1, 1, 1, 1])
conv("conv2d_stride2", (1, 2, 7, 6), (3, 2, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1])
conv("conv2d_strides_differ", (1, 2, 7, 6), (3, 2, 3, 2), strides=[2, 1])
conv("conv2d_pads_asymmetric", (1, 2, 5, 5), (3, 2, 3, 3), pads=[0, 1, 2, 0])
conv("conv2d_dilations2", (1, 2, 7, 7), (3, 2, 3, 3), dilations=[2, 2], pads=[1, 1, 1, 1])
conv("conv2d_groups2", (1, 4, 5, 5), (6, 2, 3, 3), group=2)
conv("conv2d_depthwise", (1, 4, 5, 5), (4, 1, 3, 3), group=4, pads=[1, 1, 1, 1])
conv("conv2d_depthwise_multiplier2", (1, 3, 4, 4), (6, 1, 3, 3), group=3)
conv("conv2d_same_upper", (1, 2, 6, 6), (3, 2, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER")
conv("conv2d_same_lower", (1, 2, 6, 6), (3, 2, 3, 3), strides=[2, 2], auto_pad="SAME_LOWER")
conv("conv1d", (1, 3, 8), (4, 3, 3))
conv("conv1d_stride2_pads_dilations2", (1, 3, 9), (4, 3, 3),
     strides=[2], pads=[2, 1], dilations=[2])
conv("convtranspose", (1, 3, 4, 4), (3, 2, 3, 3), operator="ConvTranspose")
conv("convtranspose_stride2_pads1_output_padding1", (1, 3, 4, 4), (3, 2, 3, 3),
     operator="ConvTranspose", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
conv("convtranspose_groups2_dilations2", (1, 4, 3, 3), (4, 2, 2, 2),
     operator="ConvTranspose", group=2, dilations=[2, 2], pads=[0, 1, 1, 0])
conv("convtranspose1d_stride2", (1, 3, 5), (3, 2, 3), operator="ConvTranspose", strides=[2])

# ----------------------------------------------------------------- batch normalisation


@case
def batchnorm(g):
    return g.norm(g.input(1, 4, 3, 3), 4)


@case
def batchnorm_flat(g):
    return g.norm(g.input(1, 6), 6)


@case
def batchnorm_after_conv(g):
    x = g.node("Conv", g.input(1, 2, 5, 5), g.weight(4, 2, 3, 3), g.weight(4), pads=[1] * 4)
    return g.norm(x, 4)


@case
def batchnorm_before_conv(g):
    """The convolution pads with zeros after the normalisation's shift."""
    x = g.norm(g.input(1, 2, 5, 5), 2)
    return g.node("Conv", x, g.weight(4, 2, 3, 3), g.weight(4), pads=[1] * 4)


@case
def batchnorm_after_relu(g):
    x = g.node("Conv", g.input(1, 2, 5, 5), g.weight(4, 2, 3, 3), g.weight(4), pads=[1] * 4)
    return g.norm(g.node("Relu", x), 4)


@case
def batchnorm_after_gemm(g):
    return g.norm(g.node("Gemm", g.input(1, 6), g.weight(4, 6), g.weight(4), transB=1), 4)


@case
def batchnorm_after_shared_conv(g):
    """The convolution's output is used twice: folding must not change the second use."""
    x = g.node("Conv", g.input(1, 2, 4, 4), g.weight(3, 2, 3, 3), g.weight(3), pads=[1] * 4)
    return g.node("Add", g.norm(x, 3), x)


# -------------------------------------------------------------------------- arithmetic


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

# ------------------------------------------------------------------------- activations

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


# -------------------------------------------------------------- exponentials and roots

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


# ---------------------------------------------------------- softmax and normalisations


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


# ------------------------------------------------------------- choices and comparisons


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


# ----------------------------------------------------------------------------- pooling

single("maxpool", "MaxPool", 1, 2, 4, 4, kernel_shape=[2, 2], strides=[2, 2])
single("maxpool_pads_negative", "MaxPool", 1, 2, 4, 4, low=-2.0, high=-0.1,
       kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
single("maxpool_stride1", "MaxPool", 1, 2, 4, 4, kernel_shape=[2, 2])
single("maxpool_ceil", "MaxPool", 1, 2, 6, 5,
       kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
single("maxpool_dilations2", "MaxPool", 1, 2, 6, 6,
       kernel_shape=[2, 2], strides=[1, 1], dilations=[2, 2])
single("maxpool1d", "MaxPool", 1, 2, 7, kernel_shape=[3], strides=[2], pads=[1, 0])
single("averagepool", "AveragePool", 1, 2, 4, 4, kernel_shape=[2, 2], strides=[2, 2])
single("averagepool_pads_exclude", "AveragePool", 1, 2, 4, 4,
       kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=0)
single("averagepool_pads_include", "AveragePool", 1, 2, 4, 4,
       kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
single("averagepool_ceil", "AveragePool", 1, 2, 6, 5,
       kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
single("averagepool_ceil_pads_include", "AveragePool", 1, 2, 6, 6,
       kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1, count_include_pad=1)
single("averagepool_pads_asymmetric_include", "AveragePool", 1, 2, 5, 5,
       kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 0, 0], count_include_pad=1)
single("global_average_pool", "GlobalAveragePool", 1, 3, 4, 4)

# -------------------------------------------------------------------------- reductions

single("reduce_sum", "ReduceSum", 1, 3, 4, consts=[i64(1)], keepdims=0)
single("reduce_sum_keepdims_negative", "ReduceSum", 1, 3, 4, consts=[i64(-1, -2)], keepdims=1)
single("reduce_mean", "ReduceMean", 1, 3, 4, 4, axes=[2, 3], keepdims=0)
single("reduce_mean_keepdims_negative", "ReduceMean", 1, 3, 4, axes=[-1], keepdims=1)
single("reduce_max", "ReduceMax", 1, 3, 4, axes=[-1], keepdims=0)
single("reduce_max_keepdims", "ReduceMax", 1, 3, 4, low=-2.0, high=-0.1, axes=[1, 2], keepdims=1)

# ------------------------------------------------------------------------------ shapes

single("flatten", "Flatten", 1, 2, 3, 4)
single("flatten_negative", "Flatten", 1, 2, 3, 4, axis=-3)
single("reshape", "Reshape", 1, 2, 6, consts=[i64(1, 3, 4)])
single("reshape_zero_minus_one", "Reshape", 1, 2, 3, 4, consts=[i64(0, -1, 4)])
single("transpose", "Transpose", 1, 2, 3, 4, perm=[0, 2, 3, 1])
single("squeeze", "Squeeze", 1, 1, 3, 1, consts=[i64(1, -1)])


@case
def squeeze_unsqueeze_attributes(g):
    """Before opset 13 axes are attributes."""
    g.opset = 12
    x = g.node("Squeeze", g.input(1, 1, 3, 1), axes=[1, -1])
    return g.node("Relu", g.node("Unsqueeze", x, axes=[-1, 1]))


single("unsqueeze", "Unsqueeze", 1, 3, 4, consts=[i64(1, -1)])
single("split", "Split", 1, 6, 2, outputs=2, consts=[i64(2, 4)], axis=1)
single("split_equal_negative", "Split", 1, 2, 6, outputs=3, axis=-1)
single("slice", "Slice", 1, 3, 8, consts=[i64(0, 1), i64(2, 7), i64(1, 2)])
single("slice_negative_step2", "Slice", 1, 3, 8, consts=[i64(-6), i64(2**31 - 1), i64(-1), i64(2)])
single("slice_reverse", "Slice", 1, 6, consts=[i64(-1), i64(-7), i64(1), i64(-1)])
single("pad_zero", "Pad", 1, 2, 3, 3, consts=[i64(0, 0, 1, 0, 0, 0, 1, 2)])
single("pad_negative", "Pad", 1, 2, 5, 5, consts=[i64(0, 0, -1, 0, 0, 0, 1, -2)])
single("pad_value", "Pad", 1, 2, 3, 3, consts=[i64(0, 0, 1, 0, 0, 0, 1, 2), f32(0.7)])
single("expand", "Expand", 1, 3, 1, consts=[i64(1, 3, 4)])
single("expand_keeps_larger", "Expand", 1, 3, 4, consts=[i64(1, 1)])
single("tile", "Tile", 1, 2, 3, consts=[i64(1, 2, 3)])


@case
def concat_axis1(g):
    return g.node("Concat", g.input(1, 2, 3), g.input(1, 4, 3), axis=1)


@case
def concat_negative_const(g):
    return g.node("Concat", g.input(1, 2, 3), g.weight(1, 2, 2), g.input(1, 2, 1), axis=-1)


# ------------------------------------------------------------------------------ graphs


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


# ------------------------------------------------------------------------------ writing


def flat(array):
    return [float(f"{v:.9g}") for v in array.ravel()]


def make(name, build):
    g = Graph(name)
    names = build(g)
    g.output(*([names] if isinstance(names, str) else names))
    model = g.model()
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())

    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    observations = []
    for _ in range(OBSERVATIONS):
        inputs = g.observation()
        outputs = session.run(None, inputs)
        assert all(o.dtype == np.float32 and np.isfinite(o).all() for o in outputs), name
        observations.append({
            "inputs": [flat(x) for x in inputs.values()],
            "input_shapes": [list(x.shape) for x in inputs.values()],
            "outputs": [flat(y) for y in outputs],
            "output_shapes": [list(y.shape) for y in outputs],
        })
    return observations


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.glob("*.onnx"):
        stale.unlink()
    lines = [
        f"{json.dumps(name)}:{json.dumps(make(name, build), separators=(',', ':'))}"
        for name, build in CASES.items()
    ]
    (FOLDER / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{len(CASES)} cases")
