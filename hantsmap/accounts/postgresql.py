"""The engine of accounts in PostgreSQL: how long a connection, and a statement, may take.

A PostgreSQL that is frozen, or a network that swallows packets, answers nothing at all. Timeouts of the server do not
help then, so the client keeps the time too.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, create_engine, event

CONNECT_S = 3
# How long the operating system of a client waits for a peer that does not acknowledge.
SILENT_S = 10
_until: ContextVar[float | None] = ContextVar("until", default=None)


class TimedConnection(psycopg.Connection[Any]):
    """A connection that is closed when an answer does not come in time."""

    def wait(self, gen: Generator[Any, Any, Any], *given: Any, **named: Any) -> Any:
        """Wait for the answer to what was sent. Raises OperationalError when the time of `in_time` is over."""
        until = _until.get()
        return super().wait(gen if until is None else self._timed(gen, until), *given, **named)

    def _timed(self, gen: Generator[Any, Any, Any], until: float) -> Generator[Any, Any, Any]:
        """The generator; it ends when it is asked again after its time without anything to read or write."""
        try:
            state = next(gen)
            while True:
                ready = yield state
                if not ready and time.monotonic() >= until:
                    self.close()
                    raise psycopg.OperationalError("it does not answer")
                state = gen.send(ready)
        except StopIteration as done:
            return done.value


@contextmanager
def in_time(seconds: float | None) -> Iterator[None]:
    """Whatever is asked of a TimedConnection here has to be answered within so many seconds; None for no limit."""
    token = _until.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def postgresql(url: URL, statement_s: float | None) -> Engine:
    """An engine for a PostgreSQL address; no statement may take longer than `statement_s` on the server either."""
    # pre_ping: after a restart of the server nobody is told of the connections that it broke.
    engine = create_engine(
        url, hide_parameters=True, max_overflow=-1, pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_S, "application_name": "hantsmap accounts", "keepalives": 1,
                      "keepalives_idle": SILENT_S, "keepalives_interval": 2, "keepalives_count": 3,
                      "tcp_user_timeout": SILENT_S * 1_000})

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, given: list[Any], named: dict[str, Any]) -> TimedConnection:
        connection = TimedConnection.connect(*given, **named)
        if statement_s is not None:
            connection.autocommit = True
            connection.execute(f"SET statement_timeout = {int(statement_s * 1_000)}")
            connection.autocommit = False
        return connection

    return engine
