"""Quantised operators: what ONNX Runtime's quantiser writes, and ONNX's own.

ONNX Runtime computes QLinearConv and the like on whole numbers; its results here are exact.
"""

import numpy as np
from onnx import TensorProto, helper

from case_graph import CASES, case

MICROSOFT = "com.microsoft"
KINDS = {"uint8": TensorProto.UINT8, "int8": TensorProto.INT8}


def f(g, value):
    return g.const(np.array(value, np.float32))


def zero(g, value, kind="uint8"):
    return g.const(np.array(value, kind), kind)


def bytes_of(g, kind, *shape):
    info = np.iinfo(kind)
    return g.whole(KINDS[kind], *shape, low=info.min, high=info.max + 1)


def weights(g, kind, *shape):
    info = np.iinfo(kind)
    return g.const(g.random.integers(info.min, info.max + 1, shape), kind)


def through(g, x, kind, scale, point):
    """A QuantizeLinear and its DequantizeLinear."""
    q = g.node("QuantizeLinear", x, f(g, scale), zero(g, point, kind))
    return q, g.node("DequantizeLinear", q, f(g, scale), zero(g, point, kind))


for kind, point in [("uint8", 117), ("int8", -5), ("int8", 0), ("uint16", 30000), ("int16", -77)]:

    def quantize(g, kind=kind, point=point):
        g.unit = 2.0**-10
        fine = 256 if "16" in kind else 1
        g.opset = 21 if "16" in kind else g.opset
        return g.number(through(g, g.input(2, 12), kind, 0.017 / fine, point)[0])

    def dequantize(g, kind=kind, point=point):
        g.unit = 2.0**-10
        g.opset = 21 if "16" in kind else g.opset
        return through(g, g.input(2, 12), kind, 0.017, point)[1]

    CASES[f"quantize_{kind}_{abs(point)}"] = quantize
    CASES[f"dequantize_{kind}_{abs(point)}"] = dequantize


@case
def quantize_at_halves(g):
    """Multiples of an eighth by a quarter: halves to even."""
    x = g.node("Mul", g.number(g.whole(TensorProto.INT8, 2, 30, low=-99, high=99)), f(g, 0.125))
    return g.number(g.node("QuantizeLinear", x, f(g, 0.25), zero(g, 3, "int8")))


@case
def quantize_per_channel(g):
    x = g.input(1, 3, 4)
    q = g.node("QuantizeLinear", x, f(g, [0.02, 0.1, 0.003]), zero(g, [0, 0, 0], "int8"), axis=1)
    return g.node("DequantizeLinear", q, f(g, [0.02, 0.1, 0.003]), zero(g, [0, 0, 0], "int8"), axis=1)


@case
def quantize_last_axis_with_points(g):
    s, z = f(g, [0.02, 0.1, 0.03, 0.05]), zero(g, [100, 7, 200, 128])
    q = g.node("QuantizeLinear", g.input(1, 3, 4), s, z, axis=-1)
    return g.node("DequantizeLinear", q, s, z, axis=-1)


@case
def dequantize_int4_weights(g):
    """Two to a byte, with scales in blocks along the rows."""
    g.opset = 21
    w = g.random.integers(-8, 8, (8, 5))
    name = "w4"
    g.initialisers.append(helper.make_tensor(name, TensorProto.INT4, w.shape, w.flatten()))
    g.initialisers.append(helper.make_tensor("s4", TensorProto.FLOAT, (2, 5), g.random.uniform(0.05, 0.2, 10)))
    return g.node("MatMul", g.input(3, 8), g.node("DequantizeLinear", name, "s4", axis=0, block_size=4))


@case
def quantize_blocks(g):
    """A scale and a zero point for each five numbers, or what is left of them."""
    g.opset, g.unit = 21, 2.0**-10
    s, z = g.const([[0.02, 0.1, 0.004], [0.3, 0.01, 0.05]]), zero(g, [[3, 0, 120], [7, 9, 128]])
    q = g.node("QuantizeLinear", g.input(2, 12), s, z, axis=1, block_size=5)
    return g.number(q), g.node("DequantizeLinear", q, s, z, axis=-1, block_size=5)


@case
def quantize_blocks_of_rows(g):
    g.opset, g.unit = 21, 2.0**-10
    s, z = g.const([[0.02, 0.1, 0.03]]), zero(g, [[0, 0, 0]], "int8")
    q = g.node("QuantizeLinear", g.input(4, 3), s, z, axis=0, block_size=4)
    return g.node("DequantizeLinear", q, s, z, axis=0, block_size=4)


@case
def quantize_to_int4(g):
    g.opset, g.unit = 21, 2.0**-10
    g.initialisers.append(helper.make_tensor("z4", TensorProto.INT4, (), [1]))
    q = g.node("QuantizeLinear", g.input(2, 12), f(g, 0.2), "z4")
    return g.node("DequantizeLinear", q, f(g, 0.2), "z4")


@case
def dynamic_quantize_spelt_out(g):
    """As the function of ONNX says it: a scale and a zero point that are computed."""
    g.unit = 2.0**-13
    x, nothing, most = g.input(1, 16), f(g, 0.0), f(g, 255.0)
    least = g.node("Min", g.node("ReduceMin", x, keepdims=0), nothing)
    greatest = g.node("Max", g.node("ReduceMax", x, keepdims=0), nothing)
    scale = g.node("Div", g.node("Sub", greatest, least), most)
    point = g.node("Sub", nothing, g.node("Div", least, scale))
    point = g.node("Cast", g.node("Round", g.node("Clip", point, nothing, most)), to=TensorProto.UINT8)
    q = g.node("QuantizeLinear", x, scale, point)
    return g.node("DequantizeLinear", q, scale, point)


@case
def quantize_weights_of_floats(g):
    """As exporters that train quantised models write them."""
    w = through(g, g.weight(6, 4), "int8", 0.004, 0)[1]
    return g.node("MatMul", through(g, g.input(2, 6), "uint8", 0.016, 128)[1], w)


def qlinear_conv(g, kind, wkind, channels, out, per_channel, bias, shape, wpoint=0, **attributes):
    x = bytes_of(g, kind, 1, channels, *shape)
    w = weights(g, wkind, out, channels // attributes.get("group", 1), 3, 3)
    scales = g.random.uniform(0.002, 0.006, out if per_channel else ())
    point = np.full(out if per_channel else (), wpoint, wkind)
    inputs = [x, f(g, 0.021), zero(g, -3 if kind == "int8" else 121, kind), w, f(g, scales),
              g.const(point, wkind), f(g, 0.13), zero(g, 10, kind)]
    if bias:
        inputs.append(g.const(g.random.integers(-4000, 4000, out), np.int32))
    return g.number(g.node("QLinearConv", *inputs, **attributes))


for name, arguments, attributes in [
    ("qlinear_conv", ("uint8", "uint8", 2, 3, False, False, (6, 6), 128), {}),
    ("qlinear_conv_int8_per_channel", ("int8", "int8", 2, 3, True, True, (6, 6)), {"pads": [1, 1, 1, 1]}),
    ("qlinear_conv_groups", ("uint8", "int8", 4, 4, True, True, (7, 5)), {"group": 2, "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
]:
    CASES[name] = lambda g, a=arguments, k=attributes: qlinear_conv(g, *a, **k)


@case
def qlinear_mat_mul(g):
    return g.number(g.node(
        "QLinearMatMul", bytes_of(g, "uint8", 3, 8), f(g, 0.02), zero(g, 113),
        weights(g, "int8", 8, 5), f(g, 0.0071), zero(g, 0, "int8"), f(g, 0.19), zero(g, 128)))


@case
def qlinear_mat_mul_of_two(g):
    return g.number(g.node(
        "QLinearMatMul", bytes_of(g, "int8", 2, 3, 4), f(g, 0.02), zero(g, 3, "int8"),
        bytes_of(g, "int8", 2, 4, 5), f(g, 0.0071), zero(g, 5, "int8"), f(g, 0.04), zero(g, -12, "int8")))


@case
def qlinear_mat_mul_of_dyadic_scales(g):
    """Products that lie half way: to even."""
    return g.number(g.node(
        "QLinearMatMul", bytes_of(g, "int8", 6, 4), f(g, 0.25), zero(g, 0, "int8"),
        g.const(g.random.integers(-9, 9, (4, 7)), np.int8), f(g, 0.125), zero(g, 0, "int8"), f(g, 0.5), zero(g, 0, "int8")))


def qgemm(g, output):
    extra = [f(g, 0.17), zero(g, 4, "int8")] if output else []
    y = g.node(
        "QGemm", bytes_of(g, "int8", 3, 8), f(g, 0.02), zero(g, 13, "int8"),
        weights(g, "int8", 5, 8), f(g, g.random.uniform(0.004, 0.01, 5)), zero(g, [0] * 5, "int8"),
        g.const(g.random.integers(-4000, 4000, 5), np.int32), *extra, transB=1, domain=MICROSOFT)
    return g.number(y) if output else y


CASES["qgemm"] = lambda g: qgemm(g, True)
CASES["qgemm_to_floats"] = lambda g: qgemm(g, False)


@case
def conv_integer(g):
    y = g.node("ConvInteger", bytes_of(g, "uint8", 1, 2, 5, 5), weights(g, "uint8", 3, 2, 3, 3),
               zero(g, 100), zero(g, 128), pads=[1, 1, 1, 1])
    return g.number(y)


@case
def mat_mul_integer(g):
    return g.number(g.node("MatMulInteger", bytes_of(g, "uint8", 2, 6), weights(g, "int8", 6, 5), zero(g, 77)))


@case
def mat_mul_integer_of_two(g):
    return g.number(g.node("MatMulInteger", bytes_of(g, "uint8", 2, 6), bytes_of(g, "int8", 6, 5), zero(g, 77), zero(g, -4, "int8")))


@case
def dynamic_quantize_linear(g):
    g.unit = 2.0**-13
    q, s, z = g.node("DynamicQuantizeLinear", g.input(1, 16), outputs=3)
    centred = g.node("Sub", g.number(q), g.number(z))
    return g.node("Mul", centred, s)


@case
def dynamic_mat_mul(g):
    """As quantize_dynamic writes a MatMul."""
    g.unit = 2.0**-10
    q, s, z = g.node("DynamicQuantizeLinear", g.input(2, 16), outputs=3)
    y = g.number(g.node("MatMulInteger", q, weights(g, "int8", 16, 5), z, zero(g, 0, "int8")))
    y = g.node("Mul", y, g.node("Mul", s, f(g, 0.0041)))
    return g.node("Add", y, g.weight(5))


def two(g, operator, sc, kind="uint8"):
    inputs = []
    for scale, point in [(0.0217, 5), (0.0331, 9)]:
        inputs += [bytes_of(g, kind, 2, 24), f(g, scale), zero(g, point, kind)]
    return g.number(g.node(operator, *inputs, f(g, sc), zero(g, 3, kind), domain=MICROSOFT))


CASES["qlinear_add"] = lambda g: two(g, "QLinearAdd", 0.0523)
CASES["qlinear_mul"] = lambda g: two(g, "QLinearMul", 0.17, "int8")


@case
def qlinear_global_average_pool(g):
    return g.number(g.node("QLinearGlobalAveragePool", bytes_of(g, "uint8", 1, 3, 5, 5), f(g, 0.02), zero(g, 11), f(g, 0.0061), zero(g, 3), domain=MICROSOFT))


@case
def qlinear_concat(g):
    return g.number(g.node(
        "QLinearConcat", f(g, 0.03), zero(g, 8), bytes_of(g, "uint8", 1, 12), f(g, 0.017), zero(g, 4),
        bytes_of(g, "uint8", 1, 12), f(g, 0.03), zero(g, 8), domain=MICROSOFT, axis=1))


@case
def qlinear_sigmoid(g):
    return g.number(g.node("QLinearSigmoid", bytes_of(g, "uint8", 1, 40), f(g, 0.031), zero(g, 128), f(g, 0.0039), zero(g, 0), domain=MICROSOFT))


def qlinear_average_pool(g, kind, **attributes):
    point = -9 if kind == "int8" else 117
    return g.number(g.node(
        "QLinearAveragePool", bytes_of(g, kind, 1, 2, 6, 6), f(g, 0.0217), zero(g, point, kind), f(g, 0.0131), zero(g, 5, kind),
        domain=MICROSOFT, kernel_shape=[3, 3], **attributes))


CASES["qlinear_average_pool"] = lambda g: qlinear_average_pool(g, "uint8", strides=[2, 2], pads=[1, 1, 0, 0])
CASES["qlinear_average_pool_with_pads"] = lambda g: qlinear_average_pool(g, "int8", pads=[1, 1, 1, 1], count_include_pad=1)
CASES["qlinear_average_pool_ceil"] = lambda g: qlinear_average_pool(g, "uint8", strides=[2, 2], ceil_mode=1)


def qlinear_softmax(g, kind, shape, axis, opset):
    points = (-9, -128) if kind == "int8" else (117, 0)
    g.opset = opset
    return g.number(g.node(
        "QLinearSoftmax", bytes_of(g, kind, *shape), f(g, 0.031), zero(g, points[0], kind), f(g, 0.0039), zero(g, points[1], kind),
        domain=MICROSOFT, axis=axis, opset=opset))


CASES["qlinear_softmax"] = lambda g: qlinear_softmax(g, "uint8", (3, 10), -1, 17)
CASES["qlinear_softmax_of_an_axis"] = lambda g: qlinear_softmax(g, "int8", (2, 10, 3), 1, 13)
CASES["qlinear_softmax_from_an_axis"] = lambda g: qlinear_softmax(g, "uint8", (2, 3, 4), 1, 12)


@case
def quantize_a_softmax(g):
    """And a product of tensors: quotients and products that are quantised."""
    g.opset = 21
    x = g.input(2, 10)
    a = through(g, g.node("Softmax", x), "uint16", 1 / 65535, 0)[1]
    return a, through(g, g.node("Mul", x, g.input(2, 10)), "int16", 4 / 32767, 0)[1]


@case
def mat_mul_integer_to_float(g):
    return g.node(
        "MatMulIntegerToFloat", bytes_of(g, "uint8", 2, 6), weights(g, "int8", 6, 5), f(g, 0.021),
        f(g, g.random.uniform(0.004, 0.01, 5)), zero(g, 77), zero(g, [3, 0, -5, 7, 9], "int8"), g.weight(5), domain=MICROSOFT)


@case
def mat_mul_integer_to_float_by_a_computed_scale(g):
    g.unit = 2.0**-10
    q, s, z = g.node("DynamicQuantizeLinear", g.input(2, 16), outputs=3)
    return g.node("MatMulIntegerToFloat", q, weights(g, "uint8", 16, 5), s, f(g, 0.0041), z, zero(g, 128), domain=MICROSOFT)


@case
def dynamic_quantize_mat_mul(g):
    g.unit = 2.0**-10
    return g.node("DynamicQuantizeMatMul", g.input(2, 16), weights(g, "int8", 16, 5), f(g, 0.0041), zero(g, 0, "int8"), g.weight(5), domain=MICROSOFT)


@case
def dynamic_quantize_mat_mul_per_column(g):
    g.unit = 2.0**-10
    return g.node("DynamicQuantizeMatMul", g.input(1, 3, 16), weights(g, "int8", 16, 4), f(g, g.random.uniform(0.004, 0.01, 4)), domain=MICROSOFT)


def dynamic_lstm(g, kind="int8", directions=1, per_column=False, points=True, initial=False, outputs=3, batch=1, **attributes):
    steps, size, hidden = 4, 5, 6
    g.unit = 2.0**-12
    info = np.iinfo(kind)
    columns = (directions, 4 * hidden) if per_column else (directions,)
    w = weights(g, kind, directions, size, 4 * hidden)
    r = weights(g, kind, directions, hidden, 4 * hidden)
    # A byte that lies near a half may be off by one, which small weights make little of.
    scales = [f(g, g.random.uniform(0.001, 0.002, columns)) for _ in range(2)]
    middle = 0 if kind == "int8" else 128
    zeros = [zero(g, np.full(columns, middle + 3 * points), kind) for _ in range(2)]
    states = [g.input(directions, batch, hidden), g.input(directions, batch, hidden)] if initial else ["", ""]
    made = g.node(
        "DynamicQuantizeLSTM", g.input(steps, batch, size), w, r, g.weight(directions, 8 * hidden), "", *states, "",
        scales[0], zeros[0], scales[1], zeros[1], domain=MICROSOFT, hidden_size=hidden, outputs=outputs, **attributes)
    return made


CASES["dynamic_lstm"] = dynamic_lstm
CASES["dynamic_lstm_of_uint8"] = lambda g: dynamic_lstm(g, kind="uint8", initial=True)
CASES["dynamic_lstm_per_column"] = lambda g: dynamic_lstm(g, per_column=True, points=False)
CASES["dynamic_lstm_bidirectional"] = lambda g: dynamic_lstm(g, directions=2, direction="bidirectional")
CASES["dynamic_lstm_reverse"] = lambda g: dynamic_lstm(g, direction="reverse", initial=True)


@case
def qlinear_leaky_relu(g):
    return g.number(g.node("QLinearLeakyRelu", bytes_of(g, "int8", 1, 40), f(g, 0.031), zero(g, 8, "int8"), f(g, 0.029), zero(g, -50, "int8"), domain=MICROSOFT, alpha=0.1))


@case
def max_pool_of_bytes(g):
    """Between a quantised convolution and the next."""
    x = through(g, g.input(1, 2, 6, 6), "int8", 0.02, -7)[1]
    x = g.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    return through(g, x, "int8", 0.02, -7)[1]


def group(g, operator, bound):
    """As quantisers write a Conv or a Gemm: operands and result quantised, a bound in between."""
    g.unit = 2.0**-10
    x = through(g, g.input(1, 2, 6, 6), "int8", 0.0157, 0)[1] if operator == "Conv" else through(g, g.input(3, 8), "int8", 0.0157, 3)[1]
    shape = (3, 2, 3, 3) if operator == "Conv" else (5, 8)
    scales = g.random.uniform(0.002, 0.006, shape[0]).astype(np.float32)
    w = g.node("DequantizeLinear", weights(g, "int8", *shape), f(g, scales), zero(g, [0] * shape[0], "int8"), axis=0)
    bias = g.const(g.random.integers(-4000, 4000, shape[0]), np.int32)
    b = g.node("DequantizeLinear", bias, f(g, np.float32(0.0157) * scales), zero(g, [0] * shape[0], "int32"), axis=0)
    y = g.node(operator, x, w, b, **({} if operator == "Conv" else {"transB": 1}))
    point = -128
    if bound == "Relu":
        y = g.node("Relu", y)
    elif bound == "Clip":
        y, point = g.node("Clip", y, f(g, 0.0), f(g, 0.4)), -20
    return g.number(through(g, y, "int8", 0.009, point)[0])


for operator in ["Conv", "Gemm"]:
    for bound in ["", "Relu", "Clip"]:
        CASES[f"qdq_{operator.lower()}_{bound.lower()}".rstrip("_")] = (
            lambda g, o=operator, b=bound: group(g, o, b))
