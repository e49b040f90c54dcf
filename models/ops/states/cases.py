"""States that are kept from one step to the next."""

import numpy as np
from onnx import TensorProto, helper
from onnx.inliner import inline_selected_functions

from case_graph import CASES


def written(name, cache, count, axis=-2, starts="computed", mode="linear"):
    def build(g):
        g.opset = 24
        update = list(cache)
        update[axis] = count
        past, update = g.input(*cache), g.input(*update)
        extent = cache[axis] if mode == "circular" else cache[axis] - count + 1
        given = {
            "none": lambda: [],
            "constant": lambda: [g.const(g.random.integers(0, extent, cache[0]), np.int64)],
            "computed": lambda: [g.whole(TensorProto.INT64, cache[0], low=0, high=extent)],
        }[starts]()
        return g.node("TensorScatter", past, update, *given, axis=axis, mode=mode)

    CASES[name] = build


written("tensor_scatter", (2, 5, 3), 1)
written("tensor_scatter_run", (2, 2, 6, 3), 3)
written("tensor_scatter_axis", (1, 5, 2), 2, axis=1)
written("tensor_scatter_last_axis", (1, 2, 4), 2, axis=-1)
written("tensor_scatter_all", (1, 4, 2), 4)
written("tensor_scatter_circular", (2, 5, 3), 2, mode="circular")
written("tensor_scatter_constant", (2, 6, 2), 2, starts="constant")
written("tensor_scatter_circular_constant", (2, 4, 2), 3, starts="constant", mode="circular")
written("tensor_scatter_prefill", (1, 5, 2), 3, starts="none")


def spelt_out(operator):
    """ONNX Runtime has no such operator yet: it is told what the operator stands for."""

    def told(model):
        typed = [
            helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            for tensor in model.graph.initializer
        ]
        # What is left out has a type, too.
        typed.append(helper.make_tensor_value_info("", TensorProto.FLOAT, None))
        model.graph.value_info.extend(typed)
        return inline_selected_functions(model, [("", operator)], inline_schema_functions=True)

    return told


def causal(name, x, taps, bias=None, past=False, weights="constant", **attributes):
    def build(g):
        g.opset = 27
        g.told = spelt_out("CausalConvWithState")
        batch, channels, _ = x
        shape = (channels, 1, taps)
        operands = [g.input(*x), g.weight(*shape) if weights == "constant" else g.input(*shape)]
        if bias or past:
            operands.append({"constant": lambda: g.weight(channels), "computed": lambda: g.input(channels),
                             None: lambda: ""}[bias]())
        if past:
            operands.append(g.input(batch, channels, taps - 1))
        y, present = g.node("CausalConvWithState", *operands, outputs=2, **attributes)
        # Of one tap nothing is kept.
        return y if taps == 1 else (y, present)

    CASES[name] = build


causal("causal_conv", (1, 3, 6), 4)
causal("causal_conv_bias_silu", (1, 2, 5), 3, bias="constant", activation="silu")
causal("causal_conv_past", (2, 2, 4), 3, past=True)
causal("causal_conv_decode", (1, 3, 1), 4, bias="constant", past=True, activation="swish")
causal("causal_conv_shorter_than_its_kernel", (1, 2, 2), 5)
causal("causal_conv_one_tap", (1, 2, 4), 1, bias="constant")
causal("causal_conv_computed", (2, 2, 5), 3, bias="computed", past=True, weights="computed")
causal("causal_conv_computed_silu", (1, 2, 5), 2, weights="computed", activation="silu")


def linear(name, rule, steps=4, heads=2, readers=1, key=3, value=2, batch=1, past=False, decay=None, beta=None,
           **attributes):
    def build(g):
        g.opset = 27
        g.told = spelt_out("LinearAttention")
        query = g.input(batch, steps, heads * readers * key)
        operands = [query, g.input(batch, steps, heads * key), g.input(batch, steps, heads * value)]
        rest = [
            g.input(batch, heads, key, value) if past else "",
            g.input(batch, steps, heads * decay, low=-1.5, high=-0.05) if decay else "",
            g.input(batch, steps, beta, low=0.1, high=0.9) if beta else "",
        ]
        while rest and not rest[-1]:
            rest.pop()
        return g.node(
            "LinearAttention", *operands, *rest, outputs=2, update_rule=rule,
            q_num_heads=heads * readers, kv_num_heads=heads, **attributes,
        )

    CASES[name] = build


linear("linear_attention", "linear")
linear("linear_attention_past", "linear", past=True, readers=2, batch=2)
linear("linear_attention_decode", "linear", steps=1, past=True, scale=0.7)
linear("linear_attention_gated", "gated", decay=3)
linear("linear_attention_gated_per_head", "gated", decay=1, past=True)
linear("linear_attention_delta", "delta", beta=2, past=True)
linear("linear_attention_gated_delta", "gated_delta", decay=1, beta=2)
linear("linear_attention_gated_delta_shared", "gated_delta", decay=3, beta=1, heads=1, readers=2, past=True)
linear("linear_attention_gated_delta_readers", "gated_delta", decay=1, beta=1, readers=2, batch=2, steps=3, scale=0.5)
