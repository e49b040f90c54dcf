"""Shapes."""

import numpy as np
from onnx import TensorProto

from case_graph import CASES, case, f32, i64, single


single("flatten", "Flatten", 1, 2, 3, 4)
single("flatten_negative", "Flatten", 1, 2, 3, 4, axis=-3)
single("reshape", "Reshape", 1, 2, 6, consts=[i64(1, 3, 4)])
single("reshape_zero_minus_one", "Reshape", 1, 2, 3, 4, consts=[i64(0, -1, 4)])
single("transpose", "Transpose", 1, 2, 3, 4, perm=[0, 2, 3, 1])
single("squeeze", "Squeeze", 1, 1, 3, 1, consts=[i64(1, -1)])


@case
def squeeze_unsqueeze_attributes(g):
    """Before opset 13 axes are attributes."""
    g.opset = 12
    x = g.node("Squeeze", g.input(1, 1, 3, 1), axes=[1, -1])
    return g.node("Relu", g.node("Unsqueeze", x, axes=[-1, 1]))


single("unsqueeze", "Unsqueeze", 1, 3, 4, consts=[i64(1, -1)])
single("split", "Split", 1, 6, 2, outputs=2, consts=[i64(2, 4)], axis=1)
single("split_equal_negative", "Split", 1, 2, 6, outputs=3, axis=-1)
single("slice", "Slice", 1, 3, 8, consts=[i64(0, 1), i64(2, 7), i64(1, 2)])
single("slice_negative_step2", "Slice", 1, 3, 8, consts=[i64(-6), i64(2**31 - 1), i64(-1), i64(2)])
single("slice_reverse", "Slice", 1, 6, consts=[i64(-1), i64(-7), i64(1), i64(-1)])
single("pad_zero", "Pad", 1, 2, 3, 3, consts=[i64(0, 0, 1, 0, 0, 0, 1, 2)])
single("pad_negative", "Pad", 1, 2, 5, 5, consts=[i64(0, 0, -1, 0, 0, 0, 1, -2)])
single("pad_value", "Pad", 1, 2, 3, 3, consts=[i64(0, 0, 1, 0, 0, 0, 1, 2), f32(0.7)])
single("expand", "Expand", 1, 3, 1, consts=[i64(1, 3, 4)])
single("expand_keeps_larger", "Expand", 1, 3, 4, consts=[i64(1, 1)])
single("tile", "Tile", 1, 2, 3, consts=[i64(1, 2, 3)])


@case
def concat_axis1(g):
    return g.node("Concat", g.input(1, 2, 3), g.input(1, 4, 3), axis=1)


@case
def concat_negative_const(g):
    return g.node("Concat", g.input(1, 2, 3), g.weight(1, 2, 2), g.input(1, 2, 1), axis=-1)


def padded(name, mode, *pads, shape=(1, 2, 5, 4), opset=17, **attributes):
    def build(g):
        g.opset = opset
        x = g.input(*shape)
        if opset < 11:
            return g.node("Pad", x, mode=mode, pads=list(pads), **attributes)
        return g.node("Pad", x, g.ints(*pads), mode=mode, **attributes)

    CASES[name] = build


padded("pad_reflect", "reflect", 0, 0, 2, 3, 0, 0, 1, 0)
padded("pad_edge", "edge", 0, 1, 2, 0, 0, 0, 1, 3)
padded("pad_wrap", "wrap", 0, 0, 2, 0, 0, 1, 1, 3, opset=19)
padded("pad_edge_negative", "edge", 0, 0, -1, 2, 0, 0, 3, -1)
padded("pad_reflect_negative", "reflect", 0, 0, -1, 2, 0, 0, 1, -1)
padded("pad_attributes", "constant", 0, 0, -1, 2, 0, 0, 1, 0, opset=10, value=-0.5)
padded("pad_reflect_attributes", "reflect", 0, 0, 1, 2, 0, 0, 1, 0, opset=10)


@case
def pad_axes(g):
    g.opset = 18
    x = g.input(1, 2, 4, 3)
    return g.node("Pad", x, g.ints(1, 2, -1, 0), g.const(0.25), g.ints(-1, 2))


@case
def pad_of_a_shape(g):
    """Exporters compute pads from shapes."""
    x = g.input(1, 2, 5)
    size = g.node("Gather", g.node("Shape", x), g.ints(2))
    missing = g.node("Sub", g.ints(8), size)
    return g.node("Pad", x, g.node("Concat", g.ints(0, 0, 0, 0, 0), missing, axis=0))


@case
def slice_attributes(g):
    g.opset = 9
    return g.node("Slice", g.input(1, 4, 6), axes=[1, 2], starts=[1, -4], ends=[-1, 1000])


single("slice_beyond", "Slice", 1, 5, 4, consts=[i64(-10, 1), i64(3, -1), i64(1, 2)])
single("slice_reverse_step2", "Slice", 1, 7, consts=[i64(5), i64(-100), i64(-1), i64(-2)])
single("slice_reverse_from_within", "Slice", 1, 7, 2, consts=[i64(-2), i64(0), i64(1), i64(-3)])


@case
def split_outputs_uneven(g):
    g.opset = 18
    return g.node("Split", g.input(1, 7, 2), outputs=3, axis=1, num_outputs=3)


@case
def split_attribute(g):
    g.opset = 11
    return g.node("Split", g.input(1, 6, 2), outputs=2, axis=-2, split=[4, 2])


def trilu(name, k, upper, *shape):
    def build(g):
        return g.node("Trilu", g.input(*shape), *([] if k is None else [g.const(k, np.int64)]), upper=upper)

    CASES[name] = build


trilu("trilu_upper", None, 1, 1, 2, 4, 5)
trilu("trilu_lower_above", 1, 0, 1, 4, 5)
trilu("trilu_upper_below", -2, 1, 1, 5, 3)
trilu("trilu_far", 9, 1, 1, 3, 3)


@case
def eye_like_of_a_shape(g):
    x = g.input(1, 3, 4)
    eye = g.node("EyeLike", g.node("Squeeze", x, g.ints(0)), k=1)
    return g.node("Add", x, eye)


@case
def range_of_a_shape(g):
    x = g.input(1, 5)
    size = g.node("Squeeze", g.node("Gather", g.node("Shape", x), g.ints(1)), g.ints(0))
    steps = g.node("Range", g.const(0, np.int64), size, g.const(1, np.int64))
    return g.node("Mul", x, g.node("Cast", steps, to=TensorProto.FLOAT))


@case
def reshape_allowzero_of_none(g):
    return g.node("Reshape", g.input(1, 2, 6), g.ints(3, -1), allowzero=1)


@case
def shape_start_end(g):
    x = g.input(1, 2, 3, 4)
    sizes = g.node("Shape", x, start=1, end=-1)
    return g.node("Reshape", x, g.node("Concat", sizes, g.ints(2, 2), axis=0))


@case
def constant_of_shape(g):
    x = g.input(1, 2, 3)
    ones = g.node("ConstantOfShape", g.node("Shape", x), value=g.value(2.5))
    return g.node("Mul", x, ones)


single("tile_rank1", "Tile", 4, consts=[i64(3)])
single("depth_to_space", "DepthToSpace", 1, 8, 2, 3, blocksize=2)
single("depth_to_space_crd", "DepthToSpace", 1, 8, 2, 3, blocksize=2, mode="CRD")
single("space_to_depth", "SpaceToDepth", 1, 2, 4, 6, blocksize=2)
