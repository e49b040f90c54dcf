#!/usr/bin/env python3
"""Untrained networks of growing size, for measuring cost: mlp_dD, cnn_cC, cnnv_cC, vgg_cC and tf_sS.

    python make_scaling.py FOLDER

mlp_dD: three dense layers D-D-D-10 with ReLU. cnn_cC: 3x32x32, two 3x3 convolutions of C channels with ReLU,
2x2 max-pool, dense to 10; cnnv_cC: the same without padding. vgg_cC: 3x32x32, 3x3 convolutions of C, 2C, 4C, 4C, 8C and 8C channels with ReLU, 2x2 average-pool after
the first, second, fourth and sixth, dense to 10. tf_sS: a pre-norm transformer block over S tokens of width 64 (4 heads, dense 64-256-64
with GELU by tanh), layer normalisation and GELU spelt out as exporters before opset 17 do. Weights are He-initialised from fixed seeds;
each folder gets network.onnx and input.json.
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


def conv(layer, source, target, pad=1):
    weights = [source, f"w{layer}", f"b{layer}"]
    return helper.make_node("Conv", weights, [target], kernel_shape=[3, 3], pads=[pad] * 4, strides=[1, 1])


def relu(source, target):
    return helper.make_node("Relu", [source], [target])


def mlp(width):
    rng = np.random.default_rng(1000 + width)
    weights = [he(rng, width, width), he(rng, width, width), he(rng, 10, width)]
    nodes = [dense(1, "x", "h1"), relu("h1", "a1"), dense(2, "a1", "h2"), relu("h2", "a2"), dense(3, "a2", "y")]
    return nodes, weights, rng.standard_normal((1, width))


def cnn(channels, pad=1):
    rng = np.random.default_rng(2000 + channels)
    side = 14 + 2 * pad
    weights = [he(rng, channels, 3, 3, 3), he(rng, channels, channels, 3, 3), he(rng, 10, channels * side * side)]
    nodes = [
        conv(1, "x", "h1", pad), relu("h1", "a1"), conv(2, "a1", "h2", pad), relu("h2", "a2"),
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


class Block:
    """A transformer block, node by node."""

    def __init__(self, tokens, width=64, heads=4, inner=256):
        self.rng = np.random.default_rng(3000 + tokens)
        self.tokens, self.width, self.heads, self.inner = tokens, width, heads, inner
        self.nodes, self.constants = [], {}
        normal = self.layer_norm("x", "ln1")
        attended = self.linear(self.attention(normal), width, width, "o")
        after = self.node("Add", ["x", attended], "residual")
        hidden = self.gelu(self.linear(self.layer_norm(after, "ln2"), width, inner, "up", gain=2.0))
        self.node("Add", [after, self.linear(hidden, inner, width, "down")], "y")

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def constant(self, name, value, kind=np.float32):
        self.constants[name] = np.array(value, dtype=kind)
        return name

    def linear(self, x, inputs, outputs, name, gain=1.0):
        weights = self.rng.standard_normal((inputs, outputs)) * np.sqrt(gain / inputs)
        product = self.node("MatMul", [x, self.constant(f"{name}.w", weights)], f"{name}.product")
        bias = self.constant(f"{name}.b", self.rng.standard_normal(outputs) * 0.02)
        return self.node("Add", [product, bias], f"{name}.out")

    def layer_norm(self, x, name):
        mean = self.node("ReduceMean", [x], f"{name}.mean", axes=[-1], keepdims=1)
        centred = self.node("Sub", [x, mean], f"{name}.centred")
        squares = self.node("Pow", [centred, self.constant(f"{name}.two", 2.0)], f"{name}.squares")
        variance = self.node("ReduceMean", [squares], f"{name}.variance", axes=[-1], keepdims=1)
        floor = self.node("Add", [variance, self.constant(f"{name}.epsilon", 1e-5)], f"{name}.floor")
        norm = self.node("Div", [centred, self.node("Sqrt", [floor], f"{name}.root")], f"{name}.norm")
        scaled = self.node("Mul", [norm, self.constant(f"{name}.gamma", np.ones(self.width))], f"{name}.scaled")
        return self.node("Add", [scaled, self.constant(f"{name}.beta", np.zeros(self.width))], f"{name}.out")

    def attention(self, x):
        size = self.width // self.heads
        split = self.constant("split", [1, self.tokens, self.heads, size], np.int64)
        parts = {}
        for name, perm in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
            rows = self.node("Reshape", [self.linear(x, self.width, self.width, name), split], f"{name}.heads")
            parts[name] = self.node("Transpose", [rows], f"{name}.turned", perm=perm)
        scores = self.node("MatMul", [parts["q"], parts["k"]], "scores")
        scores = self.node("Mul", [scores, self.constant("scale", size ** -0.5)], "scaled")
        weights = self.node("Softmax", [scores], "weights", axis=-1)
        mixed = self.node("MatMul", [weights, parts["v"]], "mixed")
        rows = self.node("Transpose", [mixed], "rows", perm=[0, 2, 1, 3])
        merged = self.constant("merged", [1, self.tokens, self.width], np.int64)
        return self.node("Reshape", [rows, merged], "attention")

    def gelu(self, x):
        cube = self.node("Pow", [x, self.constant("three", 3.0)], "cube")
        small = self.node("Mul", [cube, self.constant("cubic", 0.044715)], "small")
        inner = self.node("Add", [x, small], "inner")
        inner = self.node("Mul", [inner, self.constant("slope", np.sqrt(2 / np.pi))], "argument")
        gate = self.node("Add", [self.node("Tanh", [inner], "tanh"), self.constant("one", 1.0)], "gate")
        return self.node("Mul", [self.node("Mul", [x, gate], "gated"), self.constant("half", 0.5)], "gelu")

    def input(self):
        return self.rng.standard_normal((1, self.tokens, self.width))


def model(name, nodes, constants, shape, result, opset):
    initialisers = [
        numpy_helper.from_array(v.astype(np.float32) if v.dtype.kind == "f" else v, key)
        for key, v in constants.items()
    ]
    info = lambda of, extents: helper.make_tensor_value_info(of, TensorProto.FLOAT, extents)
    graph = helper.make_graph(nodes, name, [info("x", shape)], [info("y", result)], initialisers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def write_block(folder, tokens):
    folder.mkdir(parents=True, exist_ok=True)
    block = Block(tokens)
    shape = [1, tokens, block.width]
    onnx.save(model(folder.name, block.nodes, block.constants, shape, shape, 13), folder / "network.onnx")
    data = {"input_data": [block.input().astype(np.float32).ravel().astype(float).tolist()]}
    (folder / "input.json").write_text(json.dumps(data) + "\n")
    print(folder.name, sum(v.size for v in block.constants.values() if v.ndim == 2), "weights")


def write(folder, nodes, weights, x):
    folder.mkdir(parents=True, exist_ok=True)
    biases = [np.full(w.shape[0], 0.01) for w in weights]
    constants = {
        f"{kind}{layer}": values
        for kind, all_values in (("w", weights), ("b", biases))
        for layer, values in enumerate(all_values, start=1)
    }
    made = model(folder.name, nodes, constants, list(x.shape), [1, 10], 17)
    onnx.save(made, folder / "network.onnx")
    data = {"input_data": [x.astype(np.float32).ravel().astype(float).tolist()]}
    (folder / "input.json").write_text(json.dumps(data) + "\n")
    print(folder.name, sum(w.size for w in weights), "weights")


if __name__ == "__main__":
    root = Path(sys.argv[1])
    for width in (64, 256, 512, 1024):
        write(root / f"mlp_d{width}", *mlp(width))
    for channels in (4, 8, 16, 32):
        write(root / f"cnn_c{channels}", *cnn(channels))
        write(root / f"cnnv_c{channels}", *cnn(channels, pad=0))
    for channels in (16, 32):
        write(root / f"vgg_c{channels}", *vgg(channels))
    for tokens in (2, 4, 8, 16, 32, 64):
        write_block(root / f"tf_s{tokens}", tokens)
