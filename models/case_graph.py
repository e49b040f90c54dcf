"""What the small ONNX graphs of ops/*/cases.py are built with."""

import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
OPSET_ML = 3
# Functions that build a graph each, by the case's name.
CASES = {}


class Graph:
    """Collects the nodes, initialisers, inputs and outputs of one case."""

    def __init__(self, name):
        self.name = name
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes, self.initialisers, self.inputs, self.outputs = [], [], [], []
        self.ranges = {}
        # What observed floats are multiples of.
        self.unit = None
        self.opset = OPSET
        self.opset_ml = OPSET_ML
        # What ONNX Runtime is told instead, where it lacks a form that ONNX has.
        self.told = lambda model: model

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

    def whole(self, kind, *shape, low, high):
        """An input of a type of whole numbers, from low to high - 1."""
        name = self.input(*shape, low=low, high=high)
        self.inputs[-1] = helper.make_tensor_value_info(name, kind, shape)
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

    def value(self, number, dtype=np.float32):
        """A tensor of one element as an attribute."""
        return numpy_helper.from_array(np.array([number], dtype))

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

    def opsets(self):
        """The standard operators and those of classical models, where a node is of them."""
        domains = {node.domain for node in self.nodes}
        versions = {"": self.opset, "ai.onnx.ml": self.opset_ml, "com.microsoft": 1}
        return [helper.make_opsetid(name, versions[name]) for name in sorted(domains)]

    def model(self):
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, self.initialisers
        )
        model = helper.make_model(graph, opset_imports=self.opsets())
        model.ir_version = 8 if self.opset < 21 else 10
        own = all(set.domain != "com.microsoft" for set in model.opset_import)
        # Shapes of others' operators are not inferred: their outputs say their type alone.
        model = onnx.shape_inference.infer_shapes(model, strict_mode=own, data_prop=True)
        del model.graph.value_info[:]
        shapes = all(output.type.tensor_type.HasField("shape") for output in model.graph.output)
        if shapes and len(model.opset_import) == 1 and not model.opset_import[0].domain:
            # The checker infers no shapes of classical models, nor all of loops, and then wants them.
            onnx.checker.check_model(model, full_check=True)
        return model

    def observation(self):
        types = {i.name: i.type.tensor_type.elem_type for i in self.inputs}
        observed = {}
        for name, (shape, low, high) in self.ranges.items():
            if types[name] == TensorProto.FLOAT:
                values = self.random.uniform(low, high, shape)
                if self.unit is not None:
                    values = np.round(values / self.unit) * self.unit
                observed[name] = values.astype(np.float32)
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
