"""ezkl's functions, by ezkl's names and arguments, done by provenn: a script changes one import.

::

    import provenn.ezkl as ezkl

Files have ezkl's names and roles, but provenn's contents; functions return what ezkl's return. Where something has no
counterpart here, a call raises :class:`~provenn.errors.NotSupportedError` with the reason and a pointer; an argument that
would change nothing warns (:class:`~provenn.errors.IgnoredArgumentWarning`). Failures raise
:class:`~provenn.errors.ProvennError`, which is a ``RuntimeError``, as there.

What differs in meaning is listed in the book, under *Migrating from ezkl*.
"""

from __future__ import annotations

import os
import warnings
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NoReturn, Optional, Sequence, Union

from . import _native
from ._circuit import Circuit, Prover
from ._felts import (
    buffer_to_felts,
    felt_bytes,
    felt_of,
    felt_to_big_endian,
    felt_to_float,
    felt_to_int,
    float_to_felt,
    PyInputType,
)
from ._model import Model
from ._proof import ProvingKey, VerifyingKey, verify as _verify
from ._settings import RunArgs, Settings
from ._srs import Srs, VerifierSrs
from .errors import IgnoredArgumentWarning, NotSupportedError, SettingsError, SrsError

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

__all__ = [
    "PyG1",
    "PyG1Affine",
    "PyInputType",
    "PyRunArgs",
    "PyTestDataSource",
    "PyTestDataset",
    "PyVisibility",
    "buffer_to_felts",
    "calibrate_settings",
    "compile_circuit",
    "create_evm_verifier",
    "create_evm_vka",
    "deploy_evm",
    "encode_evm_calldata",
    "felt_to_big_endian",
    "felt_to_float",
    "felt_to_int",
    "float_to_felt",
    "gen_random_data",
    "gen_settings",
    "gen_srs",
    "gen_vk_from_pk_single",
    "gen_witness",
    "get_srs",
    "kzg_commit",
    "mock",
    "poseidon_hash",
    "prove",
    "register_vka",
    "setup",
    "swap_proof_commitments",
    "table",
    "verify",
    "verify_evm",
]

__version__: str = _native.__version__

Path: TypeAlias = "Union[str, os.PathLike[str]]"

_EVM = "no contract verifies these proofs: their transcript and public values are made for verifiers off chain"
_COMMIT = "proofs name commitments that hide what they are to, made by `provenn.Prover.commit` (weights), `commit_inputs` and `commit_outputs`; this one would hide nothing that can be guessed"
_SECRET = "inputs that nobody may see are `private`, or `hashed` where a digest of them is to be shown; weights, inputs and outputs can be committed to by `provenn.Prover`'s `commit`, `commit_inputs` and `commit_outputs`"

# Digests of the SRS that this process drew: it need not be told that it may trust them for tests.
_drawn: set[str] = set()


class PyRunArgs:
    """Arguments of :func:`gen_settings`.

    ``input_scale``, ``param_scale`` and ``logrows`` are None until they are set: calibration and planner then choose,
    better than a fixed number does. What the planner always chooses keeps ezkl's default and changes nothing.
    """

    _CHOSEN: dict[str, Any] = {
        "bounded_log_lookup": False,
        "check_mode": "unsafe",
        "decomp_base": 16384,
        "decomp_legs": 2,
        "disable_freivalds": False,
        "epsilon": 2.220446049250313e-16,
        "ignore_range_check_inputs_outputs": False,
        "lookup_range": (-32768, 32768),
        "num_inner_cols": 2,
        "rebase_frac_zero_constants": False,
        "scale_rebase_multiplier": 1,
    }

    def __init__(self) -> None:
        self.input_scale: Optional[int] = None
        self.param_scale: Optional[int] = None
        self.logrows: Optional[int] = None
        self.input_visibility: str = "public"
        self.output_visibility: str = "public"
        self.param_visibility: str = "fixed"
        self.variables: list[tuple[str, int]] = [("batch_size", 1)]
        self.bounded_log_lookup: bool = False
        self.check_mode: str = "unsafe"
        self.decomp_base: int = 16384
        self.decomp_legs: int = 2
        self.disable_freivalds: bool = False
        self.epsilon: float = 2.220446049250313e-16
        self.ignore_range_check_inputs_outputs: bool = False
        self.lookup_range: tuple[int, int] = (-32768, 32768)
        self.num_inner_cols: int = 2
        self.rebase_frac_zero_constants: bool = False
        self.scale_rebase_multiplier: int = 1

    def __setattr__(self, name: str, value: Any) -> None:
        if name.endswith("_visibility"):
            value = _visibility(name, value)
        object.__setattr__(self, name, value)

    def _run_args(self) -> RunArgs:
        for name, default in self._CHOSEN.items():
            given = getattr(self, name)
            if (tuple(given) if isinstance(given, list) else given) != default:
                _ignored(name, "the planner chooses")
        args = RunArgs(
            input_scale=self.input_scale,
            logrows=self.logrows,
            input_visibility=_of_inputs(self.input_visibility),
            output_visibility=_of_outputs(self.output_visibility),
        )
        if self.param_scale is not None:
            if self.param_scale >= 1:
                args["shift"] = self.param_scale
            else:
                _ignored("param_scale", "weights are rounded to steps of their own")
        if self.param_visibility == "hashed":
            _unsupported(
                "param_visibility 'hashed'",
                "weights are fixed in the verifying key, whose digest names them, or committed to by `provenn.Prover.commit`",
            )
        if self.param_visibility == "public":
            _unsupported(
                "param_visibility 'public'",
                "whoever knows the model can make the key of fixed weights from it, and compare; weights are fixed in the verifying key",
            )
        if self.param_visibility == "private":
            _ignored(
                "param_visibility",
                "weights are fixed in the verifying key, which commits to them and does not show them",
            )
        return args

    def _variables(self) -> dict[str, int]:
        # One observation at a time is what is meant unless something else is said.
        return {name: count for name, count in self.variables if (name, count) != ("batch_size", 1)}


class PyTestDataSource(Enum):
    """Where data of a test come from; only files have a counterpart."""

    File = auto()
    OnChain = auto()


PyTestDataset = PyTestDataSource


class PyVisibility(str, Enum):
    """Who sees a tensor, for the fields of :class:`PyRunArgs`, which take the names as text too."""

    Public = "public"
    Private = "private"
    Hashed = "hashed"
    Fixed = "fixed"
    KZGCommit = "kzgcommit"


class PyG1:
    """A point of the curve in projective coordinates; no function here gives any."""

    def __init__(self) -> None:
        _unsupported("PyG1", "points of the curve are not handed out")


class PyG1Affine:
    """A point of the curve; no function here gives any."""

    def __init__(self) -> None:
        _unsupported("PyG1Affine", "points of the curve are not handed out")


def table(model: Path = "network.onnx", py_run_args: Optional[PyRunArgs] = None) -> str:
    """The nodes of an ONNX file, a line each."""
    return str(_load(model, py_run_args))


def gen_random_data(
    model: Path = "network.onnx",
    output: Path = "input.json",
    variables: Sequence[tuple[str, int]] = (("batch_size", 1),),
    seed: int = 21242,
    min: Optional[float] = None,
    max: Optional[float] = None,
) -> bool:
    """Writes a random observation of the model's input shapes; values in [min, max), by default [0, 1)."""
    args = PyRunArgs()
    args.variables = list(variables)
    low = 0.0 if min is None else min
    data = _load(model, args).random_data(seed=seed, low=low, high=1.0 if max is None else max)
    data.save(output)
    return True


def gen_settings(
    model: Path = "network.onnx",
    output: Path = "settings.json",
    py_run_args: Optional[PyRunArgs] = None,
) -> bool:
    """Writes settings made from arguments alone."""
    args = py_run_args or PyRunArgs()
    _load(model, args).gen_settings(**args._run_args()).save(output)
    return True


def calibrate_settings(
    data: Path = "calibration.json",
    model: Path = "network.onnx",
    settings: Path = "settings.json",
    target: str = "resources",
    lookup_safety_margin: float = 2.0,
    scales: Optional[Sequence[int]] = None,
    scale_rebase_multiplier: Sequence[int] = (1,),
    max_logrows: Optional[int] = None,
) -> bool:
    """Takes ranges from data, chooses the precision, and writes both into the settings, and ``run_args.logrows``.

    ``target`` is "resources" or "accuracy"; "resources/col-overflow" is the first.
    """
    if target == "resources/col-overflow":
        target = "resources"
    if lookup_safety_margin != 2:
        _ignored("lookup_safety_margin", "ranges get a margin, and what lies beyond saturates")
    if list(scale_rebase_multiplier) != [1]:
        _ignored("scale_rebase_multiplier", "calibration chooses the scales")
    found = Model.load_for(model, settings).calibrate(
        _data(data),
        settings=settings,
        target=target,  # type: ignore[arg-type]
        max_logrows=max_logrows,
        input_scales=scales or (),
    )
    said = found.settings.to_dict()
    # Where scripts look it up, for `gen_srs` and others; the layout is the same.
    said["run_args"]["logrows"] = said["k"]
    Settings.from_dict(said).save(settings)
    return True


def compile_circuit(
    model: Path = "network.onnx",
    compiled_circuit: Path = "model.compiled",
    settings_path: Path = "settings.json",
) -> bool:
    """Writes the compiled circuit."""
    Model.load_for(model, settings_path).compile(settings_path).save(compiled_circuit)
    return True


def gen_srs(srs_path: Path, logrows: int) -> None:
    """Draws an SRS, for tests. This process then trusts it in :func:`verify`; any other has to be told."""
    srs = Srs.draw_insecure(logrows)
    srs.save(srs_path)
    _drawn.add(srs.digest)


async def get_srs(
    settings_path: Path = "settings.json",
    logrows: Optional[int] = None,
    srs_path: Optional[Path] = None,
) -> bool:
    """Fetches the SRS of a ceremony, unless it is cached, and writes it to ``srs_path`` if that is given."""
    if logrows is None:
        logrows = Settings.load(settings_path).k
    if logrows is None:
        raise SettingsError(
            f"{os.fspath(settings_path)}: does not say how many rows the circuit has; calibrate first, or give logrows"
        )
    srs = await Srs.get_async(logrows)
    if srs_path is not None:
        srs.save(srs_path)
    return True


def setup(
    model: Path = "model.compiled",
    vk_path: Path = "vk.key",
    pk_path: Path = "pk.key",
    srs_path: Optional[Path] = None,
    witness_path: Optional[Path] = None,
    disable_selector_compression: bool = False,
) -> bool:
    """Writes the keys. Without ``srs_path``, the SRS is the cached one that :func:`get_srs` fetched."""
    if witness_path is not None:
        _ignored("witness_path", "keys depend on no witness")
    if disable_selector_compression:
        _ignored("disable_selector_compression", "there are no selectors to compress")
    circuit = Circuit.load(model)
    prover = circuit.setup(_srs(srs_path, circuit.k))
    prover.key.save(pk_path)
    prover.verifying_key.save(vk_path)
    return True


def gen_vk_from_pk_single(
    path_to_pk: Path = "pk.key",
    circuit_settings_path: Path = "settings.json",
    vk_output_path: Path = "vk.key",
) -> bool:
    """Writes the verifying key that a proving key holds; settings are not needed."""
    ProvingKey.load(path_to_pk).verifying_key.save(vk_output_path)
    return True


def gen_witness(
    data: Path = "input.json",
    model: Path = "model.compiled",
    output: Optional[Path] = "witness.json",
    vk_path: Optional[Path] = None,
    srs_path: Optional[Path] = None,
) -> dict[str, Any]:
    """Runs the quantised model on the first observation. Inputs and outputs are field elements in hex, of provenn's scales;
    ``pretty_outputs`` are the outputs as numbers. Of hashed tensors, ``processed_inputs`` and ``processed_outputs`` have the
    digests, as ``poseidon_hash``."""
    witness = Circuit.load(model).witness(_data(data), index=0)
    if output is not None:
        witness.save(output)
    inputs, outputs = witness._native.integers()
    said: dict[str, Any] = {
        "inputs": [[felt_of(value) for value in tensor] for tensor in inputs],
        "outputs": [[felt_of(value) for value in tensor] for tensor in outputs],
        "pretty_outputs": [array.ravel().tolist() for array in witness.outputs.values()],
    }
    for side, digests in (("inputs", witness.input_digests), ("outputs", witness.output_digests)):
        if digests:
            felts = [felt_of(int(digest, 16)) for digest in digests.values()]
            said[f"processed_{side}"] = {"poseidon_hash": felts}
    return said


def mock(witness: Path = "witness.json", model: Path = "model.compiled") -> bool:
    """Checks every constraint; raises if one does not hold."""
    circuit = Circuit.load(model)
    circuit.mock(circuit.load_witness(witness))
    return True


def prove(
    witness: Path = "witness.json",
    model: Path = "model.compiled",
    pk_path: Path = "pk.key",
    proof_path: Optional[Path] = None,
    srs_path: Optional[Path] = None,
) -> dict[str, Any]:
    """Proves, and writes the proof to ``proof_path`` if that is given. Returns what the file says, the proof as ``proof`` too."""
    circuit = Circuit.load(model)
    key = ProvingKey.load(pk_path)
    loaded = circuit._native.read_witness(os.fspath(witness), key._native)
    from ._circuit import Witness

    prover = Prover(circuit, key, _srs(srs_path, circuit.k))
    proof = prover.prove(Witness(loaded))
    if proof_path is not None:
        proof.save(proof_path)
    said = proof.to_dict()
    return {**said, "proof": said["hex_proof"]}


def verify(
    proof_path: Path = "proof.json",
    settings_path: Path = "settings.json",
    vk_path: Path = "vk.key",
    srs_path: Optional[Path] = None,
    reduced_srs: bool = False,
    *,
    allow_insecure_srs: bool = False,
    srs_digest: Optional[str] = None,
) -> bool:
    """Verifies; raises if the proof is not valid, or says another thing than the settings.

    The SRS has to be a known ceremony's, one that this process drew with :func:`gen_srs`, or one that the last two
    arguments allow (see :func:`provenn.verify`). ``reduced_srs`` changes nothing: three points of an SRS always suffice.
    """
    if srs_path is None:
        from tempfile import TemporaryDirectory

        srs = Srs.get(VerifyingKey.load(vk_path).k, offline=True)
        with TemporaryDirectory() as folder:
            path = os.path.join(folder, "kzg.srs")
            srs.verifier.save(path)
            _verify(proof_path, vk_path, path, settings=settings_path)
        return True
    if srs_digest is None and not allow_insecure_srs:
        digest = VerifierSrs.load(srs_path).digest
        srs_digest = digest if digest in _drawn else None
    _verify(
        proof_path,
        vk_path,
        srs_path,
        settings=settings_path,
        allow_insecure_srs=allow_insecure_srs,
        srs_digest=srs_digest,
    )
    return True


def kzg_commit(
    message: Sequence[str],
    vk_path: Path = "vk.key",
    settings_path: Path = "settings.json",
    srs_path: Optional[Path] = None,
) -> NoReturn:
    """Not supported: proofs here name other commitments, which hide what can be guessed too."""
    _unsupported("kzg_commit", _COMMIT)


def poseidon_hash(message: Sequence[str]) -> list[str]:
    """The digest of field elements, any number of them, in a list of one: hex digits as the elements', least byte first.

    By the sponge that proofs use, whose parameters are not ezkl's: digests differ from ezkl's. Nor is it the digest that a
    proof shows of a hashed tensor, whose integers are packed; that is :meth:`provenn.VerifyingKey.hash`'s. Of all
    those of a claim's data, in order and in the elements' form, it is the data's digest.

    Raises :class:`~provenn.errors.DataError` for what is no field element of 64 hex digits.

    >>> [digest] = poseidon_hash([float_to_felt(x, 7) for x in (1.0, 2.0)])
    >>> felt_to_big_endian(digest)[:18]
    '0x07560daa6b8dc60f'
    """
    elements = b"".join(map(felt_bytes, message))
    return [bytes(_native.hash_elements(elements)).hex()]


def swap_proof_commitments(
    proof_path: Path = "proof.json", witness_path: Path = "witness.json"
) -> NoReturn:
    """Not supported."""
    _unsupported("swap_proof_commitments", _SECRET)


def create_evm_verifier(
    vk_path: Path = "vk.key",
    settings_path: Path = "settings.json",
    sol_code_path: Path = "evm_deploy.sol",
    abi_path: Path = "verifier_abi.json",
    srs_path: Optional[Path] = None,
    reusable: bool = False,
) -> NoReturn:
    """Not supported."""
    _unsupported("create_evm_verifier", _EVM)


def create_evm_vka(
    vk_path: Path = "vk.key",
    settings_path: Path = "settings.json",
    vka_path: Path = "vka.bytes",
    srs_path: Optional[Path] = None,
    decimals: int = 18,
) -> NoReturn:
    """Not supported."""
    _unsupported("create_evm_vka", _EVM)


def deploy_evm(
    addr_path: Path,
    rpc_url: Optional[str] = None,
    sol_code_path: Path = "evm_deploy.sol",
    contract_type: str = "verifier",
    optimizer_runs: int = 1,
    private_key: Optional[str] = None,
) -> NoReturn:
    """Not supported."""
    _unsupported("deploy_evm", _EVM)


def register_vka(
    addr_verifier: str,
    rpc_url: Optional[str] = None,
    vka_path: Path = "vka.bytes",
    vka_digest_path: Path = "vka_digest.bytes",
    private_key: Optional[str] = None,
) -> NoReturn:
    """Not supported."""
    _unsupported("register_vka", _EVM)


def encode_evm_calldata(
    proof: Path = "proof.json",
    calldata: Path = "calldata.bytes",
    vka_path: Optional[str] = None,
    addr_vk: Optional[str] = None,
) -> NoReturn:
    """Not supported."""
    _unsupported("encode_evm_calldata", _EVM)


def verify_evm(
    addr_verifier: str,
    rpc_url: Optional[str] = None,
    proof_path: Path = "proof.json",
    vka_path: Optional[str] = None,
    encoded_calldata: Optional[str] = None,
) -> NoReturn:
    """Not supported."""
    _unsupported("verify_evm", _EVM)


def _load(model: Path, args: Optional[PyRunArgs]) -> Model:
    return Model.load(model, variables=(args or PyRunArgs())._variables())


def _data(data: Path) -> Any:
    """A file, or its JSON."""
    if isinstance(data, str) and data.lstrip().startswith(("{", "[")):
        from ._arrays import Observations

        return Observations(_native.Data.from_json(data))
    return data


def _srs(path: Optional[Path], k: int) -> Srs:
    return Srs.load(path, k) if path is not None else Srs.get(k, offline=True)


def _visibility(name: str, value: Any) -> str:
    kind = str(value.value if isinstance(value, Enum) else value).lower().split("/")[0]
    if kind in ("public", "private", "fixed", "hashed"):
        return kind
    if kind in ("encrypted", "polycommit", "kzgcommit"):
        _unsupported(f"{name} {value!r}", _SECRET)
    raise SettingsError(f"{name} is {value!r}, expected public, hashed, private or fixed")


def _of_inputs(value: str) -> Any:
    if value == "fixed":
        _unsupported(
            "input_visibility 'fixed'",
            "an input that is always the same is given to provenn.Model.load(fixed=…)",
        )
    return value


def _of_outputs(value: str) -> Any:
    if value == "private":
        _unsupported(
            "output_visibility 'private'",
            "a proof would say that the inputs have some result, as they have in any model; outputs that nobody may see are `hashed`, or committed to by `provenn.Prover.commit_outputs`",
        )
    if value == "fixed":
        _unsupported(
            "output_visibility 'fixed'",
            "the key would say what the model is yet to give; outputs are `public` or `hashed`",
        )
    return value


def _ignored(name: str, reason: str) -> None:
    warnings.warn(f"{name} changes nothing: {reason}", IgnoredArgumentWarning, stacklevel=3)


def _unsupported(what: str, reason: str) -> NoReturn:
    raise NotSupportedError(f"{what}: {reason}; see the page on migrating in provenn's book")
