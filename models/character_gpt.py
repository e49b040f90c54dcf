#!/usr/bin/env python3
"""Train a small GPT on characters of Shakespeare's plays and export it to ONNX, into shakespeare_gpt/.

    python character_gpt.py [STEPS]

The network is GPT-2's architecture written out by hand as is usual in teaching code: learned positions,
pre-norm blocks, attention with a lower triangle for a mask and -inf where it is 0, GELU, and the
embedding again as the last layer.
"""

import math
import sys
import time

import numpy as np
import torch
from text_data import CHARACTERS, plays
from text_export import export, outputs_of, write_folder
from torch import nn
from torch.nn import functional as F
from train import SEED

LENGTH, WIDTH, HEADS, LAYERS = 64, 96, 3, 2
STEPS, BATCH, RATE = 3000, 32, 3e-3
CALIBRATION, EXPECTED = 24, 4  # observations in calibration.json and in expected.json
WINDOWS = 512  # of the held-out play, for the score


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn = nn.Linear(WIDTH, 3 * WIDTH)
        self.c_proj = nn.Linear(WIDTH, WIDTH)
        triangle = torch.tril(torch.ones(LENGTH, LENGTH)).view(1, 1, LENGTH, LENGTH)
        self.register_buffer("mask", triangle, persistent=False)

    def forward(self, x):
        b, t, c = x.size()
        q, k, v = self.c_attn(x).split(WIDTH, dim=2)
        q, k, v = (y.view(b, t, HEADS, c // HEADS).transpose(1, 2) for y in (q, k, v))
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.mask[:, :, :t, :t] == 0, float("-inf"))
        y = F.softmax(att, dim=-1) @ v
        return self.c_proj(y.transpose(1, 2).contiguous().view(b, t, c))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.attn = Attention()
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte = nn.Embedding(len(CHARACTERS), WIDTH)
        self.wpe = nn.Embedding(LENGTH, WIDTH)
        self.h = nn.ModuleList([Block() for _ in range(LAYERS)])
        self.ln_f = nn.LayerNorm(WIDTH)
        self.lm_head = nn.Linear(WIDTH, len(CHARACTERS), bias=False)
        self.wte.weight = self.lm_head.weight
        for name, p in self.named_parameters():
            if p.dim() == 2:
                residual = name.endswith(("c_proj.weight", "mlp.2.weight"))
                nn.init.normal_(p, std=0.02 / math.sqrt(2 * LAYERS) if residual else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, idx):
        t = idx.size(1)
        x = self.wte(idx) + self.wpe(torch.arange(0, t, dtype=torch.long))
        for block in self.h:
            x = block(x)
        return self.lm_head(self.ln_f(x))


def train(text, steps):
    net = Gpt()
    matrices = [p for p in net.parameters() if p.dim() == 2]
    others = [p for p in net.parameters() if p.dim() != 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    places, text = np.random.default_rng(SEED), torch.from_numpy(text)
    started = time.time()
    for step in range(steps):
        starts = places.integers(0, len(text) - LENGTH - 1, BATCH)
        batch = torch.stack([text[s : s + LENGTH + 1] for s in starts])
        logits = net(batch[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 99:
            print(f"{step + 1}: {loss.item():.3f} nats, {time.time() - started:.0f} s", flush=True)
    return net.eval()


def windows(text, count):
    """Stretches of LENGTH + 1 characters, evenly spread over the text."""
    starts = np.linspace(0, len(text) - LENGTH - 1, count).astype(int)
    return np.stack([text[s : s + LENGTH + 1] for s in starts])


def main(steps):
    torch.manual_seed(SEED)
    trained_on, held_out = plays()
    net = train(trained_on, steps)
    test = windows(held_out, WINDOWS)
    inputs, following = test[:, :-1], test[:, 1:]
    model, session = export(net, inputs[:1], "shakespeare_gpt")
    logits = outputs_of(session, inputs, net)
    nats = F.cross_entropy(
        torch.from_numpy(logits).flatten(0, 1), torch.from_numpy(following).flatten()
    ).item()
    params = sum(p.numel() for p in net.parameters())
    print(
        f"shakespeare_gpt: params {params}, held-out play {nats / math.log(2):.3f} bits per character, "
        f"next character right {100 * (logits.argmax(2) == following).mean():.2f} %"
    )
    print(" ", " ".join(node.op_type for node in model.graph.node))
    chosen = np.linspace(0, WINDOWS - 1, EXPECTED).astype(int)
    write_folder(
        "shakespeare_gpt",
        calibration=windows(trained_on, CALIBRATION)[:, :-1],
        inputs=inputs[chosen],
        outputs=logits[chosen],
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS)
