"""Writes models two sizes larger than those committed, one folder each: `network.onnx`, `input.json`.

    python make_large.py FOLDER [NAME ...]

Weights are drawn (seed 0) as initialisers of such nets draw them, normalisations have the statistics of drawn inputs: what is measured
on them is time and memory, never accuracy. Shapes are those of the papers:

    mlp_4m        784-1600-1600-10                                           3.8 M weights
    vgg11         configuration A of arXiv:1409.1556, 32x32, one dense layer  9.2 M
    vgg16         configuration D, 32x32, one dense layer                    14.7 M
    resnet18      arXiv:1512.03385 for 32x32 (3x3 stem, no pooling)          11.2 M
    resnet50      the same, 224x224                                          25.6 M
    mobilenet_v2  arXiv:1801.04381, 96x96                                     3.5 M
    minilm        all-MiniLM-L6's shape: 6 layers, 384 wide, 32 tokens       22.7 M
    minilm_128    the same, 128 tokens
    gpt2          GPT-2 small's shape, 32 tokens, logits of the last one    163 M (head not tied)
"""

import inspect
import json
import math
import sys
import warnings
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

OPSET = 17

# The exporter that writes one file; older versions of PyTorch have no other.
LEGACY = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}


def vgg(widths):
    """3x3 convolutions with batch normalisation, halved by maxima, and one dense layer."""
    layers, channels = [], 3
    for width in widths:
        if width == "M":
            layers.append(nn.MaxPool2d(2))
            continue
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, 10))


VGG11 = [64, "M", 128, "M", 256, 256, "M", 512, 512, "M", 512, 512, "M"]
VGG16 = [64, 64, "M", 128, 128, "M", *[256] * 3, "M", *[512] * 3, "M", *[512] * 3, "M"]


def unit(channels, width, kernel=3, stride=1, groups=1):
    """A convolution with its normalisation."""
    return nn.Sequential(
        nn.Conv2d(channels, width, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(width),
    )


class Residual(nn.Module):
    """`relu(body(x) + shortcut(x))`."""

    def __init__(self, channels, width, stride, deep):
        super().__init__()
        out = width * 4 if deep else width
        if deep:
            self.body = nn.Sequential(
                unit(channels, width, 1), nn.ReLU(), unit(width, width, 3, stride), nn.ReLU(), unit(width, out, 1)
            )
        else:
            self.body = nn.Sequential(unit(channels, width, 3, stride), nn.ReLU(), unit(width, width))
        same = stride == 1 and channels == out
        self.shortcut = nn.Identity() if same else unit(channels, out, 1, stride)

    def forward(self, x):
        return F.relu(self.body(x) + self.shortcut(x))


def resnet(counts, deep, small):
    if small:
        layers = [unit(3, 64), nn.ReLU()]
    else:
        layers = [unit(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    channels = 64
    for stage, count in enumerate(counts):
        width = 64 << stage
        for at in range(count):
            layers.append(Residual(channels, width, 2 if stage and not at else 1, deep))
            channels = width * 4 if deep else width
    classes = 10 if small else 1000
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


class Inverted(nn.Module):
    """Widened by 1x1, filtered depthwise, narrowed by 1x1; added to its input where that has its shape."""

    def __init__(self, channels, out, stride, factor):
        super().__init__()
        wide = channels * factor
        first = [] if factor == 1 else [unit(channels, wide, 1), nn.ReLU6()]
        self.body = nn.Sequential(*first, unit(wide, wide, 3, stride, wide), nn.ReLU6(), unit(wide, out, 1))
        self.same = stride == 1 and channels == out

    def forward(self, x):
        return x + self.body(x) if self.same else self.body(x)


def mobilenet_v2():
    rows = [
        (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)
    ]
    layers, channels = [unit(3, 32, 3, 2), nn.ReLU6()], 32
    for factor, out, count, stride in rows:
        for at in range(count):
            layers.append(Inverted(channels, out, stride if at == 0 else 1, factor))
            channels = out
    layers += [unit(channels, 1280, 1), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 1000)]
    return nn.Sequential(*layers)


class Attention(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        split = lambda part: part.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = map(split, self.qkv(x).chunk(3, dim=-1))
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // self.heads)
        if self.causal:
            later = torch.triu(torch.ones(tokens, tokens, dtype=torch.bool), 1)
            scores = scores.masked_fill(later, -1e9)
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, tokens, width))


class Block(nn.Module):
    """A transformer's block; GPT-2 normalises before, BERT after."""

    def __init__(self, width, heads, causal):
        super().__init__()
        self.before = causal
        self.attention = Attention(width, heads, causal)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        gelu = nn.GELU(approximate="tanh" if causal else "none")
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), gelu, nn.Linear(4 * width, width))

    def forward(self, x):
        if self.before:
            x = x + self.attention(self.norms[0](x))
            return x + self.mlp(self.norms[1](x))
        x = self.norms[0](x + self.attention(x))
        return self.norms[1](x + self.mlp(x))


class Transformer(nn.Module):
    def __init__(self, words, width, layers, heads, tokens, causal):
        super().__init__()
        self.causal = causal
        self.words, self.places = nn.Embedding(words, width), nn.Embedding(tokens, width)
        self.blocks = nn.Sequential(*[Block(width, heads, causal) for _ in range(layers)])
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, words, bias=False) if causal else nn.Identity()
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, ids):
        x = self.words(ids) + self.places.weight[: ids.shape[1]]
        if self.causal:
            return self.head(self.norm(self.blocks(x))[:, -1])
        return F.normalize(self.blocks(self.norm(x)).mean(dim=1), dim=-1)


def image(size):
    return lambda: torch.randn(1, 3, size, size)


def words(count, tokens):
    return lambda: torch.randint(0, count, (1, tokens))


def minilm(tokens):
    return lambda: Transformer(30522, 384, 6, 12, tokens, causal=False)


MODELS = {
    "mlp_4m": (
        lambda: nn.Sequential(nn.Linear(784, 1600), nn.ReLU(), nn.Linear(1600, 1600), nn.ReLU(), nn.Linear(1600, 10)),
        lambda: torch.rand(1, 784),
    ),
    "vgg11": (lambda: vgg(VGG11), image(32)),
    "vgg16": (lambda: vgg(VGG16), image(32)),
    "resnet18": (lambda: resnet([2, 2, 2, 2], deep=False, small=True), image(32)),
    "resnet50": (lambda: resnet([3, 4, 6, 3], deep=True, small=False), image(224)),
    "mobilenet_v2": (mobilenet_v2, image(96)),
    "minilm": (minilm(32), words(30522, 32)),
    "minilm_128": (minilm(128), words(30522, 128)),
    "gpt2": (lambda: Transformer(50257, 768, 12, 12, 32, causal=True), words(50257, 32)),
}


def settle(model, example):
    """Gives normalisations the statistics of drawn inputs."""
    if not any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
        return
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
    model.train()
    with torch.no_grad():
        for _ in range(2):
            model(torch.cat([example() for _ in range(4)]))


def main():
    folder = Path(sys.argv[1])
    for name in sys.argv[2:] or MODELS:
        make, example = MODELS[name]
        torch.manual_seed(0)
        model = make()
        settle(model, example)
        model.eval()
        x = example()
        out = folder / name
        out.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                model, (x,), str(out / "network.onnx"), input_names=["input"], output_names=["output"],
                opset_version=OPSET, **LEGACY,
            )
        (out / "input.json").write_text(json.dumps({"input_data": [x.flatten().tolist()]}))
        weights = sum(p.numel() for p in model.parameters())
        print(f"{name}: {weights / 1e6:.1f} M weights")


if __name__ == "__main__":
    main()
