"""Files as wholes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import _native

if TYPE_CHECKING:
    from ._arrays import Path


def digest(path: Path) -> str:
    """The digest by which others name a file: a key, SRS, compiled circuit, proof, witness, settings or model.

    64 hex digits. Raises :class:`~provenn.errors.ArtefactError` for a file that is none of these.

    >>> provenn.digest("network.onnx") == provenn.Model.load("network.onnx").digest
    True
    """
    return _native.digest(os.fspath(path))[1]


def export_verifier(
    vk: Path,
    srs: Path,
    folder: Path,
    *,
    commitment: Path | None = None,
    inputs_commitment: Path | None = None,
    outputs_commitment: Path | None = None,
) -> None:
    """Writes what a verifier needs into a folder: ``vk.key``, three points of the SRS, settings without ranges, and the
    commitments given, as ``commitment.pf``, ``inputs.pf`` and ``outputs.pf``.

    Raises :class:`~provenn.errors.SrsError` if the key was made with another SRS, :class:`~provenn.errors.KeyFileError`,
    :class:`~provenn.errors.FileError`.
    """
    given = (commitment, inputs_commitment, outputs_commitment)
    commitments = [None if path is None else os.fspath(path) for path in given]
    _native.export_verifier(os.fspath(vk), os.fspath(srs), os.fspath(folder), *commitments)
