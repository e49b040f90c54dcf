"""Models of the repository, and a prover that all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

import provenn

MODELS = Path(__file__).parents[3] / "models"


@pytest.fixture(scope="session")
def models() -> Path:
    return MODELS


@pytest.fixture(scope="session")
def linear() -> provenn.Model:
    """Ten inputs, one output."""
    return provenn.Model.load(MODELS / "diabetes_linear" / "network.onnx")


@pytest.fixture(scope="session")
def calibration(linear: provenn.Model) -> provenn.Calibration:
    return linear.calibrate(MODELS / "diabetes_linear" / "calibration.json")


@pytest.fixture(scope="session")
def circuit(calibration: provenn.Calibration) -> provenn.Circuit:
    return calibration.compile()


@pytest.fixture(scope="session")
def prover(circuit: provenn.Circuit) -> provenn.Prover:
    return circuit.setup(provenn.Srs.draw_insecure(circuit.k))


@pytest.fixture(scope="session")
def two_inputs() -> provenn.Model:
    """x0 of (1, 4), x1 of (1, 5)."""
    return provenn.Model.load(MODELS / "ops" / "graphs" / "multi_input.onnx")
