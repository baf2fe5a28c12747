"""Sessions: people who signed in with a browser, each until a moment."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from hantsmap.accounts import tokens
from hantsmap.accounts.database import Database
from hantsmap.accounts.schema import SESSIONS

log = logging.getLogger("hantsmap.accounts")
FIND = select(SESSIONS).where(SESSIONS.c.digest == bindparam("stored"))


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who signed in. It works until, and not at, the moment `expires`."""

    audience: str
    subject: str
    org: str
    opened_at: datetime
    expires: datetime

    @property
    def who(self) -> str:
        """How reads in this session are recorded."""
        return f"session:{self.subject}"


class Sessions:
    """The register of sessions. A closed one stays until it is forgotten: it says whose its reads were."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now

    def open(self, audience: str, subject: str, org: str, expires: datetime) -> str:
        """The token of a new session."""
        token = tokens.new_session()
        with self._database.writing() as connection:
            connection.execute(insert(SESSIONS).values(
                digest=tokens.digest(token), audience=audience, subject=subject, org=org, opened_at=self._now(),
                expires=_aware(expires)))
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, or None when there is none, or none any more."""
        if not tokens.is_session(token):
            return None
        # Found by its digest: how long the look-up takes says nothing about the token.
        row = next(iter(self._database.read(FIND, {"stored": tokens.digest(token)})), None)
        if row is None or row.closed_at is not None or self._now() >= row.expires:
            log.info("A session was refused: %s.",
                     "there is none" if row is None else "it is closed" if row.closed_at else "it is over")
            return None
        return Session(row.audience, row.subject, row.org, row.opened_at, row.expires)

    def close(self, token: str) -> None:
        """End a session; one that is over, or never was, is ended already."""
        self._close(SESSIONS.c.digest == tokens.digest(token))

    def close_of(self, subject: str) -> int:
        """End every session of somebody, and say how many there were."""
        return self._close((SESSIONS.c.subject == subject) & (SESSIONS.c.expires > self._now()))

    def _close(self, which: ColumnElement[bool]) -> int:
        with self._database.writing() as connection:
            closed = connection.execute(update(SESSIONS).where(which, SESSIONS.c.closed_at.is_(None))
                                        .values(closed_at=self._now()))
            return int(closed.rowcount)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the end of a session needs a time zone")
    return moment
