#!/usr/bin/env python3
"""Untrained networks of growing size, for measuring cost: mlp_dD, cnn_cC and vgg_cC.

    python make_scaling.py FOLDER

mlp_dD: three dense layers D-D-D-10 with ReLU. cnn_cC: 3x32x32, two 3x3 convolutions of C channels with ReLU,
2x2 max-pool, dense to 10. vgg_cC: 3x32x32, 3x3 convolutions of C, 2C, 4C, 4C, 8C and 8C channels with ReLU, 2x2 average-pool after
the first, second, fourth and sixth, dense to 10. Weights are He-initialised from fixed seeds; each folder gets network.onnx and input.json.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def he(rng, *shape):
    return rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))


def dense(layer, source, target):
    return helper.make_node("Gemm", [source, f"w{layer}", f"b{layer}"], [target], transB=1)


def conv(layer, source, target):
    weights = [source, f"w{layer}", f"b{layer}"]
    return helper.make_node("Conv", weights, [target], kernel_shape=[3, 3], pads=[1] * 4, strides=[1, 1])


def relu(source, target):
    return helper.make_node("Relu", [source], [target])


def mlp(width):
    rng = np.random.default_rng(1000 + width)
    weights = [he(rng, width, width), he(rng, width, width), he(rng, 10, width)]
    nodes = [dense(1, "x", "h1"), relu("h1", "a1"), dense(2, "a1", "h2"), relu("h2", "a2"), dense(3, "a2", "y")]
    return nodes, weights, rng.standard_normal((1, width))


def cnn(channels):
    rng = np.random.default_rng(2000 + channels)
    weights = [he(rng, channels, 3, 3, 3), he(rng, channels, channels, 3, 3), he(rng, 10, channels * 256)]
    nodes = [
        conv(1, "x", "h1"), relu("h1", "a1"), conv(2, "a1", "h2"), relu("h2", "a2"),
        helper.make_node("MaxPool", ["a2"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"], axis=1),
        dense(3, "f", "y"),
    ]
    return nodes, weights, rng.standard_normal((1, 3, 32, 32))


def vgg(channels):
    rng = np.random.default_rng(3000 + channels)
    stages = [[channels], [2 * channels], [4 * channels] * 2, [8 * channels] * 2]
    nodes, weights, last, depth = [], [], "x", 3
    for stage, widths in enumerate(stages):
        for width in widths:
            weights.append(he(rng, width, depth, 3, 3))
            layer, depth = len(weights), width
            nodes += [conv(layer, last, f"h{layer}"), relu(f"h{layer}", f"a{layer}")]
            last = f"a{layer}"
        pool = helper.make_node("AveragePool", [last], [f"p{stage}"], kernel_shape=[2, 2], strides=[2, 2])
        nodes.append(pool)
        last = f"p{stage}"
    weights.append(he(rng, 10, depth * 4))
    nodes += [helper.make_node("Flatten", [last], ["f"], axis=1), dense(len(weights), "f", "y")]
    return nodes, weights, rng.standard_normal((1, 3, 32, 32))


def write(folder, nodes, weights, x):
    folder.mkdir(parents=True, exist_ok=True)
    biases = [np.full(w.shape[0], 0.01) for w in weights]
    constants = [
        numpy_helper.from_array(values.astype(np.float32), f"{kind}{layer}")
        for kind, all_values in (("w", weights), ("b", biases))
        for layer, values in enumerate(all_values, start=1)
    ]
    info = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(nodes, folder.name, [info("x", x.shape)], [info("y", [1, 10])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "network.onnx")
    data = {"input_data": [x.astype(np.float32).ravel().astype(float).tolist()]}
    (folder / "input.json").write_text(json.dumps(data) + "\n")
    print(folder.name, sum(w.size for w in weights), "weights")


if __name__ == "__main__":
    root = Path(sys.argv[1])
    for width in (64, 256, 512, 1024):
        write(root / f"mlp_d{width}", *mlp(width))
    for channels in (4, 8, 16, 32):
        write(root / f"cnn_c{channels}", *cnn(channels))
    for channels in (16, 32):
        write(root / f"vgg_c{channels}", *vgg(channels))
