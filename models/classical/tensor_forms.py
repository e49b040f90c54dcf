"""Forests of decision trees as tensor operators, in the three forms of a tensor compiler for trees.

As published: "A Tensor Compiler for Unified Machine Learning Prediction Serving" (OSDI 2020), section 4. The modules are
written anew for torch, which exports them; thresholds are float32, the largest below scikit-learn's.
"""

import io
import warnings

import numpy as np
import onnx
import torch


def thresholds(tree):
    """In float32 `x <= t` decides as in float64 where t is rounded down."""
    wide = tree.threshold
    near = wide.astype(np.float32)
    return np.where(near > wide, np.nextafter(near, np.float32(-np.inf)), near)


def shares(tree):
    """What each node gives its observations: the share of every class."""
    counts = tree.value[:, 0, :]
    return counts / counts.sum(axis=1, keepdims=True)


class Products(torch.nn.Module):
    """Which node's condition holds, which leaf's conditions all do, and that leaf's shares: three products (GEMM)."""

    def __init__(self, trees, features, classes):
        super().__init__()
        inner = max((t.children_left >= 0).sum() for t in trees)
        leaves = max((t.children_left < 0).sum() for t in trees)
        a, b = np.zeros((len(trees), features, inner)), np.full((len(trees), 1, inner), -np.inf)
        c, d = np.zeros((len(trees), inner, leaves)), np.full((len(trees), 1, leaves), -1.0)
        e = np.zeros((len(trees), leaves, classes))
        for at, tree in enumerate(trees):
            node = {n: i for i, n in enumerate(np.flatnonzero(tree.children_left >= 0))}
            leaf = {n: i for i, n in enumerate(np.flatnonzero(tree.children_left < 0))}
            limits, values = thresholds(tree), shares(tree)
            for n, i in node.items():
                a[at, tree.feature[n], i], b[at, 0, i] = 1, limits[n]
            stack = [(0, [])]
            while stack:
                n, path = stack.pop()
                if n in leaf:
                    for i, left in path:
                        c[at, i, leaf[n]] = 1 if left else -1
                    d[at, 0, leaf[n]] = sum(left for _, left in path)
                    e[at, leaf[n]] = values[n]
                else:
                    stack += [(tree.children_left[n], path + [(node[n], 1)]), (tree.children_right[n], path + [(node[n], 0)])]
        b[np.isinf(b)] = 0.0
        for name, value in zip("abcde", [a, b, c, d, e]):
            self.register_buffer(name, torch.tensor(value, dtype=torch.float32))

    def forward(self, x):
        holds = (torch.matmul(x, self.a) <= self.b).float()
        leaf = (torch.matmul(holds, self.c) == self.d).float()
        return torch.matmul(leaf, self.e).mean(0)


class Traversal(torch.nn.Module):
    """All trees walked at once, one level after another; a leaf leads to itself."""

    def __init__(self, trees, features, classes):
        super().__init__()
        size = max(t.node_count for t in trees)
        self.depth = max(t.max_depth for t in trees)
        left, right, feature = (np.zeros((len(trees), size), np.int64) for _ in range(3))
        limit, value = np.zeros((len(trees), size)), np.zeros((len(trees), size, classes))
        for at, tree in enumerate(trees):
            n, own, is_leaf = tree.node_count, np.arange(tree.node_count), tree.children_left < 0
            left[at, :n] = np.where(is_leaf, own, tree.children_left) + at * size
            right[at, :n] = np.where(is_leaf, own, tree.children_right) + at * size
            feature[at, :n], limit[at, :n] = np.maximum(tree.feature, 0), np.where(is_leaf, 0, thresholds(tree))
            value[at, :n] = shares(tree)
        for name, array in [("left", left), ("right", right), ("feature", feature)]:
            self.register_buffer(name, torch.tensor(array.ravel()))
        self.register_buffer("limit", torch.tensor(limit.ravel(), dtype=torch.float32))
        self.register_buffer("value", torch.tensor(value.reshape(-1, classes), dtype=torch.float32))
        self.register_buffer("roots", torch.arange(len(trees)) * size)
        self.trees, self.classes = len(trees), classes

    def forward(self, x):
        at = self.roots.repeat(x.shape[0])
        for _ in range(self.depth):
            feature = torch.index_select(self.feature, 0, at).view(-1, self.trees)
            value = torch.gather(x, 1, feature).view(-1)
            limit = torch.index_select(self.limit, 0, at)
            left, right = torch.index_select(self.left, 0, at), torch.index_select(self.right, 0, at)
            at = torch.where(value <= limit, left, right)
        return torch.index_select(self.value, 0, at).view(-1, self.trees, self.classes).mean(1)


class PerfectTraversal(torch.nn.Module):
    """The same of trees filled up to one depth, so that a node's place says those of its children."""

    def __init__(self, trees, features, classes):
        super().__init__()
        self.depth = max(t.max_depth for t in trees)
        feature = [np.zeros((len(trees), 2**d), np.int64) for d in range(self.depth)]
        limit = [np.zeros((len(trees), 2**d)) for d in range(self.depth)]
        value = np.zeros((len(trees), 2**self.depth, classes))
        for at, tree in enumerate(trees):
            limits, values = thresholds(tree), shares(tree)
            stack = [(0, 0, 0)]
            while stack:
                n, level, place = stack.pop()
                if level == self.depth:
                    value[at, place] = values[n]
                    continue
                inner = tree.children_left[n] >= 0
                if inner:
                    feature[level][at, place], limit[level][at, place] = tree.feature[n], limits[n]
                children = (tree.children_left[n], tree.children_right[n]) if inner else (n, n)
                stack += [(child, level + 1, 2 * place + i) for i, child in enumerate(children)]
        for level in range(self.depth):
            self.register_buffer(f"feature{level}", torch.tensor(feature[level].ravel()))
            self.register_buffer(f"limit{level}", torch.tensor(limit[level].ravel(), dtype=torch.float32))
        self.register_buffer("value", torch.tensor(value.reshape(-1, classes), dtype=torch.float32))
        self.register_buffer("roots", torch.arange(len(trees)))
        self.trees, self.classes = len(trees), classes

    def forward(self, x):
        at = self.roots.repeat(x.shape[0])
        for level in range(self.depth):
            feature = torch.index_select(getattr(self, f"feature{level}"), 0, at).view(-1, self.trees)
            value = torch.gather(x, 1, feature).view(-1)
            limit = torch.index_select(getattr(self, f"limit{level}"), 0, at)
            at = 2 * at + (value > limit).long()
        return torch.index_select(self.value, 0, at).view(-1, self.trees, self.classes).mean(1)


class Labelled(torch.nn.Module):
    def __init__(self, scores):
        super().__init__()
        self.scores = scores

    def forward(self, x):
        scores = self.scores(x)
        return torch.argmax(scores, dim=1), scores


def exported(form):
    """How a fitted forest becomes a model of one of the forms."""

    def export(forest, x):
        trees = [tree.tree_ for tree in forest.estimators_]
        module = Labelled(form(trees, x.shape[1], len(forest.classes_))).eval()
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module, (torch.tensor(x[:1], dtype=torch.float32),), file, input_names=["x"],
                output_names=["label", "shares"], opset_version=17, dynamo=False)
        return onnx.load_from_string(file.getvalue())

    return export
