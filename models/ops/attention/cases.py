"""Attention and what surrounds it."""

import numpy as np
from onnx import TensorProto

from case_graph import CASES, case, single


def attention(name, q=(1, 2, 3, 4), k=(1, 2, 5, 4), v=(1, 2, 5, 4), opset=23, mask=None, **attributes):
    def build(g):
        g.opset = opset
        inputs = [g.input(*q), g.input(*k), g.input(*v)]
        if mask is not None:
            inputs.append(g.const(mask, mask.dtype))
        return g.node("Attention", *inputs, **attributes)

    CASES[name] = build


def lower(rows, columns):
    return np.tril(np.ones((rows, columns), bool))


def added(keep, value=-np.inf):
    return np.where(keep, 0, value).astype(np.float32)


attention("attention")
attention("attention_scale", scale=0.7)
attention("attention_causal", is_causal=1)
attention("attention_softcap", softcap=1.5)
attention("attention_mask", mask=added(lower(3, 5)))
attention("attention_mask_1e9", mask=added(lower(3, 5), -1e9))
attention("attention_mask_least_float", mask=added(lower(3, 5), np.finfo(np.float32).min))
attention("attention_mask_of_truth", mask=lower(3, 5))
attention("attention_mask_by_head", mask=np.stack([lower(3, 5), ~lower(3, 5)])[None])
attention("attention_mask_and_causal", mask=added(~np.eye(3, 5, dtype=bool)[:, ::-1]), is_causal=1)
attention("attention_sizes_differ", v=(1, 2, 5, 6))
attention("attention_grouped", q=(1, 4, 3, 4))
attention("attention_three_axes", q=(1, 3, 8), k=(1, 5, 8), v=(1, 5, 6), q_num_heads=2, kv_num_heads=2)
attention("attention_three_axes_grouped_causal", q=(1, 3, 16), k=(1, 3, 8), v=(1, 3, 8), q_num_heads=4,
          kv_num_heads=2, is_causal=1)


@case
def attention_with_past(g):
    g.opset = 23
    inputs = [g.input(1, 2, 2, 4), g.input(1, 2, 2, 4), g.input(1, 2, 2, 4), g.const(added(lower(2, 5))),
              g.input(1, 2, 3, 4), g.input(1, 2, 3, 4)]
    return g.node("Attention", *inputs, outputs=3)


@case
def attention_scores(g):
    g.opset = 23
    inputs = [g.input(1, 2, 3, 4), g.input(1, 2, 5, 4), g.input(1, 2, 5, 4)]
    y, _, _, scores = g.node("Attention", *inputs, outputs=4)
    return [y, scores]


def rotary(name, shape, positions, width=2, **attributes):
    def build(g):
        g.opset = 23
        angles = g.random.uniform(-3, 3, (6, width))
        x = g.input(*shape)
        at = [g.const(positions, np.int64)] if positions is not None else []
        if not at:
            angles = angles[None, :shape[-2]]
        return g.node("RotaryEmbedding", x, g.const(np.cos(angles)), g.const(np.sin(angles)), *at, **attributes)

    CASES[name] = build


rotary("rotary", (1, 2, 3, 4), [[0, 1, 2]])
rotary("rotary_interleaved", (1, 2, 3, 4), [[3, 1, 5]], interleaved=1)
rotary("rotary_in_part", (1, 2, 3, 8), [[0, 1, 2]], rotary_embedding_dim=4)
rotary("rotary_three_axes", (1, 3, 8), [[0, 1, 2]], num_heads=2)
rotary("rotary_of_all", (1, 2, 3, 4), None)


@case
def swiglu(g):
    x = g.input(1, 3, 8)
    gate = g.node("MatMul", x, g.weight(8, 12))
    up = g.node("MatMul", x, g.weight(8, 12))
    silu = g.node("Mul", gate, g.node("Sigmoid", gate))
    return g.node("MatMul", g.node("Mul", silu, up), g.weight(12, 8))
@case
def attention_of_masked_inputs(g):
    """The mask is an input of zeros and ones, as tokenisers give it."""
    q, k, v = g.input(1, 3, 4), g.input(1, 3, 4), g.input(1, 3, 4)
    mask = g.truth(1, 3)
    keep = g.node("Unsqueeze", g.number(mask), g.ints(1))
    away = g.node("Mul", g.node("Sub", g.const(1.0), keep), g.const(-1e9))
    scores = g.node("MatMul", q, g.node("Transpose", k, perm=[0, 2, 1]))
    p = g.node("Softmax", g.node("Add", g.node("Mul", scores, g.const(0.5)), away))
    return g.node("MatMul", p, v)


@case
def attention_of_masked_inputs_by_choice(g):
    """The same mask by a selection, and one of floats."""
    scores = g.input(1, 4, 4)
    chosen = g.node("Where", g.truth(1, 1, 4), scores, g.const(-1e9))
    keep = g.number(g.truth(1, 1, 4))
    added = g.node("Add", scores, g.node("Mul", g.node("Sub", keep, g.const(1.0)), g.const(1e4)))
    return [g.node("Softmax", chosen), g.node("Softmax", added), g.node("ReduceMax", added, axes=[-1])]
