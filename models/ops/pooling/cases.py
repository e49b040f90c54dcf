"""Pooling."""

from case_graph import single


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
