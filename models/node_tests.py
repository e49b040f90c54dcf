#!/usr/bin/env python3
"""Write node_tests.zip: the ONNX project's own tests of single operators, from the onnx package.

    pip install -r requirements.txt
    python node_tests.py

For each test of number tensors the archive holds NAME.onnx and NAME.json:

    {"operator": ..., "opset": ..., "outside": "", "inputs": [[flat numbers], ...], "outputs": [[flat numbers], ...]}

A test whose name ends in _expanded is the operator's function body.

What is a weight in practice (all inputs but the first of Conv, Gemm and their
like), or says a shape, is stored in the model as an initializer, so that the
operator is tested as exporters emit it; symbols in shapes of inputs are their
numbers. Where `outside` is not empty it says why a test is none of an operator
of inference over number tensors with static shapes. `skipped.json` lists the
tests that are left out, and why; `tests.json` the others.
"""

import json
import math
import re
from pathlib import Path

import numpy as np
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

from archive import Archive

# Operators whose further inputs are data.
ALL_INPUTS = {
    "Add", "And", "Attention", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Concat", "Div", "Einsum",
    "Equal", "FlexAttention", "Greater", "GreaterOrEqual", "Less", "LessOrEqual",
    "LinearAttention", "MatMul", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "Sub", "Sum",
    "SwiGLU", "TensorScatter", "Where", "Xor",
}
# Those whose first input says a shape.
NO_INPUTS = {
    "BlackmanWindow", "ConstantOfShape", "HammingWindow", "HannWindow", "MelWeightMatrix", "Range",
}
# Those that no inference on number tensors has, by name.
OUTSIDE = {
    "Bernoulli": "drawn at random",
    "ImageDecoder": "image files",
    "NonMaxSuppression": "shapes that depend on data",
    "NonZero": "shapes that depend on data",
    "Unique": "shapes that depend on data",
}
# Larger models and data would make the archive heavy and say nothing more.
MOST_BYTES = 100_000


def numbers(array):
    """Flat numbers, as many digits as tell a float from its neighbours; those that are not finite as text."""
    digits = 17 if array.dtype == np.float64 else 9
    flat = np.asarray(array, dtype=np.float64).ravel().tolist()
    if array.dtype.kind != "f":
        return [int(x) for x in array.ravel().tolist()]
    return [float(f"{x:.{digits}g}") if math.isfinite(x) else str(x) for x in flat]


def operator(name, model, known={}):
    """What a test is of: the operator of its one node, with its domain; tests come before their expansions."""
    body = re.match(r"(.*?)_expanded(_ver\d+)?$", name)
    if body:
        return known.get(body[1], "function bodies")
    nodes = [node for node in model.graph.node if node.op_type != "Constant"]
    node = (nodes or model.graph.node)[-1]
    known[name] = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
    return known[name]


def outside(name, kind, arrays):
    """Why a test is none of inference over number tensors with static shapes."""
    training = (
        "training" in kind
        or name.endswith("_training_mode")
        or name.startswith("test_training_dropout") and "zero_ratio" not in name
    )
    if training:
        return "training"
    if any(array.size == 0 for array in arrays):
        return "tensors without elements"
    if not all(np.isfinite(array).all() for array in arrays if array.dtype.kind == "f"):
        return "numbers that are not finite"
    return OUTSIDE.get(kind, "")


def load(test):
    """The model with its weights stored, inputs and outputs; or why it is left out."""
    model = test.model
    if len(test.data_sets) != 1:
        return f"{len(test.data_sets)} data sets"
    inputs, outputs = ([np.asarray(x) for x in values] for values in test.data_sets[0])
    if len(inputs) != len(model.graph.input):
        return "inputs that are left out or are no tensors"
    values = list(model.graph.input) + list(model.graph.output)
    if any(value.type.WhichOneof("value") != "tensor_type" for value in values):
        return "lists or optional tensors"
    if any(x.dtype.kind not in "fiub" for x in inputs + outputs):
        return "elements that are no numbers"
    kind = operator(test.name, model)
    base = kind.split(".")[-1]
    for info, array in zip(model.graph.input, inputs):
        shape = info.type.tensor_type.shape
        del shape.dim[:]
        for extent in array.shape:
            shape.dim.add().dim_value = extent
    data = []
    for at, (info, array) in enumerate(zip(list(model.graph.input), inputs)):
        if base not in NO_INPUTS and (at == 0 or base in ALL_INPUTS):
            data.append(array)
        else:
            model.graph.initializer.append(numpy_helper.from_array(array, info.name))
            model.graph.input.remove(info)
    case = {
        "operator": kind,
        "opset": max(found.version for found in model.opset_import),
        "outside": outside(test.name, kind, inputs + outputs),
        "inputs": [numbers(x) for x in data],
        "outputs": [numbers(x) for x in outputs],
    }
    files = model.SerializeToString(), json.dumps(case, separators=(",", ":")).encode()
    if sum(map(len, files)) > MOST_BYTES:
        return f"more than {MOST_BYTES} bytes"
    return files


def main():
    skipped = {}
    path = Path(__file__).resolve().parent / "node_tests.zip"
    with Archive(path) as archive:
        names = []
        for test in sorted(load_model_tests(kind="node"), key=lambda test: test.name):
            try:
                loaded = load(test)
            except (TypeError, ValueError) as error:
                loaded = f"it cannot be read: {type(error).__name__}"
            if isinstance(loaded, str):
                skipped[test.name] = loaded
                continue
            archive.add(f"{test.name}.onnx", loaded[0])
            archive.add(f"{test.name}.json", loaded[1])
            names.append(test.name)
        archive.add("tests.json", json.dumps(names, indent=0).encode())
        archive.add("skipped.json", json.dumps(skipped, indent=0).encode())
    print(f"{len(names)} tests, {len(skipped)} left out, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
