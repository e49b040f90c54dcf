"""ezkl's functions: scripts of its users, its names and arguments, and what has no counterpart."""

from __future__ import annotations

import asyncio
import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import provenn
import provenn.ezkl as ezkl
from provenn import errors

FUNCTIONS = {
    "buffer_to_felts": ["buffer"],
    "calibrate_settings": [
        "data",
        "model",
        "settings",
        "target",
        "lookup_safety_margin",
        "scales",
        "scale_rebase_multiplier",
        "max_logrows",
    ],
    "compile_circuit": ["model", "compiled_circuit", "settings_path"],
    "create_evm_verifier": [
        "vk_path",
        "settings_path",
        "sol_code_path",
        "abi_path",
        "srs_path",
        "reusable",
    ],
    "create_evm_vka": ["vk_path", "settings_path", "vka_path", "srs_path", "decimals"],
    "deploy_evm": [
        "addr_path",
        "rpc_url",
        "sol_code_path",
        "contract_type",
        "optimizer_runs",
        "private_key",
    ],
    "encode_evm_calldata": ["proof", "calldata", "vka_path"],
    "felt_to_big_endian": ["felt"],
    "felt_to_float": ["felt", "scale"],
    "felt_to_int": ["felt"],
    "float_to_felt": ["input", "scale", "input_type"],
    "gen_random_data": ["model", "output", "variables", "seed", "min", "max"],
    "gen_settings": ["model", "output", "py_run_args"],
    "gen_srs": ["srs_path", "logrows"],
    "gen_vk_from_pk_single": ["path_to_pk", "circuit_settings_path", "vk_output_path"],
    "gen_witness": ["data", "model", "output", "vk_path", "srs_path"],
    "get_srs": ["settings_path", "logrows", "srs_path"],
    "kzg_commit": ["message", "vk_path", "settings_path", "srs_path"],
    "mock": ["witness", "model"],
    "poseidon_hash": ["message"],
    "prove": ["witness", "model", "pk_path", "proof_path", "srs_path"],
    "register_vka": ["addr_verifier", "rpc_url", "vka_path", "vka_digest_path", "private_key"],
    "setup": [
        "model",
        "vk_path",
        "pk_path",
        "srs_path",
        "witness_path",
        "disable_selector_compression",
    ],
    "swap_proof_commitments": ["proof_path", "witness_path"],
    "table": ["model", "py_run_args"],
    "verify": ["proof_path", "settings_path", "vk_path", "srs_path", "reduced_srs"],
    "verify_evm": ["addr_verifier", "rpc_url", "proof_path", "vka_path", "encoded_calldata"],
}


CLASSES = ["PyG1", "PyG1Affine", "PyInputType", "PyRunArgs", "PyTestDataSource"]
# For scripts that say by a class what a text or a path says as well.
BESIDE = ["PyTestDataset", "PyVisibility"]


def test_every_name_of_ezkl_is_there() -> None:
    assert sorted(ezkl.__all__) == sorted([*FUNCTIONS, *CLASSES, *BESIDE])
    assert all(getattr(ezkl, name).__doc__ for name in ezkl.__all__)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_names_and_arguments_are_those_of_ezkl(name: str) -> None:
    parameters = list(inspect.signature(getattr(ezkl, name)).parameters)
    assert parameters[: len(FUNCTIONS[name])] == FUNCTIONS[name] and name in ezkl.__all__


def test_visibilities_by_name_are_those_by_text() -> None:
    args = ezkl.PyRunArgs()
    args.input_visibility = ezkl.PyVisibility.Hashed
    assert args.input_visibility == "hashed"
    with pytest.raises(errors.NotSupportedError, match="commit_inputs"):
        args.input_visibility = ezkl.PyVisibility.KZGCommit


def test_a_script_from_the_model_to_a_verified_proof(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    model = models / "diabetes_linear" / "network.onnx"
    data = models / "diabetes_linear" / "input.json"
    run_args = ezkl.PyRunArgs()
    run_args.input_visibility = "Private"
    run_args.variables = [("batch_size", 1)]
    assert ezkl.gen_settings(model, "settings.json", py_run_args=run_args) is True
    assert ezkl.calibrate_settings(data, model, "settings.json", "resources") is True
    assert ezkl.compile_circuit(model, "model.compiled", "settings.json") is True
    logrows = json.loads(Path("settings.json").read_text())["run_args"]["logrows"]
    assert logrows == provenn.Circuit.load("model.compiled").k
    ezkl.gen_srs("kzg.srs", logrows + 1)
    assert ezkl.setup("model.compiled", "vk.key", "pk.key", srs_path="kzg.srs") is True
    witness = ezkl.gen_witness(data, "model.compiled", "witness.json")
    assert ezkl.mock("witness.json", "model.compiled") is True
    proof = ezkl.prove("witness.json", "model.compiled", "pk.key", "proof.json", "kzg.srs")
    assert ezkl.verify("proof.json", "settings.json", "vk.key", srs_path="kzg.srs") is True
    # Inputs are private: the instances are the outputs.
    assert proof["instances"] == witness["outputs"] and proof["proof"].startswith("0x")
    scale = json.loads(Path("settings.json").read_text())["outputs"][0]["scale"]
    output = ezkl.felt_to_float(witness["outputs"][0][0], scale)
    assert output == witness["pretty_outputs"][0][0]
    vk = Path("vk.key").read_bytes()
    assert ezkl.gen_vk_from_pk_single("pk.key", "settings.json", "vk2.key") is True
    assert Path("vk2.key").read_bytes() == vk


def test_hashed_tensors_have_the_digests_that_proofs_show(tmp_path: Path, models: Path) -> None:
    folder = models / "diabetes_linear"
    model, data = folder / "network.onnx", folder / "input.json"
    run_args = ezkl.PyRunArgs()
    run_args.input_visibility = run_args.output_visibility = "hashed"
    settings, compiled, saved = (tmp_path / name for name in ("s.json", "m.compiled", "w.json"))
    ezkl.gen_settings(model, settings, run_args)
    ezkl.calibrate_settings(folder / "calibration.json", model, settings)
    ezkl.compile_circuit(model, compiled, settings)
    said = ezkl.gen_witness(data, compiled, saved)
    circuit = provenn.Circuit.load(compiled)
    prover = circuit.setup(provenn.Srs.draw_insecure(circuit.k))
    proof = prover.prove(circuit.load_witness(saved))
    verified = provenn.verify(proof, prover.verifying_key, prover.srs, allow_insecure_srs=True)
    for side, digests in (("inputs", verified.input_digests), ("outputs", verified.output_digests)):
        felts = said[f"processed_{side}"]["poseidon_hash"]
        assert list(digests.values()) == [ezkl.felt_to_big_endian(felt) for felt in felts]
    assert prover.verifying_key.hash(data) == [verified.input_digests]
    assert proof.to_dict()["instances"][0] == [
        *said["processed_inputs"]["poseidon_hash"],
        *said["processed_outputs"]["poseidon_hash"],
    ]


def four(folder: Path) -> tuple[Path, Path, Path, Path]:
    """What a verifier is given."""
    names = ("proof.json", "settings.json", "vk.key", "kzg.srs")
    proof, settings, key, srs = (folder / name for name in names)
    return proof, settings, key, srs


def test_an_srs_that_another_process_drew_is_not_trusted(
    tmp_path: Path, prover: provenn.Prover, calibration: provenn.Calibration
) -> None:
    prover.save(tmp_path)
    calibration.settings.save(tmp_path / "settings.json")
    prover.prove(np.zeros(10)).save(tmp_path / "proof.json")
    files = four(tmp_path)
    with pytest.raises(errors.VerifyError, match="no known ceremony"):
        ezkl.verify(*files)
    assert ezkl.verify(*files, allow_insecure_srs=True)
    assert ezkl.verify(*files, srs_digest=prover.srs.digest)


def test_wrong_settings_do_not_verify(
    tmp_path: Path, prover: provenn.Prover, linear: provenn.Model
) -> None:
    prover.save(tmp_path)
    linear.gen_settings(output_visibility="hashed").save(tmp_path / "settings.json")
    prover.prove(np.zeros(10)).save(tmp_path / "proof.json")
    files = four(tmp_path)
    with pytest.raises(RuntimeError, match="not that of"):
        ezkl.verify(*files, allow_insecure_srs=True)


def test_random_data_fit_the_model(tmp_path: Path, models: Path) -> None:
    model = models / "diabetes_linear" / "network.onnx"
    assert ezkl.gen_random_data(model, tmp_path / "input.json", [("batch_size", 1)], 3, 2.0, 3.0)
    values = json.loads((tmp_path / "input.json").read_text())["input_data"][0]
    assert len(values) == 10 and all(2 <= value < 3 for value in values)


def test_the_table_has_a_line_for_each_node(models: Path) -> None:
    assert "MatMul" in ezkl.table(models / "diabetes_linear" / "network.onnx")


def test_data_may_be_json(tmp_path: Path, circuit: provenn.Circuit) -> None:
    circuit.save(tmp_path / "model.compiled")
    said = ezkl.gen_witness(f"[[{', '.join(['0.01'] * 10)}]]", tmp_path / "model.compiled", None)
    expected = circuit.witness(np.full(10, 0.01)).outputs["output"].ravel()
    assert said["pretty_outputs"] == [expected.tolist()]


def test_the_srs_is_looked_up_in_the_cache(
    tmp_path: Path, circuit: provenn.Circuit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENN_SRS_CACHE", str(tmp_path))
    circuit.save(tmp_path / "model.compiled")
    with pytest.raises(errors.SrsError, match="no srs of k >="):
        ezkl.setup(tmp_path / "model.compiled", tmp_path / "vk.key", tmp_path / "pk.key")
    assert inspect.iscoroutinefunction(ezkl.get_srs)
    with pytest.raises(errors.MissingFileError):
        asyncio.run(ezkl.get_srs(tmp_path / "settings.json"))


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("create_evm_verifier", ()),
        ("create_evm_vka", ()),
        ("deploy_evm", ("addr",)),
        ("encode_evm_calldata", ()),
        ("kzg_commit", ([],)),
        ("register_vka", ("addr",)),
        ("swap_proof_commitments", ()),
        ("verify_evm", ("addr",)),
        ("PyG1", ()),
        ("PyG1Affine", ()),
    ],
)
def test_what_has_no_counterpart_says_why(name: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(errors.NotSupportedError, match=f"{name}: .*migrating"):
        getattr(ezkl, name)(*arguments)


def test_visibilities_that_there_are_not_say_so() -> None:
    run_args = ezkl.PyRunArgs()
    for value in ("polycommit", "encrypted"):
        with pytest.raises(errors.NotSupportedError):
            run_args.input_visibility = value
    with pytest.raises(ValueError, match="expected public"):
        run_args.input_visibility = "bogus"
    run_args.input_visibility = "hashed/public"
    assert run_args.input_visibility == "hashed"


@pytest.mark.parametrize(
    "name, value, reason",
    [
        ("input_visibility", "fixed", "fixed=…"),
        ("output_visibility", "fixed", "yet to give"),
        ("output_visibility", "private", "commit_outputs"),
        ("param_visibility", "public", "and compare"),
        ("param_visibility", "hashed", "Prover.commit"),
    ],
)
def test_visibilities_that_say_nothing_are_refused(
    tmp_path: Path, models: Path, name: str, value: str, reason: str
) -> None:
    run_args = ezkl.PyRunArgs()
    setattr(run_args, name, value)
    model = models / "diabetes_linear" / "network.onnx"
    with pytest.raises(errors.NotSupportedError, match=reason):
        ezkl.gen_settings(model, tmp_path / "settings.json", run_args)


def test_arguments_that_change_nothing_warn(tmp_path: Path, models: Path) -> None:
    model = models / "diabetes_linear" / "network.onnx"
    run_args = ezkl.PyRunArgs()
    ezkl.gen_settings(model, tmp_path / "plain.json", run_args)
    run_args.num_inner_cols = 4
    run_args.param_visibility = "private"
    with pytest.warns(errors.IgnoredArgumentWarning) as warned:
        ezkl.gen_settings(model, tmp_path / "settings.json", run_args)
    assert {str(w.message).split()[0] for w in warned} == {"num_inner_cols", "param_visibility"}
    assert (tmp_path / "settings.json").read_text() == (tmp_path / "plain.json").read_text()


def test_scales_and_rows_are_kept(tmp_path: Path, models: Path) -> None:
    run_args = ezkl.PyRunArgs()
    run_args.input_scale, run_args.param_scale, run_args.logrows = 8, 10, 13
    ezkl.gen_settings(
        models / "diabetes_linear" / "network.onnx", tmp_path / "settings.json", run_args
    )
    said = json.loads((tmp_path / "settings.json").read_text())["run_args"]
    assert (said["input_scale"], said["shift"], said["logrows"]) == (8, 10, 13)


def test_field_elements_are_written_as_ezkl_writes_them() -> None:
    # Results of ezkl 23.0.5.
    felt = "41ffffef93f5e1439170b97948e833285d588181b64550b829a031e1724e6430"
    assert ezkl.float_to_felt(-1.5, 7) == felt
    assert ezkl.felt_to_big_endian(felt) == (
        "0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593efffff41"
    )
    assert ezkl.felt_to_int(felt) == -192 and ezkl.felt_to_float(felt, 7) == -1.5
    halves = [0.5 / 128, 1.5 / 128, 2.5 / 128, -0.5 / 128]
    assert [ezkl.felt_to_int(ezkl.float_to_felt(x, 7)) for x in halves] == [1, 2, 3, -1]
    kinds = ezkl.PyInputType
    assert ezkl.felt_to_int(ezkl.float_to_felt(1.6, 7, kinds.Int)) == 128
    assert ezkl.felt_to_int(ezkl.float_to_felt(1.6, 7, kinds.F32)) == 205
    assert ezkl.buffer_to_felts([]) == [] and ezkl.buffer_to_felts([1, 2]) == ["0102" + "00" * 30]
    assert [felt[:4] for felt in ezkl.buffer_to_felts(list(range(33)))] == ["0001", "1011", "2000"]


@pytest.mark.parametrize("felt", ["xx", "0x01", "01" * 33, "12", "ff" * 32, ""])
def test_what_is_no_field_element_is_refused(felt: str) -> None:
    for function in (ezkl.felt_to_int, ezkl.felt_to_big_endian):
        with pytest.raises(errors.DataError):
            function(felt)
    for value in (float("nan"), float("inf")):
        with pytest.raises(errors.DataError):
            ezkl.float_to_felt(value, 7)
    with pytest.raises(errors.DataError):
        ezkl.buffer_to_felts([256])


def test_the_digest_of_field_elements() -> None:
    elements = [ezkl.float_to_felt(x, 7) for x in (1.0, -2.0, 3.0)]
    digest = ezkl.poseidon_hash(elements)
    assert len(digest) == 1 and digest == ezkl.poseidon_hash(tuple(elements))
    others = [elements[::-1], elements[:2], [*elements, ezkl.float_to_felt(0, 7)], []]
    assert len({*digest, *(ezkl.poseidon_hash(other)[0] for other in others)}) == 5
    for wrong in (["xx"], ["ff" * 32], [1], "00"):
        with pytest.raises(errors.DataError):
            ezkl.poseidon_hash(wrong)  # type: ignore[arg-type]
