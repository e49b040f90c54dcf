"""LSTM, GRU and RNN, with every attribute."""

import numpy as np
from onnx import helper

from case_graph import case

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def recurrent(
    g, kind, steps=4, batch=1, inputs=3, hidden=2, outputs=None, bias=True, start=False, peepholes=False,
    lengths=None, **attributes,
):
    """One node, whose weights are constants; `start` are initial states."""
    sides = 2 if attributes.get("direction") == "bidirectional" else 1
    gates = GATES[kind] * hidden
    first = attributes.get("layout") == 1
    x = g.input(*([batch, steps, inputs] if first else [steps, batch, inputs]))
    state = [batch, sides, hidden] if first else [sides, batch, hidden]
    given = [x, g.weight(sides, gates, inputs), g.weight(sides, gates, hidden)]
    given.append(g.weight(sides, 2 * gates) if bias else "")
    given.append(g.const(lengths, np.int32) if lengths is not None else "")
    given.append(g.weight(*state) if start else "")
    if kind == "LSTM":
        given.append(g.weight(*state) if start else "")
        given.append(g.weight(sides, 3 * hidden) if peepholes else "")
    while not given[-1]:
        given.pop()
    count = outputs or (3 if kind == "LSTM" else 2)
    return g.node(kind, *given, outputs=count, hidden_size=hidden, **attributes)


def register(name, kind, opset=None, **options):
    def build(g):
        g.opset = opset or g.opset
        return recurrent(g, kind, **options)

    build.__name__ = name
    case(build)


for kind in GATES:
    low = kind.lower()
    register(low, kind)
    register(f"{low}_without_bias", kind, bias=False)
    register(f"{low}_reverse", kind, direction="reverse", start=True)
    register(f"{low}_bidirectional_batch2", kind, batch=2, direction="bidirectional", start=True)
    register(f"{low}_opset7", kind, opset=7)
    register(f"{low}_one_step", kind, steps=1)
    register(f"{low}_clip", kind, clip=0.3, start=True)
    register(f"{low}_lengths_are_whole", kind, batch=2, lengths=[4, 4])
    register(f"{low}_lengths_are_shorter", kind, batch=2, lengths=[3, 3], direction="bidirectional")

register("lstm_peepholes", "LSTM", peepholes=True, start=True)
register("lstm_peepholes_bidirectional", "LSTM", peepholes=True, direction="bidirectional", clip=0.4)
register("lstm_input_forget", "LSTM", input_forget=1, start=True)
register("gru_linear_before_reset", "GRU", linear_before_reset=1, start=True)
register("gru_linear_before_reset_batch2", "GRU", batch=2, linear_before_reset=1, direction="bidirectional")
register("gru_linear_before_reset_clip", "GRU", linear_before_reset=1, clip=0.25)

# Every function that is named, and its parameters.
register("lstm_activations", "LSTM", activations=["HardSigmoid", "Relu", "LeakyRelu"],
         activation_alpha=[0.3, 0.05], activation_beta=[0.4], start=True)
register("gru_activations_each_side", "GRU", direction="bidirectional",
         activations=["HardSigmoid", "Softplus", "Sigmoid", "Softsign"])
register("rnn_affine", "RNN", activations=["Affine"], activation_alpha=[0.7], activation_beta=[0.1])
register("rnn_scaled_tanh", "RNN", activations=["ScaledTanh"], activation_alpha=[0.7], activation_beta=[1.5])
register("rnn_relu_then_leaky", "RNN", direction="bidirectional", activations=["Relu", "LeakyRelu"],
         activation_alpha=[0.1])


@case
def lstm_of_a_last_state(g):
    """As exporters of classifiers have it: the first output is not read."""
    x = g.input(5, 1, 3)
    weights = [g.weight(1, 16, 3), g.weight(1, 16, 4), g.weight(1, 32)]
    _, last, _ = g.node("LSTM", x, *weights, outputs=3, hidden_size=4)
    return g.node("MatMul", g.node("Squeeze", last, g.ints(0)), g.weight(4, 2))


@case
def lstm_stacked_bidirectional(g):
    """As PyTorch exports two layers: the sides' outputs side by side."""
    x = g.input(4, 1, 3)
    for inputs in (3, 4):
        weights = [g.weight(2, 8, inputs), g.weight(2, 8, 2), g.weight(2, 16)]
        y = g.node("LSTM", x, *weights, outputs=3, hidden_size=2, direction="bidirectional")[0]
        y = g.node("Transpose", y, perm=[0, 2, 1, 3])
        x = g.node("Reshape", y, g.ints(0, 0, -1))
    return x


@case
def lstm_states_are_inputs(g):
    """States that the caller gives, and gets back."""
    x, h, c = g.input(2, 1, 3), g.input(1, 1, 2), g.input(1, 1, 2)
    weights = [g.weight(1, 8, 3), g.weight(1, 8, 2), g.weight(1, 16)]
    return g.node("LSTM", x, *weights, "", h, c, outputs=3, hidden_size=2)


@case
def gru_weights_are_inputs(g):
    given = [g.input(2, 1, 3), g.input(1, 6, 3), g.input(1, 6, 2)]
    return g.node("GRU", *given, outputs=2, hidden_size=2)


@case
def rnn_state_of_computed_shape(g):
    """As PyTorch exports an initial state of zeros: expanded to a shape that is computed."""
    x = g.input(3, 2, 3)
    batch = g.node("Gather", g.node("Shape", x), g.ints(1), axis=0)
    shape = g.node("Concat", g.ints(1), batch, g.ints(2), axis=0)
    state = g.node("Expand", g.const([[[0.0]]]), shape)
    return g.node("RNN", x, g.weight(1, 2, 3), g.weight(1, 2, 2), "", "", state, outputs=2, hidden_size=2)


def first_axis_is_the_batch(g, kind, **options):
    """ONNX Runtime has no layout 1: it is told the same with transpositions around."""

    def turned(model):
        node = next(node for node in model.graph.node if node.op_type == kind)
        before, after = [], []
        for slot in (0, 5, 6):
            if slot < len(node.input) and node.input[slot]:
                name = f"{node.input[slot]}.turned"
                before.append(helper.make_node("Transpose", [node.input[slot]], [name], perm=[1, 0, 2]))
                node.input[slot] = name
        for slot, perm in enumerate([[2, 0, 1, 3], [1, 0, 2], [1, 0, 2]][:len(node.output)]):
            name = node.output[slot]
            node.output[slot] = f"{name}.turned"
            after.append(helper.make_node("Transpose", [f"{name}.turned"], [name], perm=perm))
        node.attribute.remove(next(a for a in node.attribute if a.name == "layout"))
        del model.graph.node[:]
        model.graph.node.extend([*before, node, *after])
        return model

    g.told = turned
    return recurrent(g, kind, batch=2, layout=1, direction="bidirectional", start=True, **options)


@case
def lstm_layout(g):
    return first_axis_is_the_batch(g, "LSTM")


@case
def gru_layout(g):
    return first_axis_is_the_batch(g, "GRU")


@case
def rnn_layout(g):
    return first_axis_is_the_batch(g, "RNN", lengths=[3, 3])
