#!/usr/bin/env python3
"""Train small networks of the shapes that vision models have, and export them as train.py does.

    pip install -r requirements.txt
    python vision.py [MODEL ...]        # default: every model

Depthwise convolutions and inverted residuals (digits_mobilenet), SiLU and squeeze-and-excitation
(digits_efficientnet), an encoder and a decoder with skips (digits_unet, which takes noise away),
ResNet-18 as it is, an eighth as wide (digits_resnet18, which sees 32x32 pixels), and messages between neighbours as graph networks send them (digits_graph: pixels are nodes).
"""

import sys

import numpy as np
import onnxruntime as ort
import torch
from torch import nn

from train import (
    HERE, SEED, accuracy, classes, digits, export, gradient_descent, multiply_accumulates, rounded,
    rows, write,
)

OPSET = 17
OBSERVATIONS = 50
FEWER = {"digits_resnet18": 20}  # where each is long


def conv(inputs, outputs, kernel=1, stride=1, groups=1):
    return [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]


class Inverted(nn.Module):
    """Wide, depthwise, narrow; a skip where the shape stays. With squeeze-and-excitation where asked for."""

    def __init__(self, inputs, outputs, stride, activation, squeeze=False):
        super().__init__()
        wide = 4 * inputs
        self.spread = nn.Sequential(*conv(inputs, wide), activation())
        self.depthwise = nn.Sequential(*conv(wide, wide, 3, stride, groups=wide), activation())
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, inputs, 1), activation(),
            nn.Conv2d(inputs, wide, 1), nn.Sigmoid(),
        ) if squeeze else None
        self.narrow = nn.Sequential(*conv(wide, outputs))
        self.skips = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.depthwise(self.spread(x))
        if self.gate is not None:
            y = y * self.gate(y)
        y = self.narrow(y)
        return x + y if self.skips else y


def inverted(activation, squeeze):
    return nn.Sequential(
        *conv(1, 8, 3), activation(),
        Inverted(8, 8, 1, activation, squeeze), Inverted(8, 12, 2, activation, squeeze),
        Inverted(12, 12, 1, activation, squeeze),
        *conv(12, 32), activation(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10),
    )


class UNet(nn.Module):
    """Two levels down and up; the upper one by a transposed convolution, the lower one by bilinear resizing."""

    def __init__(self):
        super().__init__()
        block = lambda a, b: nn.Sequential(*conv(a, b, 3), nn.ReLU())
        self.first, self.second, self.third = block(1, 8), block(8, 12), block(12, 16)
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        self.fourth = block(16 + 12, 12)
        self.transposed = nn.ConvTranspose2d(12, 8, 2, 2)
        self.fifth = nn.Sequential(block(16, 8), nn.Conv2d(8, 1, 1))

    def forward(self, x):
        a = self.first(x)
        b = self.second(nn.functional.max_pool2d(a, 2))
        c = self.third(nn.functional.max_pool2d(b, 2))
        b = self.fourth(torch.cat([self.up(c), b], 1))
        return self.fifth(torch.cat([self.transposed(b), a], 1))


class Basic(nn.Module):
    """Two convolutions and a skip, by a convolution where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = nn.Sequential(*conv(inputs, outputs, 3, stride), nn.ReLU())
        self.second = nn.Sequential(*conv(outputs, outputs, 3))
        same = stride == 1 and inputs == outputs
        self.skip = nn.Identity() if same else nn.Sequential(*conv(inputs, outputs, 1, stride))

    def forward(self, x):
        return torch.relu(self.second(self.first(x)) + self.skip(x))


def resnet18():
    stages, inputs = [], 8
    for outputs, stride in [(8, 1), (16, 2), (32, 2), (64, 2)]:
        stages += [Basic(inputs, outputs, stride), Basic(outputs, outputs, 1)]
        inputs = outputs
    return nn.Sequential(
        *conv(1, 8, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
        *stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )


class Messages(nn.Module):
    """A layer of a graph network: each node takes the mean of its neighbours and itself."""

    def __init__(self, inputs, outputs, edges, count):
        super().__init__()
        self.dense = nn.Linear(inputs, outputs)
        degree = np.bincount(edges[1], minlength=count)
        self.register_buffer("source", torch.from_numpy(edges[0]))
        self.register_buffer("target", torch.from_numpy(edges[1])[None, :, None])
        self.register_buffer("share", torch.from_numpy(1.0 / degree[edges[1]]).float()[:, None])

    def forward(self, x):
        x = self.dense(x)
        sent = x.index_select(1, self.source) * self.share
        return torch.zeros_like(x).scatter_add(1, self.target.expand_as(sent), sent)


def grid_edges(side):
    place = np.arange(side * side).reshape(side, side)
    pairs = [(place[:, 1:], place[:, :-1]), (place[1:], place[:-1])]
    both = [(a.ravel(), b.ravel()) for a, b in pairs]
    both += [(b, a) for a, b in both] + [(place.ravel(), place.ravel())]
    return np.stack([np.concatenate(ends) for ends in zip(*both)])


class Graph(nn.Module):
    def __init__(self):
        super().__init__()
        edges = grid_edges(8)
        self.layers = nn.ModuleList([Messages(1, 12, edges, 64), Messages(12, 12, edges, 64)])
        self.readout = nn.Linear(64 * 12, 10)

    def forward(self, x):
        x = x.reshape(-1, 64, 1)
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.readout(x.flatten(1))


def noisy_digits():
    """Digits with noise, and what they were."""
    train_x, test_x, _, _ = digits()
    noise = np.random.default_rng(SEED)
    noisy = [x + noise.normal(0, 0.2, x.shape) for x in (train_x, test_x)]
    return [*noisy, train_x.astype(np.float32), test_x.astype(np.float32)]


def large_digits():
    """Digits of 32x32 pixels, of 100 greys."""
    train_x, test_x, train_y, test_y = digits()
    large = lambda x: nn.functional.interpolate(
        torch.from_numpy(x), scale_factor=4, mode="bilinear", align_corners=False
    )
    return [*(np.round(large(x).numpy(), 2) for x in (train_x, test_x)), train_y, test_y]


def distance(net, x, y):
    return nn.functional.mse_loss(net(x), y)


def remaining(outputs, labels):
    return f"RMSE {np.sqrt(np.mean((outputs - labels) ** 2)):.4f}"


MODELS = {
    "digits_mobilenet": (
        digits, gradient_descent(lambda: inverted(nn.ReLU6, False), classes, 25, 0.01), accuracy,
    ),
    "digits_efficientnet": (
        digits, gradient_descent(lambda: inverted(nn.SiLU, True), classes, 25, 0.01), accuracy,
    ),
    "digits_unet": (noisy_digits, gradient_descent(UNet, distance, 15, 0.01), remaining),
    "digits_resnet18": (large_digits, gradient_descent(resnet18, classes, 20, 0.01), accuracy),
    "digits_graph": (digits, gradient_descent(Graph, classes, 20, 0.02), accuracy),
}


def make(name):
    data, train, score = MODELS[name]
    train_x, test_x, train_y, test_y = data()
    train_x, test_x = rounded(train_x), rounded(test_x)
    torch.manual_seed(SEED)
    net = train(train_x, train_y).eval()
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    path = folder / "network.onnx"
    example = torch.from_numpy(test_x[:1])
    model = export(net, example, 1, path, OPSET)
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    outputs = np.concatenate([session.run(None, {"input": x[None]})[0] for x in test_x])
    with torch.no_grad():
        np.testing.assert_allclose(outputs, net(torch.from_numpy(test_x)), rtol=1e-4, atol=1e-4)
    held_out = slice(0, FEWER.get(name, OBSERVATIONS))
    expected = {
        "input_data": rows(test_x[held_out], 7), "output_data": rows(outputs[held_out], 9),
    }
    if test_y.dtype.kind != "f":
        expected["labels"] = test_y[held_out].tolist()
    write(folder / "input.json", {
        "input_data": rows(test_x[:1], 7), "input_shapes": [list(test_x.shape[1:])],
    })
    write(folder / "calibration.json", {"input_data": rows(train_x[held_out], 7)})
    write(folder / "expected.json", expected)
    params = sum(p.numel() for p in net.parameters())
    macs = multiply_accumulates(net, example)
    ops = " ".join(sorted({node.op_type for node in model.graph.node}))
    print(f"{name}: params {params}, MACs {macs}, test {score(outputs, test_y)}\n  {ops}", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for chosen in sys.argv[1:] or MODELS:
        make(chosen)
