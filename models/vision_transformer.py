#!/usr/bin/env python3
"""Train a small vision transformer and export it as PyTorch's newest exporter writes it, into digits_vit/.

    python vision_transformer.py [EPOCHS]

Patches of 2x2 pixels, a class token, learned places, pre-norm layers of PyTorch's own attention and GELU:
the architecture of ViT, tiny.
"""

import sys

import numpy as np
import torch
from text_export import export_newest, write_classifier
from torch import nn
from train import SEED, classes, digits, gradient_descent, rounded

PATCH, WIDTH, HEADS, INNER, LAYERS = 2, 32, 4, 64, 2
EPOCHS, RATE = 60, 4e-3


class Layer(nn.Module):
    """Attention and a dense part, each behind its own LayerNorm and beside a skip."""

    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.dense = nn.Sequential(nn.Linear(WIDTH, INNER), nn.GELU(), nn.Linear(INNER, WIDTH))

    def forward(self, x):
        y = self.ln_1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.dense(self.ln_2(x))


class VisionTransformer(nn.Module):
    def __init__(self):
        super().__init__()
        places = (8 // PATCH) ** 2 + 1
        self.patches = nn.Conv2d(1, WIDTH, PATCH, PATCH)
        self.token = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.places = nn.Parameter(torch.randn(1, places, WIDTH) * 0.02)
        self.layers = nn.Sequential(*[Layer() for _ in range(LAYERS)])
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.places
        return self.head(self.norm(self.layers(x))[:, 0])


def main(epochs):
    torch.manual_seed(SEED)
    train_x, test_x, train_y, test_y = digits()
    train_x, test_x = rounded(train_x), rounded(test_x)
    net = gradient_descent(VisionTransformer, classes, epochs, RATE, decay=0.05)(train_x, train_y).eval()
    # The fused layer of eager evaluation has no ONNX form.
    torch.backends.mha.set_fastpath_enabled(False)
    exported = export_newest(net, test_x[:1], "digits_vit")
    write_classifier("digits_vit", net, exported, train_x, test_x, test_y)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EPOCHS)
