"""Whole numbers: their types, their arithmetic, and what floats are rounded to."""

import numpy as np
import onnx
from onnx import TensorProto

from case_graph import CASES, case, single

TYPES = {
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int16": TensorProto.INT16,
    "uint16": TensorProto.UINT16,
    "int32": TensorProto.INT32,
    "uint32": TensorProto.UINT32,
    "int64": TensorProto.INT64,
    "uint64": TensorProto.UINT64,
}


def halves(g, *shape):
    """Multiples of a quarter: halves of either sign among them."""
    x = g.node("Cast", g.whole(TensorProto.INT32, *shape, low=-30, high=30), to=TensorProto.FLOAT)
    return g.node("Mul", x, g.const(0.25))


for name, kind in TYPES.items():

    def cast(g, kind=kind, name=name):
        x = halves(g, 1, 30)
        return g.number(g.node("Cast", g.node("Abs", x) if name[0] == "u" else x, to=kind))

    CASES[f"cast_float_to_{name}"] = cast

for source, to in [
    ("int32", "uint8"), ("int64", "int8"), ("int32", "int16"), ("uint16", "int8"), ("int8", "uint8"),
    ("int16", "uint16"), ("uint8", "int32"), ("uint8", "int8"),
]:

    def wrap(g, source=source, to=to):
        info = np.iinfo(source)
        x = g.whole(TYPES[source], 1, 12, low=max(info.min, -70000), high=min(info.max, 70000))
        return g.number(g.node("Cast", x, to=TYPES[to]))

    CASES[f"cast_{source}_to_{to}"] = wrap

for short in ["FLOAT16", "BFLOAT16", "DOUBLE"]:

    def through(g, short=short):
        # Eighths: every type holds them.
        x = g.node("Mul", g.number(g.whole(TensorProto.INT8, 1, 12, low=-9, high=9)), g.const(0.125))
        x = g.node("Cast", x, to=getattr(TensorProto, short))
        return g.number(g.node("CastLike", g.node("CastLike", x, g.const(1.0)), g.const(1.0)))

    CASES[f"cast_{short.lower()}"] = through


@case
def cast_to_bool_and_back(g):
    x = g.node("Cast", g.whole(TensorProto.INT8, 1, 12, low=-3, high=3), to=TensorProto.BOOL)
    return g.number(g.node("Cast", x, to=TensorProto.UINT8))


for operator in ["Floor", "Ceil", "Round"]:
    single(operator.lower(), operator, 1, 12, low=-5.0, high=5.0)

    def ties(g, operator=operator):
        return g.node(operator, halves(g, 1, 40))

    CASES[f"{operator.lower()}_at_halves"] = ties


@case
def floor_of_a_product(g):
    return g.node("Floor", g.node("MatMul", g.input(1, 6), g.weight(6, 4)))


@case
def sign(g):
    return g.node("Sign", g.number(g.whole(TensorProto.INT8, 1, 12, low=-2, high=3)))


@case
def sign_of_integers(g):
    return g.number(g.node("Sign", g.whole(TensorProto.INT32, 1, 12, low=-2, high=3)))


for kind in ["int32", "uint8"]:

    def divide(g, kind=kind):
        x = g.whole(TYPES[kind], 2, 9, low=-40 if kind == "int32" else 0, high=41)
        return g.number(g.node("Div", x, g.const([3, 1, 7, 2, 5, 10, 11, 13, 4], kind)))

    def modulo(g, kind=kind):
        x = g.whole(TYPES[kind], 2, 9, low=-40 if kind == "int32" else 0, high=41)
        return g.number(g.node("Mod", x, g.const([3, 1, 7, 2, 5, 10, 11, 13, 4], kind)))

    CASES[f"div_{kind}"], CASES[f"mod_{kind}"] = divide, modulo


@case
def div_by_a_negative(g):
    return g.number(g.node("Div", g.whole(TensorProto.INT64, 1, 20, low=-20, high=20), g.const(-3, np.int64)))


@case
def mod_by_a_negative(g):
    return g.number(g.node("Mod", g.whole(TensorProto.INT64, 1, 20, low=-20, high=20), g.const(-3, np.int64)))


@case
def fmod_of_integers(g):
    x = g.whole(TensorProto.INT32, 1, 20, low=-20, high=20)
    return g.number(g.node("Mod", x, g.const(-3, np.int32), fmod=1))


@case
def fmod_of_floats(g):
    return g.node("Mod", halves(g, 1, 20), g.const(1.5), fmod=1)


def odd(g, kind, *shape, low, high):
    """Odd numbers, so that none is zero."""
    x = g.whole(TYPES[kind], *shape, low=low, high=high)
    return g.node("Add", g.node("Mul", x, g.const(2, kind)), g.const(1, kind))


for kind in ["int8", "int32", "int64", "uint8", "uint16"]:
    signed = kind[0] != "u"

    def operands(g, kind=kind, signed=signed):
        most = 120 if kind[-1] == "8" else 9999
        x = g.whole(TYPES[kind], 3, 9, low=-most if signed else 0, high=most)
        return x, odd(g, kind, 3, 9, low=-8 if signed else 0, high=8)

    def divide_by_data(g, operands=operands):
        return g.number(g.node("Div", *operands(g)))

    def modulo_data(g, operands=operands):
        return g.number(g.node("Mod", *operands(g)))

    def fmod_data(g, operands=operands):
        return g.number(g.node("Mod", *operands(g), fmod=1))

    CASES[f"div_{kind}_by_data"] = divide_by_data
    CASES[f"mod_{kind}_by_data"] = modulo_data
    CASES[f"fmod_{kind}_by_data"] = fmod_data


@case
def div_by_constants_of_either_sign(g):
    x = g.whole(TensorProto.INT32, 3, 6, low=-999, high=999)
    by = g.const([3, -4, 7, -1, 10, -250], np.int32)
    return g.number(g.node("Div", x, by)), g.number(g.node("Mod", x, by)), g.number(g.node("Mod", x, by, fmod=1))


@case
def div_by_one_number(g):
    """Whole numbers that are divided again, and a divisor that is broadcast."""
    x = g.whole(TensorProto.INT64, 2, 3, 4, low=-3000, high=3000)
    rows = g.node("Div", x, odd(g, "int64", 3, 1, low=2, high=5))
    return g.number(g.node("Div", rows, odd(g, "int64", 1, low=-3, high=-1)))


@case
def div_of_a_constant(g):
    return g.number(g.node("Div", g.const([[17], [-17], [0]], np.int32), odd(g, "int32", 4, low=-3, high=4)))


@case
def mod_of_indices(g):
    """A remainder is an index."""
    x = g.whole(TensorProto.INT64, 6, low=-50, high=50)
    at = g.node("Mod", x, odd(g, "int64", 1, low=3, high=4))
    return g.node("Gather", g.weight(7, 3), at, axis=0)


@case
def fmod_of_floats_by_data(g):
    x = halves(g, 1, 40)
    by = g.node("Mul", g.number(odd(g, "int32", 1, 40, low=-4, high=4)), g.const(0.5))
    return g.node("Mod", x, by, fmod=1)


@case
def bit_shift_left(g):
    return g.number(g.node("BitShift", g.whole(TensorProto.UINT8, 2, 4, low=0, high=256), g.const([1, 2, 0, 7], np.uint8), direction="LEFT"))


@case
def bit_shift_right(g):
    return g.number(g.node("BitShift", g.whole(TensorProto.UINT32, 2, 4, low=0, high=60000), g.const([1, 2, 0, 7], np.uint32), direction="RIGHT"))


@case
def bit_shift_beyond_the_width(g):
    """ONNX Runtime has no value for these, ONNX has: nothing is left."""
    x = g.whole(TensorProto.UINT8, 2, 4, low=0, high=256)

    def told(model):
        told = onnx.ModelProto.FromString(model.SerializeToString())
        told.graph.node[0].op_type = "Mul"
        del told.graph.node[0].attribute[:]
        told.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(np.array([0, 0, 1, 0], np.uint8), "c0"))
        return told

    g.told = told
    return g.number(g.node("BitShift", x, g.const([8, 200, 0, 9], np.uint8), direction="RIGHT"))


for direction in ["LEFT", "RIGHT"]:
    for kind in ["uint8", "uint32"]:

        def shift_by_data(g, direction=direction, kind=kind):
            x = g.whole(TYPES[kind], 2, 8, low=0, high=256 if kind == "uint8" else 4000)
            return g.number(g.node("BitShift", x, g.whole(TYPES[kind], 2, 8, low=0, high=8), direction=direction))

        CASES[f"bit_shift_{direction.lower()}_{kind}_by_data"] = shift_by_data


@case
def pow_by_data(g):
    """Bases of either sign, exponents from 0; one base is a number that is raised far."""
    x = g.whole(TensorProto.INT32, 2, 9, low=-7, high=8)
    y = g.whole(TensorProto.INT64, 2, 9, low=0, high=8)
    two = g.const([-2] * 9, np.int32)
    return g.number(g.node("Pow", x, y)), g.number(g.node("Pow", two, g.whole(TensorProto.INT32, 9, low=0, high=24)))


@case
def pow_of_squares_by_data(g):
    """Bases that are large as long as their exponent is small."""
    x = g.whole(TensorProto.INT64, 2, 9, low=-4000, high=4001)
    return g.number(g.node("Pow", x, g.whole(TensorProto.INT32, 2, 9, low=0, high=3)))


@case
def pow_by_floats(g):
    """Whole numbers to powers that are whole, in floats."""
    x = g.whole(TensorProto.INT32, 2, 9, low=-7, high=8)
    return g.number(g.node("Pow", x, g.number(g.whole(TensorProto.INT64, 2, 9, low=0, high=8))))


@case
def pow_by_large_constants(g):
    x = g.whole(TensorProto.INT32, 3, 5, low=-4, high=5)
    return g.number(g.node("Pow", x, g.const([4, 9, 11, 10, 3], np.int32)))


@case
def squares_wrap(g):
    """A product of a byte with itself, and the least byte, which has no opposite."""
    x = g.whole(TensorProto.INT8, 1, 16, low=-128, high=128)
    least = g.node("Min", x, g.const(-127, np.int8))
    return tuple(g.number(y) for y in [g.node("Mul", x, x), g.node("Abs", least), g.node("Neg", least)])


for operator in ["And", "Or", "Xor"]:
    for kind, most in [("int8", 128), ("uint8", 256), ("int16", 32768), ("uint16", 65536), ("int32", 8000000), ("int64", 8000000), ("uint64", 16000000)]:

        def bitwise(g, operator=operator, kind=kind, most=most):
            least = 0 if kind[0] == "u" else -most
            x, y = g.whole(TYPES[kind], 2, 6, low=least, high=most), g.whole(TYPES[kind], 6, low=least, high=most)
            g.opset = 18
            return g.number(g.node(f"Bitwise{operator}", x, y))

        CASES[f"bitwise_{operator.lower()}_{kind}"] = bitwise


@case
def bitwise_masks(g):
    """By constants, of either sign."""
    x = g.whole(TensorProto.INT32, 2, 6, low=-9999, high=9999)
    g.opset = 18
    low = g.node("BitwiseAnd", x, g.const(255, np.int32))
    return (
        g.number(low),
        g.number(g.node("BitwiseXor", x, g.const(-1, np.int32))),
        g.number(g.node("BitwiseOr", g.const([[1], [-256]], np.int32), x)),
    )


for kind, most in [("int8", 128), ("uint8", 256), ("int32", 99999), ("uint16", 65536)]:

    def bitwise_not(g, kind=kind, most=most):
        g.opset = 18
        return g.number(g.node("BitwiseNot", g.whole(TYPES[kind], 2, 6, low=0 if kind[0] == "u" else -most, high=most)))

    CASES[f"bitwise_not_{kind}"] = bitwise_not


def told_casts(model):
    """ONNX Runtime knows no BitCast: of these widths a Cast keeps the bits."""
    told = onnx.ModelProto.FromString(model.SerializeToString())
    for node in told.graph.node:
        if node.op_type == "BitCast":
            node.op_type = "Cast"
    told.opset_import[0].version = 18
    told.ir_version = 8
    return told


for source, to in [("int8", "uint8"), ("uint8", "int8"), ("uint16", "int16"), ("int16", "uint16"), ("uint32", "int32")]:

    def bit_cast(g, source=source, to=to):
        info = np.iinfo(source)
        g.opset, g.told = 26, told_casts
        x = g.whole(TYPES[source], 2, 6, low=max(info.min, -99999), high=min(info.max, 99999))
        return g.number(g.node("BitCast", x, to=TYPES[to]))

    CASES[f"bit_cast_{source}_to_{to}"] = bit_cast


@case
def int8_sums_wrap(g):
    x, y = (g.whole(TensorProto.INT8, 1, 12, low=-128, high=128) for _ in range(2))
    return g.number(g.node("Add", x, y))


@case
def uint8_differences_wrap(g):
    x, y = (g.whole(TensorProto.UINT8, 1, 12, low=0, high=256) for _ in range(2))
    return g.number(g.node("Sub", x, y))


@case
def integer_products(g):
    x, y = (g.whole(TensorProto.INT32, 2, 6, low=-999, high=999) for _ in range(2))
    return g.number(g.node("Mul", g.node("Add", x, y), g.node("Sub", x, g.const(7, np.int32))))


@case
def counts_of_truth(g):
    """Products and sums of comparisons are whole numbers, though they are floats: equal is equal."""
    holds = g.node("Cast", g.node("LessOrEqual", g.input(4, 9), g.weight(9)), to=TensorProto.FLOAT)
    paths = g.const(g.random.integers(-1, 2, (9, 30)))
    found = g.node("Equal", g.node("MatMul", holds, paths), g.const(g.random.integers(-2, 3, 30)))
    count = g.node("ReduceSum", holds, g.ints(1), keepdims=0)
    return g.number(found), g.number(g.node("Equal", count, g.const([3.0, 4.0, 5.0, 6.0])))


@case
def selection_by_a_product(g):
    """A product that only selects, and leaves columns empty, before comparisons."""
    x = g.input(3, 6, low=-1000.0, high=1000.0)
    chosen = np.zeros((6, 15))
    chosen[g.random.integers(0, 6, 12), np.arange(12)] = 1
    y = g.node("MatMul", x, g.const(chosen))
    return g.number(g.node("LessOrEqual", y, g.const(g.random.uniform(-900, 900, 15)))), y


@case
def integer_doubles(g):
    """Products by powers of two, of either sign."""
    x, y = g.whole(TensorProto.INT32, 2, 6, low=-999, high=999), g.whole(TensorProto.INT64, 2, 6, low=-99, high=99)
    return g.number(g.node("Mul", x, g.const(2, np.int32))), g.number(g.node("Mul", y, g.const(64, np.int64)))


@case
def integer_choices(g):
    x, y = (g.whole(TensorProto.INT32, 2, 6, low=-999, high=999) for _ in range(2))
    low = g.node("Max", g.node("Min", x, y), g.const(-500, np.int32))
    return g.number(g.node("Neg", g.node("Clip", g.node("Abs", low), g.const(3, np.int32), g.const(400, np.int32))))


@case
def integer_sums(g):
    x = g.whole(TensorProto.INT32, 2, 6, low=-9999, high=9999)
    return g.number(g.node("ReduceSum", x, g.ints(1), keepdims=0))


@case
def integer_matrix_product(g):
    x = g.whole(TensorProto.INT32, 3, 5, low=-99, high=99)
    w = g.const(g.random.integers(-99, 99, (5, 4)), np.int32)
    return g.number(g.node("MatMul", x, w))


@case
def bit_shift_left_beyond(g):
    """All results are multiples of two, and some wrap around."""
    x = g.whole(TensorProto.UINT8, 1, 3, low=0, high=256)
    return g.number(g.node("BitShift", x, g.const([1, 7, 2], np.uint8), direction="LEFT"))


@case
def int16_products(g):
    """Products of numbers of 16 bits take more than a float counts to."""
    a, b = g.whole(TensorProto.INT16, 1, 3, low=-150, high=150), g.whole(TensorProto.INT16, 1, 3, low=-150, high=150)
    return g.number(g.node("Mul", a, b))
