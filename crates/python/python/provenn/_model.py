"""Models, and calibrating them."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, Literal, Mapping, Sequence

from . import _native
from ._arrays import Data, Observations, Path, doubles, labelled, observations, stacked
from ._circuit import Circuit
from ._pictures import page, picture
from ._progress import Progress, one_step, steps
from ._settings import RunArgs, Settings, run_args_json
from ._tasks import awaitable, in_thread
from .errors import DataError, PrecisionWarning, SettingsError

if TYPE_CHECKING:
    import numpy.typing as npt
    from typing_extensions import Unpack

    from ._arrays import Array

Target = Literal["resources", "accuracy"]
Metric = Literal["max", "mean", "relative", "top1"]


class Tensor:
    """Name, shape (batch included) and element type of a model's input or output: "float", "double", "int64" and the like, "bool"."""

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, name: str, shape: Sequence[int], dtype: str) -> None:
        self.name = name
        self.shape = tuple(shape)
        self.dtype = dtype

    def __repr__(self) -> str:
        return f"Tensor({self.name!r}, {self.shape}, {self.dtype})"


class Model:
    """An imported ONNX model. Immutable; threads may share it."""

    def __init__(
        self,
        native: _native.Model,
        variables: Mapping[str, int],
        fixed: Mapping[str, list[float]],
        name: str,
    ) -> None:
        self._native = native
        self._variables = dict(variables)
        self._fixed = dict(fixed)
        self.name = name
        """What pictures call it."""

    @classmethod
    def load(
        cls,
        path: Path,
        *,
        variables: Mapping[str, int] | None = None,
        fixed: Mapping[str, npt.ArrayLike] | None = None,
        progress: Progress = None,
    ) -> Model:
        """Imports an ONNX file.

        ``variables`` are values of extents that the model leaves open, by name or as ``"input.axis"``; ``fixed`` are
        inputs that are then constants of the circuit, by name.

        Raises :class:`~provenn.errors.ModelError`, naming all operators that cannot be proved, or
        :class:`~provenn.errors.MissingFileError`.

        >>> provenn.Model.load("network.onnx").inputs
        [Tensor('input', (1, 10), float)]
        """
        values = {name: doubles(name, value) for name, value in (fixed or {}).items()}
        constants = {name: value.ravel().tolist() for name, value in values.items()}
        path = os.fspath(path)
        with one_step(progress, "import"):
            native = _native.Model.load(path, dict(variables or {}), constants)
        parts = os.path.abspath(path).split(os.sep)
        return cls(native, variables or {}, constants, "/".join(parts[-2:]))

    @classmethod
    async def load_async(
        cls,
        path: Path,
        *,
        variables: Mapping[str, int] | None = None,
        fixed: Mapping[str, npt.ArrayLike] | None = None,
        progress: Progress = None,
    ) -> Model:
        """As :meth:`load`, for event loops."""
        return await in_thread(cls.load, path, variables=variables, fixed=fixed, progress=progress)

    @classmethod
    def load_for(cls, path: Path, settings: Settings | Path) -> Model:
        """Imports the file that settings are of, with the extents and fixed inputs that they record.

        Raises as :meth:`load`, and :class:`~provenn.errors.SettingsError` for settings of another model.
        """
        named = "settings" if isinstance(settings, Settings) else os.fspath(settings)
        settings = settings if isinstance(settings, Settings) else Settings.load(settings)
        args = settings.to_dict()["run_args"]
        path = os.fspath(path)
        native = _native.Model.load_for(path, settings._native, named)
        parts = os.path.abspath(path).split(os.sep)
        return cls(native, args["variables"], args.get("fixed", {}), "/".join(parts[-2:]))

    @property
    def digest(self) -> str:
        """Digest of the file, which keys state: 64 hex digits."""
        return self._native.digest

    @property
    def notes(self) -> list[str]:
        """What the import took to be meant, a line each."""
        return self._native.notes

    @property
    def inputs(self) -> list[Tensor]:
        """Its inputs, in the order in which a tuple of arrays gives them."""
        return [Tensor(*slot) for slot in self._native.inputs]

    @property
    def outputs(self) -> list[Tensor]:
        """Its outputs."""
        return [Tensor(*slot) for slot in self._native.outputs]

    def run(self, data: Data, *, progress: Progress = None) -> dict[str, Array]:
        """Outputs of the float model by name: float64, observations one after the other along the first axis.

        ``data`` is one observation or several: an array of the input's shape, of any real dtype, with one axis more in
        front (or in the place of the leading 1) that counts them; a tuple or dict of such arrays; or a data file.
        Raises :class:`~provenn.errors.DataError`.

        >>> provenn.Model.load("network.onnx").run(np.zeros((5, 10)))["output"].shape
        (5, 1)
        """
        given = self._data(data)
        with one_step(progress, "float model"):
            return stacked(self._native.run(given))

    def random_data(
        self, count: int = 1, *, seed: int = 0, low: float = -1.0, high: float = 1.0
    ) -> Observations:
        """Random observations, values in [low, high); whole numbers, truth values and indices where those are meant.

        Raises :class:`~provenn.errors.DataError`.
        """
        if count < 1 or not (float("-inf") < low < high < float("inf")) or not 0 <= seed < 1 << 64:
            raise DataError(f"count={count}, seed={seed}, low={low}, high={high} draw nothing")
        return Observations(self._native.random(count, seed, low, high))

    def gen_settings(self, *, progress: Progress = None, **run_args: Unpack[RunArgs]) -> Settings:
        """Settings from arguments alone, at the usual precision; :meth:`calibrate` sees data and finds better ones.

        Raises :class:`~provenn.errors.SettingsError` for arguments out of range.
        """
        with one_step(progress, "settings"):
            return Settings(self._native.gen_settings(self._args(run_args)))

    def calibrate(
        self,
        data: Data,
        *,
        target: Target = "resources",
        settings: Settings | Path | None = None,
        max_error: float | None = None,
        metric: Metric = "max",
        max_logrows: int | None = None,
        max_memory_gib: float | None = None,
        input_scales: Sequence[int] = (),
        progress: Progress = None,
        **run_args: Unpack[RunArgs],
    ) -> Calibration:
        """Ranges from data, and the precision that the target asks for.

        ``data`` are observations like those to be proved: an array whose first axis counts them, of shape
        ``(n, *input shape)`` or ``(n, *input shape without its leading 1)``; a tuple or dict of such arrays for several
        inputs; or a data file. ``target`` is "resources" (the cheapest circuit at a sane error) or "accuracy" (the
        least error); ``max_error`` replaces it: the cheapest circuit whose error on the data, by ``metric``, is at most
        this. ``progress`` is told candidates tried.

        Raises :class:`~provenn.errors.DataError`, :class:`~provenn.errors.SettingsError`, and
        :class:`~provenn.errors.CalibrationError` if nothing keeps the limits.
        """
        import json

        given = self._data(data)
        if settings is None:
            start = self._native.bare_settings(self._args(run_args))
        elif run_args:
            raise SettingsError(f"{', '.join(run_args)}: are in the settings already; give one of both")
        else:
            start = (settings if isinstance(settings, Settings) else Settings.load(settings))._native
        options = {
            "target": target,
            "max_error": max_error,
            "metric": metric,
            "max_logrows": max_logrows,
            "max_memory_gib": max_memory_gib,
            "input_scales": list(input_scales),
        }
        with steps(progress, "calibrate") as tell:
            native = self._native.calibrate(start, given, json.dumps(options), tell)
        for line in native.imprecise:
            warnings.warn(line, PrecisionWarning, stacklevel=2)
        return Calibration(self, native, given)

    calibrate_async = awaitable(calibrate)

    def compile(self, settings: Settings | Path, *, progress: Progress = None) -> Circuit:
        """Quantises, plans and lays out.

        Raises :class:`~provenn.errors.QuantiseError` and :class:`~provenn.errors.CompileError`, naming the node.
        """
        settings = settings if isinstance(settings, Settings) else Settings.load(settings)
        with one_step(progress, "compile"):
            circuit = Circuit(self._native.compile(settings._native))
        for line in self._native.coarse_outputs(settings._native):
            warnings.warn(line, PrecisionWarning, stacklevel=2)
        return circuit

    compile_async = awaitable(compile)

    def quantization_error(
        self,
        settings: Settings | Path,
        data: Data,
        *,
        labels: npt.ArrayLike | None = None,
        progress: Progress = None,
    ) -> QuantizationError:
        """Compares the quantised model with the float model on every observation.

        ``data`` are observations as :meth:`run` takes them; ``labels``, one number per observation, add scores of the
        task; ``progress`` is told observations. Raises :class:`~provenn.errors.DataError`, and
        :class:`~provenn.errors.SettingsError` for settings of another model.
        """
        settings = settings if isinstance(settings, Settings) else Settings.load(settings)
        given = labelled(self._data(data), labels)
        with steps(progress, "quantisation error") as tell:
            native = self._native.quantization_error(settings._native, given, tell)
        return QuantizationError(native, self.name)

    quantization_error_async = awaitable(quantization_error)

    def _data(self, data: Data) -> _native.Data:
        return observations(data, [(name, shape) for name, shape, _ in self._native.inputs])

    def _args(self, run_args: Mapping[str, Any]) -> str:
        return run_args_json(run_args, self._variables, self._fixed)

    def __repr__(self) -> str:
        return f"Model({self.name!r}, inputs={self.inputs}, outputs={self.outputs})"

    def __str__(self) -> str:
        return self._native.table()


class Calibration:
    """What calibration found: settings, and the circuit that they give."""

    def __init__(self, model: Model, native: _native.Calibration, data: _native.Data) -> None:
        self.model = model
        self._native = native
        self._data = data

    @property
    def settings(self) -> Settings:
        """The chosen settings."""
        return Settings(self._native.settings)

    @property
    def chosen(self) -> dict[str, Any]:
        """The chosen point in numbers: ``error`` on the data, ``prove_seconds`` (of CPU) and ``prove_bytes`` (of memory) as
        modelled, ``proof_bytes``, ``key_bytes``, ``k``, and bits.

        >>> provenn.Model.load("network.onnx").calibrate("calibration.json").chosen["error"] < 1e-3
        True
        """
        import json

        point: dict[str, Any] = json.loads(self._native.chosen)
        return point

    @property
    def imprecise(self) -> list[str]:
        """Outputs that the settings leave too little of, a line each."""
        return self._native.imprecise

    def compile(self, *, progress: Progress = None) -> Circuit:
        """The circuit, with the plan that was made to choose the settings.

        Raises :class:`~provenn.errors.CompileError`.
        """
        with one_step(progress, "compile"):
            return Circuit(self._native.compile())

    compile_async = awaitable(compile)

    def frontier(self, *, progress: Progress = None) -> Frontier:
        """Error against cost, over the whole range of precision, on the data that were calibrated on.

        ``progress`` is told candidates tried. Raises :class:`~provenn.errors.CalibrationError`.
        """
        with steps(progress, "frontier") as tell:
            return Frontier(self._native.frontier(self._data, tell), self.model.name)

    frontier_async = awaitable(frontier)

    def quantization_error(
        self,
        data: Data | None = None,
        *,
        labels: npt.ArrayLike | None = None,
        progress: Progress = None,
    ) -> QuantizationError:
        """As :meth:`Model.quantization_error`; on the data that were calibrated on unless others are given."""
        given = self._data if data is None else self.model._data(data)
        with steps(progress, "quantisation error") as tell:
            native = self._native.quantization_error(labelled(given, labels), tell)
        return QuantizationError(native, self.model.name)

    def __repr__(self) -> str:
        point = self.chosen
        return f"Calibration(k={point['k']}, error={point['error']:.3e})"


class Frontier:
    """Circuits that no other beats in error and modelled cost."""

    def __init__(self, native: _native.Frontier, name: str) -> None:
        self._native = native
        self._name = name

    @property
    def points(self) -> list[dict[str, Any]]:
        """The points in numbers, cheapest first, as :attr:`Calibration.chosen` has them."""
        import json

        points: list[dict[str, Any]] = json.loads(self._native.points)
        return points

    @property
    def settings(self) -> list[Settings]:
        """Settings of each point."""
        return [Settings(native) for native in self._native.settings]

    @property
    def chosen(self) -> int:
        """Which point calibration chose, counted from 0."""
        return self._native.chosen

    def svg(self) -> str:
        """A drawing, as the text of an SVG file."""
        return self._native.svg(self._name)

    def __str__(self) -> str:
        return self._native.table()

    def _repr_html_(self) -> str:
        return picture(self.svg(), str(self))


class QuantizationError:
    """How far the quantised model is from the float model, over many observations."""

    def __init__(self, native: _native.QuantizationError, name: str) -> None:
        self._native = native
        self._name = name

    def to_dict(self) -> dict[str, Any]:
        """All numbers: per output, per node, and of the task. Errors are in the outputs' own units."""
        import json

        report: dict[str, Any] = json.loads(self._native.to_json())
        return report

    @property
    def observations(self) -> int:
        """How many observations were compared."""
        count: int = self.to_dict()["observations"]
        return count

    @property
    def max_abs_error(self) -> float:
        """Largest absolute error of any output, in its own units."""
        return max((float(o["absolute"]["max"]) for o in self.to_dict()["outputs"]), default=0.0)

    def html(self) -> str:
        """A page with pictures that needs no other file."""
        return self._native.html(f"Quantisation error of {self._name}")

    def save(self, path: Path) -> None:
        """Writes the page. Raises :class:`~provenn.errors.FileError`."""
        _native.write_text(os.fspath(path), self.html())

    def __repr__(self) -> str:
        return f"QuantizationError({self.observations} observations, max {self.max_abs_error:.3e})"

    def __str__(self) -> str:
        return self._native.text()

    def _repr_html_(self) -> str:
        return page(self.html())
