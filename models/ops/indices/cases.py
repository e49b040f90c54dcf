"""Indices: constant ones move elements, computed ones look them up."""

import numpy as np
from onnx import TensorProto

from case_graph import CASES, case, f32, i64, single


def gather_nd(name, shape, indices, extents, batch_dims=0):
    """Constant tuples, and the same computed."""

    def build(g):
        return g.node("GatherND", g.input(*shape), g.const(indices, np.int64), batch_dims=batch_dims)

    def computed(g):
        tuples = [g.indices(*np.shape(indices)[:-1], 1, extent=extent) for extent in extents]
        x = g.node("GatherND", g.input(*shape), g.node("Concat", *tuples, axis=-1), batch_dims=batch_dims)
        return x

    CASES[f"gather_nd_{name}"] = build
    CASES[f"gather_nd_{name}_computed"] = computed


gather_nd("elements", (3, 4), [[0, 1], [2, -1], [-3, 0]], [3, 4])
gather_nd("rows", (3, 4, 2), [[[1, 3], [0, 0]], [[-1, -1], [2, 2]]], [3, 4])
gather_nd("batch", (2, 3, 4), [[[1], [0]], [[-1], [2]]], [3], batch_dims=1)
gather_nd("batch_pairs", (2, 3, 4), [[[1, 3]], [[-1, 0]]], [3, 4], batch_dims=1)


@case
def gather_constant_negative(g):
    return g.node("Gather", g.input(1, 5, 3), g.const([[0, -1], [2, 2]], np.int64), axis=1)


def one_hot(name, values, axis, kind=np.int64):
    def build(g):
        indices, depth = g.indices(1, 4, extent=5), g.const(4, kind)
        if kind == np.float32:
            indices = g.number(indices)
        return g.node("OneHot", indices, depth, g.const(values), axis=axis)

    CASES[name] = build


one_hot("one_hot", [0.0, 1.0], -1)
one_hot("one_hot_values_axis1", [-2.0, 3.5], 1)
one_hot("one_hot_float_indices", [0.0, 1.0], 0, np.float32)


@case
def one_hot_computed_values(g):
    """Constant indices, one beyond the depth."""
    values = g.input(2)
    return g.node("OneHot", g.const([1, -1, 3, 7], np.int64), g.ints(4), values)


@case
def one_hot_of_an_argmax(g):
    best = g.node("ArgMax", g.input(1, 3, 5), axis=2, keepdims=0)
    return g.node("OneHot", best, g.ints(5), g.const([0.0, 1.0]))


def votes(g):
    """Rows of whole numbers that indices name, a table for each of five voters, and their mean."""
    table = lambda voter: g.const(np.eye(3)[(np.arange(4) * (voter + 1) + voter) % 3])
    rows = [g.node("Gather", table(voter), g.indices(1, extent=4)) for voter in range(5)]
    return g.node("ReduceMean", g.node("Concat", *rows, axis=0), axes=[0], keepdims=0)


@case
def mean_of_rows(g):
    mean = votes(g)
    return mean, g.number(g.node("ArgMax", mean, axis=0))


@case
def mean_of_rows_in_thousands(g):
    return g.node("Mul", votes(g), g.const(1000.0))


@case
def largest_mean_of_rows(g):
    mean = votes(g)
    return g.node("ReduceMax", mean, axes=[0]), g.node("Max", mean, g.const(0.3)), g.node("Floor", mean)


def scatter(name, operator, shape, indices, updates, extent=None, opset=18, **attributes):
    """Constant indices; with an extent, computed ones too."""

    def build(g):
        g.opset = opset
        return g.node(operator, g.input(*shape), g.const(indices, np.int64), g.input(*updates), **attributes)

    def computed(g):
        g.opset = opset
        indices_of = g.indices(*np.shape(indices), extent=extent)
        return g.node(operator, g.input(*shape), indices_of, g.input(*updates), **attributes)

    CASES[name] = build
    if extent:
        CASES[f"{name}_computed"] = computed


rows = [[0, 2, 1], [1, -1, 0]]
scatter("scatter_elements", "ScatterElements", (3, 3), rows, (2, 3), axis=0, extent=3)
scatter("scatter_elements_axis1", "ScatterElements", (2, 5), [[0, -2], [4, 1]], (2, 2), axis=1, extent=None)
scatter("scatter_opset9", "Scatter", (3, 3), rows, (2, 3), opset=9, axis=0)
for _reduction in ("add", "mul", "max", "min"):
    scatter(
        f"scatter_elements_{_reduction}", "ScatterElements", (2, 4),
        [[1, 1, -3], [0, 3, 3]], (2, 3), axis=-1, reduction=_reduction, extent=4,
    )
    scatter(
        f"scatter_nd_{_reduction}", "ScatterND", (4, 2), [[1], [3], [1]], (3, 2),
        reduction=_reduction, extent=4,
    )
scatter("scatter_nd", "ScatterND", (3, 4, 2), [[0, 1], [2, -1]], (2, 2))
scatter("scatter_nd_rows", "ScatterND", (4, 3), [[2], [-4]], (2, 3))


@case
def scatter_nd_pairs_computed(g):
    tuples = [g.indices(3, 1, extent=extent) for extent in (3, 2)]
    indices = g.node("Concat", *tuples, axis=-1)
    return g.node("ScatterND", g.input(3, 2, 2), indices, g.input(3, 2))


@case
def scatter_a_cache(g):
    """A constant that is filled at a place."""
    return g.node("ScatterND", g.weight(4, 3), g.const([[1]], np.int64), g.input(1, 3))


single("compress_axis1", "Compress", 1, 4, 3, consts=[np.array([True, False, True, True])], axis=1)
single("compress_flat", "Compress", 2, 3, consts=[np.array([False, True, False, True, True])])
single("compress_shorter", "Compress", 1, 5, consts=[np.array([True, False, True])], axis=-1)
single("reverse_sequence", "ReverseSequence", 4, 3, 2, consts=[i64(1, 4, 2)])
single("reverse_sequence_batch_first", "ReverseSequence", 3, 4, consts=[i64(4, 1, 3)], batch_axis=0, time_axis=1)


@case
def non_zero_of_a_constant(g):
    mask = g.const([[1, 0, 1], [0, 1, 1]])
    places = g.node("Transpose", g.node("NonZero", mask), perm=[1, 0])
    return g.node("GatherND", g.input(2, 3), places)


@case
def where_broadcasts(g):
    return g.node("Where", g.truth(2, 1, 3), g.input(4, 1), g.input(1, 2, 1, 1))


def ordered(g, x, opset, *count, **attributes):
    g.opset = opset
    values, positions = g.node("TopK", x, *count, outputs=2, **attributes)
    return values, g.number(positions)


@case
def top_k_attribute(g):
    return ordered(g, g.input(1, 2, 6), 9, k=3, axis=-1)


@case
def top_k_opset10(g):
    return ordered(g, g.input(1, 4, 2), 10, g.ints(2), axis=1)


def extreme(name, operator, opset, **attributes):
    def build(g):
        g.opset = opset
        x = g.number(g.indices(1, 3, 5, extent=3))
        return g.number(g.node(operator, x, **attributes))

    CASES[name] = build


extreme("arg_max_default", "ArgMax", 11)
extreme("arg_min_last", "ArgMin", 13, axis=-1, select_last_index=1)
extreme("arg_min_keeps", "ArgMin", 9, axis=1, keepdims=1)


def col2im(name, shape, image, block, **attributes):
    def build(g):
        g.opset = 18
        return g.node("Col2Im", g.input(*shape), g.ints(*image), g.ints(*block), **attributes)

    CASES[name] = build


col2im("col2im", (1, 4, 9), (4, 4), (2, 2))
col2im("col2im_strides_pads", (1, 8, 9), (5, 5), (2, 2), strides=[2, 2], pads=[1, 1, 0, 0])
col2im("col2im_dilations", (2, 4, 4), (4, 4), (2, 2), dilations=[2, 2])


@case
def unique_of_a_constant(g):
    values = g.const([2, 1, 1, 3, 2], np.int64)
    unique, first, inverse, times = g.node("Unique", values, outputs=4)
    x = g.node("Gather", g.input(1, 4), unique, axis=1)
    y = g.node("Mul", x, g.number(times))
    return y, g.node("Gather", y, inverse, axis=1), g.node("Add", y, g.number(first))
