"""Settings, and the arguments that they begin with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, Mapping, TypedDict

from . import _native

if TYPE_CHECKING:
    from ._arrays import Path

Visibility = Literal["public", "hashed", "committed", "private"]
OutputVisibility = Literal["public", "hashed", "committed"]


class RunArgs(TypedDict, total=False):
    """Choices that shape the circuit; what is left out is chosen by calibration and planner."""

    input_scale: int | None
    """Inputs are multiples of 2^-input_scale."""
    output_scale: int | None
    """Outputs are multiples of 2^-output_scale."""
    bits: int | None
    """Bits of an activation, 4 to 24."""
    shift: int | None
    """Bits that a rescale drops, 1 to 30: weights are rounded to about 2^-shift."""
    low_bits: int | None
    """Low bits of activation tables, 1 to 16."""
    logrows: int | None
    """Exactly 2^logrows rows."""
    two_phases: bool
    """Two challenge phases, as halo2's own prover needs."""
    input_visibility: Visibility
    """Who sees the inputs; public unless given."""
    output_visibility: OutputVisibility
    """Who sees the outputs; public unless given."""
    param_visibility: Literal["fixed", "committed"]
    """Where the weights stand: in the key, or in a commitment of their own, which hides them."""
    assumed_input_range: float
    """Inputs are assumed within ± this until they are calibrated."""


def run_args_json(
    args: Mapping[str, Any], variables: Mapping[str, int], fixed: Mapping[str, list[float]]
) -> str:
    """Run arguments as the native module takes them."""
    import json

    return json.dumps({**args, "variables": dict(variables), "fixed": dict(fixed)})


class Settings:
    """What, with the model, determines the circuit: ranges, bits, scales, visibility. As ``settings.json`` holds it."""

    def __init__(self, native: _native.Settings) -> None:
        self._native = native

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Reads ``settings.json``.

        Raises :class:`~provenn.errors.SettingsError`, or :class:`~provenn.errors.MissingFileError`.
        """
        return cls(_native.Settings.read(os.fspath(path)))

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Settings:
        """From what :meth:`to_dict` gave. Raises :class:`~provenn.errors.SettingsError`.

        >>> settings = provenn.Model.load("network.onnx").gen_settings(bits=12)
        >>> provenn.Settings.from_dict(settings.to_dict()) == settings
        True
        """
        import json

        return cls(_native.Settings.from_json(json.dumps(settings)))

    def to_dict(self) -> dict[str, Any]:
        """All that they say, as ``settings.json`` does."""
        import json

        settings: dict[str, Any] = json.loads(self._native.to_json())
        return settings

    def save(self, path: Path) -> None:
        """Writes ``settings.json``, whole or not at all. Raises :class:`~provenn.errors.FileError`."""
        self._native.write(os.fspath(path))

    @property
    def k(self) -> int | None:
        """The circuit has 2^k rows, as far as that is known: calibration tells."""
        return self._native.k

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and self._native == other._native

    def __hash__(self) -> int:
        return hash(self._native.to_json())

    def __repr__(self) -> str:
        return f"Settings(k={self.k})"
