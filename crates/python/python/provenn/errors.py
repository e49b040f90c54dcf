"""Exceptions and warnings, by what they are about.

The message of each is what the command line says. Every exception is a :class:`ProvennError`, which is a
``RuntimeError``; where Python has a class of the same meaning (``ValueError``, ``OSError``, ``FileNotFoundError``), it is
one of that too.
"""

from __future__ import annotations

__all__ = [
    "ArtefactError",
    "BlindingWarning",
    "CalibrationError",
    "CancelledError",
    "CompileError",
    "DataError",
    "FetchError",
    "FileError",
    "ForkedError",
    "IgnoredArgumentWarning",
    "InternalError",
    "InvalidProofError",
    "KeyFileError",
    "MissingFileError",
    "MissingPackageError",
    "MockError",
    "ModelError",
    "NotSupportedError",
    "PrecisionWarning",
    "PredictionError",
    "ProveError",
    "ProvennError",
    "ProvennWarning",
    "QuantiseError",
    "SaturationWarning",
    "SettingsError",
    "SetupError",
    "SrsError",
    "VerifyError",
    "WitnessError",
]


class ProvennError(RuntimeError):
    """Whatever went wrong."""


class ModelError(ProvennError):
    """The model cannot be read, or has operators that cannot be proved."""


class DataError(ProvennError, ValueError):
    """Observations or labels do not fit the model: their type, number, shape, or a value that is not finite."""


class SettingsError(ProvennError, ValueError):
    """Settings or run arguments are wrong, or are another model's."""


class CalibrationError(ProvennError):
    """No settings keep the limits given to calibration."""


class QuantiseError(ProvennError):
    """The model cannot be quantised, or has no result on the inputs."""


class CompileError(ProvennError):
    """The quantised model cannot be laid out."""


class WitnessError(ProvennError):
    """A witness is not one of the circuit."""


class FileError(ProvennError, OSError):
    """A file cannot be read or written."""


class MissingFileError(FileError, FileNotFoundError):
    """A file is not there."""


class ArtefactError(ProvennError):
    """A file is not the artefact that it should be."""


class FetchError(ProvennError):
    """A ceremony's file cannot be fetched."""


class SrsError(ProvennError):
    """The structured reference string is wrong, too small, or another one."""


class SetupError(ProvennError):
    """Keys cannot be made."""


class KeyFileError(ProvennError):
    """A key's file is wrong."""


class ProveError(ProvennError):
    """Circuit, key, SRS and witness do not belong together, or memory does not suffice."""


class VerifyError(ProvennError):
    """A proof was not accepted. Unless it is an :class:`InvalidProofError`, it was not looked at."""


class InvalidProofError(VerifyError):
    """A proof does not prove what it should."""


class MockError(ProvennError):
    """A constraint does not hold."""


class InternalError(ProvennError):
    """An error of this program, and where it is; please report it."""


class ForkedError(ProvennError):
    """The process was forked from one that had worked already."""


class CancelledError(ProvennError):
    """The task that waited for a call was cancelled."""


class MissingPackageError(ProvennError, ImportError):
    """A package that a converter needs is not installed."""


class NotSupportedError(ProvennError, NotImplementedError):
    """There is no counterpart here, for the reason given."""


class PredictionError(ProvennError):
    """The exported model computes something else than the model it was exported from."""


class ProvennWarning(UserWarning):
    """Something to know although a call succeeds."""


class SaturationWarning(ProvennWarning):
    """Values left their calibrated ranges and were clamped."""


class PrecisionWarning(ProvennWarning):
    """Quantisation leaves too little of an output."""


class BlindingWarning(ProvennWarning):
    """A proof is sound but hides less than it could."""


class IgnoredArgumentWarning(ProvennWarning):
    """An argument has no counterpart here and changes nothing."""
