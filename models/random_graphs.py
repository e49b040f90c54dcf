#!/usr/bin/env python3
"""Write random_graphs.zip: random graphs of one to eight operators, with ONNX Runtime's outputs.

    pip install -r requirements.txt
    python random_graphs.py [COUNT [SEED [FILE]]]

The archive holds N.onnx for each graph and graphs.json, a list of

    {"operators": [...], "inputs": [[[flat floats], ...], ...], "outputs": [[[flat floats], ...], ...]}

with three observations each. Graphs whose outputs are not finite, are large, or
change much when the inputs change by a part in a million are drawn again: of
those no two implementations need agree.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi.onnxruntime_pybind11_state import Fail

from archive import Archive

COUNT, SEED = 400, 1
OPSET = 17
OBSERVATIONS = 3
MOST_ELEMENTS = 256


class Draft:
    """A graph in the making: values are (name, shape) of floats."""

    def __init__(self, random):
        self.random = random
        self.nodes, self.initializers, self.values = [], [], []
        rank = random.integers(2, 5)
        self.input_shape = [1] + [int(random.integers(1, 6)) for _ in range(rank - 1)]
        self.values.append(("x", self.input_shape))

    # Choices.

    def choose(self, items):
        return items[self.random.integers(len(items))]

    def whole(self, low, high):
        return int(self.random.integers(low, high + 1))

    def axis(self, shape, negative=True):
        axis = self.whole(0, len(shape) - 1)
        return axis - len(shape) if negative and self.whole(0, 1) else axis

    def value(self, *ranks):
        fitting = [v for v in self.values if not ranks or len(v[1]) in ranks]
        # Later values more often, so that graphs are deep.
        return fitting[max(self.whole(0, len(fitting) - 1), self.whole(0, len(fitting) - 1))] if fitting else None

    # Making.

    def const(self, array):
        name = f"c{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weight(self, *shape, low=-1.0, high=1.0):
        return self.const(self.random.uniform(low, high, shape).astype(np.float32))

    def ints(self, *values):
        return self.const(np.array(values, np.int64))

    def op(self, operator, *inputs, outputs=1, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def add(self, name, shape):
        if np.prod(shape) <= MOST_ELEMENTS:
            self.values.append((name, [int(extent) for extent in shape]))


STEPS = []


def step(function):
    STEPS.append(function)
    return function


@step
def unary(d):
    x, shape = d.value()
    operator, attributes = d.choose([
        ("Relu", {}), ("Sigmoid", {}), ("Tanh", {}), ("Abs", {}), ("Neg", {}), ("Erf", {}),
        ("Elu", {"alpha": float(d.random.uniform(0.5, 1))}), ("Selu", {}), ("Softsign", {}), ("Sin", {}), ("Cos", {}),
        ("Atan", {}), ("ThresholdedRelu", {"alpha": -10.0}), ("Celu", {}),
        ("LeakyRelu", {"alpha": float(d.random.uniform(0, 1))}), ("Softplus", {}), ("HardSwish", {}),
        ("HardSigmoid", {"alpha": float(d.random.uniform(0.1, 1)), "beta": float(d.random.uniform(0, 1))}),
    ])
    d.add(d.op(operator, x, **attributes), shape)


@step
def guarded(d):
    """Functions that ask for operands of their own."""
    x, shape = d.value()
    kind = d.choose(["sqrt", "log", "exp", "reciprocal", "pow", "asin", "power"])
    positive = d.op("Add", d.op("Abs", x), d.weight(low=0.3, high=1.0))
    if kind == "sqrt":
        y = d.op("Sqrt", positive)
    elif kind == "log":
        y = d.op("Log", positive)
    elif kind == "exp":
        y = d.op("Exp", d.op("Tanh", x))
    elif kind == "reciprocal":
        y = d.op("Reciprocal", positive)
    elif kind == "asin":
        y = d.op(d.choose(["Asin", "Acos", "Sinh", "Cosh", "Tan", "Asinh"]), d.op("Mul", d.op("Tanh", x), d.const(np.float32(0.9))))
    elif kind == "power":
        y = d.op("Pow", positive, d.const(np.float32(d.random.uniform(-1.5, 2.5))))
    else:
        y = d.op("Pow", d.op("Tanh", x), d.const(np.float32(d.whole(2, 3))))
    d.add(y, shape)


@step
def binary_constant(d):
    x, shape = d.value()
    extents = [extent if d.whole(0, 1) else 1 for extent in shape][d.whole(0, len(shape) - 1):]
    operator = d.choose(["Add", "Sub", "Mul", "Max", "Min", "Div", "PRelu"])
    low, high = (0.5, 2.0) if operator == "Div" else (-1.0, 1.0)
    pair = [x, d.weight(*extents, low=low, high=high)]
    if operator == "Sub" and d.whole(0, 1):
        pair.reverse()
    d.add(d.op(operator, *pair), shape)


@step
def binary(d):
    (a, left), (b, right) = d.value(), d.value()
    try:
        shape = np.broadcast_shapes(left, right)
    except ValueError:
        return
    operator = d.choose(["Add", "Sub", "Mul", "Max", "Min", "Div"])
    if operator == "Div":
        b = d.op("Add", d.op("Abs", b), d.weight(low=0.5, high=1.0))
    d.add(d.op(operator, a, b), shape)


@step
def matrix(d):
    x, shape = d.value(2, 3, 4)
    width = d.whole(1, 6)
    if len(shape) == 2 and d.whole(0, 1):
        y = d.op("Gemm", x, d.weight(width, shape[-1]), d.weight(width), transB=1, alpha=0.7, beta=1.3)
    else:
        y = d.op("MatMul", x, d.weight(shape[-1], width))
    d.add(y, shape[:-1] + [width])


@step
def product(d):
    found = d.value(3, 4)
    if not found:
        return
    x, shape = found
    turned = d.op("Transpose", x, perm=[*range(len(shape) - 2), len(shape) - 1, len(shape) - 2])
    d.add(d.op("MatMul", x, turned), shape[:-1] + [shape[-2]])


@step
def convolution(d):
    found = d.value(4)
    if not found:
        return
    x, (n, c, h, w) = found
    groups = d.choose([g for g in range(1, c + 1) if c % g == 0])
    outputs = groups * d.whole(1, 2)
    kernel = [d.whole(1, min(3, h)), d.whole(1, min(3, w))]
    dilations = [d.whole(1, 2) if k > 1 and (k - 1) * 2 < e else 1 for k, e in zip(kernel, (h, w))]
    strides, pads = [d.whole(1, 2), d.whole(1, 2)], [d.whole(0, 1) for _ in range(4)]
    y = d.op("Conv", x, d.weight(outputs, c // groups, *kernel), d.weight(outputs),
             kernel_shape=kernel, group=groups, strides=strides, pads=pads, dilations=dilations)
    size = [(e + pads[i] + pads[i + 2] - dilations[i] * (kernel[i] - 1) - 1) // strides[i] + 1 for i, e in enumerate((h, w))]
    d.add(y, [n, outputs, *size])


@step
def transposed_convolution(d):
    found = d.value(4)
    if not found:
        return
    x, (n, c, h, w) = found
    groups = d.choose([g for g in range(1, c + 1) if c % g == 0])
    outputs, kernel = d.whole(1, 2), [d.whole(1, 3), d.whole(1, 3)]
    strides, pads = [d.whole(1, 2), d.whole(1, 2)], [d.whole(0, k // 2) for k in kernel] * 2
    size = [(e - 1) * strides[i] + kernel[i] - 2 * pads[i] for i, e in enumerate((h, w))]
    if min(size) < 1:
        return
    y = d.op("ConvTranspose", x, d.weight(c, outputs, *kernel), d.weight(outputs * groups),
             kernel_shape=kernel, group=groups, strides=strides, pads=pads)
    d.add(y, [n, outputs * groups, *size])


@step
def recurrent(d):
    """A recurrent layer over the second axis as time."""
    found = d.value(3)
    if not found or found[1][1] > 4:
        return
    x, (n, steps, width) = found
    hidden = d.whole(1, 3)
    operator, gates = d.choose([("LSTM", 4), ("GRU", 3), ("RNN", 1)])
    attributes = {"linear_before_reset": d.whole(0, 1)} if operator == "GRU" else {}
    direction = d.choose(["forward", "reverse"])
    turned = d.op("Transpose", x, perm=[1, 0, 2])
    y = d.op(operator, turned, d.weight(1, gates * hidden, width), d.weight(1, gates * hidden, hidden),
             d.weight(1, 2 * gates * hidden), hidden_size=hidden, direction=direction, **attributes)
    d.add(d.op("Transpose", d.op("Squeeze", y, d.ints(1)), perm=[1, 0, 2]), [n, steps, hidden])


@step
def pool(d):
    found = d.value(4)
    if not found:
        return
    x, (n, c, h, w) = found
    kernel = [d.whole(1, min(3, h)), d.whole(1, min(3, w))]
    strides = [d.whole(1, 2), d.whole(1, 2)]
    pads = [d.whole(0, (k - 1)) for k in kernel] * 2
    operator = d.choose(["MaxPool", "AveragePool"])
    attributes = {"count_include_pad": d.whole(0, 1)} if operator == "AveragePool" else {}
    size = [(e + 2 * pads[i] - kernel[i]) // strides[i] + 1 for i, e in enumerate((h, w))]
    d.add(d.op(operator, x, kernel_shape=kernel, strides=strides, pads=pads, **attributes), [n, c, *size])


@step
def normalise(d):
    x, shape = d.value()
    kind = d.choose(["batch", "layer", "softmax", "log_softmax"])
    if kind == "batch" and len(shape) >= 3:
        c = shape[1]
        y = d.op("BatchNormalization", x, d.weight(c), d.weight(c), d.weight(c), d.weight(c, low=0.5, high=2.0))
    elif kind == "layer" and shape[-1] > 1:
        y = d.op("LayerNormalization", x, d.weight(shape[-1]), d.weight(shape[-1]), epsilon=0.1, axis=-1)
    else:
        y = d.op("LogSoftmax" if kind == "log_softmax" else "Softmax", x, axis=d.axis(shape))
    d.add(y, shape)


@step
def reduce(d):
    x, shape = d.value()
    axes = sorted({d.axis(shape, negative=False) for _ in range(d.whole(1, 2))} - {0}) or [len(shape) - 1]
    keep = 1 if len(shape) - len(axes) < 2 else d.whole(0, 1)
    operator = d.choose(
        ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceSumSquare", "ReduceLogSumExp"])
    if operator == "ReduceSum":
        y = d.op(operator, x, d.ints(*axes), keepdims=keep)
    else:
        y = d.op(operator, x, axes=axes, keepdims=keep)
    d.add(y, [1 if i in axes else e for i, e in enumerate(shape) if keep or i not in axes])


@step
def move(d):
    x, shape = d.value()
    kind = d.choose(["transpose", "reshape", "concat", "slice", "pad", "mirror", "tile", "unsqueeze", "gather", "split",
                     "sum", "triangle", "resize"])
    axis = d.whole(0, len(shape) - 1)
    extent = shape[axis]
    if kind == "transpose":
        perm = [0] + [int(i) for i in 1 + d.random.permutation(len(shape) - 1)]
        d.add(d.op("Transpose", x, perm=perm), [shape[i] for i in perm])
    elif kind == "reshape":
        rest = int(np.prod(shape[1:]))
        parts = [p for p in range(1, rest + 1) if rest % p == 0]
        first = d.choose(parts)
        d.add(d.op("Reshape", x, d.ints(shape[0], first, -1)), [shape[0], first, rest // first])
    elif kind == "concat" and axis > 0:
        d.add(d.op("Concat", x, d.op("Neg", x), axis=axis), [2 * e if i == axis else e for i, e in enumerate(shape)])
    elif kind == "slice" and extent > 1:
        start, stride = d.whole(0, extent - 1), d.choose([1, 2])
        y = d.op("Slice", x, d.ints(start), d.ints(extent), d.ints(axis), d.ints(stride))
        d.add(y, [len(range(start, extent, stride)) if i == axis else e for i, e in enumerate(shape)])
    elif kind == "pad":
        pads = [0] + [d.whole(0, 1) for _ in shape[1:]] + [0] + [d.whole(0, 1) for _ in shape[1:]]
        y = d.op("Pad", x, d.ints(*pads), d.weight())
        d.add(y, [e + pads[i] + pads[i + len(shape)] for i, e in enumerate(shape)])
    elif kind == "mirror" and len(shape) > 2 and min(shape[1:]) > 1:
        pads = [0] + [d.whole(0, 1) for _ in shape[1:]] + [0] + [d.whole(0, 1) for _ in shape[1:]]
        y = d.op("Pad", x, d.ints(*pads), mode=d.choose(["reflect", "edge"]))
        d.add(y, [e + pads[i] + pads[i + len(shape)] for i, e in enumerate(shape)])
    elif kind == "sum":
        d.add(d.op("CumSum", x, d.const(np.int64(axis)), reverse=d.whole(0, 1), exclusive=d.whole(0, 1)), shape)
    elif kind == "triangle":
        d.add(d.op("Trilu", x, upper=d.whole(0, 1)), shape)
    elif kind == "resize" and len(shape) == 4:
        sizes = [shape[0], shape[1], d.whole(1, 6), d.whole(1, 6)]
        mode = d.choose(["nearest", "linear", "cubic"])
        y = d.op("Resize", x, "", "", d.ints(*sizes), mode=mode,
                 coordinate_transformation_mode=d.choose(["half_pixel", "asymmetric", "align_corners"]))
        d.add(y, sizes)
    elif kind == "tile":
        repeats = [1] + [d.whole(1, 2) for _ in shape[1:]]
        d.add(d.op("Tile", x, d.ints(*repeats)), [e * r for e, r in zip(shape, repeats)])
    elif kind == "unsqueeze" and len(shape) < 4:
        d.add(d.op("Unsqueeze", x, d.ints(1)), [shape[0], 1, *shape[1:]])
    elif kind == "gather":
        picks = [d.whole(-extent, extent - 1) for _ in range(d.whole(1, 4))]
        d.add(d.op("Gather", x, d.ints(*picks), axis=axis), [len(picks) if i == axis else e for i, e in enumerate(shape)])
    elif kind == "split" and extent > 1:
        first = d.whole(1, extent - 1)
        for name, size in zip(d.op("Split", x, d.ints(first, extent - first), outputs=2, axis=axis), (first, extent - first)):
            d.add(name, [size if i == axis else e for i, e in enumerate(shape)])


@step
def choice(d):
    (a, left), (b, right) = d.value(), d.value()
    if left != right:
        return
    kind = d.choose(["where", "topk", "position"])
    if kind == "where":
        condition = d.op(d.choose(["Less", "Greater", "LessOrEqual", "GreaterOrEqual"]), a, d.weight())
        d.add(d.op("Where", condition, a, b), left)
    elif kind == "topk" and left[-1] > 1:
        k = d.whole(1, left[-1])
        values, _ = d.op("TopK", a, d.ints(k), outputs=2, axis=-1, largest=d.whole(0, 1))
        d.add(values, left[:-1] + [k])
    elif kind == "position" and len(left) > 2:
        position = d.op("ArgMax", a, axis=len(left) - 1, keepdims=1)
        d.add(d.op("GatherElements", b, position, axis=len(left) - 1), left[:-1] + [1])


@step
def spectrum(d):
    """A transformation along an axis, and perhaps its inverse."""
    found = d.value(2, 3)
    if not found:
        return
    x, shape = found
    axis, inverse = d.whole(1, len(shape) - 1), d.whole(0, 1)
    onesided = d.whole(0, 1)
    length = d.ints(d.whole(1, 6)) if d.whole(0, 1) else ""
    y = d.op("DFT", d.op("Unsqueeze", x, d.ints(len(shape))), d.op("Squeeze", length) if length else "",
             axis=axis, onesided=onesided)
    if inverse and not onesided:
        y = d.op("DFT", y, axis=axis, inverse=1)
    parts = d.op("ReduceSum", d.op("Abs", y), d.ints(axis))
    d.add(d.op("ReduceMax", parts, axes=[-1], keepdims=0), [1 if i == axis else e for i, e in enumerate(shape)])


@step
def computed(d):
    """What is usually constant, computed: kernels, and slopes."""
    found = d.value(3, 4)
    if not found:
        return
    x, shape = found
    kind = d.choose(["kernel", "depthwise", "transposed", "slope"])
    if kind == "slope":
        d.add(d.op("PRelu", x, d.op("Sin", x)), shape)
        return
    n, c, *spatial = shape
    kernel = [d.whole(1, min(2, e)) for e in spatial]
    groups = c if kind == "depthwise" else 1
    made, inner = (c, 1) if kind == "depthwise" else (2, c)
    given = [made, inner, *kernel] if kind != "transposed" else [c, 2, *kernel]
    flat = d.op("ReduceMean", d.op("Reshape", x, d.ints(1, -1)), axes=[1], keepdims=1)
    weights = d.op("Tanh", d.op("Mul", d.op("Add", flat, d.weight(*given)), d.weight(*given)))
    strides, pads = [d.whole(1, 2) for _ in spatial], [d.whole(0, k - 1) for k in kernel] * 2
    operator = "ConvTranspose" if kind == "transposed" else "Conv"
    if operator == "Conv":
        size = [(e + 2 * pads[i] - kernel[i]) // strides[i] + 1 for i, e in enumerate(spatial)]
    else:
        size = [(e - 1) * strides[i] + kernel[i] - 2 * pads[i] for i, e in enumerate(spatial)]
    if min(size) < 1:
        return
    y = d.op(operator, x, weights, d.weight(made if operator == "Conv" else 2),
             kernel_shape=kernel, group=groups, strides=strides, pads=pads)
    d.add(y, [n, made if operator == "Conv" else 2, *size])


@step
def region(d):
    found = d.value(4)
    if not found:
        return
    x, (n, c, h, w) = found
    if d.whole(0, 1):
        kernel, strides = [d.whole(1, min(3, h)), d.whole(1, min(3, w))], [d.whole(1, 2), d.whole(1, 2)]
        y = d.op("LpPool", x, kernel_shape=kernel, strides=strides, p=d.whole(1, 3))
        d.add(y, [n, c, *((e - k) // s + 1 for e, k, s in zip((h, w), kernel, strides))])
        return
    rois = d.random.uniform(-1, 6, (2, 4)).astype(np.float32)
    height, width = d.whole(1, 3), d.whole(1, 3)
    y = d.op("RoiAlign", x, d.const(rois), d.const(np.zeros(2, np.int64)), mode=d.choose(["avg", "max"]),
             output_height=height, output_width=width, sampling_ratio=d.whole(0, 2))
    d.add(d.op("Reshape", y, d.ints(1, 2 * c, height, width)), [1, 2 * c, height, width])


@step
def determinant(d):
    found = d.value(3)
    if not found or found[1][1] > 4:
        return
    x, (n, rows, width) = found
    x = d.op("Tanh", d.op("MatMul", x, d.weight(width, rows)))
    y = d.op("Det", x)
    d.add(d.op("Unsqueeze", y, d.ints(1)), [n, 1])


@step
def nothing(d):
    """A part without elements, beside others."""
    x, shape = d.value()
    axis = d.whole(0, len(shape) - 1)
    empty = d.op("Slice", x, d.ints(shape[axis]), d.ints(shape[axis] + 1), d.ints(axis))
    d.add(d.op("Concat", *d.choose([(x, empty), (empty, x)]), axis=axis), shape)


# Steps of many kinds are drawn more often.
OFTEN = [*STEPS, move, move, move, unary]


def draw(random):
    """A graph and its outputs, or nothing where it is not fit."""
    draft = Draft(random)
    wanted = 1 + random.integers(8)
    for _ in range(40):
        if len(draft.nodes) >= wanted:
            break
        draft.choose(OFTEN)(draft)
    if len(draft.values) < 2:
        return None
    read = {name for node in draft.nodes for name in node.input}
    outputs = [name for name, _ in draft.values[1:] if name not in read] or [draft.values[-1][0]]
    graph = helper.make_graph(
        draft.nodes, "random",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, draft.input_shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        draft.initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 8
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    del model.graph.value_info[:]
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    case = {"operators": sorted({node.op_type for node in draft.nodes}), "inputs": [], "outputs": []}
    for _ in range(OBSERVATIONS):
        x = random.uniform(-2, 2, draft.input_shape).astype(np.float32)
        try:
            made = session.run(None, {"x": x})
        except Fail:  # a form that ONNX Runtime has not
            return None
        near = session.run(None, {"x": (x * (1 + 1e-6)).astype(np.float32)})
        if any(not np.isfinite(y).all() or np.abs(y).max(initial=0) > 100 or y.size == 0 for y in made):
            return None
        if any(np.abs(y - z).max() > 1e-3 for y, z in zip(made, near)):
            return None
        flat = lambda array: [float(f"{v:.9g}") for v in array.ravel()]
        case["inputs"].append([flat(x)])
        case["outputs"].append([flat(y) for y in made])
    return model.SerializeToString(), case


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else SEED
    default = Path(__file__).resolve().parent / "random_graphs.zip"
    path = Path(sys.argv[3]) if len(sys.argv) > 3 else default
    random = np.random.default_rng(seed)
    ort.set_default_logger_severity(4)
    cases = []
    with Archive(path) as archive:
        while len(cases) < count:
            if found := draw(random):
                archive.add(f"{len(cases)}.onnx", found[0])
                cases.append(found[1])
        archive.add("graphs.json", json.dumps(cases, separators=(",", ":")).encode())
    print(f"{count} graphs, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
