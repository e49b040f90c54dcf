#!/usr/bin/env python3
"""Observations of the data sets that the models were trained on or tested with, as .npz.

    python make_datasets.py

Features are scaled as train.py scales them, so the arrays are what the models take. Texts are token ids.
"""

from pathlib import Path

import numpy as np
import onnxruntime as ort
from character_gpt import windows
from sklearn import datasets
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from text_data import names, plays

HERE = Path(__file__).resolve().parent
SEED = 20240607  # of train.py: the scaler is fitted on its training part


def input_name(model):
    path = HERE / model / "network.onnx"
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"]).get_inputs()[0].name


def write(name, model, x, y=None):
    x = x if x.dtype == np.int64 else x.astype(np.float32)
    labels = {} if y is None else {"labels": y}
    np.savez_compressed(HERE / f"{name}.npz", **{input_name(model): x}, **labels)
    print(name, x.shape, (HERE / f"{name}.npz").stat().st_size, "bytes")


def split(x, y, stratify):
    train, _, train_y, _ = train_test_split(x, y, test_size=0.25, stratify=stratify, random_state=SEED)
    return train, train_y


def scaled(x, y, stratify):
    return StandardScaler().fit(split(x, y, stratify)[0]).transform(x)


x, y = datasets.load_digits(return_X_y=True)
write("digits", "digits_cnn", (x / 16).reshape(-1, 1, 8, 8), y)
x, y = datasets.load_breast_cancer(return_X_y=True)
write("breast_cancer", "breast_cancer_mlp", scaled(x, y, y), y)
x, y = datasets.load_diabetes(return_X_y=True)
train_y = split(x, y, None)[1]
write("diabetes", "diabetes_linear", scaled(x, y, None), (y - train_y.mean()) / train_y.std())
train_x, train_y, test_x, test_y = names(SEED)
write("names_train", "names_transformer", train_x, train_y)
write("names_test", "names_transformer", test_x, test_y)
write("shakespeare_test", "shakespeare_gpt", windows(plays()[1], 64)[:, :-1])
