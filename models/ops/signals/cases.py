"""Signals, their spectra, and what is made of them; constants that such models begin with."""

import numpy as np
from onnx import TensorProto

from case_graph import CASES, case


def dft(name, *shape, opset=20, length=None, axis=None, **attributes):
    def build(g):
        g.opset = opset
        x = g.input(*shape)
        rest = [g.const(length, np.int64) if length else ""]
        if opset < 20 and axis is not None:
            attributes["axis"] = axis
        elif axis is not None:
            rest.append(g.const(axis, np.int64))
        return g.node("DFT", x, *rest, **attributes)

    CASES[name] = build


for _opset in (17, 20):
    dft(f"dft_{_opset}", 1, 8, 1, opset=_opset)
    dft(f"dft_{_opset}_axis", 1, 3, 10, 2, opset=_opset, axis=2)
    dft(f"dft_{_opset}_negative_axis", 1, 5, 4, 1, opset=_opset, axis=-3)
    dft(f"dft_{_opset}_rfft", 1, 9, 1, opset=_opset, onesided=1)
    dft(f"dft_{_opset}_irfft", 1, 5, 2, opset=_opset, onesided=1, inverse=1)
dft("dft_longer", 1, 6, 1, length=9)
dft("dft_shorter", 1, 3, 8, 2, length=5)
dft("dft_rfft_longer", 1, 6, 1, length=11, onesided=1)
dft("dft_inverse", 1, 7, 2, inverse=1)
dft("dft_inverse_of_real", 1, 6, 1, inverse=1)
dft("dft_inverse_longer", 1, 6, 2, inverse=1, length=8)
dft("dft_irfft_odd", 1, 2, 5, 2, inverse=1, onesided=1, length=9)
dft("dft_irfft_axis", 1, 4, 3, 2, inverse=1, onesided=1, length=6, axis=1)


@case
def dft_there_and_back(g):
    g.opset = 20
    x = g.input(1, 8, 2)
    y = g.node("DFT", x)
    return g.node("DFT", g.node("Mul", y, g.weight(8, 2)), inverse=1)


def stft(name, samples, step, length=None, window=None, parts=1, batch=1, **attributes):
    def build(g):
        x = g.input(batch, samples, parts) if parts else g.input(batch, samples)
        window_input = ""
        if window == "constant":
            window_input = g.node("HannWindow", g.const(length, np.int64))
        elif window == "weights":
            window_input = g.weight(length, low=0.1, high=1.0)
        elif window == "computed":
            window_input = g.input(length, low=0.1, high=1.0)
        given = "" if window == "weights" or length is None else g.const(length, np.int64)
        # Inference of shapes takes the attribute's default for 0, which it is not.
        attributes.setdefault("onesided", 1)
        return g.node("STFT", x, g.const(step, np.int64), window_input, given, **attributes)

    CASES[name] = build


stft("stft", 24, 4, length=8)
stft("stft_hann", 32, 4, length=16, window="constant")
stft("stft_window_says_length", 21, 3, length=9, window="weights")
stft("stft_two_sided", 20, 5, length=7, window="weights", onesided=0)
stft("stft_of_complex", 18, 6, length=6, window="weights", parts=2, onesided=0)
stft("stft_apart", 30, 11, length=8)
stft("stft_without_parts", 16, 4, length=8, parts=0)
stft("stft_computed_window", 20, 4, length=8, window="computed")


@case
def spectrogram(g):
    """Power of a spectrum in bands of equal height, and its logarithm."""
    x = g.input(1, 64, 1)
    window = g.node("HannWindow", g.const(32, np.int64))
    y = g.node("STFT", x, g.const(8, np.int64), window, g.const(32, np.int64), onesided=1)
    power = g.node("ReduceSumSquare", y, axes=[3], keepdims=0)
    parameters = [g.const(n, np.int64) for n in (6, 32, 8000)] + [g.const(60.0), g.const(3800.0)]
    bands = g.node("MatMul", power, g.node("MelWeightMatrix", *parameters))
    return g.node("Log", g.node("Add", bands, g.const(0.5)))


def window(name, operator, size, **attributes):
    def build(g):
        x = g.input(1, size)
        tapered = g.node(operator, g.const(size, np.int64), **attributes)
        if attributes.get("output_datatype", 1) != TensorProto.FLOAT:
            tapered = g.number(tapered)
        return g.node("Mul", x, tapered)

    CASES[name] = build


for _operator in ("BlackmanWindow", "HammingWindow", "HannWindow"):
    window(_operator.lower(), _operator, 10)
    window(f"{_operator.lower()}_symmetric", _operator, 9, periodic=0)
window("hannwindow_float16", "HannWindow", 11, output_datatype=TensorProto.FLOAT16)
window("hammingwindow_double", "HammingWindow", 7, output_datatype=TensorProto.DOUBLE)


@case
def mel_weights(g):
    x = g.input(1, 3, 33)
    parameters = [g.const(n, np.int64) for n in (8, 64, 16000)] + [g.const(20.0), g.const(7600.0)]
    return g.node("MatMul", x, g.node("MelWeightMatrix", *parameters))


def counted(name, kind, start, limit, delta):
    def build(g):
        values = g.node("Range", *(g.const(value, kind) for value in (start, limit, delta)))
        count = len(np.arange(start, limit, delta))
        x = g.input(1, count)
        return g.node("Mul", x, values if kind == np.float32 else g.number(values))

    CASES[name] = build


counted("range", np.int64, 0, 7, 1)
counted("range_backwards", np.int32, 9, -4, -3)
counted("range_int16", np.int16, -3, 5, 2)
counted("range_float", np.float32, 0.5, 3.2, 0.4)
counted("range_float_backwards", np.float32, 2.0, -1.0, -0.7)
counted("range_double", np.float64, 0.0, 1.0, 0.125)


@case
def range_of_shape(g):
    """Places of an axis, counted from its extent."""
    x = g.input(1, 6, 3)
    extent = g.node("Gather", g.node("Shape", x), g.const(1, np.int64), axis=0)
    places = g.node("Range", g.const(0, np.int64), extent, g.const(1, np.int64))
    places = g.node("Unsqueeze", g.number(places), g.ints(1))
    return g.node("Add", x, places)


@case
def constant_of_shape(g):
    x = g.input(1, 2, 3)
    filled = g.node("ConstantOfShape", g.node("Shape", x), value=g.value(2.5))
    ones = g.node("ConstantOfShape", g.ints(3), value=g.value(3, np.int64))
    return g.node("Add", g.node("Mul", x, filled), g.number(ones))


@case
def constant_of_shape_zero(g):
    """Zeros of floats, where nothing is said."""
    x = g.input(1, 2, 3)
    zeros = g.node("ConstantOfShape", g.ints(1, 1, 3))
    return g.node("Concat", x, zeros, axis=1)
