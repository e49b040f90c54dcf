"""The structured reference string."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from . import _native
from ._progress import Progress, one_step, steps
from ._tasks import in_thread
from .errors import FetchError, SrsError

if TYPE_CHECKING:
    from ._arrays import Path


class Srs:
    """A structured reference string (SRS) for circuits of up to 2^k rows.

    Whoever knows the secret behind it can forge proofs, so a real one comes from a ceremony (:meth:`get`), and one of
    your own (:meth:`draw_insecure`) is for tests.
    """

    def __init__(self, native: _native.Srs) -> None:
        self._native = native

    @classmethod
    def get(
        cls,
        k: int,
        *,
        cache: Path | None = None,
        mirror: str | None = None,
        offline: bool = False,
        progress: Progress = None,
    ) -> Srs:
        """The SRS of a ceremony for 2^k rows: from the cache, or downloaded into it, checked.

        ``cache`` is a folder (by default ``$PROVENN_SRS_CACHE``, or where the system keeps caches); ``progress`` is told
        bytes. Raises :class:`~provenn.errors.FetchError` and :class:`~provenn.errors.SrsError`.
        """
        folder = cache_folder(cache)
        found = _native.Srs.cached(folder, k)
        if found is None and (offline or not hasattr(_native.Srs, "download")):
            raise SrsError(
                f"{folder}: no srs of k >= {k}; download a ceremony's file of at least that k and give it to "
                f"Srs.load, or for tests draw one with Srs.draw_insecure({k})"
            )
        if found is None:
            with steps(progress, "srs") as tell:
                found = _native.Srs.download(folder, k, mirror, tell)
        return cls(found)

    @classmethod
    async def get_async(
        cls,
        k: int,
        *,
        cache: Path | None = None,
        mirror: str | None = None,
        offline: bool = False,
        progress: Progress = None,
    ) -> Srs:
        """As :meth:`get`, for event loops."""
        return await in_thread(
            cls.get, k, cache=cache, mirror=mirror, offline=offline, progress=progress
        )

    @classmethod
    def draw_insecure(cls, k: int, *, progress: Progress = None) -> Srs:
        """Draws one, for tests: the secret passed through this program's memory.

        Raises :class:`~provenn.errors.SrsError` for k out of range.

        >>> provenn.Srs.draw_insecure(5).truncated(4).k
        4
        """
        with one_step(progress, "srs"):
            return cls(_native.Srs.draw_insecure(_whole(k)))

    @classmethod
    def load(cls, path: Path, k: int | None = None) -> Srs:
        """Reads a file of ours, of halo2's raw format, or powers of tau (``.ptau``); cut to 2^k powers if k is given.

        Raises :class:`~provenn.errors.SrsError`, also if it has fewer, and :class:`~provenn.errors.MissingFileError`.
        """
        return cls(_native.Srs.read(os.fspath(path), k))

    def save(self, path: Path) -> None:
        """Writes it. Raises :class:`~provenn.errors.FileError`."""
        self._native.write(os.fspath(path))

    def truncated(self, k: int) -> Srs:
        """The same for 2^k rows. Raises :class:`~provenn.errors.SrsError` if it has fewer."""
        return self if k == self.k else Srs(self._native.truncated(k))

    @property
    def k(self) -> int:
        """It serves circuits of 2^k rows."""
        return self._native.k

    @property
    def verifier(self) -> VerifierSrs:
        """What a verifier needs of it: three points, the same for every k."""
        return VerifierSrs(self._native.verifier())

    @property
    def digest(self) -> str:
        """Names the secret behind it, whatever k and format: 64 hex digits."""
        return self.verifier.digest

    def __repr__(self) -> str:
        return f"Srs(k={self.k}, digest={self.digest[:16]}…)"


class VerifierSrs:
    """The verifier's part of an SRS."""

    def __init__(self, native: _native.VerifierSrs) -> None:
        self._native = native

    @classmethod
    def load(cls, path: Path) -> VerifierSrs:
        """Reads it from any SRS file. Raises :class:`~provenn.errors.SrsError`, :class:`~provenn.errors.MissingFileError`."""
        return cls(_native.VerifierSrs.read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes it. Raises :class:`~provenn.errors.FileError`."""
        self._native.write(os.fspath(path))

    @property
    def digest(self) -> str:
        """As of the whole SRS: 64 hex digits."""
        return bytes(self._native.digest).hex()

    @property
    def ceremony(self) -> str | None:
        """Name of the ceremony, if it is of one that is known."""
        return self._native.ceremony

    def __repr__(self) -> str:
        return f"VerifierSrs(digest={self.digest[:16]}…, ceremony={self.ceremony!r})"


def cache_folder(cache: Path | None = None) -> str:
    """The folder of cached SRS files."""
    given = cache if cache is not None else os.environ.get("PROVENN_SRS_CACHE")
    if given is not None:
        return os.fspath(given)
    if not hasattr(_native.Srs, "default_folder"):
        raise FetchError("no folder of cached srs files; give one, or set PROVENN_SRS_CACHE")
    return os.fspath(_native.Srs.default_folder())


def _whole(k: int) -> int:
    if not 0 <= k < 1 << 32:
        raise SrsError(f"k is {k}, which no srs has")
    return k
