"""Weights in a commitment of their own."""

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
