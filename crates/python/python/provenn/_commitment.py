"""Commitments to weights."""

from __future__ import annotations

import os

from . import _native
from ._arrays import Path


class Commitment:
    """A hiding commitment to weights, for verifiers: one for any number of proofs.

    It comes with a proof that the weights are in range, which :func:`~provenn.verify` checks.
    """

    def __init__(self, native: _native.Commitment) -> None:
        self._native = native

    @classmethod
    def load(cls, path: Path) -> Commitment:
        """Reads ``commitment.pf``. Raises :class:`~provenn.errors.ArtefactError`."""
        return cls(_native.Commitment.read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes ``commitment.pf``."""
        self._native.write(os.fspath(path))

    @property
    def digest(self) -> str:
        """64 hex digits, by which proofs name it."""
        return bytes(self._native.digest).hex()

    def __repr__(self) -> str:
        return f"Commitment(digest={self.digest[:16]}…)"


class Opening:
    """What opens a commitment: a secret, which proofs take."""

    def __init__(self, native: _native.Opening) -> None:
        self._native = native

    @classmethod
    def load(cls, path: Path) -> Opening:
        """Reads ``opening.secret``. Raises :class:`~provenn.errors.ArtefactError`."""
        return cls(_native.Opening.read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes ``opening.secret``; a new file is for its owner alone."""
        self._native.write(os.fspath(path))

    @property
    def digest(self) -> str:
        """Digest of the commitment that it opens: 64 hex digits."""
        return bytes(self._native.digest).hex()

    def __repr__(self) -> str:
        return f"Opening(digest={self.digest[:16]}…)"
