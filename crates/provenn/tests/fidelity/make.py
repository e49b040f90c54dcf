#!/usr/bin/env python3
"""What the tests of fidelity compare with: NumPy's statistics, scikit-learn's scores, NumPy's files.

    python make.py

Writes expected.json and the arrays beside it.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
from sklearn.metrics import accuracy_score, roc_auc_score

HERE = Path(__file__).resolve().parent
MODELS = HERE.parents[3] / "models"


def statistics(values):
    values = np.array(values, dtype=float)
    return {
        "values": values.tolist(),
        "mean": values.mean(),
        "median": np.median(values),
        "p99": np.percentile(values, 99),
        "max": values.max(),
    }


def outputs(model, x):
    session = ort.InferenceSession(str(MODELS / model / "network.onnx"), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return np.concatenate([session.run(None, {name: row[None]})[0] for row in x])


rng = np.random.default_rng(7)
samples = [
    [3.0], [2.0, 1.0], [5.0, 1.0, 4.0], [1.0, 1.0, 1.0, 1.0], [0.0, 0.0], rng.exponential(1e-3, 101),
    rng.standard_normal(100) ** 2, rng.integers(0, 5, 37),
]
cancer, digits, diabetes = (np.load(MODELS / f"{n}.npz") for n in ("breast_cancer", "digits", "diabetes"))
probability = outputs("breast_cancer_mlp", cancer["input"]).ravel()
logits = outputs("digits_cnn", digits["input"])
value = outputs("diabetes_linear", diabetes["input"]).ravel()
expected = {
    "statistics": [statistics(values) for values in samples],
    "breast_cancer_mlp": {
        "auc": roc_auc_score(cancer["labels"], probability),
        "accuracy": accuracy_score(cancer["labels"], probability >= 0.5),
    },
    "digits_cnn": {"accuracy": accuracy_score(digits["labels"], logits.argmax(1))},
    "diabetes_linear": {"rmse": float(np.sqrt(np.mean((value - diabetes["labels"]) ** 2)))},
}
(HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")

rows = np.arange(30).reshape(3, 10) - 4
for name, array in {
    "f4": rows.astype("<f4"), "f8": rows.astype("<f8"), "big": rows.astype(">f8"), "i8": rows.astype("<i8"),
    "i1": rows.astype("i1"), "fortran": np.asfortranarray(rows.astype("<f4")), "one": rows[0].astype("<f4"),
    "complex": rows.astype("<c8"),
}.items():
    np.save(HERE / f"{name}.npy", array)
np.savez(HERE / "named.npz", input=rows.astype("<f4"), labels=np.array([1.5, 2.5, 3.5]))
np.savez_compressed(HERE / "packed.npz", rows.astype("<f4"))
np.savez(HERE / "other.npz", pixels=rows.astype("<f4"))
