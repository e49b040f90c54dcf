"""Operators of ai.onnx.ml. Where all nodes are of them, the model names no version of the standard ones."""

import numpy as np
from onnx import TensorProto, numpy_helper

from case_graph import CASES, case

ML = "ai.onnx.ml"


def ml(g, operator, *inputs, **attributes):
    return g.node(operator, *inputs, domain=ML, **attributes)


def rounded(g, *shape):
    """Weights that are written out as attributes."""
    return [float(f"{w:.4g}") for w in g.random.uniform(-1, 1, shape).ravel()]


@case
def scaler(g):
    offset, scale = [0.5, -1.0, 2.0], [2.0, 0.1, 1.0]
    return ml(g, "Scaler", g.input(1, 3), offset=offset, scale=scale)


def linear_classifier(name, rows, shape=(1, 4), labels=None, **attributes):
    def build(g):
        classes = labels or list(range(max(rows, 2)))
        label, scores = ml(
            g, "LinearClassifier", g.input(*shape), outputs=2, coefficients=rounded(g, rows, 4),
            intercepts=rounded(g, rows), classlabels_ints=classes, **attributes,
        )
        return g.number(label), scores

    CASES[f"linear_classifier_{name}"] = build


linear_classifier("of_two", 1)
linear_classifier("of_two_labels", 1, labels=[7, -3])
linear_classifier("of_two_logistic", 1, post_transform="LOGISTIC")
linear_classifier("of_two_softmax", 1, post_transform="SOFTMAX")
linear_classifier("of_two_rows", 2, post_transform="SOFTMAX")
linear_classifier("of_three", 3, shape=(3, 4))
linear_classifier("of_three_labels", 3, labels=[5, 1, 9], post_transform="LOGISTIC")
linear_classifier("of_three_softmax", 3, post_transform="SOFTMAX", multi_class=1)
linear_classifier("of_three_softmax_zero", 3, post_transform="SOFTMAX_ZERO")
linear_classifier("of_a_list", 3, shape=(4,))


@case
def linear_classifier_of_whole_numbers(g):
    label, scores = ml(
        g, "LinearClassifier", g.indices(1, 4, extent=5), outputs=2, coefficients=rounded(g, 3, 4),
        intercepts=rounded(g, 3), classlabels_ints=[0, 1, 2],
    )
    return g.number(label), scores


@case
def linear_regressor(g):
    return ml(g, "LinearRegressor", g.input(2, 4), coefficients=rounded(g, 4), intercepts=[0.3])


@case
def linear_regressor_two_targets(g):
    weights = rounded(g, 2, 4)
    return ml(g, "LinearRegressor", g.input(1, 4), coefficients=weights, targets=2)


@case
def linear_regressor_softmax(g):
    weights, shift = rounded(g, 3, 4), rounded(g, 3)
    return ml(g, "LinearRegressor", g.input(1, 4), coefficients=weights, intercepts=shift,
              targets=3, post_transform="SOFTMAX")


@case
def normalizer_max(g):
    return ml(g, "Normalizer", g.input(2, 4, low=-1, high=3), norm="MAX")


@case
def normalizer_l1(g):
    return ml(g, "Normalizer", g.input(2, 4), norm="L1")


@case
def normalizer_l2(g):
    return ml(g, "Normalizer", g.input(2, 4), norm="L2")


@case
def normalizer_of_a_list(g):
    return ml(g, "Normalizer", g.input(4), norm="L1")


@case
def imputer(g):
    x = g.number(g.indices(2, 3, extent=3))
    return ml(g, "Imputer", x, imputed_value_floats=[0.5, -1.5, 7.0], replaced_value_float=-1.0)


@case
def imputer_of_one_value(g):
    x = g.number(g.indices(1, 6, extent=3))
    return ml(g, "Imputer", x, imputed_value_floats=[0.25], replaced_value_float=1.0)


@case
def imputer_of_nan(g):
    values = [1.0, 2.0, 3.0]
    return ml(g, "Imputer", g.input(1, 3), imputed_value_floats=values, replaced_value_float=np.nan)


@case
def imputer_of_whole_numbers(g):
    x = g.indices(2, 3, extent=3)
    return g.number(ml(g, "Imputer", x, imputed_value_int64s=[9, 8, 7], replaced_value_int64=0))


@case
def binarizer(g):
    return ml(g, "Binarizer", g.input(2, 5), threshold=0.5)


@case
def binarizer_at_its_threshold(g):
    return ml(g, "Binarizer", g.number(g.indices(1, 8, extent=2)))


@case
def one_hot_encoder(g):
    return ml(g, "OneHotEncoder", g.indices(2, 3, extent=4), cats_int64s=[2, -1, 0, 3])


@case
def one_hot_encoder_of_what_is_known(g):
    cats = [1, -2, 0, -1]
    return ml(g, "OneHotEncoder", g.indices(5, extent=2), cats_int64s=cats, zeros=0)


@case
def one_hot_encoder_of_floats(g):
    x = g.input(1, 6, low=-3, high=3)
    return ml(g, "OneHotEncoder", x, cats_int64s=[0, 1, -2])


@case
def label_encoder(g):
    x = g.indices(2, 4, extent=4)
    return ml(g, "LabelEncoder", x, keys_int64s=[3, -1, 0, 3], values_floats=[0.5, 7.0, -2.0, 9.0],
              default_float=0.25)


@case
def label_encoder_to_whole_numbers(g):
    x = g.indices(8, extent=3)
    return g.number(ml(g, "LabelEncoder", x, keys_int64s=[1, 0], values_int64s=[70, -50]))


@case
def label_encoder_of_floats(g):
    x = g.number(g.indices(1, 8, extent=3))
    return ml(g, "LabelEncoder", x, keys_floats=[2.0, -1.0], values_floats=[0.5, 1.5])


@case
def label_encoder_of_tensors(g):
    g.opset_ml = 4
    keys = numpy_helper.from_array(np.array([1.0, -3.0]))
    values = numpy_helper.from_array(np.array([5, 6], np.int64))
    default = numpy_helper.from_array(np.array([3], np.int64))
    x = g.node("Cast", g.indices(1, 8, extent=3), to=TensorProto.DOUBLE)
    return g.number(ml(g, "LabelEncoder", x, keys_tensor=keys, values_tensor=values,
                       default_tensor=default))


@case
def feature_vectorizer(g):
    x = g.input(2, 3), g.input(2, 1)
    return ml(g, "FeatureVectorizer", *x, inputdimensions=[3, 1])


@case
def feature_vectorizer_cuts_and_fills(g):
    x = g.input(1, 3), g.input(1, 2)
    return ml(g, "FeatureVectorizer", *x, inputdimensions=[2, 4])


@case
def feature_vectorizer_of_lists(g):
    x = g.input(3), g.input(2)
    return ml(g, "FeatureVectorizer", *x, inputdimensions=[3, 2])


@case
def array_feature_extractor(g):
    return ml(g, "ArrayFeatureExtractor", g.input(2, 4), g.ints(3, 0, 3))


@case
def array_feature_extractor_of_a_list(g):
    return ml(g, "ArrayFeatureExtractor", g.input(4), g.ints(2, 1))


@case
def array_feature_extractor_of_the_best(g):
    scores = g.node("Gemm", g.input(2, 4), g.weight(4, 3), g.weight(3))
    best = g.node("ArgMax", scores, axis=1)
    return ml(g, "ArrayFeatureExtractor", g.const([0.5, 2.0, -1.0]), best)


def kernel(g, vectors, features=3, kernel_type="RBF", **params):
    gamma, shift, degree = params.get("gamma", 0.5), params.get("shift", 0.25), params.get("degree", 3)
    return {"kernel_type": kernel_type, "kernel_params": [gamma, shift, float(degree)],
            "support_vectors": rounded(g, vectors, features)}


def svm_regressor(name, features=3, shape=(2, 3), attributes=None, **params):
    def build(g):
        stored = kernel(g, 5, features, **params)
        return ml(g, "SVMRegressor", g.input(*shape), coefficients=rounded(g, 5), rho=[0.2],
                  n_supports=5, **stored, **(attributes or {}))

    CASES[f"svm_regressor_{name}"] = build


for _kernel in ("LINEAR", "POLY", "RBF", "SIGMOID"):
    svm_regressor(_kernel.lower(), kernel_type=_kernel)
svm_regressor("square", kernel_type="POLY", degree=2)
svm_regressor("one_class", attributes={"one_class": 1})


@case
def svm_regressor_without_vectors(g):
    return ml(g, "SVMRegressor", g.input(2, 3), coefficients=rounded(g, 3), rho=[0.2],
              n_supports=0, kernel_type="LINEAR", kernel_params=[0.0, 0.0, 0.0])


def svm_classifier(name, counts, labels, attributes=None, **params):
    def build(g):
        vectors, classes = sum(counts), len(counts)
        pairs = classes * (classes - 1) // 2
        stored = kernel(g, vectors, **params)
        label, scores = ml(
            g, "SVMClassifier", g.input(2, 3), outputs=2, vectors_per_class=counts,
            coefficients=rounded(g, classes - 1, vectors), rho=rounded(g, pairs),
            classlabels_ints=labels, **stored, **(attributes or {}),
        )
        return g.number(label), scores

    CASES[f"svm_classifier_{name}"] = build


svm_classifier("of_two", [3, 2], [0, 1])
svm_classifier("of_two_labels", [2, 3], [7, -2], kernel_type="LINEAR")
svm_classifier("of_two_logistic", [2, 3], [0, 1], attributes={"post_transform": "LOGISTIC"})
svm_classifier("of_two_softmax", [2, 3], [0, 1], attributes={"post_transform": "SOFTMAX"})
svm_classifier("of_two_probabilities", [3, 3], [0, 1],
               attributes={"prob_a": [-0.3], "prob_b": [-1.3]})
svm_classifier("of_two_steep_probabilities", [3, 3], [0, 1],
               attributes={"prob_a": [-2.3], "prob_b": [0.2]})
svm_classifier("of_three_probabilities", [2, 3, 2], [0, 1, 2],
               attributes={"prob_a": [-1.3, -0.7, 0.9], "prob_b": [0.2, -0.4, 0.3]})
svm_classifier("of_four_probabilities", [2, 1, 2, 3], [5, 3, 9, -1], kernel_type="LINEAR",
               attributes={"prob_a": [-2.0, 1.5, -0.8, -3.1, 0.6, -1.2],
                           "prob_b": [0.1, -0.2, 0.4, 0.0, -0.3, 0.5]})
svm_classifier("of_three", [2, 3, 2], [0, 1, 2])
svm_classifier("of_four_labels", [2, 1, 2, 3], [5, 3, 9, -1], kernel_type="SIGMOID")
svm_classifier("of_three_poly", [2, 3, 2], [0, 1, 2], kernel_type="POLY", degree=2)
