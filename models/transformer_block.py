#!/usr/bin/env python3
"""transformer_block: the untrained block of make_scaling.py over 8 tokens, with ONNX Runtime's outputs.

    python transformer_block.py

Observations are standard normal numbers from a fixed seed, rounded to five digits.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from make_scaling import Block, model

TOKENS = 8

folder = Path(__file__).parent / "transformer_block"
folder.mkdir(exist_ok=True)
block = Block(TOKENS)
shape = [1, TOKENS, block.width]
onnx.save(model(folder.name, block.nodes, block.constants, shape, shape, 13), folder / "network.onnx")
session = onnxruntime.InferenceSession(folder / "network.onnx")
rng = np.random.default_rng(0)
observations = np.round(rng.standard_normal((16, *shape)), 5).astype(np.float32)


def flat(x):
    return [float(f"{value:.6g}") for value in x.ravel()]


def write(name, data):
    (folder / name).write_text(json.dumps(data, separators=(",", ":")) + "\n")


outputs = [session.run(None, {"x": x})[0] for x in observations]
write("input.json", {"input_data": [flat(observations[0])], "input_shapes": [shape[1:]]})
write("calibration.json", {"input_data": [flat(x) for x in observations[4:]]})
write("expected.json", {"input_data": [flat(x) for x in observations[:4]], "output_data": [flat(y) for y in outputs[:4]]})
