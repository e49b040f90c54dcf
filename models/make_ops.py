#!/usr/bin/env python3
"""Write the small ONNX files of ops/: one operator (or short pattern) each, in a folder for each family.

    pip install -r requirements.txt
    python make_ops.py [FAMILY ...]

A family's graphs are built by its cases.py. Its expected.json maps a case's
name to three observations, each

    {"inputs": [[flat floats], ...], "input_shapes": [[...], ...],
     "outputs": [[flat floats], ...], "output_shapes": [[...], ...]}

in the order of the graph's inputs and outputs; shapes include the batch of 1.
The outputs are ONNX Runtime's, in float32. Weights and inputs are drawn from a
generator seeded by the case's name, so adding a case leaves the others alone.
"""

import json
import runpy
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort

from case_graph import CASES, Graph

FOLDER = Path(__file__).resolve().parent / "ops"
OBSERVATIONS = 3


def flat(array):
    return [float(f"{v:.9g}") for v in array.ravel()]


def make(folder, name, build):
    g = Graph(name)
    names = build(g)
    g.output(*([names] if isinstance(names, str) else names))
    model = g.model()
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())

    session = ort.InferenceSession(g.told(model).SerializeToString(), providers=["CPUExecutionProvider"])
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


def write(folder):
    CASES.clear()
    runpy.run_path(str(folder / "cases.py"))
    for stale in folder.glob("*.onnx"):
        stale.unlink()
    lines = [
        f"{json.dumps(name)}:{json.dumps(make(folder, name, build), separators=(',', ':'))}"
        for name, build in CASES.items()
    ]
    (folder / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{folder.name}: {len(CASES)} cases")


if __name__ == "__main__":
    for cases in sorted(FOLDER.glob("*/cases.py")):
        if len(sys.argv) == 1 or cases.parent.name in sys.argv[1:]:
            write(cases.parent)
