"""What an organisation is told of its own keys and reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select

from hantsmap.accounts.database import Database
from hantsmap.accounts.keys import Key, Keys
from hantsmap.accounts.schema import READS, SESSIONS

# Pages of one run are one pull: reads of a layer that follow each other this closely.
APART = timedelta(minutes=5)
MOST_READS = 2_000


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key of an organisation, and when it was last read with."""

    key: Key
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Pull:
    """Reads of one layer with one key, or by one person, that follow each other; `kind` as in the journal."""

    who: str
    layer: str
    kind: str
    began: datetime
    ended: datetime
    reads: int
    rows: int
    bytes: int


def used_keys(database: Database, keys: Keys, org: str, audience: str, before: datetime) -> tuple[UsedKey, ...]:
    """Keys of an organisation for one audience, oldest first; `last` counts reads from before a moment."""
    held = keys.of(org, audience)
    last = {row.who: row.last for row in database.read(
        select(READS.c.who, func.max(READS.c.read_at).label("last"))
        .where(READS.c.who.in_([key.who for key in held]), READS.c.read_at < before).group_by(READS.c.who))}
    return tuple(UsedKey(key, last.get(key.who)) for key in held)


def pulls_of(
    database: Database, keys: Keys, org: str, audience: str, before: datetime, most: int
) -> tuple[Pull, ...]:
    """The last pulls of an organisation as one audience, newest first, from reads before a moment."""
    people = database.read(select(SESSIONS.c.subject).where(SESSIONS.c.org == org, SESSIONS.c.audience == audience)
                           .distinct())
    readers = [key.who for key in keys.of(org, audience)] + [f"session:{row.subject}" for row in people]
    rows = database.read(
        select(READS.c.who, READS.c.layer, READS.c.path_kind, READS.c.read_at, READS.c.row_count, READS.c.byte_count)
        .where(and_(READS.c.who.in_(readers), READS.c.audience == audience, READS.c.read_at < before))
        .order_by(READS.c.read_at.desc(), READS.c.layer, READS.c.who, READS.c.path_kind, READS.c.byte_count)
        .limit(MOST_READS)) if readers else ()
    reads = [Pull(row.who, row.layer, row.path_kind, row.read_at, row.read_at, 1, row.row_count, row.byte_count)
             for row in rows]
    return tuple(_together(reads)[:most])


def _together(reads: Iterable[Pull]) -> list[Pull]:
    """Reads, newest first, with those that follow each other put together; in the order of their ends."""
    pulls: list[Pull] = []
    latest: dict[tuple[str, str, str], int] = {}
    for read in reads:
        name = read.who, read.layer, read.kind
        place = latest.get(name)
        if place is not None and pulls[place].began - read.ended <= APART:
            whole = pulls[place]
            pulls[place] = Pull(*name, read.began, whole.ended, whole.reads + 1, whole.rows + read.rows,
                                whole.bytes + read.bytes)
        else:
            latest[name] = len(pulls)
            pulls.append(read)
    return pulls
