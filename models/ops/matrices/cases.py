"""Dense and matrices."""

from case_graph import case


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
