"""Batch normalisation."""

from case_graph import case


@case
def batchnorm(g):
    return g.norm(g.input(1, 4, 3, 3), 4)


@case
def batchnorm_flat(g):
    return g.norm(g.input(1, 6), 6)


@case
def batchnorm_after_conv(g):
    x = g.node("Conv", g.input(1, 2, 5, 5), g.weight(4, 2, 3, 3), g.weight(4), pads=[1] * 4)
    return g.norm(x, 4)


@case
def batchnorm_before_conv(g):
    """The convolution pads with zeros after the normalisation's shift."""
    x = g.norm(g.input(1, 2, 5, 5), 2)
    return g.node("Conv", x, g.weight(4, 2, 3, 3), g.weight(4), pads=[1] * 4)


@case
def batchnorm_after_relu(g):
    x = g.node("Conv", g.input(1, 2, 5, 5), g.weight(4, 2, 3, 3), g.weight(4), pads=[1] * 4)
    return g.norm(g.node("Relu", x), 4)


@case
def batchnorm_after_gemm(g):
    return g.norm(g.node("Gemm", g.input(1, 6), g.weight(4, 6), g.weight(4), transB=1), 4)


@case
def batchnorm_after_shared_conv(g):
    """The convolution's output is used twice: folding must not change the second use."""
    x = g.node("Conv", g.input(1, 2, 4, 4), g.weight(3, 2, 3, 3), g.weight(3), pads=[1] * 4)
    return g.node("Add", g.norm(x, 3), x)
