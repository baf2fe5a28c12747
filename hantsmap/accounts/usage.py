"""Who has read a layer, and forgetting it in time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import delete, func, or_, select

from hantsmap.accounts.acceptances import forget_persons
from hantsmap.accounts.database import Database
from hantsmap.accounts.schema import ANONYMOUS, KEYS, READS, SESSIONS, WRITERS

SIGNED_IN = "signed in"


@dataclass(frozen=True, slots=True)
class Reader:
    """What one holder of a key, or one person who signs in, has read of a layer, as one audience."""

    who: str
    org: str
    purpose: str
    audience: str
    reads: int
    rows: int
    bytes: int
    last: datetime


@dataclass(frozen=True, slots=True)
class AnonymousDay:
    """What everybody unknown has read of a layer on one day, in UTC."""

    day: date
    reads: int
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The readers of a layer, busiest first, and its days of anonymous reading, newest first."""

    layer: str
    readers: tuple[Reader, ...]
    anonymous: tuple[AnonymousDay, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many reads, days of anonymous counts, and ended sessions were forgotten, and in how many receipts who gave
    them."""

    reads: int
    days: int
    sessions: int
    receipts: int = 0


def usage_of(database: Database, layer: str, since: date | None) -> Usage:
    """Who has read a layer since the start of a day, in UTC, or ever."""
    start = since or date.min
    sums = (func.count(), func.sum(READS.c.row_count), func.sum(READS.c.byte_count), func.max(READS.c.read_at))
    rows = database.read(select(READS.c.who, READS.c.audience, *sums)
                         .where(READS.c.layer == layer, READS.c.read_at >= midnight(start))
                         .group_by(READS.c.who, READS.c.audience))
    names = _names(database, {row[0] for row in rows})
    readers = [Reader(who, *names.get(who, ("", "")), audience, reads, int(count), int(size), last)
               for who, audience, reads, count, size, last in rows]
    days = database.read(select(ANONYMOUS.c.day, ANONYMOUS.c.read_count, ANONYMOUS.c.row_count, ANONYMOUS.c.byte_count)
                         .where(ANONYMOUS.c.layer == layer, ANONYMOUS.c.day >= start).order_by(ANONYMOUS.c.day.desc()))
    return Usage(layer, tuple(sorted(readers, key=lambda reader: (-reader.reads, reader.who, reader.audience))),
                 tuple(AnonymousDay(*row) for row in days))


def forget_before(database: Database, before: date) -> Forgotten:
    """Forget reads, counts, sessions and persons in receipts from before a day, in UTC.

    Keys stay, as they say who was once let in, and receipts, as they say what an organisation accepted.
    """
    start = midnight(before)
    with database.writing() as connection:
        reads = connection.execute(delete(READS).where(READS.c.read_at < start)).rowcount
        days = connection.execute(delete(ANONYMOUS).where(ANONYMOUS.c.day < before)).rowcount
        sessions = connection.execute(delete(SESSIONS).where(
            or_(SESSIONS.c.expires < start, SESSIONS.c.closed_at < start))).rowcount
        connection.execute(delete(WRITERS).where(WRITERS.c.seen_at < start))
        receipts = forget_persons(connection, start)
    return Forgotten(reads, days, sessions, receipts)


def midnight(day: date) -> datetime:
    """The moment at which a day starts, in UTC."""
    return datetime.combine(day, time.min, UTC)


def _names(database: Database, readers: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Organisation and purpose of each reader; of somebody who signs in, the organisation of the last time."""
    keys = {f"key:{row.id}": (row.org, row.purpose)
            for row in database.read(select(KEYS.c.id, KEYS.c.org, KEYS.c.purpose))}
    people = [who.removeprefix("session:") for who in readers if who.startswith("session:")]
    sessions = database.read(select(SESSIONS.c.subject, SESSIONS.c.org).where(SESSIONS.c.subject.in_(people))
                             .order_by(SESSIONS.c.opened_at)) if people else ()
    return keys | {f"session:{row.subject}": (row.org, SIGNED_IN) for row in sessions}
