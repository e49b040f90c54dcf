"""If, Loop and Scan whose conditions and counts follow from constants and shapes, and lists of tensors."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from case_graph import case


def info(name, kind=TensorProto.FLOAT, shape=(None, None)):
    return helper.make_tensor_value_info(name, kind, shape)


def stored(name, values, kind=np.float32):
    return numpy_helper.from_array(np.array(values, kind), name)


def body(nodes, inputs, outputs, initialisers=()):
    return helper.make_graph(nodes, "body", inputs, outputs, list(initialisers))


def branches(g, condition, then, otherwise, x):
    """An If between two operators on the same value; the names inside are the same on both sides."""

    def branch(operator):
        return body([helper.make_node(operator, [x], ["inside"])], [], [info("inside")])

    return g.node("If", condition, then_branch=branch(then), else_branch=branch(otherwise))


@case
def if_on_a_constant(g):
    x = g.input(1, 4)
    same = g.node("Equal", g.ints(16000), g.ints(16000))
    return branches(g, g.node("Squeeze", same), "Relu", "Neg", x)


@case
def if_on_a_shape(g):
    """As PyTorch exports a squeeze; the branch that is not taken could not be proved."""
    x = g.input(1, 3)
    extent = g.node("Gather", g.node("Shape", x), g.const(1, np.int64))
    one = g.node("Equal", extent, g.const(1, np.int64))
    return branches(g, one, "Bernoulli", "Neg", x)


@case
def if_within_if(g):
    """What the inner graph reads, the outer one has."""
    x, w = g.input(2, 3), g.weight(3, 2)
    yes = g.const(True, bool)
    inner = body([helper.make_node("Tanh", ["product"], ["y"])], [], [info("y")])
    other = body([helper.make_node("Neg", ["product"], ["y"])], [], [info("y")])
    nodes = [
        helper.make_node("MatMul", [x, w], ["product"]),
        helper.make_node("Not", [yes], ["no"]),
        helper.make_node("If", ["no"], ["y2"], then_branch=inner, else_branch=other),
        helper.make_node("Add", ["y2", "b"], ["y"]),
    ]
    then = body(nodes, [], [info("y")], [stored("b", [0.5, -0.5])])
    return g.node("If", yes, then_branch=then, else_branch=body(
        [helper.make_node("Identity", [x], ["z"])], [], [info("z")]))


def counted(g, count, condition, nodes, state, outputs, initialisers=(), collected=1):
    """A Loop of one state; `nodes` make `next` of `state`, and `go` of `cond`."""
    graph = body(
        nodes,
        [info("i", TensorProto.INT64, []), info("cond", TensorProto.BOOL, []), info("state")],
        [info("go", TensorProto.BOOL, [])] + [info(name) for name in outputs],
        initialisers,
    )
    return g.node("Loop", count, condition, state, outputs=1 + collected, body=graph)


@case
def loop_counted(g):
    """Weights inside and outside of the body, the count as a number, and what every step makes."""
    x, w = g.input(1, 3), g.weight(3, 3)
    nodes = [
        helper.make_node("MatMul", ["state", w], ["p"]),
        helper.make_node("Cast", ["i"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["p", "f"], ["q"]),
        helper.make_node("Mul", ["q", "half"], ["next"]),
        helper.make_node("Relu", ["next"], ["seen"]),
        helper.make_node("Identity", ["cond"], ["go"]),
    ]
    return counted(g, g.const(3, np.int64), "", nodes, x, ["next", "seen"], [stored("half", 0.5)])


@case
def loop_while_a_counter_says(g):
    """No count, and a condition that the body computes."""
    x = g.input(1, 3)
    nodes = [
        helper.make_node("Tanh", ["state"], ["t"]),
        helper.make_node("Add", ["t", "state"], ["next"]),
        helper.make_node("Identity", ["next"], ["seen"]),
        helper.make_node("Less", ["i", "three"], ["go"]),
    ]
    return counted(g, "", g.const(True, bool), nodes, x, ["next", "seen"], [stored("three", 3, np.int64)])


@case
def loop_ends_at_its_count_or_condition(g):
    x = g.input(1, 3)
    nodes = [
        helper.make_node("Mul", ["state", "state"], ["next"]),
        helper.make_node("Neg", ["state"], ["seen"]),
        helper.make_node("Less", ["i", "ten"], ["go"]),
    ]
    return counted(g, g.const([2], np.int64), g.const(True, bool), nodes, x, ["next", "seen"],
                   [stored("ten", 10, np.int64)])


@case
def loop_of_no_steps(g):
    x = g.input(1, 3)
    nodes = [helper.make_node("Neg", ["state"], ["next"]), helper.make_node("Identity", ["cond"], ["go"])]
    return counted(g, g.const(0, np.int64), "", nodes, g.node("Relu", x), ["next"], collected=0)


@case
def loop_within_loop(g):
    """Names inside repeat those outside."""
    x = g.input(1, 2)
    inner = body(
        [helper.make_node("Add", ["s", "state"], ["u"]), helper.make_node("Tanh", ["u"], ["next"]),
         helper.make_node("Identity", ["c"], ["go"])],
        [info("j", TensorProto.INT64, []), info("c", TensorProto.BOOL, []), info("s")],
        [info("go", TensorProto.BOOL, []), info("next")],
    )
    nodes = [
        helper.make_node("Loop", ["two", "", "state"], ["inner"], body=inner),
        helper.make_node("Mul", ["inner", "half"], ["next2"]),
        helper.make_node("Identity", ["cond"], ["go2"]),
    ]
    graph = body(
        nodes,
        [info("i", TensorProto.INT64, []), info("cond", TensorProto.BOOL, []), info("state")],
        [info("go2", TensorProto.BOOL, []), info("next2")],
        [stored("half", 0.5), stored("two", 2, np.int64)],
    )
    return g.node("Loop", g.const(3, np.int64), "", x, body=graph)


@case
def loop_gathers_its_step(g):
    """The step's number is an index, as PyTorch exports a loop over time."""
    x = g.input(4, 1, 3)
    nodes = [
        helper.make_node("Gather", [x, "i"], ["now"], axis=0),
        helper.make_node("Add", ["now", "state"], ["sum"]),
        helper.make_node("Sigmoid", ["sum"], ["next"]),
        helper.make_node("Identity", ["next"], ["seen"]),
        helper.make_node("Identity", ["cond"], ["go"]),
    ]
    count = g.node("Gather", g.node("Shape", x), g.const(0, np.int64))
    return counted(g, count, g.const(True, bool), nodes, g.const(np.zeros((1, 3))), ["next", "seen"])


def scanned(g, inputs, state, rank=1, **attributes):
    def value(name):
        return info(name, shape=[None] * rank)

    nodes = [
        helper.make_node("Add", ["state", "now"], ["next"]),
        helper.make_node("Mul", ["next", "scale"], ["seen"]),
    ]
    graph = body(nodes, [value("state"), value("now")], [value("next"), value("seen")], [stored("scale", 0.5)])
    return g.node("Scan", state, inputs, outputs=2, body=graph, num_scan_inputs=1, **attributes)


@case
def scan(g):
    return scanned(g, g.input(3, 2), g.const([0.0, 1.0]))


@case
def scan_backwards(g):
    return scanned(g, g.input(3, 2), g.input(2), scan_input_directions=[1], scan_output_directions=[1])


@case
def scan_along_axes(g):
    return scanned(g, g.input(2, 3, 2), g.input(2, 2), rank=2, scan_input_axes=[1], scan_output_axes=[-1])


@case
def sequence_of_a_split(g):
    x = g.input(4, 3)
    parts = g.node("SplitToSequence", x, g.ints(1, 3), axis=0)
    last = g.node("SequenceAt", parts, g.const(-1, np.int64))
    return g.node("ReduceSum", g.node("Relu", last), g.ints(0), keepdims=0)


@case
def sequence_is_joined(g):
    x, y = g.input(2, 3), g.input(2, 3)
    some = g.node("SequenceConstruct", x, y)
    more = g.node("SequenceInsert", some, g.node("Neg", x), g.const(1, np.int64))
    less = g.node("SequenceErase", more, g.const(0, np.int64))
    return (
        g.node("ConcatFromSequence", more, axis=1),
        g.node("ConcatFromSequence", less, axis=0, new_axis=1),
        g.node("Mul", x, g.number(g.node("SequenceLength", more))),
    )


@case
def sequence_of_rows(g):
    x = g.input(3, 2)
    rows = g.node("SplitToSequence", x, axis=0, keepdims=0)
    return g.node("Add", g.node("SequenceAt", rows, g.ints(0)), g.node("SequenceAt", rows, g.ints(2)))
