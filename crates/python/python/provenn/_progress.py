"""Telling how far a step is: to a function, to a tqdm bar, or to whoever asked for it around the call."""

from __future__ import annotations

import contextlib
import contextvars
from typing import TYPE_CHECKING, Any, Callable, Iterator, Optional, Union

if TYPE_CHECKING:
    from typing_extensions import TypeAlias

Function = Callable[[int, int], Any]
"""Called with how much is done, and of how much (0 if nobody knows)."""

Progress: TypeAlias = "Union[bool, Function, Any, None]"
"""``True`` for tqdm's own choice of a bar, a bar, a class of bars, or a function of two numbers."""

_CURRENT: contextvars.ContextVar[Progress] = contextvars.ContextVar("progress", default=None)


@contextlib.contextmanager
def progress(to: Progress = True) -> Iterator[None]:
    """Shows the progress of every call inside the ``with`` block that has no ``progress`` of its own.

    ``to`` is ``True`` (a tqdm bar, in notebooks a widget), a tqdm class, a tqdm bar, or a function ``f(done, total)``.
    An exception that the function raises ends the call.

    >>> import provenn
    >>> with provenn.progress(lambda done, total: None):
    ...     pass
    """
    token = _CURRENT.set(to)
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextlib.contextmanager
def steps(to: Progress, what: str) -> Iterator[Optional[Function]]:
    """A function to tell the steps of ``what`` to."""
    to = _CURRENT.get() if to is None else to
    if to is True:
        to = _tqdm()
    if to is None or to is False:
        yield None
    elif isinstance(to, type):
        bar = to(desc=what)
        try:
            yield _of_bar(bar)
        finally:
            bar.close()
    elif hasattr(to, "update") and hasattr(to, "total"):
        yield _of_bar(to)
    elif callable(to):
        yield to
    else:
        raise TypeError(f"progress is {to!r}, expected True, a tqdm bar or a function of two numbers")


@contextlib.contextmanager
def one_step(to: Progress, what: str) -> Iterator[None]:
    """A call that tells nothing on its way."""
    with steps(to, what) as tell:
        if tell is not None:
            tell(0, 1)
        yield
        if tell is not None:
            tell(1, 1)


def _tqdm() -> Progress:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm


def _of_bar(bar: Any) -> Function:
    def tell(done: int, total: int) -> None:
        bar.total = total or None
        bar.update(done - bar.n)

    return tell
