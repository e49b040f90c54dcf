"""Convolutions."""

from case_graph import CASES


def conv(name, shape, weight, bias=True, operator="Conv", **attributes):
    def build(g):
        parameters = [g.weight(*weight)]
        if bias:
            groups = attributes.get("group", 1)
            channels = weight[0] if operator == "Conv" else weight[1] * groups
            parameters.append(g.weight(channels))
        x = g.input(*shape)
        return g.node(operator, x, *parameters, kernel_shape=weight[2:], **attributes)

    CASES[name] = build


conv("conv2d", (1, 2, 5, 5), (3, 2, 3, 3))
conv("conv2d_no_bias_pads", (1, 2, 5, 5), (3, 2, 3, 3), bias=False, pads=[1, 1, 1, 1])
conv("conv2d_stride2", (1, 2, 7, 6), (3, 2, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1])
conv("conv2d_strides_differ", (1, 2, 7, 6), (3, 2, 3, 2), strides=[2, 1])
conv("conv2d_pads_asymmetric", (1, 2, 5, 5), (3, 2, 3, 3), pads=[0, 1, 2, 0])
conv("conv2d_dilations2", (1, 2, 7, 7), (3, 2, 3, 3), dilations=[2, 2], pads=[1, 1, 1, 1])
conv("conv2d_groups2", (1, 4, 5, 5), (6, 2, 3, 3), group=2)
conv("conv2d_depthwise", (1, 4, 5, 5), (4, 1, 3, 3), group=4, pads=[1, 1, 1, 1])
conv("conv2d_depthwise_multiplier2", (1, 3, 4, 4), (6, 1, 3, 3), group=3)
conv("conv2d_same_upper", (1, 2, 6, 6), (3, 2, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER")
conv("conv2d_same_lower", (1, 2, 6, 6), (3, 2, 3, 3), strides=[2, 2], auto_pad="SAME_LOWER")
conv("conv1d", (1, 3, 8), (4, 3, 3))
conv("conv1d_stride2_pads_dilations2", (1, 3, 9), (4, 3, 3),
     strides=[2], pads=[2, 1], dilations=[2])
conv("convtranspose", (1, 3, 4, 4), (3, 2, 3, 3), operator="ConvTranspose")
conv("convtranspose_stride2_pads1_output_padding1", (1, 3, 4, 4), (3, 2, 3, 3),
     operator="ConvTranspose", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
conv("convtranspose_groups2_dilations2", (1, 4, 3, 3), (4, 2, 2, 2),
     operator="ConvTranspose", group=2, dilations=[2, 2], pads=[0, 1, 1, 0])
conv("convtranspose1d_stride2", (1, 3, 5), (3, 2, 3), operator="ConvTranspose", strides=[2])
conv("conv3d", (1, 2, 4, 5, 4), (3, 2, 2, 3, 2))
conv("conv3d_stride2_pads_dilations2", (1, 2, 6, 5, 6), (2, 2, 2, 2, 3),
     strides=[2, 1, 2], pads=[1, 0, 1, 0, 1, 1], dilations=[2, 1, 2])
conv("conv3d_groups2", (2, 4, 3, 3, 4), (4, 2, 2, 2, 2), group=2)
conv("conv3d_same_upper", (1, 1, 3, 4, 4), (2, 1, 2, 3, 2), auto_pad="SAME_UPPER")
conv("conv1d_depthwise", (1, 4, 8), (4, 1, 3), group=4, pads=[2, 0])
conv("conv2d_depthwise_stride2", (1, 4, 6, 6), (4, 1, 3, 3), group=4, strides=[2, 2], pads=[1, 1, 1, 1])
conv("conv2d_depthwise_dilations2", (2, 3, 7, 7), (3, 1, 3, 3), group=3, dilations=[2, 2])
conv("conv2d_groups_of_two", (1, 8, 4, 4), (8, 2, 3, 3), group=4, pads=[1, 1, 1, 1])
transposed = {"operator": "ConvTranspose"}
conv("convtranspose_output_shape", (1, 2, 3, 3), (2, 2, 3, 3), **transposed,
     strides=[3, 2], output_shape=[10, 8])
conv("convtranspose_output_shape_upper", (1, 2, 4, 4), (2, 2, 3, 3), **transposed,
     strides=[2, 2], output_shape=[8, 8], auto_pad="SAME_UPPER")
conv("convtranspose_output_shape_smaller", (1, 1, 4, 4), (1, 2, 3, 3), **transposed,
     strides=[2, 2], output_shape=[8, 7])
conv("convtranspose_same_upper", (1, 2, 3, 4), (2, 2, 3, 3), **transposed,
     strides=[2, 2], auto_pad="SAME_UPPER")
conv("convtranspose_same_lower", (1, 2, 3, 4), (2, 2, 3, 3), **transposed,
     strides=[2, 2], auto_pad="SAME_LOWER")
conv("convtranspose_kernel_smaller_than_stride", (1, 1, 3, 3), (1, 1, 1, 1), **transposed,
     strides=[2, 2], output_padding=[1, 1])
conv("convtranspose3d", (1, 2, 2, 3, 3), (2, 2, 2, 2, 3), **transposed,
     strides=[2, 1, 2], pads=[1, 0, 1, 0, 1, 1])
conv("convtranspose3d_groups2", (1, 4, 2, 2, 3), (4, 1, 3, 2, 2), **transposed,
     group=2, strides=[2, 2, 1], output_padding=[1, 1, 0])
conv("convtranspose_depthwise", (1, 3, 4, 4), (3, 1, 4, 4), **transposed,
     group=3, strides=[2, 2], pads=[1, 1, 1, 1])
