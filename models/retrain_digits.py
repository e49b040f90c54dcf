#!/usr/bin/env python3
"""Train digits_cnn further, into digits_cnn_retrained: the same architecture, other weights.

    python retrain_digits.py

What its owner would do who has met worse scans: the network of digits_cnn goes on learning from its own training images,
moved by a pixel and blurred by noise, at a low rate; statistics of normalisation stay as they are. The graph is that of
digits_cnn with other initialisers, so that settings, circuit and keys of the one serve the other where weights are
committed. The folder holds network.onnx, and in expected.json the same held-out images as digits_cnn's, moved at random
by a pixel, with what ONNX Runtime makes of them; original.json has what it makes of them with digits_cnn.
"""


import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import numpy_helper

from train import HERE, OBSERVATIONS, SEED, digits, digits_cnn, rounded, rows, write

EPOCHS, RATE, BATCH = 12, 1e-3, 64


def moved(images, generator):
    """Each image moved by -1, 0 or 1 in both directions, background moving in."""
    shifts = torch.randint(-1, 2, (len(images), 2), generator=generator).tolist()
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = [
        image[:, 1 + i : 9 + i, 1 + j : 9 + j] for image, (i, j) in zip(padded, shifts)
    ]
    return np.stack(windows)


def initialisers(model):
    return {init.name: numpy_helper.to_array(init) for init in model.graph.initializer}


def retrained(model, x, y):
    net = digits_cnn()
    state = {name: torch.from_numpy(array.copy()) for name, array in initialisers(model).items()}
    net.load_state_dict(state, strict=False)
    net.eval()
    generator = torch.Generator().manual_seed(SEED)
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE)
    for _ in range(EPOCHS):
        images = torch.from_numpy(moved(x, generator))
        images = (images + 0.1 * torch.randn(images.shape, generator=generator)).clamp(0, 1)
        order = torch.randperm(len(x), generator=generator)
        for start in range(0, len(x) - BATCH + 1, BATCH):
            batch = order[start : start + BATCH]
            optimiser.zero_grad()
            loss = torch.nn.functional.cross_entropy(net(images[batch]), torch.from_numpy(y)[batch])
            loss.backward()
            optimiser.step()
    return net


def outputs(path, images):
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return np.concatenate([session.run(None, {"input": image[None]})[0] for image in images])


def main():
    torch.manual_seed(SEED)
    train_x, test_x, train_y, test_y = digits()
    train_x, test_x = rounded(train_x), rounded(test_x)
    original = HERE / "digits_cnn/network.onnx"
    model = onnx.load(original)
    state = retrained(model, train_x, train_y).state_dict()
    for init in model.graph.initializer:
        init.CopyFrom(numpy_helper.from_array(state[init.name].numpy(), init.name))
    folder = HERE / "digits_cnn_retrained"
    folder.mkdir(exist_ok=True)
    path = folder / "network.onnx"
    onnx.save(model, path)

    images = moved(test_x, torch.Generator().manual_seed(SEED + 1))
    held, labels = images[:OBSERVATIONS], test_y[:OBSERVATIONS].tolist()
    for name, network in [("expected", path), ("original", original)]:
        write(folder / f"{name}.json", {
            "input_data": rows(held, 7),
            "output_data": rows(outputs(network, held), 9),
            "labels": labels,
        })
        right = [100 * (outputs(network, x).argmax(1) == test_y).mean() for x in (test_x, images)]
        print(f"{name}: {right[0]:.2f} % of the held-out images, {right[1]:.2f} % of them moved")
    write(folder / "input.json", {
        "input_data": rows(held[:1], 7), "input_shapes": [list(held.shape[1:])],
    })


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    main()
