"""Weights, inputs and outputs in commitments of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import provenn
import pytest
from provenn import errors


def test_a_model_that_was_trained_further_proves_under_the_old_key(models: Path, tmp_path: Path) -> None:
    original, retrained = models / "digits_cnn", models / "digits_cnn_retrained"
    model = provenn.Model.load(original / "network.onnx")
    settings = model.gen_settings(param_visibility="committed")
    calibration = model.calibrate(original / "calibration.json", settings=settings)
    circuit = calibration.compile()
    srs = provenn.Srs.draw_insecure(circuit.k)
    prover = circuit.setup(srs)
    commitment, opening = prover.commit()

    tuned = provenn.Model.load(retrained / "network.onnx").compile(calibration.settings)
    later = provenn.Prover(tuned, prover.key, srs)
    new_commitment, new_opening = later.commit()
    assert commitment.digest == opening.digest != new_commitment.digest

    x = np.random.default_rng(0).uniform(0, 1, (1, 8, 8))
    proof = later.prove(x, opening=new_opening)
    key = prover.verifying_key
    verified = provenn.verify(proof, key, srs, commitment=new_commitment, allow_insecure_srs=True)
    assert verified.outputs["output"].shape == (1, 10)
    assert verified.commitment_digest == new_commitment.digest
    assert "architecture" in str(verified) and verified.model_digest != model.digest
    with pytest.raises(errors.VerifyError):
        provenn.verify(proof, key, srs, commitment=commitment, allow_insecure_srs=True)
    with pytest.raises(errors.VerifyError, match="--commitment"):
        provenn.verify(proof, key, srs, allow_insecure_srs=True)
    with pytest.raises(errors.ProveError):
        prover.prove(x)
    with pytest.raises(errors.ProveError):
        prover.prove(x, opening=new_opening)

    names = ("proof.json", "vk.key", "kzg.srs", "commitment.pf", "opening.secret")
    saved, vk, kzg, committed, secret = (tmp_path / name for name in names)
    proof.save(saved)
    key.save(vk)
    srs.save(kzg)
    new_commitment.save(committed)
    new_opening.save(secret)
    assert secret.stat().st_mode & 0o077 == 0
    assert provenn.verify(saved, vk, kzg, commitment=committed, allow_insecure_srs=True)
    assert provenn.Commitment.load(committed).digest == new_commitment.digest
    loaded = provenn.Opening.load(secret)
    assert later.prove(x, opening=loaded) and loaded.digest == new_commitment.digest
    with pytest.raises(errors.ArtefactError):
        provenn.Opening.load(committed)


def test_fixed_weights_have_no_commitment(models: Path) -> None:
    model = provenn.Model.load(models / "diabetes_linear" / "network.onnx")
    circuit = model.calibrate(models / "diabetes_linear" / "calibration.json").compile()
    prover = circuit.setup(provenn.Srs.draw_insecure(circuit.k))
    with pytest.raises(errors.ProveError, match="fixed"):
        prover.commit()


def test_inputs_and_outputs_are_committed_to(models: Path, tmp_path: Path) -> None:
    folder = models / "diabetes_linear"
    model = provenn.Model.load(folder / "network.onnx")
    settings = model.gen_settings(input_visibility="committed", output_visibility="committed")
    circuit = model.calibrate(folder / "calibration.json", settings=settings).compile()
    prover = circuit.setup(provenn.Srs.draw_insecure(circuit.k))
    witness = prover.witness(folder / "input.json")
    inputs, inputs_opening = prover.commit_inputs(witness)
    outputs, outputs_opening = prover.commit_outputs(folder / "input.json")
    assert inputs.digest == inputs_opening.digest != outputs.digest
    proof = prover.prove(witness, inputs_opening=inputs_opening, outputs_opening=outputs_opening)
    key, srs = prover.verifying_key, prover.srs
    verified = provenn.verify(
        proof,
        key,
        srs,
        inputs_commitment=inputs,
        outputs_commitment=outputs,
        allow_insecure_srs=True,
    )
    assert verified.inputs == verified.outputs == {} and verified.commitment_digest is None
    assert verified.inputs_commitment_digest == inputs.digest
    assert verified.outputs_commitment_digest == outputs.digest
    with pytest.raises(errors.VerifyError, match="inputs"):
        provenn.verify(proof, key, srs, outputs_commitment=outputs, allow_insecure_srs=True)
    with pytest.raises(errors.VerifyError):
        provenn.verify(
            proof,
            key,
            srs,
            inputs_commitment=outputs,
            outputs_commitment=outputs,
            allow_insecure_srs=True,
        )
    with pytest.raises(errors.ProveError):
        prover.prove(np.zeros(10), inputs_opening=inputs_opening, outputs_opening=outputs_opening)

    prover.save(tmp_path)
    proof.save(tmp_path / "proof.json")
    inputs.save(tmp_path / "in.pf")
    outputs.save(tmp_path / "out.pf")
    inputs_opening.save(tmp_path / "in.secret")
    again = prover.prove(
        witness, inputs_opening=tmp_path / "in.secret", outputs_opening=outputs_opening
    )
    assert bytes(again) != bytes(proof)
    handed = tmp_path / "handed"
    provenn.export_verifier(
        tmp_path / "vk.key",
        tmp_path / "kzg.srs",
        handed,
        inputs_commitment=tmp_path / "in.pf",
        outputs_commitment=tmp_path / "out.pf",
    )
    assert provenn.verify(
        tmp_path / "proof.json",
        handed / "vk.key",
        handed / "kzg.srs",
        settings=handed / "settings.json",
        inputs_commitment=handed / "inputs.pf",
        outputs_commitment=handed / "outputs.pf",
        allow_insecure_srs=True,
    )
