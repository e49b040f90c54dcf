#!/usr/bin/env python3
"""Train a small transformer to tell a name's language and export it to ONNX, into names_transformer/.

    python text_classifier.py [EPOCHS]

Pieces of the name and their places are embedded, go through two layers of PyTorch's own encoder, and the mean over
all places, padding too, is classified.
"""

import sys

import numpy as np
import torch
from text_data import LANGUAGES, NAME_LENGTH, PADDING, PIECES, UNKNOWN, names
from text_export import export, write_classifier
from torch import nn
from train import SEED

WIDTH, HEADS, INNER, LAYERS = 32, 4, 64, 2
EPOCHS, BATCH, RATE, HIDDEN = 90, 64, 4e-3, 0.1


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.pieces = nn.Embedding(PIECES, WIDTH)
        self.places = nn.Parameter(torch.randn(1, NAME_LENGTH, WIDTH) * 0.1)
        layer = nn.TransformerEncoderLayer(
            WIDTH, HEADS, INNER, dropout=0.1, activation="relu", batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.head = nn.Linear(WIDTH, len(LANGUAGES))

    def forward(self, ids):
        x = self.encoder(self.pieces(ids) + self.places)
        return self.head(x.mean(1))


def train(net, x, y, epochs):
    order = torch.Generator().manual_seed(SEED)
    steps = epochs * (len(x) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(epochs):
        shuffled = torch.randperm(len(x), generator=order)
        for start in range(0, len(x) - BATCH + 1, BATCH):
            rows = shuffled[start : start + BATCH]
            # Some pieces are hidden, so that no single one gives a name away.
            hidden = torch.rand(BATCH, NAME_LENGTH, generator=order) < HIDDEN
            seen = torch.where(hidden & (x[rows] != PADDING), UNKNOWN, x[rows])
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(seen), y[rows], label_smoothing=0.05).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return net.eval()


def main(epochs):
    torch.manual_seed(SEED)
    train_x, train_y, test_x, test_y = names(SEED)
    net = train(Classifier(), train_x, train_y, epochs)
    # The fused layer of eager evaluation has no ONNX form.
    torch.backends.mha.set_fastpath_enabled(False)
    exported = export(net, test_x[:1], "names_transformer")
    write_classifier("names_transformer", net, exported, train_x, test_x, test_y)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EPOCHS)
