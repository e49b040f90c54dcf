"""Ensembles of decision trees: TreeEnsembleClassifier, TreeEnsembleRegressor and TreeEnsemble."""

import numpy as np
from onnx import numpy_helper

from case_graph import CASES, case

ML = "ai.onnx.ml"
MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
# Half of all values stand on a threshold: ties decide something.
GRID = np.arange(-4, 5) / 2


class Forest:
    """Trees that are drawn node by node; `weigh` draws a leaf's weights, by column."""

    def __init__(self, g, weigh, trees=3, depth=3, features=4, modes=("BRANCH_LEQ",), tree=None):
        self.g, self.weigh, self.features, self.modes = g, weigh, features, modes
        self.depth = depth
        self.lists = {
            name: [] for name in ("treeids", "nodeids", "featureids", "modes", "values",
                                  "truenodeids", "falsenodeids")
        }
        self.weights = []
        for number in range(trees):
            self.tree, self.count = number, 0
            self.grow(0)

    def grow(self, depth):
        random, at, node = self.g.random, len(self.lists["modes"]), self.count
        self.count += 1
        leaf = depth == self.depth or (depth > 0 and random.random() < 0.2)
        entry = [self.tree, node, int(random.integers(self.features)),
                 "LEAF" if leaf else str(random.choice(self.modes)), float(random.choice(GRID)), 0, 0]
        for column, value in zip(self.lists.values(), entry):
            column.append(value)
        if leaf:
            for column, value in self.weigh(self.tree, random).items():
                self.weights.append((self.tree, node, column, value))
        else:
            for side in ("truenodeids", "falsenodeids"):
                self.lists[side][at] = self.grow(depth + 1)
        return node

    def attributes(self, prefix):
        lists = {f"nodes_{name}": values for name, values in self.lists.items()}
        if prefix == "target":
            lists["n_targets"] = 1
        for name, values in zip(("treeids", "nodeids", "ids", "weights"), zip(*self.weights)):
            lists[f"{prefix}_{name}"] = list(values)
        return lists


def observed(g, *shape):
    """An input of multiples of a half."""
    return g.node("Mul", g.number(g.indices(*shape, extent=5)), g.const(0.5))


def one(low, high, column=0):
    return lambda tree, random: {column: round(float(random.uniform(low, high)), 4)}


def each(columns, low, high):
    return lambda tree, random: {
        c: round(float(random.uniform(low, high)), 4) for c in range(columns)
    }


def turns(columns, low, high):
    return lambda tree, random: {
        tree % columns: round(float(random.uniform(low, high)), 4)
    }


def regressor(name, weigh, shape=(2, 4), raw=False, attributes=None, **forest):
    def build(g):
        x = g.input(*shape) if raw else observed(g, *shape)
        stored = Forest(g, weigh, **forest).attributes("target")
        return g.node("TreeEnsembleRegressor", x, domain=ML, **{**stored, **(attributes or {})})

    CASES[f"tree_regressor_{name}"] = build


regressor("sum", one(-1, 1), trees=5)
regressor("of_floats", one(-1, 1), raw=True, trees=5)
regressor("base", one(-1, 1), attributes={"base_values": [3.0]})
regressor("average", one(-1, 1), attributes={"aggregate_function": "AVERAGE"})
regressor("min", one(-1, 1), attributes={"aggregate_function": "MIN"})
regressor("max", one(-1, 1), attributes={"aggregate_function": "MAX", "base_values": [0.5]})
regressor("two_targets", each(2, -1, 1), attributes={"n_targets": 2, "base_values": [0.5, -0.5]})
regressor("two_targets_min", each(2, -1, 1),
          attributes={"n_targets": 2, "aggregate_function": "MIN"})
regressor("two_targets_in_turns", turns(2, -1, 1), trees=4, attributes={"n_targets": 2})
regressor("three_targets_unevenly", turns(3, -1, 1), trees=4,
          attributes={"n_targets": 3, "aggregate_function": "AVERAGE"})
regressor("softmax_zero", turns(3, -1, 1), trees=4, attributes={"n_targets": 3, "post_transform": "SOFTMAX_ZERO"})
regressor("probit", one(0.05, 0.15), trees=5, attributes={"post_transform": "PROBIT", "base_values": [0.1]})
regressor("softmax", each(3, -1, 1), attributes={"n_targets": 3, "post_transform": "SOFTMAX"})
for _mode in MODES:
    regressor(_mode.lower(), one(-1, 1), modes=[_mode])
regressor("all_modes", one(-1, 1), modes=MODES, trees=8, depth=4)
regressor("deep", one(-1, 1), trees=2, depth=7, features=6, shape=(1, 6))
regressor("of_leaves", one(-1, 1), trees=3, depth=0)


@case
def tree_regressor_tracks_missing_values(g):
    stored = Forest(g, one(-1, 1)).attributes("target")
    tracks = [int(t) for t in g.random.integers(0, 2, len(stored["nodes_modes"]))]
    return g.node("TreeEnsembleRegressor", observed(g, 2, 4), domain=ML, **stored,
                  nodes_missing_value_tracks_true=tracks, nodes_hitrates=[1.0] * len(tracks))


@case
def tree_regressor_leaf_at_the_root(g):
    stored = Forest(g, one(-1, 1), trees=3).attributes("target")
    for name, value in (("treeids", 9), ("nodeids", 0), ("featureids", 0), ("modes", "LEAF"),
                        ("values", 0.0), ("truenodeids", 0), ("falsenodeids", 0)):
        stored[f"nodes_{name}"].append(value)
    for name, value in (("treeids", 9), ("nodeids", 0), ("ids", 0), ("weights", 0.75)):
        stored[f"target_{name}"].append(value)
    return g.node("TreeEnsembleRegressor", observed(g, 2, 4), domain=ML, **stored)


@case
def tree_regressor_columns_of_different_size(g):
    """Raw features a million times as large as others, and thresholds between values that lie close together."""
    stored = Forest(g, one(-1, 1), trees=6).attributes("target")
    sizes = [1e-3, 1.0, 1e3, 1e6]
    values, features = stored["nodes_values"], stored["nodes_featureids"]
    stored["nodes_values"] = [float(v * sizes[f]) for v, f in zip(values, features)]
    x = g.node("Mul", g.input(4, 4, low=-2.5, high=2.5), g.const(sizes))
    return g.node("TreeEnsembleRegressor", x, domain=ML, **stored)


@case
def tree_regressor_of_doubles(g):
    stored = Forest(g, one(-1, 1)).attributes("target")
    for name in ("nodes_values", "target_weights"):
        stored[f"{name}_as_tensor"] = numpy_helper.from_array(np.array(stored.pop(name), np.float64))
    stored["base_values_as_tensor"] = numpy_helper.from_array(np.array([0.25], np.float64))
    x = g.node("Cast", observed(g, 2, 4), to=11)
    return g.node("TreeEnsembleRegressor", x, domain=ML, **stored)


@case
def tree_classifier_of_whole_numbers(g):
    stored = Forest(g, each(3, 0, 0.33), modes=MODES).attributes("class")
    label, scores = g.node("TreeEnsembleClassifier", g.indices(2, 4, extent=3), outputs=2,
                           domain=ML, classlabels_int64s=[0, 1, 2], **stored)
    return g.number(label), scores


def classifier(name, weigh, labels, shape=(2, 4), attributes=None, **forest):
    def build(g):
        stored = Forest(g, weigh, **forest).attributes("class")
        label, scores = g.node(
            "TreeEnsembleClassifier", observed(g, *shape), outputs=2, domain=ML, **stored,
            classlabels_int64s=labels, **(attributes or {}),
        )
        return g.number(label), scores

    CASES[f"tree_classifier_{name}"] = build


LOGISTIC, SOFTMAX = {"post_transform": "LOGISTIC"}, {"post_transform": "SOFTMAX"}
classifier("of_shares", one(0, 0.33), [0, 1])
classifier("of_shares_softmax", one(0, 0.33), [0, 1], attributes=SOFTMAX)
classifier("of_shares_logistic", one(0, 0.33), [5, 3], attributes=LOGISTIC)
classifier("of_shares_base", one(0, 0.33), [0, 1], attributes={"base_values": [0.1]})
classifier("of_odds", one(-1, 1), [7, -2])
classifier("of_odds_logistic", one(-1, 1), [0, 1], attributes=LOGISTIC)
classifier("of_odds_base", one(-1, 1), [0, 1], attributes={"base_values": [0.3], **LOGISTIC})
classifier("of_the_second", one(-1, 1, column=1), [3, 4], attributes=LOGISTIC)
classifier("of_shares_of_the_second", one(0, 0.33, column=1), [0, 1])
classifier("of_both", each(2, -1, 1), [0, 1], attributes=SOFTMAX)
classifier("of_both_logistic", each(2, -1, 1), [0, 1], attributes=LOGISTIC)
classifier("of_both_base", each(2, -1, 1), [0, 1], attributes={"base_values": [0.25]})
classifier("of_three", each(3, 0, 0.33), [0, 1, 2])
classifier("of_three_labels", each(3, 0, 0.33), [4, 7, -1])
classifier("of_three_softmax", turns(3, -1, 1), [0, 1, 2], trees=6, attributes=SOFTMAX)
classifier("of_three_base", turns(3, -1, 1), [0, 1, 2], trees=6,
           attributes={"base_values": [0.3, -0.1, 0.2], **SOFTMAX})
classifier("of_three_base_alike", turns(3, -1, 1), [0, 1, 2], trees=5,
           attributes={"base_values": [0.5, 0.5, 0.5], **LOGISTIC})
classifier("of_five", each(5, 0, 0.2), [0, 1, 2, 3, 4], trees=5, depth=4)


def ensemble(name, modes, targets=1, trees=3, depth=3, features=4, dtype=np.float32, **attributes):
    """TreeEnsemble of version 5: nodes and leaves in lists of their own; mode 6 asks for members of a set."""

    def build(g):
        g.opset_ml = 5
        random = g.random
        nodes, leaves, roots, sets = [], [], [], []

        def grow(level):
            if level == depth or (level > 0 and random.random() < 0.2):
                leaves.append((int(random.integers(targets)), float(random.uniform(-1, 1))))
                return len(leaves) - 1, 1
            at = len(nodes)
            mode = int(random.choice(modes))
            nodes.append([int(random.integers(features)), mode, float(random.choice(GRID))])
            if mode == 6:
                sets.append(sorted(random.choice(GRID[::2], int(random.integers(1, 4)), replace=False)))
            nodes[at] += [*grow(level + 1), *grow(level + 1)]
            return at, 0

        for _ in range(trees):
            roots.append(grow(0)[0])
        # Sets stand in the order of their nodes.
        feature, mode, split, yes, yes_leaf, no, no_leaf = zip(*nodes)
        tensor = lambda values, kind: numpy_helper.from_array(np.array(values, kind))
        if sets:
            values = [v for members in sets for v in (*members, np.nan)]
            attributes["membership_values"] = tensor(values, dtype)
        # Members are whole numbers, and so must be what is looked for among them.
        x = g.number(g.indices(2, features, extent=3)) if sets else observed(g, 2, features)
        if dtype == np.float64:
            x = g.node("Cast", x, to=11)
        y = g.node(
            "TreeEnsemble", x, domain=ML, nodes_featureids=feature, nodes_modes=tensor(mode, np.uint8),
            nodes_splits=tensor(split, dtype), nodes_truenodeids=yes, nodes_trueleafs=yes_leaf,
            nodes_falsenodeids=no, nodes_falseleafs=no_leaf, tree_roots=roots, n_targets=targets,
            leaf_targetids=[t for t, _ in leaves],
            leaf_weights=tensor([w for _, w in leaves], dtype), **attributes,
        )
        return g.number(y)

    CASES[f"tree_ensemble_{name}"] = build


ensemble("at_most", [0])
ensemble("all_modes", range(6), trees=6)
ensemble("members", [6])
ensemble("members_and_more", [0, 1, 4, 6], trees=5)
ensemble("doubles", [0, 1], dtype=np.float64)
ensemble("average", [0], aggregate_function=0)
ensemble("min", [1], aggregate_function=2)
ensemble("max", [0], aggregate_function=3)
ensemble("two_targets", [0], targets=2, trees=4)
