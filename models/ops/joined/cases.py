"""Operators, and what behind them could be joined with them or moved before them."""

from case_graph import case


def conv(g, low=-0.5):
    x = g.input(1, 2, 4, 3, low=0.5 if low > 0 else -2.0)
    return g.node("Conv", x, g.weight(3, 2, 2, 2, low=low), g.weight(3, low=low))


@case
def conv_subtracted(g):
    return g.node("Sub", g.weight(3, 1, 1), conv(g))


@case
def conv_subtracted_from_data(g):
    channels = g.node("GlobalAveragePool", g.input(1, 3, 2, 2))
    return g.node("Sub", channels, conv(g))


@case
def conv_scaled_subtracted(g):
    y = g.node("Mul", conv(g), g.weight(3, 1, 1))
    return g.node("Sub", g.weight(3, 1, 1), g.node("Identity", y))


@case
def conv_divides(g):
    return g.node("Div", g.weight(3, 1, 1), conv(g, low=0.1))


@case
def conv_moved_divides(g):
    y = g.node("Reshape", conv(g, low=0.1), g.ints(1, 3, 3, 2))
    return g.node("Div", g.weight(1, 3, 1, 1), y)


@case
def conv_minus_and_divided(g):
    y = g.node("Sub", conv(g), g.weight(3, 1, 1))
    return g.node("Div", y, g.weight(3, 1, 1, low=0.5))


def softmax_of_sigmoid(g):
    return g.node("Softmax", g.node("Sigmoid", g.input(1, 5, 4)), axis=1)


@case
def softmax_every_second(g):
    return g.node("Slice", softmax_of_sigmoid(g), g.ints(0), g.ints(5), g.ints(1), g.ints(2))


@case
def softmax_every_second_backwards(g):
    y = g.node("Tanh", softmax_of_sigmoid(g))
    return g.node("Slice", y, g.ints(-1), g.ints(-9), g.ints(1), g.ints(-2))


@case
def softmax_even_part(g):
    y = g.node("Transpose", softmax_of_sigmoid(g), perm=[0, 2, 1])
    return g.node("Slice", y, g.ints(1), g.ints(4), g.ints(-1), g.ints(1))


@case
def log_softmax_gathers(g):
    y = g.node("LogSoftmax", g.input(1, 3, 4), axis=-1)
    return g.node("Gather", y, g.ints(2, 0), axis=-1)


@case
def tiled_times_itself(g):
    x = g.node("Tile", g.node("Tanh", g.input(1, 1, 5)), g.ints(1, 2, 1))
    return g.node("MatMul", x, g.node("Transpose", x, perm=[0, 2, 1]))


@case
def softmax_before_strides(g):
    x = g.node("Softmax", g.input(1, 2, 4, 4), axis=2)
    return g.node("Conv", x, g.weight(3, 2, 1, 1), kernel_shape=[1, 1], strides=[2, 2])


def squares(g):
    x = g.node("Reshape", g.input(1, 4), g.ints(1, 1, 4))
    centred = g.node("Sub", x, g.const(g.random.uniform(-1, 1, (1, 3, 4))))
    return g.node("Pow", centred, g.const(2.0))


def deviations(g):
    return g.random.uniform(0.5, 2, (1, 3, 4)) * [1e-3, 1.0, 10.0, 300.0]


@case
def squares_divided(g):
    """Distances by each class's deviations, as naive Bayes is exported."""
    return g.node("Div", squares(g), g.const(1e3 * deviations(g)))


@case
def squares_weighed(g):
    y = squares(g)
    return g.node("Mul", g.const(1e-3 * deviations(g)), y), y


@case
def squares_weighed_with_signs(g):
    return g.node("Mul", squares(g), g.const(deviations(g) * [1.0, -1.0, 1.0, 0.0] / 300.0))
