"""States that are kept from one step to the next."""

import numpy as np
from onnx import TensorProto

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
