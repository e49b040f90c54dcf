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


MICROSOFT = "com.microsoft"


def multi_head(name, q=(1, 3, 8), k=(1, 5, 8), v=(1, 5, 8), bias=0, mask=None, added=None, past=None, outputs=1, **attributes):
    """`mask` and `added` are constants or build inputs."""

    def build(g):
        inputs = [g.input(*shape) for shape in [q, k, v]]
        inputs.append(g.weight(bias) if bias else "")
        inputs.append("" if mask is None else mask(g))
        inputs.append("" if added is None else g.input(*added))
        inputs += [g.input(*past), g.input(*past)] if past else []
        while not inputs[-1]:
            inputs.pop()
        made = g.node("MultiHeadAttention", *inputs, domain=MICROSOFT, num_heads=2, outputs=outputs, **attributes)
        return made

    CASES[name] = build


def int32(*values):
    return lambda g: g.const(np.array(values[0] if len(values) == 1 else values), np.int32)


multi_head("multi_head")
multi_head("multi_head_bias", bias=24)
multi_head("multi_head_scale_sizes_differ", v=(1, 5, 6), scale=0.7)
multi_head("multi_head_causal", k=(1, 3, 8), v=(1, 3, 8), unidirectional=1)
multi_head("multi_head_added", added=(1, 2, 3, 5))
multi_head("multi_head_added_to_all", added=(1, 1, 3, 5))
multi_head("multi_head_lengths", q=(2, 3, 8), k=(2, 5, 8), v=(2, 5, 8), mask=int32(4, 2))
multi_head("multi_head_mask", q=(2, 3, 8), k=(2, 5, 8), v=(2, 5, 8), mask=int32([[1, 1, 1, 1, 0], [1, 1, 0, 0, 0]]))
multi_head("multi_head_mask_of_data", mask=lambda g: g.whole(TensorProto.INT32, 1, 5, low=0, high=2))
multi_head("multi_head_mask_by_query", mask=int32([np.tri(3, 5, 1).astype(int)]), mask_filter_value=-20.0, added=(1, 1, 3, 5))
multi_head("multi_head_past", k=(1, 3, 8), v=(1, 3, 8), past=(1, 2, 2, 4), outputs=3)
multi_head("multi_head_past_masked", k=(1, 3, 8), v=(1, 3, 8), past=(1, 2, 2, 4), outputs=3, mask=int32([[0, 1, 1, 1, 1]]))


def contrib_attention(name, shape=(1, 4, 6), sizes=None, mask=None, added=None, past=None, bias=True, quantised=False, **attributes):
    def build(g):
        hidden = sizes or [8, 8, 8]
        total, names = sum(hidden), []
        if quantised:
            weights = g.const(g.random.integers(-128, 128, (shape[-1], total)), np.int8)
            names = [g.whole(TensorProto.UINT8, *shape, low=0, high=256), weights, g.weight(total), g.const(np.float32(0.013)),
                     g.const(np.float32(0.0041)), mask(g) if mask else "", g.const(119, np.uint8), g.const(3, np.int8)]
        else:
            names = [g.input(*shape), g.weight(shape[-1], total), g.weight(total) if bias else "", mask(g) if mask else "",
                     g.input(*past) if past else "", g.input(*added) if added else ""]
        while not names[-1]:
            names.pop()
        more = {"qkv_hidden_sizes": sizes} if sizes else {}
        return g.node("QAttention" if quantised else "Attention", *names, domain=MICROSOFT, num_heads=2, outputs=2 if past else 1, **more, **attributes)

    CASES[name] = build


contrib_attention("contrib_attention")
contrib_attention("contrib_attention_no_bias", bias=False, scale=0.3)
contrib_attention("contrib_attention_sizes", sizes=[8, 8, 4])
contrib_attention("contrib_attention_causal", unidirectional=1)
contrib_attention("contrib_attention_lengths", shape=(2, 4, 6), mask=int32(3, 2))
contrib_attention("contrib_attention_ends_and_starts", shape=(2, 4, 6), mask=int32(4, 3, 1, 0))
contrib_attention("contrib_attention_mask_of_data", mask=lambda g: g.whole(TensorProto.INT32, 1, 4, low=0, high=2))
contrib_attention("contrib_attention_mask_by_query", mask=int32([np.tri(4, 4, 1).astype(int)]), mask_filter_value=-15.0)
contrib_attention("contrib_attention_added", added=(1, 2, 4, 4))
contrib_attention("contrib_attention_past", past=(2, 1, 2, 3, 4), unidirectional=1)
contrib_attention("contrib_attention_past_masked", past=(2, 1, 2, 3, 4), mask=int32([[0, 1, 1, 1, 1, 1, 1]]))
contrib_attention("quantised_attention", quantised=True)
contrib_attention("quantised_attention_masked", shape=(2, 4, 6), quantised=True, mask=int32(4, 3), unidirectional=1)


@case
def attention_left_out_by_data(g):
    """A mask of minus infinity, made of data; the first query may see nothing."""
    g.opset = 23
    first = g.node("Expand", g.truth(1, 1), g.ints(1, 3))
    keep = g.node("Concat", first, g.truth(2, 3), axis=0)
    mask = g.node("Where", keep, g.const(0), g.const(-np.inf))
    return g.node("Attention", g.input(1, 2, 3, 4), g.input(1, 2, 3, 4), g.input(1, 2, 3, 4), mask)


def contrib_rotary(name, shape, positions, width=2, **attributes):
    def build(g):
        angles = g.random.uniform(-3, 3, (6, width))
        at = positions(g) if callable(positions) else g.const(positions, np.int64)
        return g.node("RotaryEmbedding", g.input(*shape), at, g.const(np.cos(angles)), g.const(np.sin(angles)), domain=MICROSOFT, **attributes)

    CASES[name] = build


contrib_rotary("contrib_rotary", (1, 2, 3, 4), [[0, 2, 1]])
contrib_rotary("contrib_rotary_interleaved", (2, 2, 3, 4), [[3, 1, 5], [0, 1, 2]], interleaved=1)
contrib_rotary("contrib_rotary_from", (2, 2, 3, 4), [2])
contrib_rotary("contrib_rotary_three_axes", (1, 3, 8), [1], num_heads=2)
contrib_rotary("contrib_rotary_in_part", (1, 3, 16), [[0, 1, 2]], num_heads=2, rotary_embedding_dim=4)
contrib_rotary("contrib_rotary_of_data", (1, 2, 3, 4), lambda g: g.whole(TensorProto.INT64, 1, 3, low=0, high=6))


@case
def embed_layer_normalization(g):
    ids, segments = (g.whole(TensorProto.INT32, 2, 4, low=0, high=n) for n in [9, 2])
    mask = g.const([[1, 1, 1, 0], [1, 1, 1, 1]], np.int32)
    y, index, total = g.node(
        "EmbedLayerNormalization", ids, segments, g.weight(9, 6), g.weight(5, 6), g.weight(2, 6), g.weight(6), g.weight(6), mask,
        domain=MICROSOFT, epsilon=1e-5, outputs=3)
    return y, g.number(index), total


@case
def embed_layer_normalization_of_bytes(g):
    """Tables and weights of whole numbers."""
    ids, segments = (g.whole(TensorProto.INT32, 2, 4, low=0, high=n) for n in [9, 2])
    mask = g.const([[1, 1, 1, 0], [1, 1, 1, 1]], np.int32)
    tables = [g.const(g.random.integers(0, 256, shape), np.uint8) for shape in [(9, 6), (5, 6), (2, 6), 6, 6]]
    scales = [g.const(scale) for scale in [0.01, 0.02, 0.015, 0.008, 0.005]]
    zeros = [g.const(zero, np.uint8) for zero in [120, 130, 127, 0, 128]]
    y, index = g.node(
        "QEmbedLayerNormalization", ids, segments, *tables, mask, *scales, *zeros,
        domain=MICROSOFT, epsilon=1e-5, outputs=2)
    return y, g.number(index)


@case
def embed_layer_normalization_by_places(g):
    ids = g.whole(TensorProto.INT32, 1, 4, low=0, high=9)
    places = g.const([[3, 0, 4, 1]], np.int32)
    y, _ = g.node("EmbedLayerNormalization", ids, "", g.weight(9, 6), g.weight(5, 6), "", g.weight(6), g.weight(6), "", places, domain=MICROSOFT, outputs=2)
    return y
