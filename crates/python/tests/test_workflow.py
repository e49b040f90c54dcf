"""From a model to a verified proof, in memory and through files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import provenn
from provenn import errors


def test_every_step_in_memory(linear: provenn.Model, prover: provenn.Prover) -> None:
    x = np.linspace(-0.05, 0.05, 10)
    witness = prover.witness(x)
    prover.mock(witness)
    proof = prover.prove(x)
    verified = provenn.verify(proof, prover.verifying_key, prover.srs, allow_insecure_srs=True)
    assert verified and verified.vk_digest == prover.verifying_key.digest
    assert verified.model_digest == linear.digest and verified.srs_digest == prover.srs.digest
    output = verified.outputs["output"]
    assert output.dtype == np.float64 and output.shape == (1, 1)
    np.testing.assert_array_equal(output, witness.outputs["output"])
    np.testing.assert_allclose(output, linear.run(x)["output"], rtol=1e-3)
    np.testing.assert_allclose(verified.inputs["input"], x[None], atol=1e-3)
    assert "verified" in str(verified) and len(bytes(proof)) > 1000 and proof.seconds


def test_every_step_through_files(tmp_path: Path, models: Path) -> None:
    folder = models / "diabetes_linear"
    model = provenn.Model.load(folder / "network.onnx")
    settings = model.gen_settings(input_visibility="private")
    settings.save(tmp_path / "settings.json")
    found = model.calibrate(folder / "calibration.json", settings=tmp_path / "settings.json")
    found.settings.save(tmp_path / "settings.json")
    again = provenn.Model.load_for(folder / "network.onnx", tmp_path / "settings.json")
    circuit = again.compile(tmp_path / "settings.json")
    circuit.save(tmp_path / "model.compiled")
    provenn.Srs.draw_insecure(circuit.k).save(tmp_path / "kzg.srs")
    made = provenn.Circuit.load(tmp_path / "model.compiled").setup(tmp_path / "kzg.srs")
    made.key.save(tmp_path / "pk.key")
    made.verifying_key.save(tmp_path / "vk.key")
    prover = provenn.Prover.load(
        tmp_path / "model.compiled", tmp_path / "pk.key", tmp_path / "kzg.srs"
    )
    prover.witness(folder / "input.json").save(tmp_path / "witness.json")
    proof = prover.prove(prover.circuit.load_witness(tmp_path / "witness.json"))
    proof.save(tmp_path / "proof.json")
    verified = provenn.verify(
        tmp_path / "proof.json",
        tmp_path / "vk.key",
        str(tmp_path / "kzg.srs"),
        settings=tmp_path / "settings.json",
        srs_digest=made.srs.digest,
    )
    assert verified.inputs == {} and verified.outputs["output"].shape == (1, 1)
    assert json.loads((tmp_path / "proof.json").read_text()) == proof.to_dict()
    assert provenn.digest(tmp_path / "vk.key") == made.verifying_key.digest
    provenn.export_verifier(tmp_path / "vk.key", tmp_path / "kzg.srs", tmp_path / "verifier")
    provenn.verify(
        proof,
        tmp_path / "verifier" / "vk.key",
        tmp_path / "verifier" / "kzg.srs",
        allow_insecure_srs=True,
    )


def test_a_larger_srs_serves(circuit: provenn.Circuit) -> None:
    srs = provenn.Srs.draw_insecure(circuit.k + 1)
    prover = circuit.setup(srs)
    assert prover.srs.k == circuit.k and prover.srs.digest == srs.digest


def test_a_changed_proof_is_not_accepted(tmp_path: Path, prover: provenn.Prover) -> None:
    said = prover.prove(np.zeros(10)).to_dict()
    said["hex_proof"] = said["hex_proof"][:-2] + ("00" if said["hex_proof"][-2:] != "00" else "01")
    (tmp_path / "proof.json").write_text(json.dumps(said))
    with pytest.raises(errors.InvalidProofError):
        provenn.verify(
            tmp_path / "proof.json", prover.verifying_key, prover.srs, allow_insecure_srs=True
        )


def test_an_srs_of_unknown_origin_is_told_apart_from_a_wrong_proof(prover: provenn.Prover) -> None:
    proof = prover.prove(np.zeros(10))
    with pytest.raises(errors.VerifyError, match="no known ceremony") as caught:
        provenn.verify(proof, prover.verifying_key, prover.srs)
    assert not isinstance(caught.value, errors.InvalidProofError)
    provenn.verify(proof, prover.key, prover.srs, srs_digest=bytes.fromhex(prover.srs.digest))
    with pytest.raises(errors.SrsError, match="64 hex digits"):
        provenn.verify(proof, prover.key, prover.srs, srs_digest="beef")


def test_digests_stand_for_what_is_hashed(linear: provenn.Model, models: Path) -> None:
    x = np.linspace(-0.05, 0.05, 10)
    settings = linear.gen_settings(input_visibility="hashed")
    circuit = linear.calibrate(models / "diabetes_linear" / "calibration.json", settings=settings).compile()
    prover = circuit.setup(provenn.Srs.draw_insecure(circuit.k))
    verified = provenn.verify(prover.prove(x), prover.key, prover.srs, allow_insecure_srs=True)
    assert verified.inputs == {} and len(verified.outputs) == 1
    assert prover.verifying_key.hash(x) == [verified.input_digests]
    both = prover.verifying_key.hash(np.stack([x, -x]))
    assert both[0] == verified.input_digests != both[1]
    with pytest.raises(errors.DataError, match="does not hash"):
        linear.calibrate(x[None]).compile().setup(prover.srs).verifying_key.hash(x)


def test_settings_say_what_was_asked(linear: provenn.Model) -> None:
    settings = linear.gen_settings(bits=14, output_visibility="hashed")
    args = settings.to_dict()["run_args"]
    assert args["bits"] == 14 and args["output_visibility"] == "hashed"
    assert provenn.Settings.from_dict(settings.to_dict()) == settings


@pytest.mark.parametrize(
    "part, visibility, reason",
    [
        ("input", "fixed", "with their values"),
        ("output", "fixed", "yet to give"),
        ("output", "private", "some result, as they have in any model"),
        ("param", "public", "and compare"),
        ("param", "hashed", "in every proof"),
        ("param", "private", "some always do"),
    ],
)
def test_visibilities_that_say_nothing_are_refused(
    linear: provenn.Model, models: Path, part: str, visibility: str, reason: str
) -> None:
    name = f"{part}_visibility"
    asked: Any = {name: visibility}
    refused = pytest.raises(errors.SettingsError, match=f"{name} cannot be {visibility}: .*{reason}.*; ")
    with refused:
        linear.gen_settings(**asked)
    with refused:
        linear.calibrate(models / "diabetes_linear" / "calibration.json", **asked)
    said: Any = linear.gen_settings().to_dict()
    said["run_args"][name] = visibility
    with refused:
        provenn.Settings.from_dict(said)


def test_calibration_keeps_a_limit_on_errors(linear: provenn.Model, models: Path) -> None:
    data = models / "diabetes_linear" / "calibration.json"
    found = linear.calibrate(data, max_error=0.5, output_visibility="hashed")
    assert found.chosen["error"] <= 0.5
    with pytest.raises(errors.CalibrationError):
        linear.calibrate(data, max_error=0.0)


def test_several_inputs_have_names(two_inputs: provenn.Model) -> None:
    rng = np.random.default_rng(0)
    x0, x1 = rng.normal(size=(20, 4)), rng.normal(size=(20, 5))
    circuit = two_inputs.calibrate({"x1": x1, "x0": x0}).compile()
    by_name = circuit.witness({"x0": x0[0], "x1": x1[0]}).outputs
    in_order = circuit.witness((x0[:1], x1[:1])).outputs
    for name, output in two_inputs.run((x0[0], x1[0])).items():
        np.testing.assert_array_equal(by_name[name], in_order[name])
        np.testing.assert_allclose(by_name[name], output, atol=1e-2)


def test_fixed_inputs_are_no_inputs(models: Path) -> None:
    path = models / "ops" / "graphs" / "multi_input.onnx"
    model = provenn.Model.load(path, fixed={"x1": np.arange(5)})
    assert [tensor.name for tensor in model.inputs] == ["x0"]
    settings = model.gen_settings()
    assert [t.name for t in provenn.Model.load_for(path, settings).inputs] == ["x0"]


def test_the_comparison_counts_observations(
    linear: provenn.Model, calibration: provenn.Calibration, models: Path
) -> None:
    x = np.random.default_rng(1).normal(size=(30, 10)) * 0.05
    report = linear.quantization_error(calibration.settings, x)
    assert report.observations == 30 and 0 <= report.max_abs_error < 1
    assert calibration.quantization_error(x).to_dict() == report.to_dict()
    scored = linear.quantization_error(calibration.settings, x, labels=linear.run(x)["output"])
    assert scored.to_dict()["task"]["rmse"]["float"] < 1e-3
    with pytest.raises(errors.DataError, match="label"):
        linear.quantization_error(calibration.settings, x, labels=[1.0])


def test_the_quantised_model_runs_on_many_observations(
    linear: provenn.Model, circuit: provenn.Circuit
) -> None:
    x = np.random.default_rng(2).uniform(-0.05, 0.05, size=(5, 10))
    outputs = circuit.run(x)["output"]
    assert outputs.shape == (5, 1)
    np.testing.assert_allclose(outputs, linear.run(x)["output"], atol=1e-3)
    for row, output in zip(x, outputs, strict=True):
        np.testing.assert_array_equal(circuit.witness(row).outputs["output"].ravel(), output)
    with pytest.warns(errors.SaturationWarning, match="`input`"):
        circuit.run(np.full((2, 10), 50.0))


def test_random_data_are_the_same_for_a_seed(linear: provenn.Model) -> None:
    one, same, other = (linear.run(linear.random_data(3, seed=s))["output"] for s in (1, 1, 2))
    assert one.shape == (3, 1)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    with pytest.raises(errors.DataError):
        linear.random_data(0)
