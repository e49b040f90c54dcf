"""Commitments to weights, and to inputs or outputs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Generic, TypeVar

from . import _native
from ._arrays import Path

if TYPE_CHECKING:
    from typing_extensions import Self

_Native = TypeVar(
    "_Native",
    _native.Commitment,
    _native.Opening,
    _native.TensorCommitment,
    _native.TensorOpening,
)


class _Of(Generic[_Native]):
    """What there is of a commitment: a file, and the commitment's digest."""

    def __init__(self, native: _Native) -> None:
        self._native: _Native = native

    @classmethod
    def _read(cls, path: str) -> _Native:
        raise NotImplementedError

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the file. Raises :class:`~provenn.errors.ArtefactError`, :class:`~provenn.errors.MissingFileError`."""
        return cls(cls._read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes the file, whole or not at all."""
        self._native.write(os.fspath(path))

    @property
    def digest(self) -> str:
        """Digest of the commitment, by which proofs name it: 64 hex digits."""
        return bytes(self._native.digest).hex()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(digest={self.digest[:16]}…)"


class Commitment(_Of[_native.Commitment]):
    """A hiding commitment to weights, ``commitment.pf``: for verifiers, one for any number of proofs.

    It comes with a proof that the weights are in range, which :func:`~provenn.verify` checks.
    """

    @classmethod
    def _read(cls, path: str) -> _native.Commitment:
        return _native.Commitment.read(path)


class Opening(_Of[_native.Opening]):
    """What opens a commitment, ``opening.secret``: a secret, which proofs take. A new file is for its owner alone."""

    @classmethod
    def _read(cls, path: str) -> _native.Opening:
        return _native.Opening.read(path)


class TensorCommitment(_Of[_native.TensorCommitment]):
    """A hiding commitment to inputs or outputs, ``inputs.pf`` or ``outputs.pf``: for verifiers, one for any number of
    proofs, of all models whose circuits have as many rows."""

    @classmethod
    def _read(cls, path: str) -> _native.TensorCommitment:
        return _native.TensorCommitment.read(path)


class TensorOpening(_Of[_native.TensorOpening]):
    """What opens a commitment to inputs or outputs, ``inputs.secret`` or ``outputs.secret``: a secret, which proofs take.
    A new file is for its owner alone."""

    @classmethod
    def _read(cls, path: str) -> _native.TensorOpening:
        return _native.TensorOpening.read(path)


def tensor_opening(given: TensorOpening | Path | None) -> _native.TensorOpening | None:
    """The native object of an opening or its file."""
    if given is None or isinstance(given, TensorOpening):
        return None if given is None else given._native
    return TensorOpening.load(given)._native


def tensor_commitment(given: TensorCommitment | Path | None) -> _native.TensorCommitment | None:
    """The native object of a commitment or its file."""
    if given is None or isinstance(given, TensorCommitment):
        return None if given is None else given._native
    return TensorCommitment.load(given)._native
