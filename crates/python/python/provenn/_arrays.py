"""Arrays to and from the native module: C order, little-endian doubles.

NumPy is imported when the first array is, which keeps the import of this package short.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Mapping, Sequence, Union

from . import _native
from .errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from typing_extensions import TypeAlias

    Array: TypeAlias = npt.NDArray[np.float64]

Path = Union[str, "os.PathLike[str]"]
"""A file's name."""

Data: TypeAlias = "Union[Path, npt.ArrayLike, Mapping[str, npt.ArrayLike], Sequence[npt.ArrayLike], Observations]"
"""Observations: an array, a tuple or dict of arrays (one per model input), a data file, or :class:`Observations`."""


class Observations:
    """Observations for a model, read or drawn once and used many times; :meth:`provenn.Model.random_data` draws some."""

    def __init__(self, native: _native.Data) -> None:
        self._native = native

    @classmethod
    def load(cls, path: Path) -> Observations:
        """Reads ``.json``, ``.jsonl``, ``.npy`` or ``.npz``.

        Raises :class:`~provenn.errors.DataError`, or :class:`~provenn.errors.MissingFileError`.

        >>> provenn.Model.load("network.onnx").run(provenn.Observations.load("input.json"))["output"].shape
        (1, 1)
        """
        return cls(_native.Data.read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes them as JSON. Raises :class:`~provenn.errors.FileError`."""
        _native.write_text(os.fspath(path), self._native.to_json())


def doubles(name: str, value: Any) -> Array:
    """An array of float64 in C order, of anything that holds real numbers."""
    import numpy as np

    if hasattr(value, "detach"):  # a tensor of PyTorch that may require a gradient
        value = value.detach().cpu()
    if np.ma.isMaskedArray(value) and np.ma.getmaskarray(value).any():
        raise DataError(f"{name} has masked values; fill them")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(f"{name} is no array: {error}") from error
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} has dtype {array.dtype}; expected floats, integers or booleans")
    return np.asarray(array, dtype="<f8", order="C")


def observations(data: Any, slots: Sequence[tuple[str, Sequence[int]]]) -> _native.Data:
    """Data as the native module takes them; ``slots`` are names and shapes of the model's inputs."""
    if isinstance(data, Observations):
        return data._native
    if isinstance(data, (str, os.PathLike)):
        return _native.Data.read(os.fspath(data))
    if isinstance(data, Mapping):
        given = {str(name): doubles(f"input `{name}`", value) for name, value in data.items()}
    elif isinstance(data, tuple) or (isinstance(data, list) and len(slots) > 1):
        if len(data) != len(slots):
            names = ", ".join(name for name, _ in slots)
            raise DataError(f"got {len(data)} arrays, the model has {len(slots)} inputs: {names}")
        given = {
            name: doubles(f"input `{name}`", value)
            for (name, _), value in zip(slots, data, strict=True)
        }
    elif len(slots) == 1:
        given = {slots[0][0]: doubles(f"input `{slots[0][0]}`", data)}
    else:
        names = ", ".join(name for name, _ in slots)
        raise DataError(f"the model has {len(slots)} inputs: {names}; give a dict or a tuple of arrays")
    shapes = dict(slots)
    # One observation has no axis that counts it.
    if all(_is_one(array, shapes.get(name)) for name, array in given.items()):
        given = {name: array[None] for name, array in given.items()}
    return _native.Data.of_arrays(
        [(name, list(array.shape), array.tobytes()) for name, array in given.items()]
    )


def _is_one(array: Array, shape: Sequence[int] | None) -> bool:
    if shape is None:
        return False
    shape = tuple(shape)
    return array.shape == shape or (shape[:1] == (1,) and array.shape == shape[1:])


def labelled(data: _native.Data, labels: Any) -> _native.Data:
    """The same with a label for each observation."""
    return data if labels is None else data.labelled(doubles("labels", labels).tobytes())


def received(array: tuple[str, Sequence[int], bytes]) -> Array:
    """An array of the native module."""
    import numpy as np

    _, shape, values = array
    return np.frombuffer(values, dtype="<f8").astype(np.float64).reshape(shape)


def named(arrays: Sequence[tuple[str, Sequence[int], bytes]]) -> dict[str, Array]:
    """Arrays of the native module by name."""
    return {array[0]: received(array) for array in arrays}


def stacked(rows: Sequence[Sequence[tuple[str, Sequence[int], bytes]]]) -> dict[str, Array]:
    """Outputs of many observations, one after the other along their first axis."""
    import numpy as np

    columns = [[received(row[i]) for row in rows] for i in range(len(rows[0]) if rows else 0)]
    return {
        rows[0][i][0]: np.concatenate([np.atleast_1d(array) for array in column])
        for i, column in enumerate(columns)
    }
