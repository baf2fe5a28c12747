"""The database of the accounts: SQLite or PostgreSQL, opened so that many threads and processes may share it."""

from __future__ import annotations

import os
import re
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Executable, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from hantsmap.accounts import schema
from hantsmap.accounts.errors import AccountsError
from hantsmap.store import modes

# How long somebody waits for another's write, or for a server to answer, before it is a fault.
PATIENCE_S = 10
# One process at a time makes the tables: any number that no other program uses.
LOCK = 0x48616E74
FORMS = "sqlite:////folder/accounts.sqlite or postgresql://user:password@host/database"


class Database:
    """An engine, and the three things done with it: read, write, and open."""

    def __init__(self, url: str) -> None:
        self._url = _known(url)
        self.is_sqlite = self._url.drivername.startswith("sqlite")
        # Nothing else of an address is ever said: names and passwords stay out of faults and logs.
        self.place = (str(self._url.database) if self.is_sqlite else
                      f"{self._url.host or 'localhost'}:{self._url.port or 5432}/{self._url.database or ''}")
        said = (self._url.username, self._url.password, *self._url.query.values())
        self._hidden = [str(part) for part in said if part]
        self.engine = _sqlite(self._url) if self.is_sqlite else _postgresql(self._url)
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        _leave_to_the_parent(self.engine)
        self._open()

    def read(self, statement: Executable, values: dict[str, Any] | None = None) -> Sequence[Any]:
        """The rows of one SELECT, as the database is at this moment."""
        with self._said(), self._reader.connect() as connection:
            return connection.execute(statement, values).all()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that alone writes from its start (SQLite), committed at its end."""
        with self._said(), self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _open(self) -> None:
        with self._said():
            if self.is_sqlite:
                _make_file(Path(str(self._url.database)))
                self._keep_a_log()
            with self._reader.connect() as connection:
                if schema.version_of(connection) == len(schema.MIGRATIONS):
                    return
        with self.writing() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            schema.migrate(connection)

    def _keep_a_log(self) -> None:
        """WAL, so that readers never wait for a writer. SQLite does not wait for its turn to switch it on: we do."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                with self.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                return
            except DBAPIError as fault:
                if "locked" not in str(fault.orig) or time.monotonic() > until:
                    raise
                time.sleep(0.02)

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Faults of the database become one sentence; what was asked of it, and with which password, is not in it."""
        try:
            yield
        except (SQLAlchemyError, OSError) as fault:
            cause = str((isinstance(fault, DBAPIError) and fault.orig) or fault).strip().split("\n")[0]
            for hidden in self._hidden:
                cause = re.sub(rf"(?<!\w){re.escape(hidden)}(?!\w)", "***", cause)
            raise AccountsError(f"The accounts at {self.place} cannot be used: {cause}.") from None


def _known(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise AccountsError(f"The address of the accounts cannot be read. Write {FORMS}.") from None
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite+pysqlite")
    raise AccountsError(f"Accounts are kept in an SQLite file or in PostgreSQL, not in `{kind}`. Write {FORMS}.")


def _sqlite(url: URL) -> Engine:
    # isolation_level None: Python begins nothing by itself. A read is one statement, a write begins below.
    engine = create_engine(url, hide_parameters=True, max_overflow=-1,
                           connect_args={"timeout": PATIENCE_S, "isolation_level": None, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # A revocation outlives a power cut.
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> Engine:
    # pre_ping: after a restart of the server nobody is told of the connections that it broke.
    return create_engine(url, hide_parameters=True, max_overflow=-1, pool_pre_ping=True,
                         connect_args={"connect_timeout": PATIENCE_S, "application_name": "hantsmap accounts"})


def _make_file(path: Path) -> None:
    """Its owner and group may use it: publisher and server may be different users. SQLite gives the files beside it the
    same mode."""
    if not path.exists():
        if not path.parent.exists():
            modes.make_folder(path.parent, modes.SHARED_FOLDER)
        path.touch(mode=0o600)
        modes.set_mode(path, modes.SHARED_FILE)


def _leave_to_the_parent(engine: Engine) -> None:
    """A forked process must not use, or close, the connections of the process it was forked from."""
    known, kept = weakref.ref(engine), []

    def forget() -> None:
        inherited = known()
        if inherited is not None:
            kept.append(inherited.pool)  # not closed by being thrown away, either
            inherited.dispose(close=False)

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)
