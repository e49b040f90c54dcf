"""Prove in zero knowledge that an output came from an ONNX model.

Each step's result has the next one as a method::

    import provenn

    model = provenn.Model.load("network.onnx")
    calibration = model.calibrate(observations, target="resources")
    circuit = calibration.compile()
    prover = circuit.setup(provenn.Srs.get(circuit.k))
    proof = prover.prove(observation)
    verified = provenn.verify(proof, prover.verifying_key, prover.srs)

Arrays are NumPy's, of any real dtype; files are ``str`` or ``os.PathLike``; errors are in :mod:`provenn.errors`. Steps
release the interpreter's lock, end with Ctrl-C, tell their progress to ``progress=`` (see :func:`progress`), and have
variants for event loops whose names end in ``_async``. Objects are immutable: threads may share them.

Scripts for ezkl change one import: ``import provenn.ezkl as ezkl``.
"""

from __future__ import annotations

import atexit as _atexit
from typing import TYPE_CHECKING, Any

from . import _native, errors
from ._arrays import Observations
from ._circuit import Circuit, Prover, Witness
from ._commitment import Commitment, Opening, TensorCommitment, TensorOpening
from ._files import digest, export_verifier
from ._model import Calibration, Frontier, Model, QuantizationError, Tensor
from ._progress import progress
from ._proof import Proof, ProvingKey, Verified, VerifyingKey, verify, verify_async
from ._settings import RunArgs, Settings
from ._srs import Srs, VerifierSrs
from ._tasks import in_thread
from .errors import ProvennError

if TYPE_CHECKING:
    from . import ezkl
    from ._converters import from_lightgbm, from_sklearn, from_torch, from_xgboost

__version__: str = _native.__version__

__all__ = [
    "Calibration",
    "Circuit",
    "Commitment",
    "Frontier",
    "Model",
    "Observations",
    "Opening",
    "Proof",
    "Prover",
    "ProvennError",
    "ProvingKey",
    "QuantizationError",
    "RunArgs",
    "Settings",
    "Srs",
    "Tensor",
    "TensorCommitment",
    "TensorOpening",
    "Verified",
    "VerifierSrs",
    "VerifyingKey",
    "Witness",
    "digest",
    "errors",
    "export_verifier",
    "ezkl",
    "from_lightgbm",
    "from_sklearn",
    "from_torch",
    "from_xgboost",
    "in_thread",
    "progress",
    "verify",
    "verify_async",
]

_CONVERTERS = ("from_lightgbm", "from_sklearn", "from_torch", "from_xgboost")

# An interrupted program leaves no half-made files.
_atexit.register(_native.remove_temporaries)


def __getattr__(name: str) -> Any:
    # Loaded when they are asked for: importing the package is to take no time.
    from importlib import import_module

    if name == "ezkl":
        return import_module(".ezkl", __name__)
    if name in _CONVERTERS:
        return getattr(import_module("._converters", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
