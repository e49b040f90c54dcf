"""Models of training libraries; each test needs its library, and is left out without it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import provenn
from provenn import errors


@pytest.fixture(scope="module")
def digits(models: Path) -> tuple[Any, Any]:
    """Pixels and classes of handwritten digits."""
    data = np.load(models / "digits.npz")
    return data["input"].reshape(-1, 64).astype(np.float32), data["labels"].astype(int)


def proved(model: provenn.Model, X: Any) -> provenn.Verified:
    """From calibration to a verified proof."""
    circuit = model.calibrate(X[:50]).compile()
    prover = circuit.setup(provenn.Srs.draw_insecure(circuit.k))
    proof = prover.prove(X[0])
    return provenn.verify(proof, prover.verifying_key, prover.srs, allow_insecure_srs=True)


def test_a_forest_of_scikit_learn(digits: tuple[Any, Any], tmp_path: Path) -> None:
    pytest.importorskip("skl2onnx")
    ensemble = pytest.importorskip("sklearn.ensemble")
    X, y = digits
    forest = ensemble.RandomForestClassifier(5, max_depth=4, random_state=0).fit(X[:200], y[:200])
    model = provenn.from_sklearn(forest, X[:100], path=tmp_path / "forest.onnx")
    assert (tmp_path / "forest.onnx").exists()
    verified = proved(model, X)
    assert int(next(iter(verified.outputs.values())).item()) == forest.predict(X[:1])[0]


def test_a_regression_of_scikit_learn(digits: tuple[Any, Any]) -> None:
    pytest.importorskip("skl2onnx")
    linear = pytest.importorskip("sklearn.linear_model")
    X, y = digits
    model = provenn.from_sklearn(linear.Ridge().fit(X, y), X[:100])
    assert model.inputs[0].shape == (1, X.shape[1])


def test_labels_that_are_words_are_refused(digits: tuple[Any, Any]) -> None:
    pytest.importorskip("skl2onnx")
    tree = pytest.importorskip("sklearn.tree")
    X, y = digits
    words = np.where(y % 2 == 0, "even", "odd")
    with pytest.raises(errors.ModelError):
        provenn.from_sklearn(tree.DecisionTreeClassifier(max_depth=2).fit(X, words), X[:10])


def test_what_is_no_rows_of_features_is_refused(digits: tuple[Any, Any]) -> None:
    pytest.importorskip("skl2onnx")
    linear = pytest.importorskip("sklearn.linear_model")
    X, y = digits
    ridge = linear.Ridge().fit(X, y)
    for wrong in (X[0], X[:0], X[None], "rows"):
        with pytest.raises(errors.DataError, match="X has"):
            provenn.from_sklearn(ridge, wrong)


def test_trees_of_xgboost(digits: tuple[Any, Any]) -> None:
    xgboost = pytest.importorskip("xgboost")
    pytest.importorskip("onnxmltools")
    X, y = digits
    booster = xgboost.XGBClassifier(n_estimators=3, max_depth=3).fit(X[:200], y[:200])
    verified = proved(provenn.from_xgboost(booster, X[:100]), X)
    assert int(next(iter(verified.outputs.values())).item()) == booster.predict(X[:1])[0]


def test_trees_of_lightgbm(digits: tuple[Any, Any]) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    pytest.importorskip("onnxmltools")
    X, y = digits
    booster = lightgbm.LGBMClassifier(n_estimators=3, max_depth=3, verbose=-1)
    booster.fit(X[:200], y[:200])
    verified = proved(provenn.from_lightgbm(booster, X[:100]), X)
    assert int(next(iter(verified.outputs.values())).item()) == booster.predict(X[:1])[0]


@pytest.mark.torch
def test_a_module_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    torch.manual_seed(0)
    module = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    module.train()
    model = provenn.from_torch(module, torch.zeros(1, 6))
    assert module.training and model.inputs[0].shape == (1, 6)
    assert proved(model, np.random.default_rng(0).normal(size=(50, 6))).outputs


def test_a_model_that_computes_something_else_is_refused(digits: tuple[Any, Any]) -> None:
    pytest.importorskip("skl2onnx")
    linear = pytest.importorskip("sklearn.linear_model")
    X, y = digits

    class Shifted(linear.Ridge):  # type: ignore[misc,name-defined]
        def predict(self, X: Any) -> Any:
            return super().predict(X) + 1

    from sklearn.linear_model import Ridge
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import calculate_linear_regressor_output_shapes
    from skl2onnx.operator_converters.linear_regressor import convert_sklearn_linear_regressor

    assert Ridge
    update_registered_converter(
        Shifted, "Shifted", calculate_linear_regressor_output_shapes, convert_sklearn_linear_regressor
    )
    with pytest.raises(errors.PredictionError, match="off by"):
        provenn.from_sklearn(Shifted().fit(X, y), X[:10])


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxmltools", None)
    with pytest.raises(errors.MissingPackageError, match=r"provenn\[xgboost\]"):
        provenn.from_xgboost(object(), np.zeros((1, 2)))
