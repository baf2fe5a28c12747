"""A time limit for work that is done for somebody who waits: the work asks, between its steps, whether it is over.

Nothing is interrupted from outside. Without `within`, no limit holds: publishing and making downloads have none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from hantsmap.errors import ASK_FOR_LESS, SlowQueryError

_until: ContextVar[tuple[float, float, str] | None] = ContextVar("until", default=None)


@contextmanager
def within(seconds: float, advice: str = ASK_FOR_LESS) -> Iterator[None]:
    """Work in this context, and in this thread, may take so many seconds. `advice` says what to do when it is stopped.
    """
    token = _until.set((time.monotonic() + seconds, seconds, advice))
    try:
        yield
    finally:
        _until.reset(token)


def check() -> None:
    """Go on, or not. Raises SlowQueryError when the time is over."""
    limit = _until.get()
    if limit is not None and time.monotonic() > limit[0]:
        raise SlowQueryError(*limit[1:])
