#!/usr/bin/env python3
"""How time and memory grow, over four decades of weights and of activations, measured and drawn.

    python growth.py PROVENN FOLDER

Two families, weights He-initialised from fixed seeds, `provenn run` at its defaults, calibrated on the one input:

    weights      W: dense N-N-10 with ReLU, N from 28 to 3,162: 10^3 to 10^7 weights, at most 6 k activations
    activations  A: three 3x3 convolutions of 4 channels with ReLU over SxS and a mean: 10^3 to 2*10^6 activations, 0.4 k weights

FOLDER gets a folder per net, `growth.json` (what was measured) and `growth.svg` (the picture). Nets already measured are not run again.
"""

import json
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "growth", "svg.fonttype": "none", "font.size": 9})
import matplotlib.pyplot as plt  # noqa: E402

WIDTHS = [28, 92, 312, 995, 3157]
SIDES = [9, 29, 91, 289, 408]
CHANNELS = 4


def he(rng, *shape):
    return (rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)


def dense(width):
    rng = np.random.default_rng(width)
    weights = {"w1": he(rng, width, width), "w2": he(rng, 10, width)}
    nodes = [
        helper.make_node("Gemm", ["x", "w1"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["a"]),
        helper.make_node("Gemm", ["a", "w2"], ["y"], transB=1),
    ]
    return nodes, weights, rng.standard_normal((1, width)), [1, 10], 2 * width + 10


def conv(side):
    rng = np.random.default_rng(side)
    weights, nodes, last, depth = {}, [], "x", 1
    for layer in range(3):
        weights[f"w{layer}"] = he(rng, CHANNELS, depth, 3, 3)
        nodes.append(helper.make_node("Conv", [last, f"w{layer}"], [f"h{layer}"], kernel_shape=[3, 3], pads=[1] * 4))
        nodes.append(helper.make_node("Relu", [f"h{layer}"], [f"a{layer}"]))
        last, depth = f"a{layer}", CHANNELS
    nodes.append(helper.make_node("GlobalAveragePool", [last], ["y"]))
    return nodes, weights, rng.standard_normal((1, 1, side, side)), [1, CHANNELS, 1, 1], (1 + 3 * CHANNELS) * side**2


def write(folder, nodes, weights, x, shape):
    folder.mkdir(parents=True, exist_ok=True)
    value = lambda name, dims: helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)  # noqa: E731
    constants = [numpy_helper.from_array(w, name) for name, w in weights.items()]
    graph = helper.make_graph(nodes, "growth", [value("x", x.shape)], [value("y", shape)], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "network.onnx")
    (folder / "input.json").write_text(json.dumps({"input_data": [x.astype(np.float32).flatten().tolist()]}))


def measure(program, folder):
    report = folder / "report.json"
    if not report.exists():
        command = [program, "run", "-M", folder / "network.onnx", "-D", folder / "input.json", "--out", folder / "out"]
        subprocess.run([*command, "--report", report], check=True, capture_output=True)
    return json.loads(report.read_text())


def figures(report):
    seconds = report["cpu_seconds"]
    stages = {name: round(seconds[name], 2) for name in ("calibrate", "setup", "prove", "verify")}
    peak = round(report["peak_rss_bytes"] / 2**20)
    return {"k": report["k"], "all": round(sum(seconds.values()), 2), **stages, "peak_mib": peak}


def draw(rows, target):
    figure, axes = plt.subplots(2, 2, figsize=(7.4, 5.4), sharex="col", sharey="row", layout="constrained")
    for column, (family, label) in enumerate((("weights", "weights"), ("activations", "activations"))):
        points = [row for row in rows if row["family"] == family]
        x = [row[family] for row in points]
        for name, mark in (("all", "o"), ("prove", "s"), ("calibrate", "^"), ("setup", "v"), ("verify", "x")):
            axes[0, column].loglog(x, [max(row[name], 0.005) for row in points], marker=mark, label=name, markersize=4)
        axes[1, column].loglog(x, [row["peak_mib"] for row in points], marker="o", color="black", markersize=4)
        axes[1, column].set_xlabel(label)
    axes[0, 0].set_ylabel("CPU seconds")
    axes[0, 0].legend(frameon=False)
    axes[1, 0].set_ylabel("peak, MiB")
    for axis in axes.flat:
        axis.grid(True, which="major", linewidth=0.4)
    figure.savefig(target, metadata={"Date": None, "Creator": None})


def main(program, folder):
    rows = []
    for family, make, sizes in (("weights", dense, WIDTHS), ("activations", conv, SIDES)):
        for size in sizes:
            nodes, weights, x, shape, activations = make(size)
            place = folder / f"{family}_{size}"
            write(place, nodes, weights, x, shape)
            counts = {"weights": sum(w.size for w in weights.values()), "activations": activations}
            rows.append({"family": family, **counts, **figures(measure(program, place))})
            print(rows[-1], flush=True)
    (folder / "growth.json").write_text(json.dumps(rows, indent=1))
    draw(rows, folder / "growth.svg")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
