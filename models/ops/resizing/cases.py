"""Resizing."""

import itertools

from case_graph import CASES, case


def resize(name, shape, sizes=None, scales=None, roi=None, opset=19, **attributes):
    def build(g):
        g.opset = opset
        x = g.input(*shape)
        roi_input = g.const(roi) if roi else ""
        if sizes:
            none = "" if opset > 12 else g.const([])
            return g.node("Resize", x, roi_input, none, g.ints(*sizes), **attributes)
        return g.node("Resize", x, roi_input, g.const(scales), **attributes)

    CASES[name] = build


MODES = ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
for _mode, _rounding in itertools.product(MODES, ROUNDINGS):
    resize(
        f"resize_nearest_{_mode}_{_rounding}", (1, 1, 4, 3), sizes=(1, 1, 7, 8), mode="nearest",
        coordinate_transformation_mode=_mode, nearest_mode=_rounding,
    )
for _mode in (*MODES, "half_pixel_symmetric"):
    for _kind in ("linear", "cubic"):
        resize(
            f"resize_{_kind}_{_mode}", (1, 2, 4, 3), sizes=(1, 2, 7, 5), mode=_kind,
            coordinate_transformation_mode=_mode,
        )
        resize(
            f"resize_{_kind}_{_mode}_smaller", (1, 1, 6, 5), sizes=(1, 1, 3, 4), mode=_kind,
            coordinate_transformation_mode=_mode,
        )
resize("resize_nearest_scales", (1, 2, 3, 4), scales=(1, 1, 2, 1.5), mode="nearest")
resize("resize_linear_scales", (1, 2, 3, 4), scales=(1, 1, 2, 1.6), mode="linear")
resize("resize_linear_scales_smaller", (1, 1, 6, 6), scales=(1, 1, 0.6, 0.5), mode="linear")
resize("resize_linear_line", (1, 2, 5), sizes=(1, 2, 9), mode="linear")
resize("resize_cubic_a", (1, 1, 4, 4), sizes=(1, 1, 6, 9), mode="cubic", cubic_coeff_a=-0.5)
resize("resize_cubic_excludes", (1, 1, 4, 4), sizes=(1, 1, 6, 9), mode="cubic", exclude_outside=1)
resize("resize_linear_antialias", (1, 1, 6, 8), sizes=(1, 1, 3, 5), mode="linear", antialias=1)
resize("resize_cubic_antialias", (1, 1, 8, 9), sizes=(1, 1, 5, 4), mode="cubic", antialias=1)
resize(
    "resize_crop", (1, 1, 5, 6), sizes=(1, 1, 4, 4), roi=(0, 0, 0.2, 0.3, 1, 1, 0.7, 0.9),
    mode="linear", coordinate_transformation_mode="tf_crop_and_resize",
)
resize(
    "resize_crop_beyond", (1, 1, 5, 6), sizes=(1, 1, 4, 4), roi=(0, 0, 0.2, 0.4, 1, 1, 1.3, 1.2),
    mode="linear", coordinate_transformation_mode="tf_crop_and_resize", extrapolation_value=3.0,
)
resize("resize_axes", (1, 2, 3, 4), sizes=(6, 5), axes=[3, 2], mode="linear")
for _policy in ("not_larger", "not_smaller"):
    resize(
        f"resize_{_policy}", (1, 1, 4, 6), sizes=(9, 9), axes=[2, 3], mode="nearest",
        keep_aspect_ratio_policy=_policy,
    )
resize(
    "resize_tf_half_pixel", (1, 1, 4, 4), sizes=(1, 1, 6, 7), mode="nearest", opset=11, roi=(0,) * 4 + (1,) * 4,
    coordinate_transformation_mode="tf_half_pixel_for_nn", nearest_mode="floor",
)


@case
def resize_opset10(g):
    g.opset = 10
    return g.node("Resize", g.input(1, 1, 4, 6), g.const([1, 1, 0.5, 1.5]), mode="nearest")


@case
def resize_linear_opset10(g):
    g.opset = 10
    return g.node("Resize", g.input(1, 1, 4, 6), g.const([1, 1, 0.75, 1.5]), mode="linear")


@case
def upsample(g):
    g.opset = 9
    return g.node("Upsample", g.input(1, 2, 2, 3), g.const([1, 1, 2, 3]), mode="nearest")


@case
def upsample_linear(g):
    g.opset = 9
    return g.node("Upsample", g.input(1, 1, 3, 3), g.const([1, 1, 2, 2]), mode="linear")


@case
def upsample_attribute(g):
    g.opset = 8
    return g.node("Upsample", g.input(1, 1, 2, 3), scales=[1.0, 1.0, 2.0, 2.0], mode="nearest")


def sampled(name, shape, places, opset=16, **attributes):
    """Constant places, some beyond the data."""

    def build(g):
        g.opset = opset
        rank = len(shape) - 2
        grid = g.random.uniform(-1.3, 1.3, (shape[0], *places, rank))
        return g.node("GridSample", g.input(*shape), g.const(grid), **attributes)

    CASES[name] = build


for _mode in ("bilinear", "nearest", "bicubic"):
    for _padding in ("zeros", "border", "reflection"):
        for _aligned in (0, 1):
            sampled(
                f"grid_sample_{_mode}_{_padding}{'_aligned' * _aligned}", (1, 2, 4, 5), (3, 2),
                mode=_mode, padding_mode=_padding, align_corners=_aligned,
            )
sampled("grid_sample_batch", (2, 2, 3, 4), (2, 5))
sampled("grid_sample_3d", (1, 2, 3, 4, 3), (2, 2, 3), opset=20, mode="linear")
