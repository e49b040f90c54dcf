"""Regions of images: grids of places, and what is read there."""

import numpy as np

from case_graph import CASES


def affine(name, size, aligned, constant=False):
    def build(g):
        g.opset = 20
        rank = len(size) - 2
        shape = (size[0], rank, rank + 1)
        if not constant:
            return g.node("AffineGrid", g.input(*shape), g.ints(*size), align_corners=aligned)
        moved = g.node("AffineGrid", g.weight(*shape, low=-0.8, high=0.8), g.ints(*size), align_corners=aligned)
        return g.node("GridSample", g.input(size[0], 2, *(4 for _ in range(rank))), moved, mode="linear")

    CASES[name] = build


affine("affine_grid", (1, 1, 3, 4), 0)
affine("affine_grid_aligned", (2, 1, 3, 4), 1)
affine("affine_grid_3d", (1, 1, 2, 3, 4), 0)
affine("affine_grid_3d_aligned", (1, 1, 2, 3, 2), 1)
affine("affine_grid_of_one_place", (1, 1, 1, 2), 0)
affine("affine_grid_constant", (1, 2, 3, 5), 0, constant=True)
affine("affine_grid_constant_aligned_3d", (1, 2, 3, 2, 2), 1, constant=True)


REGIONS = [[0.5, 0.7, 4.2, 5.1], [1, 1, 3, 3], [-3, -2, 9, 9], [2, 2, 1.5, 1.2], [7, 7, 9, 9]]


def aligned(name, opset=16, regions=REGIONS, **attributes):
    def build(g):
        g.opset = opset
        images = g.const([at % 2 for at in range(len(regions))], np.int64)
        return g.node("RoiAlign", g.input(2, 2, 6, 7), g.const(regions), images, **attributes)

    CASES[name] = build


for _mode in ("avg", "max"):
    aligned(f"roi_align_{_mode}", mode=_mode, output_height=2, output_width=3)
    aligned(f"roi_align_{_mode}_samples", mode=_mode, output_height=3, output_width=2, sampling_ratio=2)
    aligned(
        f"roi_align_{_mode}_not_shifted", mode=_mode, output_height=2, output_width=2, spatial_scale=0.7,
        coordinate_transformation_mode="output_half_pixel",
    )
aligned("roi_align_10", opset=10, output_height=2, output_width=2)
aligned("roi_align_one", regions=[[0, 0, 6, 5]])
