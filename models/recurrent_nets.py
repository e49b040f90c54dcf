#!/usr/bin/env python3
"""Train small recurrent nets and export them to ONNX, each into a folder next to this script.

    python recurrent_nets.py [MODEL ...]        # default: every model

`digits_lstm` reads a digit row by row, `names_gru` and `names_bilstm` a name piece by piece, padding too. They are
PyTorch's own layers, which the exporter writes as one LSTM or GRU node, with Transpose and Reshape around it.
"""

import sys

import numpy as np
import torch
from text_data import LANGUAGES, PADDING, PIECES, UNKNOWN, names
from text_export import export, write_classifier
from torch import nn
from train import SEED, digits, rounded

BATCH, RATE, HIDDEN = 64, 4e-3, 0.1


class Rows(nn.Module):
    """The last state of an LSTM over the rows of an image."""

    def __init__(self):
        super().__init__()
        self.layer = nn.LSTM(8, 64, batch_first=True)
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        _, (last, _) = self.layer(x)
        return self.head(last[-1])


class Names(nn.Module):
    """The last state of a GRU over the pieces of a name."""

    def __init__(self):
        super().__init__()
        self.pieces = nn.Embedding(PIECES, 24)
        self.layer = nn.GRU(24, 48, batch_first=True)
        self.head = nn.Linear(48, len(LANGUAGES))

    def forward(self, ids):
        _, last = self.layer(self.pieces(ids))
        return self.head(last[-1])


class BothWays(nn.Module):
    """The mean over all places of an LSTM of both directions."""

    def __init__(self):
        super().__init__()
        self.pieces = nn.Embedding(PIECES, 24)
        self.layer = nn.LSTM(24, 24, batch_first=True, bidirectional=True)
        self.head = nn.Linear(48, len(LANGUAGES))

    def forward(self, ids):
        states, _ = self.layer(self.pieces(ids))
        return self.head(states.mean(1))


MODELS = {"digits_lstm": (Rows, 40), "names_gru": (Names, 40), "names_bilstm": (BothWays, 40)}


def data(name):
    if name.startswith("names"):
        return names(SEED)
    train_x, test_x, train_y, test_y = digits()
    rows = [rounded(x).reshape(-1, 8, 8) for x in (train_x, test_x)]
    return rows[0], train_y, rows[1], test_y


def train(net, x, y, epochs):
    order = torch.Generator().manual_seed(SEED)
    steps = epochs * (len(x) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    words = x.dtype == np.int64
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    for _ in range(epochs):
        shuffled = torch.randperm(len(x), generator=order)
        for start in range(0, len(x) - BATCH + 1, BATCH):
            rows = shuffled[start : start + BATCH]
            seen = x[rows]
            if words:
                # Some pieces are hidden, so that no single one gives a name away.
                hidden = torch.rand(seen.shape, generator=order) < HIDDEN
                seen = torch.where(hidden & (seen != PADDING), UNKNOWN, seen)
            optimiser.zero_grad()
            nn.functional.cross_entropy(net(seen), y[rows], label_smoothing=0.05).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return net.eval()


def main(name):
    torch.manual_seed(SEED)
    build, epochs = MODELS[name]
    train_x, train_y, test_x, test_y = data(name)
    net = train(build(), train_x, train_y, epochs)
    exported = export(net, test_x[:1], name)
    write_classifier(name, net, exported, train_x, test_x, test_y)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    for name in sys.argv[1:] or MODELS:
        main(name)
