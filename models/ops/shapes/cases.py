"""Shapes."""

from case_graph import case, f32, i64, single


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
