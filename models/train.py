#!/usr/bin/env python3
"""Train the example models and export them to ONNX, each into a folder next to this script.

    pip install -r requirements.txt
    python train.py [MODEL ...]        # default: every model

The data sets are the ones bundled with scikit-learn, so nothing is downloaded.
Everything is seeded and runs on one CPU thread: the same package versions give
the same files.

A model's folder holds:

    network.onnx      the float32 network, opset 13
    input.json        one held-out observation
                      {"input_data": [[flat floats]], "input_shapes": [[shape without batch]]}
    calibration.json  100 training observations
                      {"input_data": [[flat floats of observation 1], ...]}
    expected.json     100 held-out observations and what ONNX Runtime makes of them
                      {"input_data": [[..], ..], "output_data": [[..], ..], "labels": [..]}

Inputs are rounded to 7 significant digits before ONNX Runtime sees them, so the
outputs belong to exactly the numbers in the file. Batch normalisation stays in
the graphs as BatchNormalization nodes: importers have to fold it themselves.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from sklearn import datasets
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

HERE = Path(__file__).resolve().parent
SEED = 20240607
OPSET = 13
OBSERVATIONS = 100  # in calibration.json and in expected.json


# --------------------------------------------------------------------------- data


def rounded(array):
    """float32 values that survive being printed with 7 significant digits."""
    flat = [float(f"{v:.7g}") for v in np.asarray(array, np.float32).ravel()]
    return np.array(flat, np.float32).reshape(np.shape(array))


def digits():
    """8x8 grey-scale digits, pixels in [0, 1]."""
    x, y = datasets.load_digits(return_X_y=True)
    x = (x / 16).reshape(-1, 1, 8, 8)
    return [*train_test_split(x, y, test_size=0.25, stratify=y, random_state=SEED)]


def standardised(x, y, stratify):
    """Split, then scale the features to zero mean and unit variance on the training part."""
    xa, xb, ya, yb = train_test_split(x, y, test_size=0.25, stratify=stratify, random_state=SEED)
    scaler = StandardScaler().fit(xa)
    return [scaler.transform(xa), scaler.transform(xb), ya, yb]


def breast_cancer():
    """30 measurements of cell nuclei; label 1 is benign."""
    x, y = datasets.load_breast_cancer(return_X_y=True)
    return standardised(x, y, y)


def diabetes():
    """10 baseline measurements; the disease progression a year later, standardised too."""
    x, y = datasets.load_diabetes(return_X_y=True)
    xa, xb, ya, yb = standardised(x, y, None)
    mean, std = ya.mean(), ya.std()
    return [xa, xb, (ya - mean) / std, (yb - mean) / std]


# ------------------------------------------------------------------------- networks


def conv_bn(inputs, outputs, kernel=3, stride=1):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2),
        nn.BatchNorm2d(outputs),
    )


class Residual(nn.Module):
    """Two convolutions and a skip; the skip is a 1x1 convolution where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first = conv_bn(inputs, outputs, stride=stride)
        self.second = conv_bn(outputs, outputs)
        same = inputs == outputs and stride == 1
        self.skip = nn.Identity() if same else conv_bn(inputs, outputs, kernel=1, stride=stride)

    def forward(self, x):
        return torch.relu(self.second(torch.relu(self.first(x))) + self.skip(x))


def digits_cnn():
    return nn.Sequential(
        conv_bn(1, 8), nn.ReLU(), nn.MaxPool2d(2),
        conv_bn(8, 16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 10),
    )


def digits_lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10),
    )


def digits_resnet():
    return nn.Sequential(
        conv_bn(1, 8), nn.ReLU(),
        Residual(8, 8, stride=1), Residual(8, 16, stride=2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10),
    )


def breast_cancer_mlp():
    return nn.Sequential(
        nn.Linear(30, 32), nn.BatchNorm1d(32), nn.ReLU(),
        nn.Linear(32, 16), nn.BatchNorm1d(16), nn.ReLU(),
        nn.Linear(16, 1), nn.Sigmoid(),
    )


# ------------------------------------------------------------------------- training


def classes(net, x, y):
    return nn.functional.cross_entropy(net(x), y)


def probability(net, x, y):
    return nn.functional.binary_cross_entropy(net(x)[:, 0], y.float())


def gradient_descent(build, loss, epochs, rate, decay=1e-4):
    """AdamW with a one-cycle learning rate; returns a function of the training data."""

    def train(x, y):
        net = build()
        batch, order = 64, torch.Generator().manual_seed(SEED)
        steps = epochs * (len(x) // batch)
        optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        for _ in range(epochs):
            shuffled = torch.randperm(len(x), generator=order)
            for start in range(0, len(x) - batch + 1, batch):
                rows = shuffled[start : start + batch]
                optimiser.zero_grad()
                loss(net, x[rows], y[rows]).backward()
                optimiser.step()
                schedule.step()
        return net

    return train


def fitted(estimator, *activation):
    """A scikit-learn linear estimator, its coefficients copied into a torch layer."""

    def train(x, y):
        estimator.fit(x.astype(np.float64), y)
        layer = nn.Linear(x.shape[1], 1)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(np.atleast_2d(estimator.coef_)))
            layer.bias.copy_(torch.from_numpy(np.atleast_1d(estimator.intercept_)))
        return nn.Sequential(layer, *activation)

    return train


def accuracy(outputs, labels):
    guess = outputs.argmax(1) if outputs.shape[1] > 1 else outputs[:, 0] > 0.5
    return f"{100 * (guess == labels).mean():.2f} %"


def rmse(outputs, labels):
    return f"RMSE {np.sqrt(np.mean((outputs[:, 0] - labels) ** 2)):.4f}"


# name: (data, how to train, score, batch dimension)
MODELS = {
    "digits_cnn": (digits, gradient_descent(digits_cnn, classes, 40, 0.01), accuracy, 1),
    "digits_lenet": (digits, gradient_descent(digits_lenet, classes, 60, 0.01), accuracy, 1),
    "digits_resnet": (digits, gradient_descent(digits_resnet, classes, 40, 0.01), accuracy, 1),
    "breast_cancer_mlp": (
        breast_cancer,
        gradient_descent(breast_cancer_mlp, probability, 30, 0.005, decay=0.1),
        accuracy,
        "batch_size",
    ),
    "breast_cancer_logistic": (
        breast_cancer, fitted(LogisticRegression(C=0.5), nn.Sigmoid()), accuracy, 1,
    ),
    "diabetes_linear": (diabetes, fitted(LinearRegression()), rmse, 1),
}


# --------------------------------------------------------------------------- export


def export(net, example, batch, path, opset=OPSET):
    """Write the inference graph with its BatchNormalization nodes and named dimensions."""
    symbolic = {"input": {0: batch}, "output": {0: batch}} if isinstance(batch, str) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the TorchScript exporter announces its deprecation
        torch.onnx.export(
            net,
            (example,),
            str(path),
            dynamo=False,
            opset_version=opset,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes=symbolic,
            do_constant_folding=False,
            keep_initializers_as_inputs=False,
            # EVAL would fold batch normalisation into the convolution before it.
            training=torch.onnx.TrainingMode.PRESERVE,
        )
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    norms = [node for node in model.graph.node if node.op_type == "BatchNormalization"]
    wanted = sum(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules())
    assert len(norms) == wanted, f"{path}: {len(norms)} of {wanted} BatchNormalization nodes"
    for node in norms:
        training = {a.name: a.i for a in node.attribute}.get("training_mode", 0)
        assert len(node.output) == 1 and training == 0, f"{path}: {node.name} is in training form"
    return model


def multiply_accumulates(net, example):
    """MACs of the convolutions and dense layers for one observation."""
    total = 0

    def count(layer, _, output):
        nonlocal total
        total += output.numel() * layer.weight[0].numel()

    layers = [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    handles = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        net(example)
    for handle in handles:
        handle.remove()
    return total


def rows(array, digits):
    return [[float(f"{v:.{digits}g}") for v in row.ravel()] for row in array]


def write(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


def make(name):
    data, train, score, batch = MODELS[name]
    train_x, test_x, train_y, test_y = data()
    train_x, test_x = rounded(train_x), rounded(test_x)
    torch.manual_seed(SEED)
    net = train(train_x, train_y).eval()

    folder = HERE / name
    folder.mkdir(exist_ok=True)
    path = folder / "network.onnx"
    example = torch.from_numpy(test_x[:1])
    model = export(net, example, batch, path)

    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    outputs = np.concatenate([session.run(None, {"input": x[None]})[0] for x in test_x])
    with torch.no_grad():
        np.testing.assert_allclose(outputs, net(torch.from_numpy(test_x)), rtol=1e-4, atol=1e-5)

    held_out = slice(0, OBSERVATIONS)
    labels = test_y[held_out].tolist()
    if test_y.dtype.kind == "f":
        labels = [float(f"{v:.7g}") for v in labels]
    write(folder / "input.json", {
        "input_data": rows(test_x[:1], 7), "input_shapes": [list(test_x.shape[1:])],
    })
    write(folder / "calibration.json", {"input_data": rows(train_x[held_out], 7)})
    write(folder / "expected.json", {
        "input_data": rows(test_x[held_out], 7),
        "output_data": rows(outputs[held_out], 9),
        "labels": labels,
    })

    params = sum(p.numel() for p in net.parameters())
    macs = multiply_accumulates(net, example)
    ops = " ".join(node.op_type for node in model.graph.node)
    print(f"{name}: params {params}, MACs {macs}, test {score(outputs, test_y)}\n  {ops}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for chosen in sys.argv[1:] or MODELS:
        make(chosen)
