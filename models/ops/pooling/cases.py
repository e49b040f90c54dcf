"""Pooling."""

import numpy as np

from case_graph import CASES, case, single


single("maxpool", "MaxPool", 1, 2, 4, 4, kernel_shape=[2, 2], strides=[2, 2])
single("maxpool_pads_negative", "MaxPool", 1, 2, 4, 4, low=-2.0, high=-0.1,
       kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
single("maxpool_stride1", "MaxPool", 1, 2, 4, 4, kernel_shape=[2, 2])
single("maxpool_ceil", "MaxPool", 1, 2, 6, 5,
       kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
single("maxpool_dilations2", "MaxPool", 1, 2, 6, 6,
       kernel_shape=[2, 2], strides=[1, 1], dilations=[2, 2])
single("maxpool1d", "MaxPool", 1, 2, 7, kernel_shape=[3], strides=[2], pads=[1, 0])
single("averagepool", "AveragePool", 1, 2, 4, 4, kernel_shape=[2, 2], strides=[2, 2])
single("averagepool_pads_exclude", "AveragePool", 1, 2, 4, 4,
       kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=0)
single("averagepool_pads_include", "AveragePool", 1, 2, 4, 4,
       kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], count_include_pad=1)
single("averagepool_ceil", "AveragePool", 1, 2, 6, 5,
       kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
single("averagepool_ceil_pads_include", "AveragePool", 1, 2, 6, 6,
       kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1, count_include_pad=1)
single("averagepool_pads_asymmetric_include", "AveragePool", 1, 2, 5, 5,
       kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 0, 0], count_include_pad=1)
single("global_average_pool", "GlobalAveragePool", 1, 3, 4, 4)
single("maxpool_opset8", "MaxPool", 1, 1, 5, 5, kernel_shape=[3, 2], auto_pad="SAME_LOWER", strides=[2, 2])
single("maxpool3d", "MaxPool", 1, 2, 4, 5, 4, kernel_shape=[2, 3, 2], strides=[2, 1, 2], pads=[0, 1, 0, 1, 0, 1])
single("maxpool3d_ceil", "MaxPool", 1, 1, 5, 4, 5, kernel_shape=[2, 2, 2], strides=[2, 2, 2], ceil_mode=1)
single("averagepool_same_upper", "AveragePool", 1, 2, 5, 5,
       kernel_shape=[2, 2], strides=[2, 2], auto_pad="SAME_UPPER")
single("averagepool1d", "AveragePool", 1, 2, 7, kernel_shape=[3], strides=[2], pads=[1, 1])
single("averagepool3d", "AveragePool", 1, 2, 4, 4, 5, kernel_shape=[2, 2, 3], strides=[1, 2, 2])
single("averagepool3d_pads_exclude", "AveragePool", 1, 1, 4, 3, 4,
       kernel_shape=[2, 3, 3], pads=[1, 1, 0, 0, 1, 1])
single("averagepool3d_pads_include", "AveragePool", 1, 1, 4, 3, 4,
       kernel_shape=[2, 3, 3], pads=[1, 1, 0, 0, 1, 1], count_include_pad=1)
single("global_average_pool_3d", "GlobalAveragePool", 1, 2, 3, 2, 4)
single("global_max_pool_3d", "GlobalMaxPool", 1, 2, 3, 2, 4)
single("global_lp_pool", "GlobalLpPool", 1, 2, 3, 4)
single("lp_pool", "LpPool", 1, 2, 5, 6, kernel_shape=[2, 3], strides=[2, 2], pads=[0, 1, 1, 1])
single("lp_pool_p1", "LpPool", 1, 2, 5, kernel_shape=[2], p=1)
single("lp_pool_p3", "LpPool", 1, 2, 5, 4, kernel_shape=[2, 2], pads=[1, 0, 0, 1], p=3)
single("lp_pool_p4", "LpPool", 1, 2, 6, kernel_shape=[3], strides=[2], p=4)
single("lp_pool_p6", "LpPool", 1, 1, 6, kernel_shape=[2], p=6)
single("global_lp_pool_p5", "GlobalLpPool", 1, 2, 3, 4, p=5)
single("lp_pool_same_upper", "LpPool", 1, 1, 5, 5, kernel_shape=[2, 2], strides=[2, 2], auto_pad="SAME_UPPER")


def averages(name, *shape, **attributes):
    """Dilations came with version 19."""

    def build(g):
        g.opset = 19
        return g.node("AveragePool", g.input(*shape), **attributes)

    CASES[name] = build


averages("averagepool_dilations", 1, 1, 7, 7, kernel_shape=[3, 2], dilations=[2, 3], strides=[1, 2])
averages("averagepool_dilations_pads", 1, 1, 6, 6, kernel_shape=[2, 2], dilations=[2, 2],
         pads=[1, 1, 1, 1], count_include_pad=1)
averages("averagepool_ceil_excludes", 1, 1, 6, 6, kernel_shape=[3, 3], strides=[2, 2],
         pads=[1, 1, 1, 1], ceil_mode=1)


def indexed(name, *shape, **attributes):
    """The maximum of every window, and where it stands."""

    def build(g):
        x = g.number(g.indices(*shape, extent=4))
        values, places = g.node("MaxPool", x, outputs=2, **attributes)
        return values, g.number(places)

    CASES[name] = build


indexed("maxpool_indices", 1, 2, 4, 6, kernel_shape=[2, 2], strides=[2, 2])
indexed("maxpool_indices_pads", 1, 2, 5, 5, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
indexed("maxpool_indices_by_column", 1, 2, 4, 4, kernel_shape=[2, 2], strides=[2, 2], storage_order=1)
indexed("maxpool_indices_ceil_dilations", 1, 1, 6, 7, kernel_shape=[2, 2], strides=[2, 2],
        dilations=[2, 2], ceil_mode=1)
indexed("maxpool_indices_1d", 1, 2, 7, kernel_shape=[3], strides=[2], auto_pad="SAME_UPPER")
indexed("maxpool_indices_3d", 1, 1, 4, 2, 4, kernel_shape=[2, 2, 2], strides=[2, 2, 2])


@case
def max_unpool(g):
    x = g.input(1, 1, 4, 4)
    values, places = g.node("MaxPool", x, outputs=2, kernel_shape=[2, 2], strides=[2, 2])
    return g.node("MaxUnpool", values, places, kernel_shape=[2, 2], strides=[2, 2])


@case
def max_unpool_constant(g):
    places = g.const([[[[5, 7], [13, 15]]]], np.int64)
    return g.node("MaxUnpool", g.input(1, 1, 2, 2), places, kernel_shape=[2, 2], strides=[2, 2])
