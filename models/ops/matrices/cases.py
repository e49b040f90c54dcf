"""Dense and matrices."""

from case_graph import CASES, case


@case
def gemm(g):
    return g.node("Gemm", g.input(1, 6), g.weight(6, 4), g.weight(4))


@case
def gemm_no_bias(g):
    return g.node("Gemm", g.input(1, 6), g.weight(6, 4))


@case
def gemm_trans_b_alpha_beta(g):
    x, w, b = g.input(1, 6), g.weight(4, 6), g.weight(1, 4)
    return g.node("Gemm", x, w, b, transB=1, alpha=0.5, beta=2.0)


@case
def gemm_trans_a(g):
    return g.node("Gemm", g.input(6, 1), g.weight(6, 4), g.weight(4), transA=1)


@case
def gemm_trans_a_trans_b_alpha_beta(g):
    x, w, b = g.input(6, 2), g.weight(4, 6), g.weight(2, 1)
    return g.node("Gemm", x, w, b, transA=1, transB=1, alpha=-1.5, beta=0.25)


@case
def gemm_weights_shared(g):
    """One matrix as weights of two layers, transposed in the second, scaled otherwise."""
    x, w = g.input(1, 5), g.weight(5, 4)
    hidden = g.node("Relu", g.node("Gemm", x, w, g.weight(4), alpha=2.0))
    return g.node("Gemm", hidden, w, g.weight(5), transB=1, alpha=-0.5, beta=3.0)


@case
def matmul_const(g):
    return g.node("MatMul", g.input(1, 6), g.weight(6, 4))


@case
def matmul_const_left(g):
    return g.node("MatMul", g.weight(4, 5), g.input(1, 5, 3))


@case
def matmul_batched_const(g):
    return g.node("MatMul", g.input(1, 5, 6), g.weight(6, 4))


@case
def matmul_two(g):
    return g.node("MatMul", g.input(1, 3, 4), g.input(1, 4, 5))


@case
def gemm_without_c(g):
    return g.node("Gemm", g.input(3, 5), g.weight(4, 5), transB=1, alpha=0.7)


@case
def gemm_scalar_c(g):
    return g.node("Gemm", g.input(2, 5), g.weight(5, 4), g.const(0.3))


@case
def gemm_computed(g):
    return g.node("Gemm", g.input(3, 5), g.input(5, 2), g.input(3, 1), alpha=0.5, beta=-2.0)


@case
def gemm_computed_transposed(g):
    return g.node("Gemm", g.input(5, 3), g.input(2, 5), g.input(2), transA=1, transB=1)


@case
def gemm_opset7(g):
    g.opset = 7
    return g.node("Gemm", g.input(2, 5), g.weight(5, 4), g.weight(4))


@case
def matmul_of_vectors(g):
    return g.node("MatMul", g.input(6), g.weight(6))


@case
def matmul_of_two_vectors(g):
    return g.node("MatMul", g.input(6), g.input(6))


@case
def matmul_vector_left(g):
    return g.node("MatMul", g.input(6), g.weight(6, 4))


@case
def matmul_vector_right(g):
    return g.node("MatMul", g.input(2, 3, 6), g.weight(6))


@case
def matmul_vector_of_a_batch(g):
    return g.node("MatMul", g.input(4), g.input(2, 4, 3))


@case
def matmul_batches_broadcast(g):
    return g.node("MatMul", g.input(2, 1, 3, 4), g.input(3, 4, 2))


@case
def matmul_batches_of_weights(g):
    return g.node("MatMul", g.input(1, 2, 3, 4), g.weight(2, 4, 5))


@case
def matmul_of_constants(g):
    product = g.node("MatMul", g.weight(4, 6), g.weight(6, 3))
    return g.node("MatMul", g.input(2, 4), product)


def einsum(name, equation, *shapes, weights=()):
    def build(g):
        operands = [g.weight(*s) if i in weights else g.input(*s) for i, s in enumerate(shapes)]
        return g.node("Einsum", *operands, equation=equation)

    CASES[name] = build


einsum("einsum_diagonal", "bii->bi", (2, 3, 3))
einsum("einsum_trace", "ibi->b", (3, 2, 3))
einsum("einsum_diagonal_of_two", "bii,ij->bj", (2, 3, 3), (3, 4))
einsum("einsum_three", "bi,ij,bj->b", (2, 3), (3, 4), (2, 4), weights=(1,))
einsum("einsum_ellipsis", "...ij,...jk->...ik", (2, 3, 4), (2, 4, 5))
