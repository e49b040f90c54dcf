#!/usr/bin/env python3
"""Train a small net of Llama's blocks to tell a name's language and export it, into names_llama/.

    python names_llama.py [EPOCHS]

The blocks are written out as they are in the wild: RMSNorm by its formula, places as angles by which halves of a head
turn, keys and values that two heads share, causal attention, a gated dense part. As PyTorch's newest exporter writes them.
"""

import sys

import numpy as np
import torch
from text_classifier import train
from text_data import LANGUAGES, NAME_LENGTH, PIECES, names
from text_export import export_newest, write_classifier
from torch import nn
from torch.nn import functional as F
from train import SEED

WIDTH, HEADS, KEYS, HEAD, INNER, LAYERS = 32, 4, 2, 8, 88, 2
EPOCHS = 60


class RmsNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5))


def turned(x, cos, sin):
    """Pairs of one element of each half, turned."""
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


def repeated(x, times):
    """Each head of keys or values as often as heads of queries share it."""
    batch, heads, places, width = x.shape
    x = x[:, :, None].expand(batch, heads, times, places, width)
    return x.reshape(batch, heads * times, places, width)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q = nn.Linear(WIDTH, HEADS * HEAD, bias=False)
        self.k = nn.Linear(WIDTH, KEYS * HEAD, bias=False)
        self.v = nn.Linear(WIDTH, KEYS * HEAD, bias=False)
        self.o = nn.Linear(HEADS * HEAD, WIDTH, bias=False)

    def forward(self, x, cos, sin):
        batch, places, _ = x.shape
        q, k, v = (
            f(x).view(batch, places, -1, HEAD).transpose(1, 2) for f in (self.q, self.k, self.v)
        )
        q, k = turned(q, cos, sin), turned(k, cos, sin)
        k, v = (repeated(y, HEADS // KEYS) for y in (k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o(y.transpose(1, 2).reshape(batch, places, -1))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.before_attention, self.before_dense = RmsNorm(), RmsNorm()
        self.attention = Attention()
        self.gate, self.up = (nn.Linear(WIDTH, INNER, bias=False) for _ in range(2))
        self.down = nn.Linear(INNER, WIDTH, bias=False)

    def forward(self, x, cos, sin):
        x = x + self.attention(self.before_attention(x), cos, sin)
        y = self.before_dense(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Llama(nn.Module):
    def __init__(self):
        super().__init__()
        self.pieces = nn.Embedding(PIECES, WIDTH)
        self.blocks = nn.ModuleList([Block() for _ in range(LAYERS)])
        self.norm = RmsNorm()
        self.head = nn.Linear(WIDTH, len(LANGUAGES), bias=False)
        frequencies = 1.0 / 10000 ** (torch.arange(0, HEAD, 2).float() / HEAD)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, ids):
        places = torch.arange(ids.shape[1], dtype=torch.float32)
        angles = torch.outer(places, self.frequencies)
        angles = torch.cat((angles, angles), dim=-1)
        x, cos, sin = self.pieces(ids), angles.cos(), angles.sin()
        for block in self.blocks:
            x = block(x, cos, sin)
        return self.head(self.norm(x[:, -1]))


def main(epochs):
    torch.manual_seed(SEED)
    train_x, train_y, test_x, test_y = names(SEED)
    assert train_x.shape[1] == NAME_LENGTH
    net = train(Llama(), train_x, train_y, epochs)
    exported = export_newest(net, test_x[:1], "names_llama")
    write_classifier("names_llama", net, exported, train_x, test_x, test_y)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EPOCHS)
