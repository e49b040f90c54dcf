"""Keys, proofs, and verifying."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Union

from . import _native
from ._arrays import Data, Path, named, observations
from ._commitment import Commitment, TensorCommitment, tensor_commitment
from ._srs import Srs, VerifierSrs
from ._tasks import awaitable
from .errors import SrsError

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

    from ._arrays import Array


class VerifyingKey:
    """What a verifier needs beside the proof and three points of the SRS. It commits to the model."""

    def __init__(self, native: _native.VerifyingKey) -> None:
        self._native = native

    @classmethod
    def load(cls, path: Path) -> VerifyingKey:
        """Reads ``vk.key``. Raises :class:`~provenn.errors.KeyFileError`, :class:`~provenn.errors.MissingFileError`."""
        return cls(_native.VerifyingKey.read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes ``vk.key``. Raises :class:`~provenn.errors.FileError`."""
        self._native.write(os.fspath(path))

    @property
    def digest(self) -> str:
        """64 hex digits, by which proofs name it."""
        return bytes(self._native.digest).hex()

    @property
    def k(self) -> int:
        """The circuit has 2^k rows."""
        return self._native.k

    def hash(self, data: Data) -> list[dict[str, str]]:
        """Digests of every observation's inputs by name, as proofs under this key show them where inputs are hashed:
        ``0x`` and 64 hex digits.

        ``data`` are observations as :meth:`Model.run` takes them. Raises :class:`~provenn.errors.DataError`, also for a
        key that hashes no inputs.
        """
        return [dict(of) for of in self._native.hash(observations(data, self._native.inputs))]

    def __repr__(self) -> str:
        return f"VerifyingKey(k={self.k}, digest={self.digest[:16]}…)"


class ProvingKey:
    """What proving needs beside circuit and SRS; it holds the verifying key."""

    def __init__(self, native: _native.ProvingKey) -> None:
        self._native = native

    @classmethod
    def load(cls, path: Path) -> ProvingKey:
        """Reads ``pk.key``. Raises :class:`~provenn.errors.KeyFileError`, :class:`~provenn.errors.MissingFileError`."""
        return cls(_native.ProvingKey.read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes ``pk.key``; a new file is for its owner alone. Raises :class:`~provenn.errors.FileError`."""
        self._native.write(os.fspath(path))

    @property
    def verifying_key(self) -> VerifyingKey:
        """The verifying key."""
        return VerifyingKey(self._native.verifying_key())

    def __repr__(self) -> str:
        return f"ProvingKey({self.verifying_key!r})"


class Proof:
    """A proof and what it proves, as ``proof.json`` holds it. Nothing in it is to be believed before :func:`verify`."""

    def __init__(
        self, native: _native.Proof, seconds: dict[str, float] | None = None
    ) -> None:
        self._native = native
        self.seconds: dict[str, float] = seconds or {}
        """Wall seconds of the prover's steps, of a proof made in this process."""

    @classmethod
    def load(cls, path: Path) -> Proof:
        """Reads ``proof.json``. Raises :class:`~provenn.errors.ArtefactError`, :class:`~provenn.errors.MissingFileError`."""
        return cls(_native.Proof.read(os.fspath(path)))

    def save(self, path: Path) -> None:
        """Writes ``proof.json``. Raises :class:`~provenn.errors.FileError`."""
        self._native.write(os.fspath(path))

    def to_dict(self) -> dict[str, Any]:
        """What ``proof.json`` says: ``hex_proof``, ``instances``, ``pretty_public_inputs``, digests."""
        import json

        proof: dict[str, Any] = json.loads(self._native.to_json())
        return proof

    def __bytes__(self) -> bytes:
        return bytes.fromhex(self.to_dict()["hex_proof"][2:])

    def __repr__(self) -> str:
        return f"Proof({len(bytes(self))} bytes)"


class Verified:
    """What is known once a proof was verified."""

    def __init__(self, known: _native._Known) -> None:
        vk, srs, origin, model, committed, inputs, outputs, self._text = known
        self.vk_digest: str = vk
        """Digest of the verifying key: whether it is the right one is yours to settle."""
        self.srs_digest: str = srs
        """Digest of the SRS."""
        self.srs_origin: str = origin
        """The ceremony that it came from, or "unknown"."""
        self.model_digest: str = model
        """Digest of the model, as the key's maker states it; where weights are committed, of its architecture alone."""
        self.commitment_digest: str | None = committed[0]
        """Digest of the commitment to the weights, as :attr:`Commitment.digest`; None where the key fixes them."""
        self.inputs_commitment_digest: str | None = committed[1]
        """Digest of the commitment to the inputs; None where they are not committed."""
        self.outputs_commitment_digest: str | None = committed[2]
        """Digest of the commitment to the outputs."""
        self.inputs: dict[str, Array] = named(inputs[0])
        """Public inputs by name, float64; none if they are private, hashed or committed."""
        self.outputs: dict[str, Array] = named(outputs[0])
        """Public outputs by name, float64; none if they are private, hashed or committed."""
        self.input_digests: dict[str, str] = dict(inputs[1])
        """Digests of hashed inputs by name, ``0x`` and hex digits."""
        self.output_digests: dict[str, str] = dict(outputs[1])
        """Digests of hashed outputs by name."""

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Verified(vk_digest={self.vk_digest[:16]}…, srs_origin={self.srs_origin!r})"


AnyProof: TypeAlias = "Union[Proof, Path]"
AnyKey: TypeAlias = "Union[VerifyingKey, ProvingKey, Path]"
AnySrs: TypeAlias = "Union[Srs, VerifierSrs, Path]"


def verify(
    proof: AnyProof,
    vk: AnyKey,
    srs: AnySrs,
    *,
    commitment: Commitment | Path | None = None,
    inputs_commitment: TensorCommitment | Path | None = None,
    outputs_commitment: TensorCommitment | Path | None = None,
    settings: Path | None = None,
    allow_insecure_srs: bool = False,
    srs_digest: str | bytes | None = None,
) -> Verified:
    """Verifies a proof, and tells what it proves.

    ``proof``, ``vk`` and ``srs`` are objects or files. An SRS is trusted if it is of a known ceremony, if its digest is
    ``srs_digest`` (32 bytes or 64 hex digits), or if ``allow_insecure_srs`` says to trust any, for tests. ``commitment``
    says which weights, where the key is for committed ones: what the key names as its model is the architecture then, and
    what is proved is said of the weights in the commitment. ``inputs_commitment`` and ``outputs_commitment`` are asked for where these are
    committed. ``settings`` is a file to compare with the key; that takes
    files for the others too.

    Raises :class:`~provenn.errors.InvalidProofError` for a proof that does not prove what it should,
    :class:`~provenn.errors.VerifyError` for one that was not looked at, and as ``load`` of what is a file. It never
    returns anything false.
    """
    trusted = None if srs_digest is None else _digest(srs_digest)
    given = (proof, vk, srs, commitment, inputs_commitment, outputs_commitment)
    if all(one is None or isinstance(one, (str, os.PathLike)) for one in given):
        paths = [None if one is None else os.fspath(one) for one in given]  # type: ignore[arg-type]
        compared = None if settings is None else os.fspath(settings)
        files = (paths[0], compared, paths[1], paths[2])
        return Verified(
            _native.verify_files(*files, allow_insecure_srs, trusted, *paths[3:])  # type: ignore[arg-type]
        )
    if settings is not None:
        raise TypeError("settings are compared where proof, vk, srs and commitments are files too")
    proof = proof if isinstance(proof, Proof) else Proof.load(proof)
    if isinstance(vk, ProvingKey):
        vk = vk.verifying_key
    vk = vk if isinstance(vk, VerifyingKey) else VerifyingKey.load(vk)
    if isinstance(srs, Srs):
        srs = srs.verifier
    srs = srs if isinstance(srs, VerifierSrs) else VerifierSrs.load(srs)
    if commitment is not None and not isinstance(commitment, Commitment):
        commitment = Commitment.load(commitment)
    weights = None if commitment is None else commitment._native
    tensors = (tensor_commitment(inputs_commitment), tensor_commitment(outputs_commitment))
    return Verified(
        _native.verify(
            proof._native, vk._native, srs._native, allow_insecure_srs, trusted, weights, *tensors
        )
    )


verify_async = awaitable(verify)


def _digest(given: str | bytes) -> bytes:
    try:
        digest = given if isinstance(given, bytes) else bytes.fromhex(given.removeprefix("0x"))
    except ValueError:
        digest = b""
    if len(digest) != 32:
        raise SrsError(f"srs_digest is {given!r}, expected 64 hex digits as Srs.digest has them")
    return digest
