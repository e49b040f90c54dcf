"""Convolutions whose kernels are computed."""

from case_graph import CASES


def computed(name, x, kernel, bias=None, operator="Conv", **attributes):
    def build(g):
        operands = [g.input(*x), g.input(*kernel, low=-1.0, high=1.0)]
        if bias == "computed":
            operands.append(g.input(kernel[0]))
        elif bias:
            operands.append(g.weight(bias))
        return g.node(operator, *operands, **attributes)

    CASES[name] = build


computed("conv_computed", (1, 2, 5, 6), (3, 2, 3, 2))
computed("conv_computed_bias", (1, 2, 5, 5), (3, 2, 2, 2), bias="computed", pads=[1, 0, 0, 1], strides=[2, 1])
computed("conv_computed_constant_bias", (1, 1, 4, 4), (2, 1, 3, 3), bias=2, pads=[1, 1, 1, 1])
computed("conv_computed_groups", (2, 4, 4, 3), (6, 2, 2, 2), group=2)
computed("conv_computed_depthwise", (1, 3, 7), (3, 1, 3), group=3, dilations=[2])
computed("conv_computed_same_upper", (1, 1, 5, 6), (1, 1, 2, 3), auto_pad="SAME_UPPER", strides=[2, 2])
computed("conv_computed_same_lower", (1, 1, 6), (2, 1, 4), auto_pad="SAME_LOWER")
computed("conv_computed_valid", (1, 1, 6), (2, 1, 4), auto_pad="VALID")
computed("conv_computed_batch", (2, 2, 5), (2, 2, 3), kernel_shape=[3], pads=[1, 1])
computed("conv_computed_3d", (1, 1, 3, 4, 3), (2, 1, 2, 2, 2), pads=[0, 1, 0, 0, 0, 1])
computed("conv_transpose_computed", (1, 2, 3, 3), (2, 2, 2, 3), operator="ConvTranspose", strides=[2, 1])
computed("conv_transpose_computed_groups", (2, 4, 4), (4, 2, 3), bias=4, operator="ConvTranspose", group=2,
         pads=[1, 0], strides=[2], output_padding=[1])
computed("conv_transpose_computed_dilations", (1, 1, 3, 4), (1, 2, 2, 2), operator="ConvTranspose",
         dilations=[2, 1], auto_pad="SAME_UPPER")


def computed_by_the_model(name, **attributes):
    """A filter for each observation, as networks that make kernels have."""

    def build(g):
        x = g.input(1, 2, 6)
        means = g.node("ReduceMean", x, axes=[2], keepdims=0)
        kernel = g.node("Tanh", g.node("Gemm", means, g.weight(2, 12), g.weight(12)))
        kernel = g.node("Reshape", kernel, g.ints(2, 2, 3))
        return g.node("Conv", x, kernel, **attributes)

    CASES[name] = build


computed_by_the_model("conv_of_its_own_kernel", pads=[1, 1])
