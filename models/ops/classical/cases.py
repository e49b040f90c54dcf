"""Operators of ai.onnx.ml. Where all nodes are of them, the model names no version of the standard ones."""

from case_graph import case

ML = "ai.onnx.ml"


@case
def scaler(g):
    offset, scale = [0.5, -1.0, 2.0], [2.0, 0.1, 1.0]
    return g.node("Scaler", g.input(1, 3), offset=offset, scale=scale, domain=ML)
