"""Circuits, witnesses, provers."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, Literal

from . import _native
from ._arrays import Data, Path, named, observations, stacked
from ._commitment import Commitment, Opening, TensorCommitment, TensorOpening, tensor_opening
from ._pictures import picture
from ._progress import Progress, one_step, steps
from ._proof import Proof, ProvingKey, VerifyingKey
from ._srs import Srs
from ._tasks import awaitable
from .errors import BlindingWarning, DataError, ProveError, SaturationWarning

if TYPE_CHECKING:
    from ._arrays import Array


class Circuit:
    """A quantised model, laid out: what ``model.compiled`` holds. Immutable; threads may share it."""

    def __init__(self, native: _native.Circuit) -> None:
        self._native = native

    @classmethod
    def load(cls, path: Path) -> Circuit:
        """Reads ``model.compiled``.

        Raises :class:`~provenn.errors.ArtefactError`, :class:`~provenn.errors.MissingFileError`.
        """
        return cls(_native.Circuit.read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes ``model.compiled``, whole or not at all. Raises :class:`~provenn.errors.FileError`."""
        self._native.write(os.fspath(path))

    @property
    def k(self) -> int:
        """It has 2^k rows, and needs an SRS of as many powers."""
        return self._native.k

    def inspect(self) -> dict[str, Any]:
        """Rows, columns, and cells per node, in numbers of them; ``modelled_prove_seconds`` are of CPU."""
        import json

        inspection: dict[str, Any] = json.loads(self._native.inspection())
        return inspection

    def svg(self) -> str:
        """A drawing of the layout, as the text of an SVG file."""
        return self._native.svg()

    def witness(self, x: Data, *, index: int | None = None, progress: Progress = None) -> Witness:
        """Runs the quantised model on an observation.

        ``x`` is an array of the model's input shape (any real dtype; without the leading 1 if you like), a tuple or dict
        of arrays for several inputs, or a data file. Of several observations, ``index`` says which, counted from 0.

        Values beyond the calibrated ranges are clamped, which a :class:`~provenn.errors.SaturationWarning` tells.
        Raises :class:`~provenn.errors.DataError` for dtype, shape or values that are not finite.

        >>> circuit = provenn.Model.load("network.onnx").calibrate("calibration.json").compile()
        >>> circuit.witness(np.zeros(10)).outputs["output"].shape
        (1, 1)
        """
        if index is not None and index < 0:
            raise DataError(f"index is {index}; observations are counted from 0")
        data = observations(x, self._native.inputs)
        with one_step(progress, "witness"):
            native = self._native.witness(data, index or 0)
        if native.observations > 1 and index is None:
            raise DataError(f"got {native.observations} observations; say which with index")
        for line in native.saturation:
            warnings.warn(line, SaturationWarning, stacklevel=2)
        return Witness(native)

    witness_async = awaitable(witness)

    def run(self, data: Data, *, progress: Progress = None) -> dict[str, Array]:
        """Outputs of the quantised model on many observations, as :meth:`provenn.Model.run` gives those of the float model:
        by name, float64, observations one after the other along the first axis. ``progress`` is told observations.

        Nodes that were clamped are told in one :class:`~provenn.errors.SaturationWarning`. Raises
        :class:`~provenn.errors.DataError`.
        """
        given = observations(data, self._native.inputs)
        with steps(progress, "quantised model") as tell:
            rows, clamped = self._native.run(given, tell)
        if clamped:
            names = ", ".join(f"`{name}`" for name in sorted(clamped))
            text = f"values of {names} left their calibrated ranges and were clamped"
            warnings.warn(text, SaturationWarning, stacklevel=2)
        return stacked(rows)

    run_async = awaitable(run)

    def load_witness(self, path: Path) -> Witness:
        """Reads ``witness.json``.

        Raises :class:`~provenn.errors.WitnessError` for one of another circuit, :class:`~provenn.errors.MissingFileError`.
        """
        return Witness(self._native.read_witness(os.fspath(path)))

    def mock(self, x: Data | Witness, *, progress: Progress = None) -> None:
        """Checks every constraint without proving, on an observation as :meth:`witness` takes it, or a witness.

        Raises :class:`~provenn.errors.MockError`, or :class:`~provenn.errors.DataError`.
        """
        witness = x if isinstance(x, Witness) else self.witness(x)
        with one_step(progress, "mock"):
            self._native.mock(witness._native)

    mock_async = awaitable(mock)

    def setup(self, srs: Srs | Path, *, progress: Progress = None) -> Prover:
        """Makes the keys, for an SRS of at least 2^k powers (a larger one is cut, which takes time).

        Raises :class:`~provenn.errors.SrsError` for one that is too small.
        """
        cut = srs.truncated(self.k) if isinstance(srs, Srs) else Srs.load(srs, self.k)
        with one_step(progress, "setup"):
            key = ProvingKey(self._native.setup(cut._native))
        return Prover(self, key, cut)

    setup_async = awaitable(setup)

    def __repr__(self) -> str:
        return f"Circuit(k={self.k})"

    def __str__(self) -> str:
        return self._native.table()

    def _repr_html_(self) -> str:
        return picture(self.svg(), str(self))


class Witness:
    """All values of the quantised model on one observation."""

    def __init__(self, native: _native.Witness) -> None:
        self._native = native

    @property
    def outputs(self) -> dict[str, Array]:
        """Outputs of the quantised model by name: float64, of the model's shapes."""
        return named(self._native.outputs())

    @property
    def input_digests(self) -> dict[str, str]:
        """Digests of hashed inputs by name, as a proof shows them: ``0x`` and 64 hex digits; none if none are hashed."""
        return dict(self._native.digests()[0])

    @property
    def output_digests(self) -> dict[str, str]:
        """Digests of hashed outputs by name."""
        return dict(self._native.digests()[1])

    @property
    def saturation(self) -> list[str]:
        """Which nodes were clamped to their calibrated ranges, and how much; empty for a witness from a file."""
        return self._native.saturation

    def save(self, path: Path) -> None:
        """Writes ``witness.json``; it holds private inputs, so a new file is for its owner alone.

        Raises :class:`~provenn.errors.FileError`.
        """
        self._native.write(os.fspath(path))

    def __repr__(self) -> str:
        return f"Witness({', '.join(self.outputs)})"


class Prover:
    """Circuit, key and SRS: all that proving takes. Immutable; threads may prove at the same time."""

    def __init__(self, circuit: Circuit, key: ProvingKey, srs: Srs) -> None:
        self.circuit = circuit
        self.key = key
        self.srs = srs

    @classmethod
    def load(cls, circuit: Circuit | Path, pk: ProvingKey | Path, srs: Srs | Path) -> Prover:
        """From files, or what was read from them.

        Raises :class:`~provenn.errors.ArtefactError`, :class:`~provenn.errors.KeyFileError`,
        :class:`~provenn.errors.SrsError`, by the file that is wrong; whether they belong together, :meth:`prove` looks.
        """
        circuit = circuit if isinstance(circuit, Circuit) else Circuit.load(circuit)
        key = pk if isinstance(pk, ProvingKey) else ProvingKey.load(pk)
        cut = srs.truncated(circuit.k) if isinstance(srs, Srs) else Srs.load(srs, circuit.k)
        return cls(circuit, key, cut)

    @property
    def verifying_key(self) -> VerifyingKey:
        """What the verifier gets."""
        return self.key.verifying_key

    def commit(self, *, progress: Progress = None) -> tuple[Commitment, Opening]:
        """Commits to the weights of the circuit, once for any number of proofs, where settings say that they are committed.

        The commitment is for verifiers, the opening for :meth:`prove`, and a secret. A model of the same architecture that
        was trained further proves with the same key, and a commitment of its own.
        Raises :class:`~provenn.errors.ProveError` where the weights are fixed.
        """
        with one_step(progress, "commit"):
            commitment, opening = self.circuit._native.commit(self.key._native, self.srs._native)
        return Commitment(commitment), Opening(opening)

    commit_async = awaitable(commit)

    def commit_inputs(
        self, x: Data | Witness, *, progress: Progress = None
    ) -> tuple[TensorCommitment, TensorOpening]:
        """Commits to the inputs of an observation, as :meth:`Circuit.witness` takes it, where settings say that inputs are
        committed: once for any number of proofs, of all models whose circuits have as many rows and such inputs.

        The commitment is for verifiers, the opening for :meth:`prove`, and a secret. Raises
        :class:`~provenn.errors.DataError`, and :class:`~provenn.errors.ProveError` for more than fits into columns.
        """
        return self._commit_tensors(x, False, progress)

    commit_inputs_async = awaitable(commit_inputs)

    def commit_outputs(
        self, x: Data | Witness, *, progress: Progress = None
    ) -> tuple[TensorCommitment, TensorOpening]:
        """As :meth:`commit_inputs`, to the outputs that the quantised model gives on the observation. One model's committed
        outputs may be another's committed inputs."""
        return self._commit_tensors(x, True, progress)

    commit_outputs_async = awaitable(commit_outputs)

    def _commit_tensors(
        self, x: Data | Witness, outputs: bool, progress: Progress
    ) -> tuple[TensorCommitment, TensorOpening]:
        witness = x if isinstance(x, Witness) else self.circuit.witness(x)
        with one_step(progress, "commit"):
            opening = witness._native.commit(self.srs._native, outputs)
        return TensorCommitment(opening.commitment()), TensorOpening(opening)

    def prove(
        self,
        x: Data | Witness,
        *,
        opening: Opening | Path | None = None,
        inputs_opening: TensorOpening | Path | None = None,
        outputs_opening: TensorOpening | Path | None = None,
        prover: Literal["own", "stock"] = "own",
        max_memory_gib: float | None = None,
        progress: Progress = None,
    ) -> Proof:
        """Proves what the quantised model gives on an observation, as :meth:`Circuit.witness` takes it.

        ``opening`` is what :meth:`commit` gave, where weights are committed, ``inputs_opening`` and ``outputs_opening`` what
        :meth:`commit_inputs` and :meth:`commit_outputs` gave, where these are.
        ``max_memory_gib`` is what the process may take: less memory costs time, too little is refused. ``prover``
        "stock" is halo2's, several times slower; verifiers accept both.

        Raises :class:`~provenn.errors.DataError`, :class:`~provenn.errors.ProveError`.

        >>> circuit = provenn.Model.load("network.onnx").calibrate("calibration.json").compile()
        >>> prover = circuit.setup(provenn.Srs.draw_insecure(circuit.k))
        >>> proof = prover.prove("input.json")
        >>> verified = provenn.verify(proof, prover.verifying_key, prover.srs, allow_insecure_srs=True)
        >>> verified.outputs["output"].shape
        (1, 1)
        """
        if prover not in ("own", "stock"):
            raise ProveError(f'prover is {prover!r}, expected "own" or "stock"')
        if max_memory_gib is not None and not 2**-30 <= max_memory_gib <= 2**23:
            raise ProveError(f"max_memory_gib is {max_memory_gib}, expected a positive number of GiB")
        memory = None if max_memory_gib is None else int(max_memory_gib * 2**30)
        if opening is not None and not isinstance(opening, Opening):
            opening = Opening.load(opening)
        opens = None if opening is None else opening._native
        tensors = (tensor_opening(inputs_opening), tensor_opening(outputs_opening))
        witness = x if isinstance(x, Witness) else self.circuit.witness(x)
        with one_step(progress, "prove"):
            native, warning, seconds = self.circuit._native.prove(
                self.key._native,
                self.srs._native,
                witness._native,
                memory,
                prover == "stock",
                opens,
                *tensors,
            )
        if warning is not None:
            warnings.warn(warning, BlindingWarning, stacklevel=2)
        return Proof(native, dict(seconds))

    prove_async = awaitable(prove)

    def witness(self, x: Data, *, index: int | None = None) -> Witness:
        """As :meth:`Circuit.witness`: raises :class:`~provenn.errors.DataError`."""
        return self.circuit.witness(x, index=index)

    def mock(self, x: Data | Witness) -> None:
        """As :meth:`Circuit.mock`: raises :class:`~provenn.errors.MockError`."""
        self.circuit.mock(x)

    def save(self, folder: Path) -> None:
        """Writes ``model.compiled``, ``pk.key``, ``vk.key`` and ``kzg.srs`` into a folder, which is made.

        Raises :class:`~provenn.errors.FileError`.
        """
        os.makedirs(folder, exist_ok=True)
        self.circuit.save(os.path.join(folder, "model.compiled"))
        self.key.save(os.path.join(folder, "pk.key"))
        self.verifying_key.save(os.path.join(folder, "vk.key"))
        self.srs.save(os.path.join(folder, "kzg.srs"))

    def __repr__(self) -> str:
        return f"Prover({self.circuit!r}, {self.verifying_key!r})"
