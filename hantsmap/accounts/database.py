"""The database of the accounts: SQLite or PostgreSQL, opened so that many threads and processes may share it."""

from __future__ import annotations

import os
import re
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Executable, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from hantsmap.accounts import schema
from hantsmap.accounts.errors import AccountsError
from hantsmap.accounts.postgresql import in_time, postgresql
from hantsmap.store import modes

# How long SQLite waits for another's write before it is a fault.
PATIENCE_S = 10
# How long a serving process waits for PostgreSQL to answer a look-up, and a write; after that, it is asked by one
# request at a time, once in RETRY_S, and all others fail at once.
READ_S, WRITE_S, RETRY_S = 5.0, 10.0, 1.0
# One process at a time makes the tables: any number that no other program uses.
LOCK = 0x48616E74
FORMS = "sqlite:////folder/accounts.sqlite or postgresql://user:password@host/database"


class Database:
    """An engine, and the three things done with it: read, write, and open.

    While `serving`, it is opened when it is first needed, again after a fault, and PostgreSQL has to answer in time.
    `generation` counts how often it was opened: SQLite's file may be replaced by another one.
    """

    def __init__(self, url: str, *, serving: bool = False) -> None:
        self._url = _known(url)
        self.is_sqlite = self._url.drivername.startswith("sqlite")
        # Nothing else of an address is ever said: names and passwords stay out of faults and logs.
        self.place = (str(self._url.database) if self.is_sqlite else
                      f"{self._url.host or 'localhost'}:{self._url.port or 5432}/{self._url.database or ''}")
        said = (self._url.username, self._url.password, *self._url.query.values())
        self._hidden = [str(part) for part in said if part]
        self._serving, self.generation = serving, 0
        self.engine = _sqlite(self._url) if self.is_sqlite else postgresql(self._url, WRITE_S if serving else None)
        self._reader = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._lock, self._probe = threading.Lock(), threading.Lock()
        # Of SQLite, which file it is, and which one is its log.
        self._file: tuple[int, int] | None = None
        self._log: tuple[int, int] | None = None
        # When PostgreSQL may be asked again, and what it failed with, after a fault.
        self._down: tuple[float, str] | None = None
        _leave_to_the_parent(self)
        if not serving:
            self._open()

    def read(self, statement: Executable, values: dict[str, Any] | None = None) -> Sequence[Any]:
        """The rows of one SELECT, as the database is at this moment."""
        with self._used(READ_S), self._reader.connect() as connection:
            return connection.execute(statement, values).all()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that alone writes from its start (SQLite), committed at its end."""
        with self._used(WRITE_S), self._transaction() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def _used(self, seconds: float) -> Iterator[None]:
        """The database, open. Raises AccountsError where it cannot be used, or does not answer within `seconds`."""
        probing = self._may_ask()
        try:
            with in_time(seconds if self._serving else None), self._said():
                self._opened()
                yield
            self._down = None
        finally:
            if probing:
                self._probe.release()

    def _may_ask(self) -> bool:
        """Whether this is the one request that tries a database which failed before; False where it did not fail.

        Raises AccountsError for all others: who waits for a frozen database holds a thread.
        """
        down = self._down
        if down is None:
            return False
        if time.monotonic() < down[0] or not self._probe.acquire(blocking=False):
            raise AccountsError(down[1])
        return True

    def _opened(self) -> None:
        """See to it that it is open, and that SQLite's file is still the one that was opened."""
        if self.generation and (not self.is_sqlite or _identity(self._path) == self._file):
            self._log = _identity(self._beside("-wal")) if self.is_sqlite else None
            return
        with self._lock:
            if self._down is not None and time.monotonic() < self._down[0]:
                raise AccountsError(self._down[1])  # it failed while this waited for its turn
            if self.generation and self.is_sqlite:
                found = _identity(self._path)
                if found == self._file:
                    return
                if found is None:
                    raise AccountsError(f"The accounts at {self.place} are gone: the file was moved or deleted. Put it "
                                        "back.")
                self._leave_old_file()
            if not self.generation or self.is_sqlite:
                self._open()

    def _leave_old_file(self) -> None:
        """Another file was put in the place of SQLite's: its keys count, and not those of the old one.

        SQLite would read the old file's log (`-wal`), which still stands there, as the log of the new one.
        """
        with suppress(SQLAlchemyError), self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.engine.dispose()
        if self._log is not None and _identity(self._beside("-wal")) == self._log:
            for end in ("-wal", "-shm"):
                self._beside(end).unlink(missing_ok=True)

    @property
    def _path(self) -> Path:
        return Path(str(self._url.database))

    def _beside(self, end: str) -> Path:
        return Path(f"{self._url.database}{end}")

    def _open(self) -> None:
        with self._said():
            if self.is_sqlite:
                _make_file(self._path)
                self._keep_a_log()
            with self._reader.connect() as connection:
                current = schema.version_of(connection) == len(schema.MIGRATIONS)
            if not current:
                with self._transaction() as connection:
                    if not self.is_sqlite:
                        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                    schema.migrate(connection)
        self._file = _identity(self._path) if self.is_sqlite else None
        self.generation += 1

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
            sentence = f"The accounts at {self.place} cannot be used: {cause}."
            if self._serving and isinstance(fault, OperationalError) and not self.is_sqlite:
                self._down = time.monotonic() + RETRY_S, sentence
            raise AccountsError(sentence) from None


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


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands at a path; None where none does."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _make_file(path: Path) -> None:
    """Its owner and group may use it: publisher and server may be different users. SQLite gives the files beside it the
    same mode."""
    if not path.exists():
        if not path.parent.exists():
            path.parent.mkdir()
            modes.set_mode(path.parent, modes.SHARED_FOLDER)
        path.touch(mode=0o600)
        modes.set_mode(path, modes.SHARED_FILE)


def _leave_to_the_parent(database: Database) -> None:
    """A forked process must not use, or close, the connections of the process it was forked from."""
    known, kept = weakref.ref(database), []

    def forget() -> None:
        inherited = known()
        if inherited is not None:
            kept.append(inherited.engine.pool)  # not closed by being thrown away, either
            inherited.engine.dispose(close=False)
            inherited._lock, inherited._probe = threading.Lock(), threading.Lock()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=forget)
