"""Texts as whole numbers."""

from onnx import TensorProto

from case_graph import CASES

# Four single tokens, then pairs, then a triple.
POOL = [2, 3, 5, 4, 5, 6, 7, 8, 6, 7, 5, 6, 7]


def counts(name, shape, mode, least, most, skips, indexes=range(8), **attributes):
    def build(g):
        x = g.whole(TensorProto.INT32, *shape, low=2, high=9)
        return g.node(
            "TfIdfVectorizer", x, mode=mode, min_gram_length=least, max_gram_length=most, max_skip_count=skips,
            pool_int64s=POOL, ngram_counts=[0, 4, 10], ngram_indexes=list(indexes), **attributes)

    CASES[name] = build


WEIGHTS = [0.5, 1.25, 2.0, 0.1, 3.0, 0.75, 1.5, 0.2]
counts("tf_words", (1, 12), "TF", 1, 1, 0)
counts("tf_pairs", (2, 12), "TF", 2, 2, 0)
counts("tf_pairs_with_skips", (2, 12), "TF", 2, 2, 5)
counts("tf_words_and_pairs", (3, 10), "TF", 1, 2, 3)
counts("tf_all", (12,), "TF", 1, 3, 2)
counts("tf_of_short_rows", (3, 2), "TF", 1, 3, 4)
counts("tf_elsewhere", (2, 12), "TF", 1, 3, 1, indexes=[3, 0, 9, 4, 1, 7, 2, 5])
counts("idf", (2, 12), "IDF", 1, 2, 1, weights=WEIGHTS)
counts("idf_without_weights", (2, 12), "IDF", 1, 2, 1)
counts("tf_idf", (2, 12), "TFIDF", 1, 3, 1, weights=WEIGHTS)
counts("tf_idf_elsewhere", (2, 12), "TFIDF", 1, 3, 1, indexes=[3, 0, 6, 4, 1, 7, 2, 5], weights=WEIGHTS)
