"""Models of training libraries, exported to ONNX and compared with what they were exported from.

Thin: each library's own exporter does the work, and is a package that ``pip install provenn[torch]`` and the like bring.
"""

from __future__ import annotations

import os
import tempfile
from importlib import import_module
from typing import TYPE_CHECKING, Any, Callable, Optional

from ._arrays import doubles
from ._model import Model
from .errors import DataError, MissingPackageError, ModelError, PredictionError

if TYPE_CHECKING:
    from ._arrays import Array, Path

Compared = Callable[["dict[str, Array]"], "tuple[Array, Array]"]


def from_torch(
    module: Any,
    example: Any,
    *,
    path: Path | None = None,
    tolerance: float = 1e-3,
    opset: int = 17,
) -> Model:
    """The model of a PyTorch module.

    ``example`` is an input tensor, or a tuple of them, of the shapes to be proved (batch included). The file goes to
    ``path`` if that is given. The imported model's outputs on the example are compared with the module's.

    Raises :class:`~provenn.errors.MissingPackageError` without PyTorch, :class:`~provenn.errors.ModelError` if it cannot
    be exported or imported, :class:`~provenn.errors.PredictionError` if outputs differ by more than ``tolerance`` times
    their magnitude.
    """
    torch = _package("torch", "torch")
    inputs = example if isinstance(example, tuple) else (example,)
    training = bool(module.training)
    module.eval()
    try:
        with torch.no_grad():
            expected = module(*inputs)
            file = _File(path)
            with file as place:
                _torch_export(torch, module, inputs, place, opset)
                model = Model.load(place)
    except (ModelError, MissingPackageError):
        raise
    except Exception as error:
        raise ModelError(f"PyTorch cannot export the module: {error}") from error
    finally:
        module.train(training)
    expected = expected if isinstance(expected, (tuple, list)) else (expected,)
    outputs = model.run(tuple(doubles("example", tensor)[None] for tensor in inputs))
    for want, (name, got) in zip(expected, outputs.items(), strict=False):
        _compare(name, got, doubles(name, want), tolerance)
    return model


def from_sklearn(
    estimator: Any, X: Any, *, path: Path | None = None, tolerance: float = 1e-3
) -> Model:
    """The model of a fitted scikit-learn estimator or pipeline, for one row at a time.

    ``X`` are rows of numbers, of shape ``(n, features)`` and any real dtype, on which predictions are compared: all labels,
    or values within ``tolerance`` times their magnitude. The file goes to ``path`` if that is given. Labels are to be whole
    numbers. Raises as :func:`from_torch`, and :class:`~provenn.errors.DataError` if ``X`` is no array of numbers.
    """
    skl2onnx = _package("skl2onnx", "sklearn")
    types = _package("skl2onnx.common.data_types", "sklearn")
    rows = _rows(X)
    initial = [("input", types.FloatTensorType([None, rows.shape[1]]))]
    options = None
    if hasattr(estimator, "predict_proba"):
        # Probabilities as a tensor, not as a list of dictionaries.
        options = {id(estimator): {"zipmap": False}}
    try:
        exported = skl2onnx.convert_sklearn(estimator, initial_types=initial, options=options)
    except Exception as error:
        raise ModelError(f"scikit-learn's estimator cannot be exported: {error}") from error
    return _classical(exported, estimator, rows, path, tolerance)


def from_xgboost(
    booster: Any, X: Any, *, path: Path | None = None, tolerance: float = 1e-3
) -> Model:
    """The model of a fitted XGBoost estimator, for one row at a time. As :func:`from_sklearn`."""
    return _onnxmltools("xgboost", "convert_xgboost", booster, X, path, tolerance)


def from_lightgbm(
    booster: Any, X: Any, *, path: Path | None = None, tolerance: float = 1e-3
) -> Model:
    """The model of a fitted LightGBM estimator, for one row at a time. As :func:`from_sklearn`."""
    return _onnxmltools("lightgbm", "convert_lightgbm", booster, X, path, tolerance)


def _onnxmltools(
    extra: str, convert: str, booster: Any, X: Any, path: Path | None, tolerance: float
) -> Model:
    onnxmltools = _package("onnxmltools", extra)
    types = _package("onnxmltools.convert.common.data_types", extra)
    rows = _rows(X)
    initial = [("input", types.FloatTensorType([None, rows.shape[1]]))]
    # A list of dictionaries is no output of a circuit.
    options = {"zipmap": False} if extra == "lightgbm" else {}
    try:
        exported = getattr(onnxmltools, convert)(
            booster, initial_types=initial, target_opset=15, **options
        )
    except Exception as error:
        raise ModelError(f"{extra}'s model cannot be exported: {error}") from error
    return _classical(exported, booster, rows, path, tolerance)


def _rows(X: Any) -> Array:
    rows = doubles("X", X)
    if rows.ndim != 2 or 0 in rows.shape:
        raise DataError(f"X has shape {rows.shape}; expected rows of features")
    return rows


def _classical(
    exported: Any, estimator: Any, rows: Array, path: Path | None, tolerance: float
) -> Model:
    with _File(path) as place:
        with open(place, "wb") as file:
            file.write(exported.SerializeToString())
        # The exporters leave the number of rows open.
        model = Model.load(place, variables={"input.0": 1})
    import numpy as np

    if not hasattr(estimator, "predict"):
        return model
    # What the estimator sees is what the model sees.
    seen = rows.astype(np.float32)
    outputs = list(model.run(rows).items())
    predicted = np.asarray(estimator.predict(seen))
    if predicted.dtype.kind not in "biuf":
        raise ModelError("labels are no numbers; train with whole numbers as labels")
    name, got = outputs[0]
    if hasattr(estimator, "predict_proba"):
        wrong = np.flatnonzero(got.ravel() != predicted.ravel())
        if wrong.size:
            raise PredictionError(
                f"row {wrong[0]}: the exported model's label is {got.ravel()[wrong[0]]:g}, "
                f"the estimator's {predicted.ravel()[wrong[0]]:g}; {wrong.size} of {len(rows)} rows differ"
            )
        if len(outputs) > 1:
            name, got = outputs[1]
            _compare(name, got, doubles(name, estimator.predict_proba(seen)), tolerance)
    else:
        _compare(name, got, doubles(name, predicted), tolerance)
    return model


def _compare(name: str, got: Array, want: Array, tolerance: float) -> None:
    import numpy as np

    if got.size != want.size:
        raise PredictionError(
            f"output `{name}`: the exported model gives {got.size} values, the original {want.size}"
        )
    error = np.abs(got.ravel() - want.ravel()).max(initial=0.0)
    magnitude = max(float(np.abs(want).max(initial=0.0)), 1e-6)
    if not error <= tolerance * magnitude:
        raise PredictionError(
            f"output `{name}`: the exported model is off by {error:.3e} where values reach {magnitude:.3e}"
        )


def _torch_export(torch: Any, module: Any, inputs: Any, place: str, opset: int) -> None:
    names = [f"input_{i}" if i else "input" for i in range(len(inputs))]
    try:
        import_module("onnxscript")
    except ImportError:
        # The older exporter needs nothing else.
        torch.onnx.export(module, inputs, place, input_names=names, opset_version=opset)
        return
    torch.onnx.export(
        module, inputs, place, input_names=names, dynamo=True, external_data=False, verbose=False
    )


def _package(name: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingPackageError(
            f"{error}; it is installed by: pip install 'provenn[{extra}]'"
        ) from error


class _File:
    """A place for the exported file: where the caller says, or for a while."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._folder: Optional[tempfile.TemporaryDirectory[str]] = None

    def __enter__(self) -> str:
        if self._path is not None:
            return os.fspath(self._path)
        self._folder = tempfile.TemporaryDirectory()
        return os.path.join(self._folder.name, "network.onnx")

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()
