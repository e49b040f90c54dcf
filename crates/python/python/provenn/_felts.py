"""Field elements as ezkl writes them: 64 hex digits, the least byte first."""

from __future__ import annotations

import math
from enum import Enum, auto
from typing import Sequence

from .errors import DataError

MODULUS = 0x30644E72E131A029B85045B68181585D2833E84879B9709143E1F593F0000001
"""Order of BN254's scalar field."""

_CHUNK = 16


class PyInputType(Enum):
    """What a number stands for before it is quantised."""

    Bool = auto()
    F16 = auto()
    F32 = auto()
    F64 = auto()
    Int = auto()
    TDim = auto()
    Unknown = auto()


def felt_of(value: int) -> str:
    """The field element of an integer."""
    return (value % MODULUS).to_bytes(32, "little").hex()


def felt_to_big_endian(felt: str) -> str:
    """The same number as ``0x`` and 64 hex digits, the greatest first.

    >>> felt_to_big_endian("c0" + "00" * 31)[-4:]
    '00c0'
    """
    return "0x" + felt_bytes(felt)[::-1].hex()


def felt_to_int(felt: str) -> int:
    """The integer; elements beyond half the field are negative.

    >>> felt_to_int(felt_of(-192))
    -192
    """
    value = int.from_bytes(felt_bytes(felt), "little")
    return value - MODULUS if value > MODULUS // 2 else value


def felt_to_float(felt: str, scale: int) -> float:
    """The number that an element stands for, in steps of 2^-scale.

    >>> felt_to_float(float_to_felt(1.5, 7), 7)
    1.5
    """
    return math.ldexp(felt_to_int(felt), -scale)


def float_to_felt(input: float, scale: int, input_type: PyInputType = PyInputType.F64) -> str:
    """The element of a number in steps of 2^-scale, halves away from zero. Integers are truncated first."""
    if not math.isfinite(input):
        raise DataError(f"{input} is no field element")
    if input_type is PyInputType.Bool and input not in (0, 1):
        raise DataError(f"{input} is no truth value")
    if input_type in (PyInputType.Int, PyInputType.TDim):
        input = math.trunc(input)
    steps = math.ldexp(abs(input), scale)
    whole = math.floor(steps)
    rounded = whole + (steps - whole >= 0.5)
    return felt_of(-rounded if input < 0 else rounded)


def buffer_to_felts(buffer: Sequence[int]) -> list[str]:
    """Elements of bytes, sixteen to each.

    >>> len(buffer_to_felts(bytes(17)))
    2
    """
    try:
        data = bytes(buffer)
    except (TypeError, ValueError) as error:
        raise DataError(f"no bytes: {error}") from error
    return [data[at : at + _CHUNK].ljust(32, b"\0").hex() for at in range(0, len(data), _CHUNK)]


def felt_bytes(felt: str) -> bytes:
    """The 32 bytes of an element, the least first."""
    try:
        data = bytes.fromhex(felt)
    except (TypeError, ValueError):
        data = b""
    if len(data) != 32 or int.from_bytes(data, "little") >= MODULUS:
        raise DataError(f"{felt!r} is no field element of 64 hex digits, least byte first")
    return data
