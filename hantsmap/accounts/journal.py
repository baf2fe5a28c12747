"""The journal of reads: kept in memory for at most a second, then written by a thread of its own, in batches.

A process that is killed outright loses what it had in memory: at most the last second. While the database is down, up
to `ROOM` reads wait for it. What cannot be kept is counted, and the log says so.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from multiprocessing.util import Finalize
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from hantsmap.accounts.database import Database
from hantsmap.accounts.schema import ANONYMOUS, READS, WRITERS

log = logging.getLogger("hantsmap.accounts")
EVERY_S = 0.5
ROOM = 50_000
BATCH = 5_000
REMIND_S = 60.0


@dataclass(frozen=True, slots=True)
class Read:
    """One answer to somebody who is known. `who` is that of a Key or a Session; `path_kind` such as items or download.

    `rendition` is the edition or rendition it was read from, `rule_version` that of the grant it was rendered under.
    """

    who: str
    audience: str
    layer: str
    rendition: str
    rule_version: str
    rows: int
    bytes: int
    when: datetime
    path_kind: str


@dataclass(slots=True)
class _Batch:
    number: int
    reads: list[Read] = field(default_factory=list)
    anonymous: dict[tuple[date, str], list[int]] = field(default_factory=dict)


class Journal:
    """Takes in reads at once and writes them soon. One for each process; safe to share between threads."""

    def __init__(self, database: Database, now: Callable[[], datetime], room: int = ROOM) -> None:
        self._database, self._now, self._room = database, now, room
        self._reset()
        _begin_anew_in_children(self)

    def _reset(self) -> None:
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._reads: deque[Read] = deque()
        self._anonymous: dict[tuple[date, str], list[int]] = {}
        self._unsent: _Batch | None = None
        self._writer, self._number, self._lost = secrets.token_hex(8), 0, 0
        self._silent_until: float | None = None
        self._thread: threading.Thread | None = None
        self._at_exit: Finalize | None = None
        self._stop = threading.Event()

    def record(self, read: Read) -> None:
        """Take in a read. Where there is no room left, the oldest one that waits goes."""
        with self._lock:
            if len(self._reads) >= self._room:
                self._reads.popleft()
                self._lost += 1
            self._reads.append(read)
        self._begin()

    def count_anonymous(self, layer: str, rows: int, size: int) -> None:
        """Count an answer to somebody unknown: that it was, on this day, of this layer, and nothing else."""
        day = self._now().astimezone(UTC).date()
        with self._lock:
            _add(self._anonymous.setdefault((day, layer), [0, 0, 0]), (1, rows, size))
        self._begin()

    def flush(self) -> bool:
        """Write what has been taken in, in batches. False when it cannot be written now; it is kept, and logged."""
        with self._writing:
            # What comes in meanwhile is for the next time: under load, this would never end.
            left = self._waiting()
            while True:
                again, self._unsent = self._unsent is not None, self._unsent or self._next()
                if self._unsent is None:
                    return True
                try:
                    self._send(self._unsent)
                except Exception as fault:  # the thread must live on, whatever it was
                    self._complain(fault)
                    return False
                left -= len(self._unsent.reads)
                self._unsent = None
                self._say_recovered()
                if left <= 0 and not again:
                    return True

    def close(self) -> None:
        """Write the rest. What cannot be written now is lost, and the log says how much."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=30)
        self._thread = None
        if self._at_exit is not None:
            self._at_exit.cancel()
        if not self.flush():
            log.error("%s reads could not be recorded and are lost.", self._waiting() + self._lost)

    def _begin(self) -> None:
        if self._thread is None and not self._started():
            self.flush()  # it is closed, or the process is ending: nobody will come by later

    def _started(self) -> bool:
        with self._lock:
            if self._thread is None and not self._stop.is_set():
                thread = threading.Thread(target=self._run, name="hantsmap-journal", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    return False
                self._thread = thread
                # Not atexit: a worker that is ended by a signal does not run that.
                self._at_exit = Finalize(None, self.close, exitpriority=10)
            return self._thread is not None

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            self.flush()

    def _next(self) -> _Batch | None:
        with self._lock:
            if not self._reads and not self._anonymous:
                return None
            self._number += 1
            reads = [self._reads.popleft() for _ in range(min(BATCH, len(self._reads)))]
            batch = _Batch(self._number, reads, self._anonymous)
            self._anonymous = {}
            return batch

    def _send(self, batch: _Batch) -> None:
        with self._database.writing() as connection:
            last = connection.scalar(select(WRITERS.c.last_batch).where(WRITERS.c.id == self._writer))
            if last is not None and last >= batch.number:
                return  # it was written; only the answer was lost
            _upsert(connection, WRITERS, [{"id": self._writer, "last_batch": batch.number, "seen_at": self._now()}],
                    adding=False)
            if batch.reads:
                connection.execute(insert(READS), [_row(read) for read in batch.reads])
            if batch.anonymous:
                # In one order, so that two processes never wait for each other.
                _upsert(connection, ANONYMOUS, [
                    {"day": day, "layer": layer, "read_count": counts[0], "row_count": counts[1],
                     "byte_count": counts[2]} for (day, layer), counts in sorted(batch.anonymous.items())], adding=True)

    def _waiting(self) -> int:
        with self._lock:
            return len(self._reads) + (len(self._unsent.reads) if self._unsent else 0)

    def _complain(self, fault: Exception) -> None:
        if self._silent_until is None or time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + REMIND_S
            log.error("Reads cannot be recorded; %s wait in memory, %s are lost. %s",
                      self._waiting(), self._lost, fault)

    def _say_recovered(self) -> None:
        if self._silent_until is not None:
            log.warning("Reads are recorded again; %s were lost.", self._lost)
            self._silent_until, self._lost = None, 0


def _add(sums: list[int], more: tuple[int, ...]) -> None:
    for place, number in enumerate(more):
        sums[place] += number


def _upsert(connection: Connection, table: Any, rows: list[dict[str, Any]], *, adding: bool) -> None:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    key = ("day", "layer") if adding else ("id",)
    changed = {name: table.c[name] + statement.excluded[name] if adding else statement.excluded[name]
               for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def _row(read: Read) -> dict[str, Any]:
    texts = {"who": read.who, "audience": read.audience, "layer": read.layer, "rendition": read.rendition,
             "rule_version": read.rule_version, "path_kind": read.path_kind}
    return {"read_at": read.when, "row_count": read.rows, "byte_count": read.bytes,
            **{name: _storable(said) for name, said in texts.items()}}


def _storable(said: str) -> str:
    """PostgreSQL refuses a NUL, and neither takes half a character: one such name must not hold up all the others."""
    return said.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _begin_anew_in_children(journal: Journal) -> None:
    """A forked process starts with an empty journal: what waits in its parent's is written there."""
    known = weakref.ref(journal)

    def reset() -> None:
        inherited = known()
        if inherited is not None:
            inherited._reset()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=reset)
