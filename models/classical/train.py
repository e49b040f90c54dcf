#!/usr/bin/env python3
"""Train the classical models and export them as their libraries do, each into a folder next to this script.

    pip install -r requirements.txt
    python train.py [MODEL ...]        # default: every model

The data sets are the ones bundled with scikit-learn. A folder holds, as those above it do,

    network.onnx      the model, of one observation
    calibration.json  100 training observations: {"input_data": [[flat floats], ...]}
    expected.json     100 held-out observations and what ONNX Runtime makes of them:
                      {"input_data": [[..], ..], "output_data": [[[output 1], [output 2]], ..]}
                      where a map of classes to scores is the list of its scores
"""

import json
import logging
import sys
import warnings
from pathlib import Path

import catboost
import lightgbm
import numpy as np
import onnx
import onnxruntime as ort
import xgboost
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn import datasets
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier, GradientBoostingClassifier, GradientBoostingRegressor, IsolationForest,
    RandomForestClassifier, RandomForestRegressor,
)
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import tensor_forms

HERE = Path(__file__).resolve().parent
SEED = 20240607
OBSERVATIONS = 100
# The last versions that every converter here writes.
OPSET = {"": 17, "ai.onnx.ml": 3}

MODELS = {}


def model(data):
    """Register a function that makes an untrained model, and what it is trained on."""

    def register(make):
        MODELS[make.__name__] = (make, getattr(datasets, f"load_{data}"))
        return make

    return register


def scikit(estimator, x):
    """As skl2onnx writes it, with a matrix of scores where there are any."""
    options = {"zipmap": False} if hasattr(estimator, "predict_proba") else None
    options = {id(estimator): options} if options else None
    return to_onnx(estimator, x[:1], options=options, target_opset=OPSET)


def boosted(convert):
    def export(estimator, x):
        shape = [("x", FloatTensorType([1, x.shape[1]]))]
        return convert(estimator, initial_types=shape, target_opset=15)

    return export


def own(estimator, x):
    """As the library itself writes it."""
    path = HERE / "catboost.onnx"
    estimator.save_model(str(path), format="onnx")
    made = onnx.load(path)
    path.unlink()
    return made


@model("breast_cancer")
def decision_tree():
    return DecisionTreeClassifier(max_depth=5, random_state=SEED), scikit


@model("digits")
def random_forest():
    return RandomForestClassifier(24, max_leaf_nodes=64, random_state=SEED), scikit


for form in [tensor_forms.Products, tensor_forms.Traversal, tensor_forms.PerfectTraversal]:

    def forest(form=form):
        return RandomForestClassifier(8, max_depth=5, random_state=SEED), tensor_forms.exported(form)

    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in form.__name__)
    MODELS[f"forest_by{name}"] = (forest, datasets.load_digits)
    if form == tensor_forms.Traversal:
        # Columns from 0.001 to 4000.
        MODELS["forest_by_traversal_of_measurements"] = (forest, datasets.load_breast_cancer)


@model("diabetes")
def random_forest_regressor():
    return RandomForestRegressor(30, max_depth=5, random_state=SEED), scikit


@model("digits")
def extra_trees():
    return ExtraTreesClassifier(16, max_leaf_nodes=64, random_state=SEED), scikit


@model("wine")
def gradient_boosting():
    return GradientBoostingClassifier(n_estimators=20, random_state=SEED), scikit


@model("diabetes")
def gradient_boosting_regressor():
    return GradientBoostingRegressor(n_estimators=50, random_state=SEED), scikit


@model("breast_cancer")
def xgboost_binary():
    return xgboost.XGBClassifier(n_estimators=50, max_depth=4, random_state=SEED), boosted(convert_xgboost)


@model("wine")
def xgboost_multiclass():
    return xgboost.XGBClassifier(n_estimators=20, max_depth=4, random_state=SEED), boosted(convert_xgboost)


@model("diabetes")
def xgboost_regressor():
    return xgboost.XGBRegressor(n_estimators=30, max_depth=4, random_state=SEED), boosted(convert_xgboost)


@model("breast_cancer")
def lightgbm_binary():
    return lightgbm.LGBMClassifier(n_estimators=40, num_leaves=15, verbose=-1, random_state=SEED), boosted(convert_lightgbm)


@model("wine")
def lightgbm_multiclass():
    return lightgbm.LGBMClassifier(n_estimators=15, verbose=-1, random_state=SEED), boosted(convert_lightgbm)


@model("breast_cancer")
def catboost_binary():
    return catboost.CatBoostClassifier(
        iterations=30, depth=4, verbose=0, random_seed=SEED, thread_count=1,
        allow_writing_files=False), own


@model("diabetes")
def catboost_regressor():
    return catboost.CatBoostRegressor(
        iterations=30, depth=4, verbose=0, random_seed=SEED, thread_count=1,
        allow_writing_files=False), own


@model("wine")
def svm_rbf():
    return make_pipeline(StandardScaler(), SVC()), scikit


@model("iris")
def k_nearest():
    return KNeighborsClassifier(5), scikit


@model("wine")
def k_means():
    return make_pipeline(StandardScaler(), KMeans(3, n_init=4, random_state=SEED)), scikit


@model("diabetes")
def gaussian_process():
    kernel = RBF(1.0, length_scale_bounds="fixed")
    return GaussianProcessRegressor(kernel, alpha=1.0, normalize_y=True), scikit


@model("breast_cancer")
def standardised_logistic():
    return make_pipeline(StandardScaler(), PCA(8), LogisticRegression(max_iter=1000)), scikit


@model("breast_cancer")
def isolation_forest():
    return IsolationForest(n_estimators=20, max_samples=32, random_state=SEED), scikit


def rounded(x):
    """float32 that survive being printed with 7 significant digits."""
    flat = [float(f"{v:.7g}") for v in np.asarray(x, np.float32).ravel()]
    return np.array(flat, np.float32).reshape(x.shape)


def numbers(output):
    if isinstance(output, list):
        output = [score for _, score in sorted(output[0].items())]
    return [float(f"{v:.9g}") for v in np.asarray(output).ravel()]


def write(name):
    make, load = MODELS[name]
    x, y = load(return_X_y=True)
    train, held, target, _ = train_test_split(x, y, test_size=0.25, random_state=SEED)
    train, held = rounded(train), rounded(held)
    estimator, export = make()
    if name == "gaussian_process":
        # Its kernel matrix is what it stores.
        train, target = train[:60], target[:60]
    estimator.fit(train, target)
    made = export(estimator, train)
    if name.startswith("forest_by"):
        # What is trained and what is exported decide alike, whatever is observed.
        session = ort.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
        labels = [session.run(None, {"x": row[None]})[0][0] for row in rounded(x)]
        assert (estimator.predict(rounded(x)) == labels).all(), name
    made.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / "network.onnx").write_bytes(made.SerializeToString())
    session = ort.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    input_name = session.get_inputs()[0].name
    held = held[:OBSERVATIONS]
    outputs = [[numbers(o) for o in session.run(None, {input_name: row[None]})] for row in held]
    dump = lambda file, value: (folder / file).write_text(json.dumps(value, separators=(",", ":")) + "\n")
    dump("calibration.json", {"input_data": [numbers(row) for row in train[:OBSERVATIONS]]})
    dump("expected.json", {"input_data": [numbers(row) for row in held], "output_data": outputs})
    sizes = {file.name: file.stat().st_size // 1024 for file in sorted(folder.iterdir())}
    print(name, sizes, {node.op_type for node in made.graph.node if node.domain})


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    for name in sys.argv[1:] or MODELS:
        write(name)
