"""Calls in a thread of their own, for event loops."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from . import _native

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from typing_extensions import ParamSpec

    P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Calls a function in a thread, and lets go of it when the task is cancelled.

    Works for every call of this package, as in ``await provenn.in_thread(prover.prove, x)``. A cancelled search
    (``calibrate``, ``frontier``, ``quantization_error``) and a cancelled proof end at their next step. Another call
    comes to nothing, but takes the processor until it is done.
    """
    import asyncio

    token = _native.Token()

    def call() -> T:
        return token.run(lambda: function(*args, **kwargs))

    try:
        return await asyncio.to_thread(call)
    except asyncio.CancelledError:
        token.cancel()
        raise


def awaitable(function: Callable[P, T]) -> Callable[P, Coroutine[Any, Any, T]]:
    """The same call for event loops, by :func:`in_thread`, under its name and ``_async``."""

    @functools.wraps(function)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return await in_thread(function, *args, **kwargs)

    call.__name__ += "_async"
    call.__qualname__ += "_async"
    call.__doc__ = f"As ``{function.__name__}``, for event loops."
    return call
