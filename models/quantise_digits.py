#!/usr/bin/env python3
"""Quantise digits_cnn as ONNX Runtime's users do, into digits_cnn_qdq, digits_cnn_qoperator and digits_cnn_dynamic.

    pip install -r requirements.txt
    python quantise_digits.py

Static quantisation is calibrated on digits_cnn/calibration.json. Each folder has twenty held-out images in
expected.json and one of them in input.json, as other models do, and in images.json what ONNX Runtime gives for every
image of digits.npz:

    {"step": scale of the output, or 1, "outputs": [[ten multiples of it], ...]}
"""

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import (
    CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

FOLDER = Path(__file__).resolve().parent


class Calibration(CalibrationDataReader):
    def __init__(self):
        rows = json.loads((FOLDER / "digits_cnn/calibration.json").read_text())["input_data"]
        images = (np.array(row, np.float32).reshape(1, 1, 8, 8) for row in rows)
        self.images = iter([{"input": image} for image in images])

    def get_next(self):
        return next(self.images, None)


def write(name, quantise):
    target = FOLDER / name / "network.onnx"
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        # BatchNormalization into the convolutions, as the quantiser's documentation asks for.
        folded = Path(work) / "folded.onnx"
        quant_pre_process(FOLDER / "digits_cnn/network.onnx", folded, skip_symbolic_shape=True)
        quantise(folded, target)
    model = onnx.load(target)
    del model.graph.value_info[:]
    target.write_bytes(model.SerializeToString())
    session = ort.InferenceSession(target, providers=["CPUExecutionProvider"])
    images = np.load(FOLDER / "digits.npz")["input"]
    outputs = [session.run(None, {"input": image[None]})[0][0] for image in images]
    # The integers that the last DequantizeLinear reads, less its zero point.
    last = model.graph.node[-1]
    scales = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    step = float(scales[last.input[1]]) if last.op_type == "DequantizeLinear" else 1.0
    exact = [[value / step for value in row] for row in outputs]
    whole = last.op_type == "DequantizeLinear"
    rows = [[round(v) if whole else float(f"{v:.6g}") for v in row] for row in exact]
    text = json.dumps({"step": step, "outputs": rows}, separators=(",", ":"))
    (target.parent / "images.json").write_text(text + "\n")
    held = json.loads((FOLDER / "digits_cnn/expected.json").read_text())
    few = {key: held[key][:20] for key in ("input_data", "labels")}
    images = (np.array(row, np.float32).reshape(1, 1, 8, 8) for row in few["input_data"])
    few["output_data"] = [
        [float(f"{v:.9g}") for v in session.run(None, {"input": image})[0][0]] for image in images
    ]
    text = json.dumps(few, separators=(",", ":"))
    (target.parent / "expected.json").write_text(text + "\n")
    shutil.copy(FOLDER / "digits_cnn/input.json", target.parent)
    labels = np.load(FOLDER / "digits.npz")["labels"]
    print(name, (np.array(outputs).argmax(1) == labels).mean(), [n.op_type for n in model.graph.node])


def static(form, kind):
    def quantise(source, target):
        quantize_static(
            source, target, Calibration(), quant_format=form, per_channel=True,
            activation_type=kind, weight_type=QuantType.QInt8,
        )
    return quantise


write("digits_cnn_qdq", static(QuantFormat.QDQ, QuantType.QInt8))
write("digits_cnn_qoperator", static(QuantFormat.QOperator, QuantType.QUInt8))
write("digits_cnn_dynamic", lambda source, target: quantize_dynamic(source, target, weight_type=QuantType.QUInt8))
